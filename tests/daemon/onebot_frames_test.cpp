// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/actions.hpp"
#include "daemon/connect/onebot/content.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

/// Frames of OneBot 11 and 12 as values: the recorded samples, and what we make of answers.
namespace kefu::onebot {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

Timestamp const now = from_millis(1'764'000'060'000);

Account account_of(OneBotVersion version) {
    Account account;
    account.channel = ChannelId{"q"};
    account.version = version;
    account.id = "10001000";
    account.platform = version == OneBotVersion::v12 ? "qq" : "";
    account.other_bots = {"2854196310"};
    account.sent_by_us = [](std::string_view id) { return id == "-1999"; };
    return account;
}

Frame read(OneBotVersion version, std::string_view text) { return read_frame(account_of(version), text, now).value(); }

/// An event in the words of the samples.
std::string kind_of(Frame const& frame) {
    if (std::holds_alternative<OwnMessage>(frame)) return "echo";
    if (auto const* health = std::get_if<Health>(&frame)) return health->connected ? "lifecycle" : health->interval ? "heartbeat" : "status";
    if (auto const* ignored = std::get_if<Ignored>(&frame)) return ignored->kind == "echo" ? "echo" : "ignored";
    auto const* inbound = std::get_if<InboundEvent>(&frame);
    if (inbound == nullptr) return "reply";
    if (inbound->event_id.starts_with("request/")) return "request";
    if (std::holds_alternative<MessageReceived>(inbound->event)) return "message";
    if (std::holds_alternative<MessageUnsent>(inbound->event)) return "recall";
    if (std::holds_alternative<Unreachable>(inbound->event)) return "conversation_closed";
    return "noted";
}

void expect_message(json::object const& expected, InboundEvent const& inbound, Message const& message) {
    for (auto const& [key, value] : expected) {
        if (key == "answer") {
            EXPECT_EQ(message.addressed && !message.only_context, value.as_bool());
        }
        if (key == "text") {
            EXPECT_EQ(message.text, value.as_string());
        }
        if (key == "conversation") {
            EXPECT_EQ(inbound.conversation.value, "q/" + std::string{value.as_string()});
        }
        if (key == "attachments") {
            json::array kinds;
            for (auto const& attachment : message.attachments) kinds.emplace_back(content_kind_names[static_cast<std::size_t>(attachment.kind)]);
            EXPECT_EQ(kinds, value.as_array());
        }
    }
}

void expect_samples(OneBotVersion version, char const* file) {
    int count = 0;
    for (auto const& sample : json_lines(shared_data() / "specs" / file)) {
        SCOPED_TRACE(sample.at("name").as_string());
        auto const& expected = sample.at("expect").as_object();
        auto const frame = read(version, json::serialize(sample.at("event")));
        EXPECT_EQ(kind_of(frame), expected.at("kind").as_string());
        if (auto const* inbound = std::get_if<InboundEvent>(&frame)) {
            EXPECT_FALSE(inbound->event_id.empty());
            if (auto const* received = std::get_if<MessageReceived>(&inbound->event)) expect_message(expected, *inbound, received->message);
            if (auto const* unsent = std::get_if<MessageUnsent>(&inbound->event)) {
                EXPECT_EQ(unsent->message.value, expected.at("target").as_string());
            }
        }
        if (auto const* health = std::get_if<Health>(&frame); health != nullptr && expected.contains("healthy")) {
            EXPECT_EQ(health->good, expected.at("healthy").as_bool());
        }
        ++count;
    }
    EXPECT_GT(count, 8);
}

TEST(OneBotFrames, of_version_11_are_read_as_they_are_meant) {
    KEFUD_NEEDS_SHARED_DATA();
    expect_samples(OneBotVersion::v11, "onebot11-events.jsonl");
}

TEST(OneBotFrames, of_version_12_are_read_as_they_are_meant) {
    KEFUD_NEEDS_SHARED_DATA();
    expect_samples(OneBotVersion::v12, "onebot12-events.jsonl");
}

TEST(OneBotCq, is_read_as_segments) {
    KEFUD_NEEDS_SHARED_DATA();
    for (auto const& vector : json_lines(shared_data() / "specs" / "onebot11-cq-vectors.jsonl")) {
        SCOPED_TRACE(vector.at("name").as_string());
        EXPECT_EQ(segments_of_cq(std::string{vector.at("cq").as_string()}), vector.at("segments").as_array());
    }
}

TEST(OneBotCq, may_be_sloppy) {
    EXPECT_EQ(segments_of_cq("[CQ:share,title=a,b,url=c]"), json::parse(R"([{"type":"share","data":{"title":"a,b","url":"c"}}])").as_array());
    EXPECT_EQ(segments_of_cq("[CQ:]x"), json::parse(R"([{"type":"text","data":{"text":"[CQ:]x"}}])").as_array());
    EXPECT_EQ(segments_of_cq("[CQ:at,qq]"), json::parse(R"([{"type":"at","data":{}}])").as_array());
}

TEST(OneBotFrames, have_pictures_by_address_or_inside) {
    auto const content = [](char const* text) { return read_content(OneBotVersion::v11, json::parse(text), "1"); };
    EXPECT_EQ(content(R"([{"type":"image","data":{"file":"a.image","url":"https://q.example/a"}}])").attachments.front().url, "https://q.example/a");
    EXPECT_EQ(content(R"({"type":"image","data":{"file":"base64://AAAA"}})").attachments.front().url, "base64://AAAA");
    EXPECT_EQ(content(R"([{"type":"image","data":{"file":"a.image"}}])").attachments.front().url, "");
    EXPECT_EQ(content(R"([{"type":"face","data":null}])").attachments.front().kind, ContentKind::sticker);
    EXPECT_EQ(read_content(OneBotVersion::v12, json::parse(R"([{"type":"image","data":{"file_id":"f-1"}}])"), "1").attachments.front().platform_id, "f-1");
}

TEST(OneBotFrames, of_another_account_are_left_alone) {
    EXPECT_EQ(
        kind_of(read(OneBotVersion::v11, R"({"time":1,"self_id":5,"post_type":"message","message_type":"private","message_id":1,"user_id":2,"message":"x"})")),
        "ignored");
    EXPECT_EQ(kind_of(read(OneBotVersion::v12, R"({"id":"e","time":1,"type":"message","detail_type":"private","sub_type":"","self":{"platform":"wx",
              "user_id":"10001000"},"message_id":"1","message":[],"user_id":"2"})")),
              "ignored");
}

TEST(OneBotFrames, of_other_bots_are_for_people_to_read) {
    auto const frame = read(OneBotVersion::v11, R"({"self_id":"10001000","post_type":"message","message_type":"private","message_id":"7","user_id":"2854196310",
                                                    "message":"hello"})");
    EXPECT_TRUE(std::get<MessageReceived>(std::get<InboundEvent>(frame).event).message.only_context);
}

TEST(OneBotFrames, of_people_say_what_was_written_beside_us) {
    auto const frame = read(OneBotVersion::v11, R"({"time":1764000000,"self_id":10001000,"post_type":"message_sent","message_type":"private","message_id":18,
                                                    "user_id":10001000,"target_id":12345678,"message":"我来处理"})");
    auto const& own = std::get<OwnMessage>(frame);
    EXPECT_EQ(own.inbound.conversation.value, "q/private:12345678");
    EXPECT_EQ(own.text, "我来处理");
    EXPECT_TRUE(std::get<AgentActed>(own.inbound.event).elsewhere);
}

TEST(OneBotFrames, name_the_member_that_is_missing) {
    auto const why = [](char const* text) { return read_frame(account_of(OneBotVersion::v11), text, now).error().message; };
    EXPECT_EQ(why(R"({"post_type":"message","message_type":"private","user_id":1,"message":"x"})"), "'message_id' is missing");
    EXPECT_EQ(why(R"({"post_type":"message","message_type":"group","message_id":1,"user_id":1,"message":"x"})"), "'group_id' is missing");
    EXPECT_EQ(why(R"({"post_type":"notice","notice_type":"friend_recall","user_id":1})"), "'message_id' is missing");
    EXPECT_EQ(why("{}"), "'post_type' is missing");
    EXPECT_EQ(why("[]"), "the body is not a JSON object");
}

TEST(OneBotPeer, is_read_as_it_was_written) {
    for (std::string const text :
         {"private:12345678", "private:12345678@87654321", "group:-5", "qq/10001000/private:u@x", "qq/10001000/group:7", "qq/10001000/channel:g1/c9"})
        EXPECT_EQ(to_string(read_peer(text).value()), text);
    EXPECT_EQ(conversation_of(read_peer("private:1@2").value()), "private:1");
    for (auto const* text : {"", "private:", "12345678", "qq/private", "qq/10001000/channel:g1"}) EXPECT_FALSE(read_peer(text)) << text;
}

std::string written(OneBotVersion version, char const* to, Part const& part, std::string const& file = {}) {
    auto const account = account_of(version);
    return write_action(account, send_action(account, read_peer(to).value(), part, file), "k1");
}

TEST(OneBotActions, send_segments_never_codes) {
    Part const part{.text = "[CQ:at,qq=all] 大家好", .image = {}, .reply_to = "-5"};
    EXPECT_EQ(json::parse(written(OneBotVersion::v11, "group:87654321", part)),
              json::parse(R"({"action":"send_group_msg","params":{"group_id":87654321,"message":[{"type":"reply","data":{"id":"-5"}},
                              {"type":"text","data":{"text":"[CQ:at,qq=all] 大家好"}}]},"echo":"k1"})"));
    EXPECT_EQ(json::parse(written(OneBotVersion::v11, "private:1@2", {.text = "hi", .image = {}, .reply_to = {}})),
              json::parse(R"({"action":"send_private_msg","params":{"user_id":1,"group_id":2,"message":[{"type":"text","data":{"text":"hi"}}]},"echo":"k1"})"));
    EXPECT_EQ(json::parse(written(OneBotVersion::v12, "qq/10001000/channel:g/c", {.text = {}, .image = "https://x/a.png", .reply_to = {}}, "f-1")),
              json::parse(R"({"action":"send_message","params":{"detail_type":"channel","guild_id":"g","channel_id":"c","message":[{"type":"image","data":
                              {"file_id":"f-1"}}]},"echo":"k1","self":{"platform":"qq","user_id":"10001000"}})"));
}

