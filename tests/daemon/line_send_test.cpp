// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/line.hpp"
#include "daemon/http/listener.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/json/parse.hpp>

#include <deque>
#include <regex>

/// Sending to LINE, against a platform on the loopback address that answers as told. Section numbers are those of the Messaging API reference.
namespace kefu::line {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using Kind = SendResult::Kind;
using Answers = std::deque<Response>;

constexpr char const* access_token = "access-token-that-nobody-may-see";
constexpr char const* channel_secret = "0123456789abcdef0123456789abcdef";
constexpr char const* reply_token = "757913772c4646b784d4b7ce46d12671";
constexpr char const* customer = "U4af4980629d1c5b7e3f2a1908c7d6e5f";

Response says(int status, std::string const& message) {
    Response response = json_response(R"({"message":")" + message + "\"}", status);
    response.headers.set("X-Line-Request-Id", "request-1");
    return response;
}
Response ok() { return json_response(R"({"sentMessages":[{"id":"461230966842064897"}]})"); }
Response silence() { return Response{.status = 0, .headers = {}, .body = {}}; }
Response server_error() { return says(500, "Internal server error"); }
Response invalid_token() { return says(400, "Invalid reply token"); }
Response invalid_object() { return says(400, "The request body has 1 error(s)"); }
Response bad_destination() { return says(400, "Failed to send messages"); }
Response rate_limit() { return says(429, "The API rate limit has been exceeded. Try again later."); }
Response monthly_limit() { return says(429, "You have reached your monthly limit."); }
Response accepted_before() { return json_response(R"({"message":"The retry key is already accepted","sentMessages":[{"id":"461230966842064897"}]})", 409); }

OutboundMessage text(std::string words) {
    OutboundMessage message;
    message.text = std::move(words);
    return message;
}

OutboundMessage sticker() {
    OutboundMessage message;
    message.sticker = Sticker{"11537", "52002734"};
    return message;
}

Timestamp const received = from_millis(1'764'000'000'000);

/// The customer's reply token came at `received`.
Send with_token(std::vector<OutboundMessage> messages = {text("Your parcel is on its way.")}) {
    Send send;
    send.id = EffectId{"line-main/U4af#1"};
    send.messages = std::move(messages);
    send.by = "bot";
    send.reply_handle = reply_token;
    send.handle_at = received;
    return send;
}
Send without_token(std::vector<OutboundMessage> messages = {text("Your parcel is on its way.")}) {
    Send send = with_token(std::move(messages));
    send.reply_handle.clear();
    send.handle_at = {};
    return send;
}

/// One call of send().
struct Try {
    std::chrono::milliseconds at{5s};  ///< after the message was received
    int number = 1;
    bool maybe_sent = false;
    std::chrono::milliseconds first_tried{5s};
};

struct Script {
    Send send;
    Answers answers;
    std::vector<Try> tries{Try{}};
    std::chrono::milliseconds timeout{10s};
};

struct Outcome {
    std::vector<SendResult> results;
    std::vector<Request> seen;

    SendResult const& last() const { return results.back(); }
    /// "reply" or "push", in order.
    std::vector<std::string> calls() const {
        std::vector<std::string> names;
        for (auto const& request : seen) names.push_back(request.path.substr(request.path.rfind('/') + 1));
        return names;
    }
    std::string key(std::size_t call) const { return std::string{seen.at(call).headers.get("X-Line-Retry-Key")}; }
    json::array messages(std::size_t call) const { return json::parse(seen.at(call).body).at("messages").as_array(); }
};

ChannelSettings settings_for(std::string const& url) {
    ChannelSettings settings;
    settings.id = ChannelId{"line-main"};
    settings.line.api_base = url;
    settings.line.data_base = url;
    settings.line.access_token = Secret{access_token};
    settings.line.channel_secrets = {Secret{channel_secret}};
    return settings;
}

