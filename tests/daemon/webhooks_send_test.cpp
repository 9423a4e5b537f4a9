// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/connect/webhooks/webhooks.hpp"
#include "daemon/http/listener.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/json/parse.hpp>

#include <deque>

/// What goes out over Standard Webhooks, against a receiver on the loopback address.
namespace kefu::webhooks {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = SendResult::Kind;
using Answers = std::deque<Response>;

Secret const secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"};
Timestamp const start = from_millis(1'764'000'000'000);

Response answer(int status, std::string retry_after = {}) {
    Response response = text_response("", status);
    if (!retry_after.empty()) response.headers.set("Retry-After", std::move(retry_after));
    return response;
}

Send something_to_say() {
    Send send;
    send.id = EffectId{"web/c1#4"};
    send.by = "bot";
    send.language = "cs";
    OutboundMessage words;
    words.text = "Balík je na cestě.";
    words.quick_replies.push_back({"Děkuji", "díky"});
    OutboundMessage picture;
    picture.image = Image{"https://shop.example/map.png", ""};
    send.messages = {words, picture};
    return send;
}

struct Script {
    Answers answers;
    std::vector<int> tries{1};  ///< numbers of the tries; a minute passes between two
    bool private_addresses = true;
    std::chrono::milliseconds timeout{10s};
    Timestamp first_tried = start;
};

struct Outcome {
    std::vector<SendResult> results;
    std::vector<Request> seen;
    SendResult const& last() const { return results.back(); }
};

net::awaitable<Outcome> play(Script script) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer receiver{executor};
    receiver.answers = std::move(script.answers);
    HttpClient http{executor};
    ChannelSettings settings;
    settings.id = ChannelId{"web"};
    settings.type = ChannelType::webhooks;
    settings.webhooks.send_to = receiver.url() + "/hooks";
    settings.webhooks.send_secret = secret;
    settings.webhooks.allow_private_addresses = script.private_addresses;
    settings.send.timeout = script.timeout;
    settings.send.first_retry = 2s;
    settings.send.longest_retry = 60s;
    Timestamp now = start;
    Clock const clock = [&now] { return now; };
    auto const connector = make_connector({settings, ChannelPolicy{}, http, clock});
    Outcome outcome;
    for (int const number : script.tries) {
        SendAttempt attempt;
        attempt.number = number;
        attempt.first_tried = script.first_tried;
        std::string to = "c1";
        Send send = something_to_say();
        SendResult result = co_await connector->send(std::move(to), std::move(send), attempt);
        outcome.results.push_back(std::move(result));
        now += 1min;
    }
    http.close_idle();
    co_await receiver.stop();
    outcome.seen = std::move(receiver.seen);
    co_return outcome;
}

Outcome sent(Script script) {
    auto outcome = run(play(std::move(script)));
    for (auto const& result : outcome.results) {
        EXPECT_EQ(result.detail.find("Balík"), std::string::npos) << result.detail;
        EXPECT_EQ(result.detail.find("C2FVsBQ"), std::string::npos) << result.detail;
    }
    return outcome;
}

