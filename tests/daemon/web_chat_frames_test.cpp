// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/web_chat/frames.hpp"

#include "daemon/connect/web_chat/identity.hpp"
#include "daemon/crypto.hpp"
#include "daemon/media.hpp"
#include "daemon/net/rate_limit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

/// The pure parts of the web chat: what is read, what is written, who is who, how much one may say.
namespace kefu::web_chat {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

Timestamp const now = from_millis(1'790'000'000'000);

struct BadFrame {
    char const* name;
    std::string text;
    char const* why;
};
class BadFrames : public testing::TestWithParam<BadFrame> {};

TEST_P(BadFrames, say_which_member_is_wrong) {
    auto const read = read_frame(GetParam().text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::bad_payload);
    EXPECT_THAT(read.error().message, HasSubstr(GetParam().why));
}
INSTANTIATE_TEST_SUITE_P(
    WebChatFrames, BadFrames,
    testing::Values(BadFrame{"no_json", "{", ""}, BadFrame{"no_object", "[]", ""}, BadFrame{"type_of_a_wrong_type", R"({"type":1})", "type"},
                    BadFrame{"no_id", R"({"type":"message","text":"hi"})", "id"},
                    BadFrame{"id_with_a_slash", R"({"type":"message","id":"a/b","text":"hi"})", "id"},
                    BadFrame{"long_id", R"({"type":"message","id":")" + std::string(65, 'a') + R"(","text":"hi"})", "id"},
                    BadFrame{"nothing_said", R"({"type":"message","id":"a","text":" \n "})", "text"},
                    BadFrame{"long_text", R"({"type":"message","id":"a","text":")" + std::string(4001, 'x') + R"("})", "text"},
                    BadFrame{"five_files", R"({"type":"message","id":"a","files":[{"id":"1"},{"id":"2"},{"id":"3"},{"id":"4"},{"id":"5"}]})", "files"},
                    BadFrame{"file_out_of_its_folder", R"({"type":"message","id":"a","files":[{"id":"../../etc"}]})", "files"},
                    BadFrame{"file_that_is_a_text", R"({"type":"message","id":"a","files":["1"]})", "files"},
                    BadFrame{"negative_number", R"({"type":"read","number":-1})", "number"},
                    BadFrame{"number_as_text", R"({"type":"read","number":"1"})", "number"},
                    BadFrame{"user_with_a_line_break", R"({"type":"hello","user":"a\nb"})", "user"}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(WebChatFrames, reads_what_a_page_says) {
    auto const hello = std::get<Hello>(read_frame(R"({"type":"hello","token":"t","language":"cs","after":7,"later":{}})").value());
    EXPECT_EQ(hello.token, "t");
    EXPECT_EQ(hello.language, "cs");
    EXPECT_EQ(hello.after, 7U);
    auto const said = std::get<Said>(read_frame(R"({"type":"message","id":"m-1","text":"我的包裹在哪裡？","files":[{"id":"F1","name":"a.jpg"}]})").value());
    EXPECT_EQ(said.text, "我的包裹在哪裡？");
    ASSERT_EQ(said.files.size(), 1U);
    EXPECT_EQ(said.files[0].name, "a.jpg");
    EXPECT_TRUE(std::holds_alternative<Ping>(read_frame(R"({"type":"ping"})").value()));
    EXPECT_TRUE(std::holds_alternative<Other>(read_frame(R"({"type":"of a later version"})").value()));
}

TEST(WebChatFrames, counts_text_as_browsers_do) {
    std::string emoji;
    for (int i = 0; i < 2000; ++i) emoji += "😀";  // two UTF-16 units each
    EXPECT_TRUE(read_frame(R"({"type":"message","id":"a","text":")" + emoji + "\"}"));
    EXPECT_FALSE(read_frame(R"({"type":"message","id":"a","text":"x)" + emoji + "\"}"));
}

Send answer(int number, std::string text) {
    Send send;
    send.id = send_of(ConversationId{"chat/visitor:1"}, static_cast<std::uint64_t>(number));
    send.messages.emplace_back().text = std::move(text);
    return send;
}

TEST(WebChatFrames, a_send_is_known_by_its_number_in_the_conversation) {
    auto send = answer(12, "Kde je?");
    send.messages[0].quick_replies.push_back({"Ano", ""});
    send.messages.emplace_back().image = Image{"https://shop.example/a.png", {}};
    auto const line = boost::json::parse(write_line(line_of(send, now)));
    EXPECT_EQ(line, boost::json::parse(R"({"type":"line","from":"assistant","number":12,"at":1790000000000,
        "parts":[{"text":"Kde je?","replies":[{"label":"Ano","text":"Ano"}]},{"image":"https://shop.example/a.png"}]})"));
    EXPECT_EQ(number_of(EffectId{"chat/user:a#b"}), 0U);
}

HistoryLine stored(HistoryLine::Who who, std::string state, std::string id = "chat/visitor:1#3") {
    HistoryLine line;
    line.who = who;
    line.state = std::move(state);
    line.id = std::move(id);
    line.text = "words";
    line.sent.emplace_back().text = "words";
    return line;
}

TEST(WebChatFrames, visitors_see_what_has_gone_out_and_never_a_note) {
    using Who = HistoryLine::Who;
    for (auto const* state : {"in_flight", "delivered", "unknown", "received", "read"}) EXPECT_TRUE(line_of(stored(Who::bot, state))) << state;
    for (auto const* state : {"pending", "refused", "cancelled"}) EXPECT_FALSE(line_of(stored(Who::bot, state))) << state;
    EXPECT_EQ(line_of(stored(Who::agent, "delivered"))->from, Speaker::person);
    EXPECT_FALSE(line_of(stored(Who::customer, "unsent", "m1")));
    EXPECT_EQ(line_of(stored(Who::customer, "", "m1"))->id, "m1");
    auto note = stored(Who::note, "");
    note.sent.clear();
    EXPECT_FALSE(line_of(note));
}

TEST(WebChatFrames, a_page_that_comes_back_is_given_what_followed) {
    std::vector<Line> lines(4);
    lines[0].number = 1;
    lines[1].id = "mine";
    lines[2].number = 2;
    lines[3].number = 3;
    auto const rest = rest_after(lines, 2);
    EXPECT_TRUE(rest.found);
    ASSERT_EQ(rest.lines.size(), 1U);
    EXPECT_EQ(rest.lines[0].number, 3U);
    EXPECT_TRUE(rest_after(lines, 3).lines.empty());
    for (std::uint64_t const unknown : {0, 9}) {
        auto const whole = rest_after(lines, unknown);
        EXPECT_FALSE(whole.found);
        EXPECT_EQ(whole.lines.size(), 4U);
    }
}

TEST(WebChatFrames, a_draft_that_was_approved_late_follows_what_went_out_before_it) {
    std::vector<Line> lines(2);
    lines[0].number = 6;
    lines[1].number = 5;
    EXPECT_EQ(rest_after(lines, 6).lines.at(0).number, 5U);
    EXPECT_TRUE(rest_after(lines, 5).lines.empty());
}

// Who is who. --------------------------------------------------------------------------------------------------------------------------

TEST(WebChatIdentity, a_token_is_long_and_the_store_never_has_it) {
    auto const first = person_of({}, {}).value();
    EXPECT_THAT(first.new_token, MatchesRegex("kfv_[0-9A-Za-z]+"));
    EXPECT_EQ(first.new_token.size(), 56U);
    EXPECT_THAT(first.sender, MatchesRegex("visitor:[0-9a-f]+"));
    EXPECT_THAT(first.sender, Not(HasSubstr(first.new_token.substr(4, 20))));
    Hello again;
    again.token = first.new_token;
    auto const same = person_of(again, {}).value();
    EXPECT_EQ(same.sender, first.sender);
    EXPECT_TRUE(same.new_token.empty());
    EXPECT_NE(person_of({}, {}).value().sender, first.sender);
}

TEST(WebChatIdentity, a_token_that_is_none_of_ours_makes_a_new_visitor) {
    for (auto const* token : {"kfv_short", "visitor:0123", "kfv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/A"}) {
        Hello hello;
        hello.token = token;
        EXPECT_FALSE(person_of(hello, {}).value().new_token.empty()) << token;
    }
}

TEST(WebChatIdentity, only_the_shops_signature_makes_a_customer) {
    std::vector<Secret> const secrets{Secret{"old"}, Secret{"new"}};
    Hello hello;
    hello.user = "4711";
    for (auto const& secret : secrets) {
        hello.signature = hex(hmac_sha256(secret.reveal(), "4711"));
        EXPECT_EQ(person_of(hello, secrets).value().sender, "user:4711");
    }
    EXPECT_FALSE(person_of(hello, {}));
    hello.user = "4712";
    EXPECT_FALSE(person_of(hello, secrets)) << "the signature of another customer";
    for (auto const* wrong : {"", "00", "zz"}) {
        hello.signature = wrong;
        EXPECT_FALSE(person_of(hello, secrets));
    }
}

TEST(WebChatIdentity, a_ticket_is_one_persons_for_twelve_hours) {
    auto const ticket = new_ticket("user:a.b", "key", now);
    EXPECT_EQ(sender_of_ticket(ticket, "key", now), "user:a.b");
    EXPECT_EQ(sender_of_ticket(ticket, "another key", now), std::nullopt);
    EXPECT_EQ(sender_of_ticket(ticket, "key", now + 13h), std::nullopt);
    EXPECT_EQ(sender_of_ticket(ticket + 'x', "key", now), std::nullopt);
    for (auto const* wrong : {"", ".", "..", "1.2.user:a.b"}) EXPECT_EQ(sender_of_ticket(wrong, "key", now), std::nullopt) << wrong;
}

Request from(std::string origin, std::string host = "kefud.example") {
    Request request;
    request.remote = "192.0.2.1";
    request.headers.set("Host", std::move(host));
    if (!origin.empty()) request.headers.set("Origin", std::move(origin));
    return request;
}

TEST(WebChatIdentity, only_listed_pages_and_our_own_may_connect) {
    WebChatSettings settings;
    settings.origins = {"https://shop.example"};
    EXPECT_TRUE(origin_may(from("https://shop.example"), settings));
    for (auto const* other : {"", "null", "http://shop.example", "https://shop.example.evil.example", "https://shop.example:8443", "https://kefud.example"})
        EXPECT_FALSE(origin_may(from(other), settings)) << other;
    settings.page = true;
    EXPECT_TRUE(origin_may(from("https://kefud.example"), settings));
    EXPECT_FALSE(origin_may(from("https://evil.example"), settings));
}

TEST(WebChatIdentity, the_last_entry_is_the_proxys_word) {
    WebChatSettings settings;
    auto request = from("");
    request.headers.set("X-Forwarded-For", "203.0.113.9, 198.51.100.7");
    EXPECT_EQ(address_of(request, settings.behind_proxy), "192.0.2.1");
    settings.behind_proxy = true;
    EXPECT_EQ(address_of(request, settings.behind_proxy), "198.51.100.7");
    EXPECT_EQ(address_of(from(""), settings.behind_proxy), "192.0.2.1");
    request.headers.add("X-Forwarded-For", "192.0.2.44");  // as a proxy that adds a field of its own
    EXPECT_EQ(address_of(request, settings.behind_proxy), "192.0.2.44");
}

TEST(WebChatIdentity, a_picture_is_what_its_bytes_are) {
    EXPECT_EQ(image_type("\xff\xd8\xff\xe0...."), "image/jpeg");
    EXPECT_EQ(image_type("\x89PNG\r\n\x1a\n...."), "image/png");
    EXPECT_EQ(image_type("GIF89a....."), "image/gif");
    EXPECT_EQ(image_type("RIFF\x10\0\0\0WEBPVP8 "s), "image/webp");
    for (auto const& other : {""s, "<svg onload=alert(1)>"s, "MZ"s, "%PDF-1.7"s, "RIFF\x10\0\0\0WAVE"s, "\xff\xd8"s}) EXPECT_EQ(image_type(other), "") << other;
}

// How much one may say. ------------------------------------------------------------------------------------------------------------------

TEST(WebChatRate, lets_a_burst_through_and_then_says_how_long_to_wait) {
    RateLimit limit{3, 10};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a", 60, now), 0ms);
    auto const wait = limit.take("a", 60, now);
    EXPECT_GT(wait, 900ms);
    EXPECT_LE(wait, 1001ms);
    EXPECT_EQ(limit.take("b", 60, now), 0ms) << "another one is not held up";
    EXPECT_EQ(limit.take("a", 60, now + wait), 0ms);
    EXPECT_GT(limit.take("a", 60, now - 1h), 0ms) << "a clock that was set back gives nothing away";
}

TEST(WebChatRate, is_bounded_and_forgets_who_has_calmed_down) {
    RateLimit limit{1, 2};
    EXPECT_EQ(limit.take("a", 60, now), 0ms);
    EXPECT_EQ(limit.take("b", 60, now), 0ms);
    EXPECT_GT(limit.take("c", 60, now), 0ms);
    EXPECT_EQ(limit.size(), 2U);
    EXPECT_EQ(limit.take("c", 60, now + 2s), 0ms);
    EXPECT_EQ(limit.size(), 1U);
}

}  // namespace
}  // namespace kefu::web_chat
