// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/webhooks/webhooks.hpp"
#include "daemon/connect/webhooks/signature.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace kefu::webhooks {
namespace {

TEST(WebhooksSignature, passes_every_vector) {
    KEFUD_NEEDS_SHARED_DATA();
    auto const document = boost::json::parse(read_text(shared_data() / "specs/standard-webhooks-vectors.json"));
    for (auto const& entry : document.at("vectors").as_array()) {
        auto const& vector = entry.as_object();
        Headers headers;
        for (auto const* part : {"id", "timestamp", "signature"})
            if (auto const* value = vector.if_contains(part); value != nullptr && value->is_string())
                headers.set(std::string{"Webhook-"} + part, std::string{value->as_string()});
        std::vector<Secret> const secrets{Secret{std::string{vector.at("secret").as_string()}}};
        auto const result = verify(headers, std::string{vector.at("body").as_string()}, secrets, from_millis(vector.at("now").as_int64() * 1000));
        EXPECT_EQ(result.has_value(), vector.at("expect") == "accept") << vector.at("name");
    }
}

TEST(WebhooksSignature, what_we_sign_we_accept_until_a_byte_changes) {
    Secret const secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"};
    Timestamp const now = from_millis(1'764'000'000'000);
    Headers headers;
    sign(headers, "msg_1", "{\"a\":1}", secret, now);
    EXPECT_EQ(*verify(headers, "{\"a\":1}", {secret}, now), "msg_1");
    EXPECT_EQ(verify(headers, "{\"a\":2}", {secret}, now).error().message, "no v1 signature matches");
    EXPECT_FALSE(verify(headers, "{\"a\":1}", {secret}, now + std::chrono::seconds{301}).has_value());
    EXPECT_FALSE(verify(headers, "{\"a\":1}", {secret}, now - std::chrono::seconds{301}).has_value());
    EXPECT_FALSE(verify(headers, "{\"a\":1}", {}, now).has_value());
}

TEST(WebhooksSignature, a_timestamp_at_the_end_of_the_numbers_is_refused_not_overflowed) {
    Secret const secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"};
    for (char const* stamp : {"-9223372036854775808", "9223372036854775807", "99999999999999999999", "", "12x", " 12"}) {
        Headers headers;
        sign(headers, "msg_1", "{}", secret, from_millis(0));
        headers.set("webhook-timestamp", stamp);
        EXPECT_FALSE(verify(headers, "{}", {secret}, from_millis(1'764'000'000'000)).has_value()) << stamp;
    }
}

TEST(WebhooksParse, reads_a_message) {
    auto const parsed = parse(ChannelId{"web"}, "msg_7",
                              R"({"type":"message.received","data":{"conversation":"c1","sender":"u1","id":"m1","text":"Ahoj","sent_at":"2026-11-22T10:00:00Z",
                                  "attachments":[{"kind":"image","url":"https://example.com/a.jpg"}]}})",
                              from_millis(5));
    ASSERT_TRUE(parsed.has_value());
    ASSERT_EQ(parsed->events.size(), 1u);
    auto const& event = parsed->events.front();
    EXPECT_EQ(event.conversation.value, "web/c1");
    EXPECT_EQ(event.sender, "c1");
    EXPECT_EQ(event.event_id, "msg_7");
    auto const& message = std::get<MessageReceived>(event.event).message;
    EXPECT_EQ(message.text, "Ahoj");
    EXPECT_EQ(to_rfc3339(message.sent_at), "2026-11-22T10:00:00.000Z");
    ASSERT_EQ(message.attachments.size(), 1u);
    EXPECT_EQ(message.attachments.front().kind, ContentKind::image);
}

struct BadBody {
    char const* name;
    char const* body;
    char const* message;
};
class WebhooksParseError : public testing::TestWithParam<BadBody> {};

TEST_P(WebhooksParseError, names_the_member) {
    auto const parsed = parse(ChannelId{"web"}, "m", GetParam().body, from_millis(0));
    ASSERT_TRUE(parsed.has_error());
    EXPECT_EQ(parsed.error().message.substr(0, std::string{GetParam().message}.size()), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, WebhooksParseError,
    testing::Values(BadBody{"not_json", "{", "the body is not JSON"}, BadBody{"not_an_object", "[]", "the body is not a JSON object"},
                    BadBody{"no_type", R"({"data":{}})", "'type' is missing or not a string"},
                    BadBody{"no_data", R"({"type":"message.received"})", "'data' is missing or not an object"},
                    BadBody{"no_id", R"({"type":"message.received","data":{"conversation":"c","text":"x"}})", "'data.id' is missing"},
                    BadBody{"no_conversation", R"({"type":"message.received","data":{"id":"1","text":"x"}})", "'data.conversation' is missing"},
                    BadBody{"nothing_said", R"({"type":"message.received","data":{"conversation":"c","id":"1"}})",
                            "'data.text' or 'data.attachments' is missing"},
                    BadBody{"text_is_a_number", R"({"type":"message.received","data":{"conversation":"c","id":"1","text":5}})", "'data.text' is not a string"},
                    BadBody{"bad_time", R"({"type":"message.received","data":{"conversation":"c","id":"1","text":"x","sent_at":"yesterday"}})",
                            "'data.sent_at' is not an RFC 3339 time"}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(WebhooksParse, an_unknown_type_is_counted_not_refused) {
    auto const parsed = parse(ChannelId{"web"}, "m", R"({"type":"contact.updated","data":{"conversation":"c"}})", from_millis(0));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_TRUE(parsed->events.empty());
    EXPECT_EQ(parsed->ignored, std::vector<std::string>{"contact.updated"});
}

}  // namespace
}  // namespace kefu::webhooks