TEST(OneBotActions, split_long_texts_and_answer_with_the_first) {
    std::vector<OutboundMessage> messages(2);
    messages[0].text = std::string(2500, 'x');
    messages[1].image = Image{"https://shop.example/a.png", {}};
    auto const parts = to_parts(messages, "7");
    ASSERT_EQ(parts.size(), 3u);
    EXPECT_EQ(parts[0].text.size(), 2000u);
    EXPECT_EQ(parts[0].reply_to, "7");
    EXPECT_EQ(parts[1].reply_to, "");
    EXPECT_EQ(parts[2].image, "https://shop.example/a.png");
}

struct OutcomeCase {
    char const* name;
    OneBotVersion version;
    char const* answer;
    SendResult::Kind kind;
};
class OneBotOutcome : public testing::TestWithParam<OutcomeCase> {};

TEST_P(OneBotOutcome, says_whether_it_is_out) {
    auto const reply = read_reply(GetParam().answer).value();
    EXPECT_EQ(outcome_of(GetParam().version, reply).kind, GetParam().kind);
}

using Kind = SendResult::Kind;
constexpr auto v11 = OneBotVersion::v11;
constexpr auto v12 = OneBotVersion::v12;
INSTANTIATE_TEST_SUITE_P(
    Answers, OneBotOutcome,
    testing::Values(OutcomeCase{"delivered", v11, R"({"status":"ok","retcode":0,"data":{"message_id":-5}})", Kind::delivered},
                    OutcomeCase{"queued", v11, R"({"status":"async","retcode":1})", Kind::unknown},
                    OutcomeCase{"napcat_failed", v11, R"({"status":"failed","retcode":200,"wording":"not a friend"})", Kind::refused},
                    OutcomeCase{"napcat_timed_out", v11, R"({"status":"failed","retcode":200,"wording":"Timeout: NTEvent"})", Kind::unknown},
                    OutcomeCase{"go_cqhttp_failed", v11, R"({"status":"failed","retcode":100,"msg":"SEND_MSG_API_ERROR"})", Kind::refused},
                    OutcomeCase{"bad_parameters", v11, R"({"status":"failed","retcode":1400})", Kind::refused},
                    OutcomeCase{"token", v11, R"({"status":"failed","retcode":1403})", Kind::hold},
                    OutcomeCase{"v12_delivered", v12, R"({"status":"ok","retcode":0,"data":{"message_id":"5"},"message":""})", Kind::delivered},
                    OutcomeCase{"v12_bad_parameter", v12, R"({"status":"failed","retcode":10003,"data":null,"message":""})", Kind::refused},
                    OutcomeCase{"v12_handler", v12, R"({"status":"failed","retcode":20002,"data":null,"message":""})", Kind::unknown},
                    OutcomeCase{"v12_network", v12, R"({"status":"failed","retcode":33001,"data":null,"message":""})", Kind::unknown},
                    OutcomeCase{"v12_platform", v12, R"({"status":"failed","retcode":34001,"data":null,"message":""})", Kind::refused},
                    OutcomeCase{"v12_tired", v12, R"({"status":"failed","retcode":36000,"data":null,"message":""})", Kind::retry}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(OneBotOutcome, has_the_messages_id) {
    auto const reply = read_reply(R"({"status":"ok","retcode":0,"data":{"message_id":-2087154320}})").value();
    EXPECT_EQ(outcome_of(v11, reply).platform_ids, std::vector<std::string>{"-2087154320"});
}

}  // namespace
}  // namespace kefu::onebot
