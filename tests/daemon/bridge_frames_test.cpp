// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/frames.hpp"

#include "daemon/connect/bridge/hub.hpp"
#include "daemon/connect/own_words.hpp"
#include "tests/support/shared_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace kefu::bridge {
namespace {

using testing::HasSubstr;

constexpr char const* message = R"({"type":"event","seq":1,"event":"message","id":"3225514647927.PNM","account":"tb-flagship",
  "conversation":{"id":"2200000000001.1-700000001.1#11001@cntaobao","kind":"direct"},"sender":{"id":"2200000000001","role":"customer","name":"t**4"},
  "time":1764000001176,"captured_at":1764000001410,"text":"这件什么时候能发货？","parts":[{"type":"text","text":"这件什么时候能发货？"},
  {"type":"image","url":"https://img.example.com/a.jpg"},{"type":"hologram"}],"reply_to":null,"new_member":{"a":1}})";

template <class T>
T frame_in(std::string_view text) {
    auto const reading = read_frame(text);
    auto const* refusal = std::get_if<Refusal>(&reading);
    if (refusal != nullptr) throw std::runtime_error(refusal->message);
    return std::get<T>(std::get<ReadFrame>(reading).frame);
}

Refusal refusal_of(std::string_view text) {
    auto const reading = read_frame(text);
    return std::holds_alternative<Refusal>(reading) ? std::get<Refusal>(reading) : Refusal{};
}

std::string with(std::string_view from, std::string_view to) {
    std::string text{message};
    auto const at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(BridgeFrames, read_a_message_of_a_customer) {
    auto const event = frame_in<EventFrame>(message);
    EXPECT_EQ(event.role, Role::customer);
    EXPECT_EQ(to_millis(event.time), 1764000001176);
    auto const what = to_event(event);
    ASSERT_TRUE(what);
    auto const& received = std::get<MessageReceived>(*what).message;
    EXPECT_EQ(received.id.value, "3225514647927.PNM");
    EXPECT_EQ(received.text, "这件什么时候能发货？");
    EXPECT_TRUE(received.addressed);
    EXPECT_FALSE(received.only_context);
    ASSERT_EQ(received.attachments.size(), 1u);
    EXPECT_EQ(received.attachments[0].kind, ContentKind::image);
}

TEST(BridgeFrames, let_nobody_but_a_customer_be_answered) {
    auto const event_of = [](std::string_view role, std::string_view more = "") {
        return *to_event(frame_in<EventFrame>(with(R"("role":"customer")", R"("role":")" + std::string{role} + "\"" + std::string{more})));
    };
    EXPECT_TRUE(std::holds_alternative<Noted>(event_of("system")));
    EXPECT_TRUE(std::holds_alternative<Noted>(event_of("bot")));
    EXPECT_TRUE(std::get<MessageReceived>(event_of("unknown")).message.only_context);
    auto const wrote = std::get<AgentActed>(event_of("agent"));
    EXPECT_EQ(wrote.action, AgentAction::reply);
    EXPECT_TRUE(wrote.elsewhere);
    EXPECT_EQ(wrote.agent, "t**4");
    EXPECT_TRUE(std::get<MessageReceived>(*to_event(frame_in<EventFrame>(with(R"("reply_to":null)", R"("history":true)")))).message.only_context);
    EXPECT_TRUE(std::holds_alternative<Noted>(
        *to_event(frame_in<EventFrame>(with(R"("role":"customer","name":"t**4"},)", R"("role":"agent","name":"t**4"},"history":true,)")))));
    EXPECT_FALSE(std::get<MessageReceived>(*to_event(frame_in<EventFrame>(with(R"("kind":"direct")", R"("kind":"group")")))).message.addressed);
}

struct RefusalCase {
    char const* name;
    std::string text;
    char const* code;
    char const* says;
};
class BridgeRefusal : public testing::TestWithParam<RefusalCase> {};