net::awaitable<Outcome> play(Script script) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers = std::move(script.answers);
    HttpClient http{executor};
    Timestamp now = received;
    ChannelSettings settings = settings_for(platform.url());
    settings.send.timeout = script.timeout;
    Clock const clock = [&now] { return now; };
    Outcome outcome;
    for (auto const& one : script.tries) {
        auto const line = make_connector(settings, ChannelPolicy{}, http, clock);  // a new one: what a try leaves must outlast a restart
        now = received + one.at;
        SendAttempt attempt;
        attempt.number = one.number;
        attempt.maybe_sent = one.maybe_sent;
        attempt.first_tried = received + one.first_tried;
        std::string to = customer;
        Send send = script.send;
        if (!outcome.results.empty() && outcome.last().handle_spent) send.reply_handle.clear();  // as the store does
        SendResult result = co_await line->send(std::move(to), std::move(send), attempt);
        outcome.results.push_back(std::move(result));
    }
    http.close_idle();
    co_await platform.stop();
    outcome.seen = std::move(platform.seen);
    co_return outcome;
}

/// Whatever happened: what people and logs get to see holds no token, no secret and no words of the conversation.
Outcome sent(Script script) {
    auto outcome = run(play(std::move(script)));
    for (auto const& result : outcome.results)
        for (auto const* hidden : {access_token, channel_secret, reply_token, "parcel"})
            EXPECT_EQ(result.detail.find(hidden), std::string::npos) << result.detail;
    for (auto const& request : outcome.seen) {
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.headers.get("Authorization"), std::string{"Bearer "} + access_token);
        EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
        // Reply refuses the header, push is never without it ("Retry a failed API request").
        static std::regex const uuid{"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"};
        bool const reply = request.path == "/v2/bot/message/reply";
        std::string const key{request.headers.get("X-Line-Retry-Key")};
        EXPECT_EQ(std::regex_match(key, uuid), !reply) << request.path << ' ' << key;
        EXPECT_EQ(json::parse(request.body).as_object().contains("to"), !reply);
        EXPECT_EQ(json::parse(request.body).as_object().contains("replyToken"), reply);
    }
    return outcome;
}

struct SendCase {
    char const* name;
    Script script;
    std::vector<std::string> calls;
    Kind kind;
    bool maybe_sent = false;  ///< what the next try is told
};
void PrintTo(SendCase const& test, std::ostream* out) { *out << test.name; }
class LineSend : public testing::TestWithParam<SendCase> {};

TEST_P(LineSend, ends_as_the_reference_says) {
    auto const& test = GetParam();
    auto const outcome = sent(test.script);
    EXPECT_EQ(outcome.calls(), test.calls);
    EXPECT_EQ(outcome.last().kind, test.kind) << outcome.last().detail;
    EXPECT_EQ(outcome.last().maybe_sent, test.maybe_sent);
}

std::vector<std::string> const none, reply{"reply"}, replies{"reply", "reply"}, push{"push"}, pushes{"push", "push"}, reply_push{"reply", "push"};
std::vector<OutboundMessage> const rich{text("Your parcel is on its way."), sticker()};
Try const after_crash_young{.at = 30s, .number = 2, .maybe_sent = true, .first_tried = 5s};
Try const after_crash_old{.at = 90s, .number = 2, .maybe_sent = true, .first_tried = 5s};

