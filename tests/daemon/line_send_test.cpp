// SPDX-License-Identifier: Apache-2.0
#include "tests/support/line_platform.hpp"

/// Sending to LINE: replies, pushes, repetitions.
namespace kefu::line {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

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
    testing::Values(SendCase{"a_fresh_token_replies", {with_token(), {ok()}}, reply, Kind::delivered},
                    SendCase{"a_token_of_49_seconds_still_replies", {with_token(), {ok()}, {{.at = 49s}}}, reply, Kind::delivered},
                    SendCase{"a_token_of_50_seconds_is_left_alone", {with_token(), {ok()}, {{.at = 50s, .first_tried = 50s}}}, push, Kind::delivered},
                    SendCase{"no_token_pushes", {without_token(), {ok()}}, push, Kind::delivered},
                    SendCase{"a_token_that_is_certainly_dead_is_followed_by_a_push", {with_token(), {invalid_token(), ok()}}, reply_push, Kind::delivered},
                    SendCase{"a_dead_token_and_the_quota_used_up", {with_token(), {invalid_token(), monthly_limit()}}, reply_push, Kind::refused},
                    SendCase{"a_server_error_is_asked_again_with_the_same_token", {with_token(), {server_error(), ok()}}, replies, Kind::delivered},
                    SendCase{"invalid_after_a_server_error_is_unknown", {with_token(), {server_error(), invalid_token()}}, replies, Kind::unknown},
                    SendCase{"invalid_after_a_time_out_is_unknown", {with_token(), {silence(), invalid_token()}, {Try{}}, 500ms}, replies, Kind::unknown},
                    SendCase{"two_server_errors_leave_it_unknown", {with_token(), {server_error(), server_error()}}, replies, Kind::unknown},
                    SendCase{
                        "a_time_out_and_a_server_error_leave_it_unknown", {with_token(), {silence(), says(503, "")}, {Try{}}, 500ms}, replies, Kind::unknown},
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
                    SendCase{"a_young_token_that_is_invalid_says_nothing", {with_token(), {invalid_token()}, {after_crash_young}}, reply, Kind::unknown},
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

TEST(LineReply, says_why_nobody_knows) {
    EXPECT_EQ(sent({with_token(), {server_error(), invalid_token()}}).last().detail,
              "the reply token is used up, perhaps by the try whose answer we did not see; LINE answered 400: Invalid reply token (request request-1)");
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
    EXPECT_EQ(outcome.last().kind, Kind::unknown);
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
    auto const line = make_connector({settings_for(url), ChannelPolicy{}, http, [] { return received; }});
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
    EXPECT_EQ(outcome.last().kind, Kind::unknown);
}

TEST(LineManyBubbles, after_a_crash_the_rest_goes_out_and_the_whole_is_unknown) {
    auto const outcome = sent({with_token(bubbles(7)), {invalid_token(), ok()}, {after_crash_young}});
    EXPECT_EQ(outcome.calls(), reply_push);
    EXPECT_EQ(outcome.messages(1).size(), 2u);
    EXPECT_EQ(outcome.last().kind, Kind::unknown);
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

}  // namespace
}  // namespace kefu::line