TEST_P(BridgeRefusal, names_the_member) {
    auto const refusal = refusal_of(GetParam().text);
    EXPECT_EQ(refusal.code, GetParam().code);
    EXPECT_THAT(refusal.message, HasSubstr(GetParam().says));
    EXPECT_EQ(refusal.seq.has_value(), refusal.code != "malformed");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BridgeRefusal,
    testing::Values(RefusalCase{"no_json", "{", "malformed", "not JSON"}, RefusalCase{"no_object", "[]", "malformed", "not a JSON object"},
                    RefusalCase{"no_type", "{}", "malformed", "'type' is missing"},
                    RefusalCase{"no_seq", with(R"("seq":1,)", ""), "malformed", "'seq' is missing"},
                    RefusalCase{"nested_too_deep", std::string(40, '[') + std::string(40, ']'), "malformed", "not JSON"},
                    RefusalCase{"an_empty_id", with("3225514647927.PNM", ""), "bad_frame", "'id' must not be empty"},
                    RefusalCase{"a_numeric_id", with(R"("id":"3225514647927.PNM")", R"("id":5)"), "bad_frame", "'id' is not a string"},
                    RefusalCase{"a_long_id", with("3225514647927.PNM", std::string(257, 'x')), "bad_frame", "'id' is too long"},
                    RefusalCase{"time_as_text", with("1764000001176", "\"1764000001176\""), "bad_frame", "'time' is not a whole number"},
                    RefusalCase{"time_before_1970", with("1764000001176", "-1"), "bad_frame", "'time'"},
                    RefusalCase{"no_text", with(R"("text":"这件什么时候能发货？","parts")", R"("parts")"), "bad_frame", "'text' is missing"},
                    RefusalCase{"an_unknown_role", with("customer", "boss"), "bad_frame", "'sender.role'"},
                    RefusalCase{"an_image_without_address", with(R"(,"url":"https://img.example.com/a.jpg")", ""), "bad_frame", "'parts[1].url' is missing"},
                    RefusalCase{"a_local_file", with("https://img.example.com/a.jpg", "file:///etc/passwd"), "bad_frame", "'parts[1].url'"},
                    RefusalCase{"an_unknown_event", with("\"event\":\"message\"", "\"event\":\"dance\""), "unsupported_event", "no such event"},
                    RefusalCase{"a_result_without_code", R"({"type":"result","seq":4,"id":"out","status":"failed"})", "bad_frame", "'code' is missing"},
                    RefusalCase{"a_hello_without_accounts", R"({"type":"hello","protocol":{"min":1,"max":1},"bridge":{"id":"b"},"session":"s","accounts":[]})",
                                "malformed", "'accounts'"}),
    [](auto const& one) { return std::string{one.param.name}; });

TEST(BridgeFrames, read_everything_of_the_shipped_transcript) {
    KEFUD_NEEDS_SHARED_DATA();
    for (auto const& line : json_lines(shared_data() / "specs/kefud-bridge-v1-transcript.jsonl")) {
        if (line.at("dir").as_string() != "bridge->daemon") continue;
        auto const text = boost::json::serialize(line.at("frame"));
        EXPECT_EQ(std::holds_alternative<ReadFrame>(read_frame(text)), line.at("valid").as_bool()) << text;
    }
}

TEST(BridgeFrames, read_the_shipped_batches) {
    KEFUD_NEEDS_SHARED_DATA();
    for (auto const& line : json_lines(shared_data() / "specs/kefud-bridge-webhook-samples.jsonl")) {
        auto const batch = read_batch(line.at("body").as_string());
        auto const& expected = line.at("expect").as_object();
        if (!expected.contains("ack")) continue;
        ASSERT_TRUE(batch) << line.at("name");
        auto const& acks = expected.at("ack").as_array();
        ASSERT_EQ(batch->frames.size(), acks.size()) << line.at("name");
        for (std::size_t i = 0; i < acks.size(); ++i)
            EXPECT_EQ(std::holds_alternative<Refusal>(batch->frames[i]), acks[i].as_object().at("status").as_string() == "rejected");
    }
}

TEST(BridgeFrames, write_a_send_with_its_guard) {
    SendFrame send;
    send.id = "out_1";
    send.account = "tb-flagship";
    send.conversation = "c";
    send.in_reply_to = "m1";
    send.parts = {{"您好", {}}, {{}, "https://shop.example/a.jpg"}};
    send.deadline = from_millis(1764000062300);
    send.attempt = 2;
    EXPECT_EQ(write_send(send), R"({"type":"send","id":"out_1","account":"tb-flagship","conversation":"c","in_reply_to":"m1","parts":[{"type":"text",)"
                                R"("text":"您好"},{"type":"image","url":"https://shop.example/a.jpg"}],"deadline":1764000062300,"attempt":2,)"
                                R"("guard":{"last_message":"m1"}})");
}

TEST(BridgeFrames, split_text_to_what_the_bridge_can_type) {
    Capabilities can;
    can.max_text_units = 10;
    OutboundMessage text;
    text.text = "one two three four";
    OutboundMessage image;
    image.image = Image{"https://a/b", {}};
    auto parts = parts_for({text, image}, can);
    ASSERT_EQ(parts.size(), 4u);
    EXPECT_EQ(parts[0].text, "one two");
    EXPECT_TRUE(parts[2].url.empty()) << "a bridge that cannot send images gets the address as text";
    can.send = {"text", "image"};
    can.max_text_units = 1000;
    parts = parts_for({text, image}, can);
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[1].url, "https://a/b");
}

struct VerdictCase {
    char const* code;
    bool retryable;
    SendResult::Kind kind;
    bool new_id;
};
class BridgeVerdict : public testing::TestWithParam<VerdictCase> {};

TEST_P(BridgeVerdict, follows_the_protocols_table) {
    ResultFrame result;
    result.status = ResultStatus::failed;
    result.code = GetParam().code;
    result.retryable = GetParam().retryable;
    auto const verdict = verdict_of(result, SendAttempt{});
    EXPECT_EQ(verdict.send.kind, GetParam().kind);
    EXPECT_EQ(verdict.new_id, GetParam().new_id);
}

INSTANTIATE_TEST_SUITE_P(
    Codes, BridgeVerdict,
    testing::Values(VerdictCase{"not_logged_in", true, SendResult::Kind::hold, true}, VerdictCase{"rate_limited", true, SendResult::Kind::retry, true},
                    VerdictCase{"superseded", false, SendResult::Kind::retry, true}, VerdictCase{"human_active", false, SendResult::Kind::retry, true},
                    VerdictCase{"blocked_by_customer", false, SendResult::Kind::refused, false},
                    VerdictCase{"content_blocked", false, SendResult::Kind::refused, false}, VerdictCase{"something_new", true, SendResult::Kind::retry, true},
                    VerdictCase{"something_else", false, SendResult::Kind::refused, false}),
    [](auto const& one) { return std::string{one.param.code}; });

TEST(OwnWords, are_known_for_two_minutes_whatever_the_client_did_to_spaces_and_emoji) {
    Timestamp const start = from_millis(1764000000000);
    OwnWords words;
    words.sent("a/c", "您好，48小时内发出～", start);
    EXPECT_TRUE(words.has("a/c", " 您好，48小时内\n发出～😊", start + std::chrono::seconds{119}));
    EXPECT_FALSE(words.has("a/other", "您好，48小时内发出～", start));
    EXPECT_FALSE(words.has("a/c", "您好", start));
    EXPECT_FALSE(words.has("a/c", "您好，48小时内发出～", start + std::chrono::seconds{121}));
    EXPECT_EQ(bare_words("👍"), "👍");
}

}  // namespace
}  // namespace kefu::bridge