INSTANTIATE_TEST_SUITE_P(
    ReplyToken, LineSend,
    testing::Values(
        SendCase{"a_fresh_token_replies", {with_token(), {ok()}}, reply, Kind::delivered},
        SendCase{"a_token_of_49_seconds_still_replies", {with_token(), {ok()}, {{.at = 49s}}}, reply, Kind::delivered},
        SendCase{"a_token_of_50_seconds_is_left_alone", {with_token(), {ok()}, {{.at = 50s, .first_tried = 50s}}}, push, Kind::delivered},
        SendCase{"no_token_pushes", {without_token(), {ok()}}, push, Kind::delivered},
        SendCase{"a_token_that_is_certainly_dead_is_followed_by_a_push", {with_token(), {invalid_token(), ok()}}, reply_push, Kind::delivered},
        SendCase{"a_dead_token_and_the_quota_used_up", {with_token(), {invalid_token(), monthly_limit()}}, reply_push, Kind::refused},
        SendCase{"a_server_error_is_asked_again_with_the_same_token", {with_token(), {server_error(), ok()}}, replies, Kind::delivered},
        SendCase{"invalid_after_a_server_error_means_it_arrived", {with_token(), {server_error(), invalid_token()}}, replies, Kind::delivered},
        SendCase{"invalid_after_a_time_out_means_it_arrived", {with_token(), {silence(), invalid_token()}, {Try{}}, 500ms}, replies, Kind::delivered},
        SendCase{"two_server_errors_leave_it_unknown", {with_token(), {server_error(), server_error()}}, replies, Kind::unknown},
        SendCase{"a_time_out_and_a_server_error_leave_it_unknown", {with_token(), {silence(), says(503, "")}, {Try{}}, 500ms}, replies, Kind::unknown},
        SendCase{"a_limit_after_a_server_error_may_be_out", {with_token(), {server_error(), rate_limit()}}, replies, Kind::retry, true},
        SendCase{"a_rate_limit_is_certainly_not_out", {with_token(), {rate_limit()}}, reply, Kind::retry},
        SendCase{"a_refused_access_token_holds", {with_token(), {says(401, "Authentication failed")}}, reply, Kind::hold},
        SendCase{"a_plan_without_replies_is_refused", {with_token(), {says(403, "Not available")}}, reply, Kind::refused},
        SendCase{"an_invalid_object_is_tried_as_text", {with_token(rich), {invalid_object(), ok()}}, replies, Kind::delivered},
        SendCase{"an_invalid_object_twice_is_refused", {with_token(rich), {invalid_object(), invalid_object()}}, replies, Kind::refused},
        SendCase{"an_invalid_text_is_not_repeated", {with_token(), {invalid_object()}}, reply, Kind::refused},
        SendCase{"an_invalid_sticker_leaves_nothing_to_try", {with_token({sticker()}), {invalid_object()}}, reply, Kind::refused},
        SendCase{"too_large_is_refused", {with_token(), {says(413, "Request entity too large")}}, reply, Kind::refused}),
    [](auto const& test) { return std::string{test.param.name}; });

INSTANTIATE_TEST_SUITE_P(
    AfterACrash, LineSend,
    testing::Values(SendCase{"a_young_token_that_works_had_not_been_used", {with_token(), {ok()}, {after_crash_young}}, reply, Kind::delivered},
                    SendCase{"a_young_token_that_is_used_up_means_it_arrived", {with_token(), {invalid_token()}, {after_crash_young}}, reply, Kind::delivered},
                    SendCase{"an_old_token_cannot_be_asked_any_more", {with_token(), {}, {after_crash_old}}, none, Kind::unknown},
                    SendCase{"what_was_a_push_is_pushed_with_its_key",
                             {with_token(), {accepted_before()}, {{.at = 90s, .number = 2, .maybe_sent = true, .first_tried = 60s}}},
                             push,
                             Kind::delivered},
                    SendCase{"a_send_without_a_token_is_pushed_with_its_key", {without_token(), {accepted_before()}, {after_crash_old}}, push, Kind::delivered},
                    SendCase{"after_a_day_line_has_forgotten_the_key",
                             {without_token(), {}, {{.at = 24h + 5s, .number = 2, .maybe_sent = true, .first_tried = 5s}}},
                             none,
                             Kind::unknown}),
    [](auto const& test) { return std::string{test.param.name}; });

