// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/line.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

#include <map>

namespace kefu::line {
namespace {

Timestamp const now = from_millis(1'764'000'100'000);
Account const account{.channel = ChannelId{"line"}, .destination = "U0123456789abcdef0123456789abcdef", .notification_groups = {}, .answer_unmentioned = false};

std::map<std::string, boost::json::object> samples() {
    std::map<std::string, boost::json::object> all;
    for (auto& line : json_lines(shared_data() / "specs/line-webhook-samples.jsonl")) all.emplace(line.at("name").as_string(), line);
    return all;
}

Parsed parse_sample(boost::json::object const& sample, Account const& who = account) {
    return parse(who, std::string_view{sample.at("body").as_string().data(), sample.at("body").as_string().size()}, now).value();
}

TEST(LineSignature, accepts_every_signed_sample_and_refuses_every_forged_one) {
    KEFUD_NEEDS_SHARED_DATA();
    for (auto const* file : {"specs/line-webhook-samples.jsonl", "specs/line-webhook-samples-negative.jsonl"}) {
        bool const good = std::string_view{file}.find("negative") == std::string_view::npos;
        for (auto const& line : json_lines(shared_data() / file)) {
            std::string const body{line.at("body").as_string()};
            auto const* signature = line.if_contains("signature");
            std::string const header = signature != nullptr && signature->is_string() ? std::string{signature->as_string()} : std::string{};
            EXPECT_EQ(verify(body, header, {Secret{std::string{line.at("secret").as_string()}}}), good) << line.at("name");
        }
    }
}

TEST(LineSignature, any_of_several_secrets_will_do) {
    KEFUD_NEEDS_SHARED_DATA();
    auto const sample = samples().at("text-with-emojis");
    std::string const body{sample.at("body").as_string()};
    std::string const signature{sample.at("signature").as_string()};
    Secret const right{std::string{sample.at("secret").as_string()}};
    EXPECT_TRUE(verify(body, signature, {Secret{"old"}, right}));
    EXPECT_FALSE(verify(body, signature, {Secret{"old"}}));
    EXPECT_FALSE(verify(body, signature, {}));
}

TEST(LineParse, reads_a_text) {
    KEFUD_NEEDS_SHARED_DATA();
    auto const parsed = parse_sample(samples().at("text-with-emojis"));
    ASSERT_EQ(parsed.events.size(), 1u);
    auto const& event = parsed.events.front();
    EXPECT_EQ(event.conversation.value, "line/U4af4980629d1c5b7e3f2a1908c7d6e5f");
    EXPECT_EQ(event.event_id, "01KAT2Q4B3M5N7P9R1S3T5V7X9");
    auto const& message = std::get<MessageReceived>(event.event).message;
    EXPECT_EQ(message.text, "こんにちは (hello) 🍎 りんごの配送は？ (love)");
    EXPECT_EQ(message.id.value, "588147832291016705");
    EXPECT_EQ(message.reply_handle, "757913772c4646b784d4b7ce46d12671");
    EXPECT_EQ(message.handle_at, now);
    EXPECT_EQ(to_millis(message.sent_at), 1'764'000'000'123);
    EXPECT_TRUE(message.addressed);
}

TEST(LineParse, a_mention_in_a_group_is_cut_out_by_utf16_offsets) {
    KEFUD_NEEDS_SHARED_DATA();
    auto const parsed = parse_sample(samples().at("group-mention-bot-and-all"));
    auto const& message = std::get<MessageReceived>(parsed.events.at(0).event).message;
    EXPECT_EQ(message.text, "你好👋 @All 请问今天几点发货？");
    EXPECT_TRUE(message.addressed);
    EXPECT_EQ(parsed.events.at(0).sender, "Ca56f94637cfa1b2c3d4e5f60718293a4");
}

TEST(LineParse, an_agents_group_is_never_answered_even_when_it_mentions_us) {
    KEFUD_NEEDS_SHARED_DATA();
    Account agents = account;
    agents.notification_groups = {"Ca56f94637cfa1b2c3d4e5f60718293a4"};
    auto const parsed = parse_sample(samples().at("group-mention-bot-and-all"), agents);
    EXPECT_FALSE(std::get<MessageReceived>(parsed.events.at(0).event).message.addressed);
}

TEST(LineParse, standby_has_no_reply_handle) {
    KEFUD_NEEDS_SHARED_DATA();
    auto const parsed = parse_sample(samples().at("standby-no-reply-token"));
    auto const& message = std::get<MessageReceived>(parsed.events.at(0).event).message;
    EXPECT_TRUE(message.standby);
    EXPECT_TRUE(message.reply_handle.empty());
}

TEST(LineParse, a_redelivery_carries_the_same_event_id) {
    KEFUD_NEEDS_SHARED_DATA();
    auto const all = samples();
    EXPECT_EQ(parse_sample(all.at("redelivery-true")).events.at(0).event_id, parse_sample(all.at("text-with-emojis")).events.at(0).event_id);
}

TEST(LineParse, reads_every_event_of_a_batch) {
    KEFUD_NEEDS_SHARED_DATA();
    auto const parsed = parse_sample(samples().at("multi-event-batch"));
    EXPECT_EQ(parsed.events.size() + parsed.ignored.size(), 7u);
}

TEST(LineParse, an_empty_list_is_the_verify_button) {
    EXPECT_TRUE(parse(account, R"({"destination":"U0123456789abcdef0123456789abcdef","events":[]})", now)->events.empty());
}

std::string body_with(std::string const& event) {
    return R"({"destination":"U0123456789abcdef0123456789abcdef","events":[{"webhookEventId":"01","timestamp":1,"mode":"active","replyToken":"r","source":{"type":"user","userId":"U1"},)" +
           event + "}]}";
}

TEST(LineParse, content_kinds_become_attachments) {
    struct Case {
        char const* message;
        ContentKind kind;
        std::string platform_id;
        std::string url;
    };
    for (auto const& [message, kind, id, url] :
         {Case{R"({"id":"9","type":"image","contentProvider":{"type":"line"}})", ContentKind::image, "9", ""},
          Case{R"({"id":"9","type":"image","contentProvider":{"type":"external","originalContentUrl":"https://x/a.png"}})", ContentKind::image, "",
               "https://x/a.png"},
          Case{R"({"id":"9","type":"video","duration":5,"contentProvider":{"type":"line"}})", ContentKind::video, "9", ""},
          Case{R"({"id":"9","type":"audio","contentProvider":{"type":"line"}})", ContentKind::audio, "9", ""},
          Case{R"({"id":"9","type":"file","fileName":"a.pdf","fileSize":3})", ContentKind::file, "9", ""},
          Case{R"({"id":"9","type":"location","latitude":1.5,"longitude":2.5})", ContentKind::location, "", ""},
          Case{R"({"id":"9","type":"sticker","packageId":"1","stickerId":"2","stickerResourceType":"STATIC"})", ContentKind::sticker, "1/2", ""},
          Case{R"({"id":"9","type":"hologram"})", ContentKind::other, "", ""}}) {
        auto const parsed = parse(account, body_with(std::string{R"("type":"message","message":)"} + message), now);
        ASSERT_TRUE(parsed.has_value()) << message;
        auto const& attachments = std::get<MessageReceived>(parsed->events.at(0).event).message.attachments;
        ASSERT_EQ(attachments.size(), 1u) << message;
        EXPECT_EQ(attachments[0].kind, kind) << message;
        EXPECT_EQ(attachments[0].platform_id, id) << message;
        EXPECT_EQ(attachments[0].url, url) << message;
    }
}

struct BadBody {
    char const* name;
    char const* body;
    Errc code;
};
class LineParseError : public testing::TestWithParam<BadBody> {};

TEST_P(LineParseError, is_said_not_thrown) {
    auto const parsed = parse(account, GetParam().body, now);
    ASSERT_TRUE(parsed.has_error());
    EXPECT_EQ(parsed.error().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, LineParseError,
    testing::Values(BadBody{"not_json", "}", Errc::bad_payload}, BadBody{"array", "[]", Errc::bad_payload},
                    BadBody{"no_events", R"({"destination":"U"})", Errc::bad_payload},
                    BadBody{"events_is_null", R"({"destination":"U0123456789abcdef0123456789abcdef","events":null})", Errc::bad_payload},
                    BadBody{"event_is_a_string", R"({"destination":"U0123456789abcdef0123456789abcdef","events":["x"]})", Errc::bad_payload},
                    BadBody{"no_event_id", R"({"destination":"U0123456789abcdef0123456789abcdef","events":[{"type":"follow"}]})", Errc::bad_payload},
                    BadBody{"another_account", R"({"destination":"Uffff","events":[]})", Errc::not_found}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(LineParse, hostile_offsets_of_a_mention_do_no_harm) {
    for (char const* numbers :
         {R"("index":-5,"length":3)", R"("index":999999,"length":999999)", R"("index":1.5,"length":"x")", R"("index":0,"length":9223372036854775807)"}) {
        std::string const event =
            std::string{R"("type":"message","message":{"id":"1","type":"text","text":"hi","mention":{"mentionees":[{"isSelf":true,)"} + numbers + "}]}}";
        EXPECT_TRUE(parse(account, body_with(event), now).has_value()) << numbers;
    }
}

}  // namespace
}  // namespace kefu::line