TEST(WebhooksSend, posts_a_body_that_the_receiving_side_accepts) {
    auto const outcome = sent({{answer(204)}});
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
    ASSERT_EQ(outcome.seen.size(), 1u);
    auto const& request = outcome.seen[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/hooks");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
    auto const id = verify(request.headers, request.body, {secret}, start);
    ASSERT_TRUE(id.has_value()) << id.error().message;
    EXPECT_EQ(*id, "web/c1#4");
    auto const body = json::parse(request.body);
    EXPECT_EQ(body.at("type"), "message.send");
    EXPECT_EQ(body.at("timestamp").as_string(), to_rfc3339(start));
    auto const& data = body.at("data");
    EXPECT_EQ(data.at("id"), "web/c1#4");
    EXPECT_EQ(data.at("conversation"), "c1");
    EXPECT_EQ(data.at("to"), "c1");
    EXPECT_EQ(data.at("by"), "bot");
    EXPECT_EQ(data.at("language"), "cs");
    ASSERT_EQ(data.at("messages").as_array().size(), 2u);
    EXPECT_EQ(data.at("messages").at(0).at("text"), "Balík je na cestě.");
    EXPECT_EQ(data.at("messages").at(0).at("quick_replies").at(0).at("label"), "Děkuji");
    EXPECT_EQ(data.at("messages").at(1).at("image").at("url"), "https://shop.example/map.png");
}

TEST(WebhooksSend, a_repetition_has_the_same_id_and_a_signature_of_its_own_time) {
    auto const outcome = sent({{answer(500), answer(503), answer(200)}, {1, 2, 3}});
    ASSERT_EQ(outcome.seen.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        auto const id = verify(outcome.seen[i].headers, outcome.seen[i].body, {secret}, start + static_cast<int>(i) * 1min);
        ASSERT_TRUE(id.has_value()) << id.error().message;
        EXPECT_EQ(*id, "web/c1#4");
    }
    EXPECT_NE(outcome.seen[0].headers.get("webhook-timestamp"), outcome.seen[2].headers.get("webhook-timestamp"));
    EXPECT_EQ(outcome.last().kind, Kind::delivered);
}

struct AnswerCase {
    char const* name;
    Response answer;
    Kind kind;
    std::chrono::milliseconds after;  ///< of a retry: 0 when the channel's settings say it
    bool maybe_sent = false;
};
void PrintTo(AnswerCase const& test, std::ostream* out) { *out << test.name; }
class WebhooksAnswer : public testing::TestWithParam<AnswerCase> {};

TEST_P(WebhooksAnswer, says_what_happens_next) {
    auto const& test = GetParam();
    auto const outcome = sent({{test.answer}, {1}, true, test.answer.status == 0 ? 100ms : 10s});
    EXPECT_EQ(outcome.last().kind, test.kind) << outcome.last().detail;
    bool const by_settings = test.kind == Kind::retry && test.after == 0ms;
    if (by_settings)
        EXPECT_THAT(outcome.last().after, testing::AllOf(testing::Ge(1s), testing::Le(2s)));
    else
        EXPECT_EQ(outcome.last().after, test.after);
    EXPECT_EQ(outcome.last().maybe_sent, test.maybe_sent);
}

INSTANTIATE_TEST_SUITE_P(All, WebhooksAnswer,
                         testing::Values(AnswerCase{"ok", answer(200), Kind::delivered, 0ms}, AnswerCase{"accepted", answer(202), Kind::delivered, 0ms},
                                         AnswerCase{"gone_is_never_asked_again", answer(410), Kind::refused, 0ms},
                                         AnswerCase{"bad_request", answer(400), Kind::retry, 0ms},
                                         AnswerCase{"a_redirect_is_not_followed", answer(302), Kind::retry, 0ms},
                                         AnswerCase{"a_server_error", answer(500), Kind::retry, 0ms},
                                         AnswerCase{"retry_after_is_honoured", answer(429, "17"), Kind::retry, 17s},
                                         AnswerCase{"retry_after_of_a_busy_one", answer(503, "120"), Kind::retry, 120s},
                                         AnswerCase{"retry_after_is_at_most_a_day", answer(503, "999999"), Kind::retry, 24h},
                                         AnswerCase{"retry_after_of_zero_is_no_hot_loop", answer(503, "0"), Kind::retry, 0ms},
                                         AnswerCase{"retry_after_below_zero", answer(503, "-3"), Kind::retry, 0ms},
                                         AnswerCase{"retry_after_that_overflows", answer(503, "99999999999999999999"), Kind::retry, 0ms},
                                         AnswerCase{"retry_after_as_a_date", answer(503, "Wed, 21 Oct 2026 07:28:00 GMT"), Kind::retry, 0ms},
                                         AnswerCase{"silence_may_mean_it_arrived", Response{.status = 0, .headers = {}, .body = {}}, Kind::retry, 0ms, true}),
                         [](auto const& test) { return std::string{test.param.name}; });

TEST(WebhooksSend, waits_longer_after_each_try_as_the_channel_says_and_a_day_at_most) {
    for (auto const& [number, full] : {std::pair{1, 2s}, {2, 4s}, {3, 8s}, {9, 60s}}) {
        auto const result = sent({{answer(500)}, {number}}).last();
        EXPECT_EQ(result.kind, Kind::retry);
        EXPECT_THAT(result.after, testing::AllOf(testing::Ge(full / 2), testing::Le(full))) << number;
    }
    Script late{{answer(500)}};
    late.first_tried = start - 25h;
    auto const last = sent(std::move(late)).last();
    EXPECT_EQ(last.kind, Kind::refused);
    EXPECT_EQ(last.detail, "the receiver answered 500; given up after a day");
}

TEST(WebhooksSend, to_a_private_address_is_refused_unless_allowed) {
    auto const outcome = sent({{}, {1}, false});
    EXPECT_THAT(outcome.seen, IsEmpty());
    EXPECT_EQ(outcome.last().kind, Kind::retry);
    EXPECT_FALSE(outcome.last().maybe_sent);
    EXPECT_EQ(outcome.last().detail, "127.0.0.1 is not an address of the public internet");
}

net::awaitable<Result<Connector::Content>> fetch(Response answer, bool private_addresses, bool named) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer receiver{executor};
    receiver.answers.push_back(std::move(answer));
    HttpClient http{executor};
    ChannelSettings settings;
    settings.id = ChannelId{"web"};
    settings.webhooks.allow_private_addresses = private_addresses;
    auto const connector = make_connector({settings, ChannelPolicy{}, http, [] { return start; }});
    Attachment attachment;
    attachment.kind = ContentKind::image;
    if (named) attachment.url = receiver.url() + "/hooks";
    auto content = co_await connector->content(std::move(attachment));
    http.close_idle();
    co_await receiver.stop();
    co_return content;
}