INSTANTIATE_TEST_SUITE_P(Push, LineSend,
                         testing::Values(SendCase{"accepted_before_is_delivered", {without_token(), {accepted_before()}}, push, Kind::delivered},
                                         SendCase{"a_server_error_comes_again", {without_token(), {server_error()}}, push, Kind::retry, true},
                                         SendCase{"a_bad_gateway_comes_again", {without_token(), {text_response("<html>", 502)}}, push, Kind::retry, true},
                                         SendCase{"a_time_out_comes_again", {without_token(), {silence()}, {Try{}}, 100ms}, push, Kind::retry, true},
                                         SendCase{"a_rate_limit_comes_again", {without_token(), {rate_limit()}}, push, Kind::retry},
                                         SendCase{"a_monthly_limit_is_refused", {without_token(), {monthly_limit()}}, push, Kind::refused},
                                         SendCase{"a_refused_access_token_holds", {without_token(), {says(401, "Authentication failed")}}, push, Kind::hold},
                                         SendCase{"a_plan_without_pushes_is_refused", {without_token(), {says(403, "Not available")}}, push, Kind::refused},
                                         SendCase{
                                             "an_invalid_object_is_tried_as_text", {without_token(rich), {invalid_object(), ok()}}, pushes, Kind::delivered},
                                         SendCase{"an_invalid_text_is_not_repeated", {without_token(), {invalid_object()}}, push, Kind::refused},
                                         SendCase{"a_bad_destination_is_refused_at_once", {without_token(rich), {bad_destination()}}, push, Kind::refused}),
                         [](auto const& test) { return std::string{test.param.name}; });

TEST(LineReply, carries_the_token_and_every_message_and_learns_their_ids) {
    auto const outcome = sent({with_token(rich), {ok()}});
    auto const body = json::parse(outcome.seen.at(0).body);
    EXPECT_EQ(outcome.seen[0].path, "/v2/bot/message/reply");
    EXPECT_EQ(body.at("replyToken"), reply_token);
    EXPECT_EQ(outcome.messages(0).size(), 2u);
    EXPECT_THAT(outcome.last().platform_ids, ElementsAre("461230966842064897"));
}

TEST(LineReply, asks_again_with_the_identical_body) {
    auto const outcome = sent({with_token(), {server_error(), ok()}});
    EXPECT_EQ(outcome.seen.at(0).body, outcome.seen.at(1).body);
}

TEST(LineReply, says_that_a_delivery_is_only_assumed) {
    EXPECT_THAT(sent({with_token(), {server_error(), invalid_token()}}).last().detail, HasSubstr("assumed delivered"));
}

TEST(LineReply, a_plain_text_repetition_leaves_stickers_and_buttons_out) {
    auto messages = rich;
    messages.back().quick_replies.push_back({"A person, please", "person"});
    auto const outcome = sent({with_token(messages), {invalid_object(), ok()}});
    EXPECT_EQ(outcome.messages(1), json::parse(R"([{"type":"text","text":"Your parcel is on its way."}])").as_array());
}

// Was taken for "may be out", so that a reply that LINE had put off for a second ended as unknown.
TEST(LineReply, that_was_certainly_not_out_is_pushed_once_its_token_is_old) {
    auto const outcome = sent({with_token(), {says(401, "Authentication failed"), ok()}, {{.at = 5s}, {.at = 65s, .number = 2}}});
    EXPECT_EQ(outcome.calls(), reply_push);
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
}

TEST(LineReply, that_may_be_out_is_asked_with_the_same_token_in_the_next_try) {
    auto const outcome = sent({with_token(), {server_error(), rate_limit(), invalid_token()}, {{.at = 5s}, {.at = 6s, .number = 2, .maybe_sent = true}}});
    EXPECT_THAT(outcome.calls(), ElementsAre("reply", "reply", "reply"));
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
    EXPECT_THAT(outcome.last().detail, HasSubstr("assumed delivered"));
}

TEST(LinePush, repeats_with_the_same_key_and_the_identical_body) {
    auto const outcome = sent({without_token(), {server_error(), accepted_before()}, {{.at = 5s}, {.at = 6s, .number = 2, .maybe_sent = true}}});
    EXPECT_EQ(outcome.calls(), pushes);
    EXPECT_EQ(outcome.key(0), outcome.key(1));
    EXPECT_EQ(outcome.seen[0].body, outcome.seen[1].body);
    EXPECT_EQ(json::parse(outcome.seen[0].body).at("to"), customer);
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
    EXPECT_THAT(outcome.last().platform_ids, ElementsAre("461230966842064897"));
}

// Used to ask the dead token once more and take "Invalid reply token" for a delivery: the message was lost. Also after a restart, which forgot that the
// token was dead.
TEST(LinePush, after_a_dead_token_stays_a_push_in_the_next_try_and_after_a_restart) {
    auto const outcome = sent({with_token(), {invalid_token(), server_error(), accepted_before()}, {{.at = 5s}, {.at = 6s, .number = 2, .maybe_sent = true}}});
    EXPECT_THAT(outcome.calls(), ElementsAre("reply", "push", "push"));
    EXPECT_EQ(outcome.key(1), outcome.key(2));
    EXPECT_TRUE(outcome.results.front().handle_spent);
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
}

TEST(LinePush, that_began_with_a_token_too_old_never_asks_it) {
    Try const first{.at = 51s, .first_tried = 49s};
    Try const second{.at = 55s, .number = 2, .maybe_sent = true, .first_tried = 49s};
    auto const outcome = sent({with_token(), {server_error(), accepted_before()}, {first, second}});
    EXPECT_EQ(outcome.calls(), pushes);
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
}

TEST(LinePush, another_body_has_another_key) {
    auto const outcome = sent({without_token(rich), {invalid_object(), ok()}});
    EXPECT_NE(outcome.key(0), outcome.key(1));
    EXPECT_EQ(outcome.messages(1).size(), 1u);
}

TEST(LinePush, a_different_send_has_a_different_key) {
    Send other = without_token();
    other.id = EffectId{"line-main/U4af#2"};
    EXPECT_NE(sent({without_token(), {ok()}}).key(0), sent({other, {ok()}}).key(0));
}

TEST(LinePush, waits_longer_after_each_try_and_never_the_same) {
    for (auto const& [number, longest] : {std::pair{1, 1s}, {2, 2s}, {5, 16s}, {9, 256s}, {10, 300s}, {60, 300s}}) {
        auto const outcome = sent({without_token(), {rate_limit()}, {{.number = number}}});
        EXPECT_THAT(outcome.last().after, AllOf(Ge(longest / 2), Le(longest))) << number;
    }
}

TEST(LinePush, that_is_held_comes_again_in_a_minute_and_says_where_to_look) {
    auto const outcome = sent({without_token(), {says(401, "Authentication failed")}});
    EXPECT_EQ(outcome.last().after, 60s);
    EXPECT_EQ(outcome.last().detail, "LINE answered 401: Authentication failed (request request-1); check access_token of channel line-main");
}

TEST(LinePush, beyond_the_monthly_limit_says_so) {
    EXPECT_THAT(sent({without_token(), {monthly_limit()}}).last().detail, HasSubstr("only replies still work"));
}

net::awaitable<SendResult> send_to_nobody() {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    std::string const url = platform.url();
    co_await platform.stop();
    HttpClient http{executor};
    auto const line = make_connector(settings_for(url), ChannelPolicy{}, http, [] { return received; });
    std::string to = customer;
    Send send = with_token();
    SendAttempt const first;
    SendResult result = co_await line->send(std::move(to), std::move(send), first);
    co_return result;
}

TEST(LineReply, without_a_connection_is_certainly_not_out) {
    auto const result = run(send_to_nobody());
    EXPECT_EQ(result.kind, Kind::retry);
    EXPECT_FALSE(result.maybe_sent);
    EXPECT_THAT(result.detail, HasSubstr("cannot connect to 127.0.0.1:"));
}

std::vector<OutboundMessage> bubbles(int count) {
    std::vector<OutboundMessage> messages;
    for (int i = 1; i <= count; ++i) messages.push_back(text("bubble " + std::to_string(i)));
    return messages;
}