TEST(WebhooksContent, is_fetched_from_where_the_message_said) {
    auto const content = run(fetch(json_response("{}"), true, true));
    ASSERT_TRUE(content.has_value());
    EXPECT_EQ(content->bytes, "{}");
    EXPECT_EQ(content->content_type, "application/json");
}

TEST(WebhooksContent, is_never_fetched_from_a_private_address_unless_allowed) {
    EXPECT_THAT(run(fetch(answer(200), false, true)).error().message, HasSubstr("not an address of the public internet"));
}

TEST(WebhooksContent, that_fails_for_the_moment_is_asked_for_again_and_what_is_gone_is_not) {
    // A 503 used to count as "not there", and the customer's photo was lost.
    EXPECT_EQ(run(fetch(answer(503), true, true)).error().code, Errc::unavailable);
    EXPECT_EQ(run(fetch(answer(429), true, true)).error().code, Errc::unavailable);
    EXPECT_EQ(run(fetch(answer(404), true, true)).error().code, Errc::not_found);
    EXPECT_EQ(run(fetch(answer(200), true, false)).error().code, Errc::not_found);
}

net::awaitable<std::vector<Request>> post_unsigned() {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer receiver{executor};
    receiver.answers.push_back(answer(200));
    HttpClient http{executor};
    ClientRequest request;
    request.url = receiver.url() + "/hooks";
    request.body = "{}";
    std::string id = "notice-1";
    Secret const no_secret;
    SendResult const result = co_await post(http, std::move(request), std::move(id), no_secret, start);
    EXPECT_EQ(result.kind, Kind::delivered);
    http.close_idle();
    co_await receiver.stop();
    co_return receiver.seen;
}

TEST(WebhooksPost, without_a_secret_still_carries_the_id) {
    auto const seen = run(post_unsigned());
    EXPECT_EQ(seen.at(0).headers.get("webhook-id"), "notice-1");
    EXPECT_FALSE(seen.at(0).headers.has("webhook-signature"));
}

}  // namespace
}  // namespace kefu::webhooks