TEST(LineManyBubbles, five_go_with_the_token_and_the_rest_by_push) {
    auto messages = bubbles(12);
    messages.front().quick_replies.push_back({"Yes", "yes"});
    auto const outcome = sent({with_token(messages), {ok(), ok(), ok()}});
    EXPECT_THAT(outcome.calls(), ElementsAre("reply", "push", "push"));
    EXPECT_EQ(outcome.messages(0).size(), 5u);
    EXPECT_EQ(outcome.messages(1).size(), 5u);
    EXPECT_EQ(outcome.messages(2).size(), 2u);
    EXPECT_EQ(outcome.messages(1).at(0).at("text"), "bubble 6");
    EXPECT_EQ(outcome.messages(2).at(1).at("text"), "bubble 12");
    EXPECT_TRUE(outcome.messages(2).at(1).as_object().contains("quickReply"));
    EXPECT_NE(outcome.key(1), outcome.key(2));
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
    EXPECT_EQ(outcome.last().platform_ids.size(), 3u);
}

TEST(LineManyBubbles, a_rest_that_fails_comes_again_without_a_second_reply) {
    auto const outcome =
        sent({with_token(bubbles(7)), {ok(), server_error(), invalid_token(), accepted_before()}, {{.at = 5s}, {.at = 6s, .number = 2, .maybe_sent = true}}});
    EXPECT_EQ(outcome.results[0].kind, Kind::retry);
    EXPECT_TRUE(outcome.results[0].maybe_sent);
    EXPECT_THAT(outcome.calls(), ElementsAre("reply", "push", "reply", "push"));
    EXPECT_EQ(outcome.key(1), outcome.key(3));
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
}

TEST(LineManyBubbles, pushes_that_stopped_half_way_begin_again_under_their_keys) {
    auto const outcome =
        sent({without_token(bubbles(7)), {ok(), rate_limit(), accepted_before(), ok()}, {{.at = 5s}, {.at = 6s, .number = 2, .maybe_sent = true}}});
    EXPECT_TRUE(outcome.results[0].maybe_sent);
    EXPECT_THAT(outcome.calls(), ElementsAre("push", "push", "push", "push"));
    EXPECT_EQ(outcome.key(0), outcome.key(2));
    EXPECT_EQ(outcome.key(1), outcome.key(3));
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
}

TEST(LineManyBubbles, a_rest_that_is_refused_says_that_the_beginning_is_out) {
    auto const outcome = sent({with_token(bubbles(7)), {ok(), monthly_limit()}});
    EXPECT_EQ(outcome.last().kind, Kind::refused);
    EXPECT_THAT(outcome.last().detail, testing::StartsWith("the first messages are out, the rest is not: LINE answered 429"));
}

// --- what LINE tells us on request

net::awaitable<Result<ProfileLearned>> ask_profile(std::string sender, Response answer, std::vector<Request>* seen) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers.push_back(std::move(answer));
    HttpClient http{executor};
    auto const line = make_connector(settings_for(platform.url()), ChannelPolicy{}, http, [] { return received; });
    auto learned = co_await line->profile(std::move(sender));
    http.close_idle();
    co_await platform.stop();
    *seen = std::move(platform.seen);
    co_return learned;
}

TEST(LineProfile, gives_name_and_language) {
    std::vector<Request> seen;
    auto const learned =
        run(ask_profile(customer, json_response(R"({"displayName":"小美","userId":"U4af","language":"zh-TW","pictureUrl":"https://x"})"), &seen));
    ASSERT_TRUE(learned.has_value());
    EXPECT_EQ(learned->display_name, "小美");
    EXPECT_EQ(learned->language, "zh-TW");
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].method, "GET");
    EXPECT_EQ(seen[0].path, std::string{"/v2/bot/profile/"} + customer);
    EXPECT_EQ(seen[0].headers.get("Authorization"), std::string{"Bearer "} + access_token);
}

struct ProfileFault {
    char const* name;
    std::string sender;
    Response answer;
    Errc code;
};
class LineProfileFault : public testing::TestWithParam<ProfileFault> {};

TEST_P(LineProfileFault, has_a_code_that_says_whether_to_ask_again) {
    std::vector<Request> seen;
    auto const learned = run(ask_profile(GetParam().sender, GetParam().answer, &seen));
    ASSERT_TRUE(learned.has_error());
    EXPECT_EQ(learned.error().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(Answers, LineProfileFault,
                         testing::Values(ProfileFault{"no_friend", customer, says(404, "Not found"), Errc::not_found},
                                         ProfileFault{"a_group", "Ca56f94637cfa1b2c3d4e5f60718293a4", ok(), Errc::not_found},
                                         ProfileFault{"a_server_error", customer, server_error(), Errc::unavailable},
                                         ProfileFault{"a_rate_limit", customer, rate_limit(), Errc::unavailable},
                                         ProfileFault{"no_json", customer, text_response("<html>"), Errc::bad_payload},
                                         ProfileFault{"an_array", customer, json_response("[]"), Errc::bad_payload}),
                         [](auto const& test) { return std::string{test.param.name}; });

TEST(LineProfile, members_of_another_type_are_left_empty) {
    std::vector<Request> seen;
    auto const learned = run(ask_profile(customer, json_response(R"({"displayName":5,"language":null})"), &seen));
    ASSERT_TRUE(learned.has_value());
    EXPECT_EQ(learned->display_name, "");
    EXPECT_EQ(learned->language, "");
}

net::awaitable<Result<Connector::Content>> ask_content(Attachment attachment, Response answer, std::vector<Request>* seen) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers.push_back(std::move(answer));
    HttpClient http{executor};
    auto const line = make_connector(settings_for(platform.url()), ChannelPolicy{}, http, [] { return received; });
    auto content = co_await line->content(std::move(attachment));
    http.close_idle();
    co_await platform.stop();
    *seen = std::move(platform.seen);
    co_return content;
}

Attachment photo() { return {.kind = ContentKind::image, .platform_id = "588147832291016705", .url = {}, .file_name = {}}; }

TEST(LineContent, gives_bytes_and_type) {
    Response jpeg = text_response(std::string{"\xff\xd8\0\xff", 4});
    jpeg.headers.set("Content-Type", "image/jpeg");
    std::vector<Request> seen;
    auto const content = run(ask_content(photo(), jpeg, &seen));
    ASSERT_TRUE(content.has_value());
    EXPECT_EQ(content->bytes, (std::string{"\xff\xd8\0\xff", 4}));
    EXPECT_EQ(content->content_type, "image/jpeg");
    EXPECT_EQ(seen.at(0).path, "/v2/bot/message/588147832291016705/content");
}

struct ContentFault {
    char const* name;
    Response answer;
    Errc code;
};
class LineContentFault : public testing::TestWithParam<ContentFault> {};

TEST_P(LineContentFault, has_a_code_that_says_whether_to_ask_again) {
    std::vector<Request> seen;
    auto const content = run(ask_content(photo(), GetParam().answer, &seen));
    ASSERT_TRUE(content.has_error());
    EXPECT_EQ(content.error().code, GetParam().code);
    EXPECT_EQ(content.error().message.find(access_token), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Answers, LineContentFault,
                         testing::Values(ContentFault{"still_prepared", says(202, ""), Errc::unavailable},
                                         ContentFault{"unknown", says(404, "Not found"), Errc::not_found},
                                         ContentFault{"unsent", says(410, "Gone"), Errc::not_found},
                                         ContentFault{"a_server_error", server_error(), Errc::unavailable},
                                         ContentFault{"a_rate_limit", rate_limit(), Errc::unavailable}),
                         [](auto const& test) { return std::string{test.param.name}; });

TEST(LineContent, of_more_than_64_mib_is_not_taken) {
    std::vector<Request> seen;
    auto const content = run(ask_content(photo(), text_response(std::string((64u << 20) + 1, 'x')), &seen));
    ASSERT_TRUE(content.has_error());
    EXPECT_EQ(content.error().code, Errc::bad_payload);
}

TEST(LineContent, that_line_does_not_host_is_not_asked_for) {
    Attachment elsewhere = photo();
    elsewhere.platform_id.clear();
    elsewhere.url = "https://example.com/a.jpg";
    std::vector<Request> seen;
    EXPECT_EQ(run(ask_content(elsewhere, ok(), &seen)).error().code, Errc::not_found);
    EXPECT_THAT(seen, IsEmpty());
}

}  // namespace
}  // namespace kefu::line
