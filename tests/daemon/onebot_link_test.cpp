// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/calls.hpp"
#include "daemon/connect/onebot/health.hpp"
#include "daemon/connect/onebot/pace.hpp"
#include "daemon/connect/onebot/routes.hpp"
#include "tests/support/run.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

/// The parts of OneBot's live side, each by itself.
namespace kefu::onebot {
namespace {

using namespace std::chrono_literals;

Timestamp const start = from_millis(1'764'000'000'000);

// Health -------------------------------------------------------------------------------------------------------------------------------

Health heartbeat(std::optional<bool> online) {
    Health health;
    health.online = online;
    health.interval = 15s;
    return health;
}

TEST(OneBotWatch, goes_from_dialing_to_online_with_the_first_words) {
    Watch watch;
    EXPECT_EQ(watch.state(start), State::dialing);
    watch.opened(start);
    EXPECT_EQ(watch.state(start), State::silent);
    EXPECT_EQ(watch.obstacle(start), "");
    watch.heard(start);
    EXPECT_EQ(watch.state(start), State::online);
    watch.closed();
    EXPECT_EQ(watch.state(start), State::dialing);
}

TEST(OneBotWatch, takes_two_missing_heartbeats_for_offline) {
    Watch watch;
    watch.opened(start);
    watch.told(heartbeat(std::nullopt), start);
    EXPECT_EQ(watch.state(start + 30s), State::online);
    EXPECT_EQ(watch.state(start + 31s), State::offline);
    EXPECT_EQ(watch.obstacle(start + 31s), "the implementation has fallen silent");
    watch.heard(start + 32s);
    EXPECT_EQ(watch.state(start + 32s), State::online);
}

TEST(OneBotWatch, believes_what_it_is_told) {
    Watch watch;
    watch.opened(start);
    watch.told(heartbeat(false), start);
    EXPECT_EQ(watch.state(start), State::offline);
    EXPECT_EQ(watch.obstacle(start), "the account is logged out");
    watch.told(heartbeat(true), start);
    watch.probed(std::nullopt, false);
    EXPECT_EQ(watch.state(start), State::not_good);
    EXPECT_EQ(watch.obstacle(start), "the implementation answers no actions");
}

TEST(OneBotWatch, raises_the_alarm_once_after_a_minute) {
    Watch watch;
    EXPECT_FALSE(watch.alarm(start));
    EXPECT_FALSE(watch.alarm(start + 59s));
    EXPECT_TRUE(watch.alarm(start + 60s));
    EXPECT_FALSE(watch.alarm(start + 120s));
    watch.opened(start + 130s);
    watch.heard(start + 130s);
    EXPECT_FALSE(watch.alarm(start + 130s));
    watch.closed();
    EXPECT_FALSE(watch.alarm(start + 131s));
    EXPECT_TRUE(watch.alarm(start + 191s));
}

// Pace ---------------------------------------------------------------------------------------------------------------------------------

TEST(OneBotPace, leaves_a_pause_between_two_messages_of_one_conversation) {
    Pace pace;
    EXPECT_EQ(pace.take("a", start, 1s, 5, 0), 0ms);
    EXPECT_EQ(pace.take("a", start, 1s, 5, 1), 1000ms);
    EXPECT_EQ(pace.take("a", start, 1s, 5, 0), 2500ms);
    EXPECT_EQ(pace.take("a", start + 10s, 1s, 5, 0), 0ms);
}

TEST(OneBotPace, keeps_to_the_accounts_rate) {
    Pace pace;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(pace.take(std::to_string(i), start, 1s, 5, 0), i * 200ms);
    EXPECT_EQ(pace.backlog(start), 2s);
    EXPECT_EQ(pace.backlog(start + 5s), 0s);
}

// Calls --------------------------------------------------------------------------------------------------------------------------------

Reply reply_to(std::string echo) {
    Reply reply;
    reply.echo = std::move(echo);
    reply.status = "ok";
    return reply;
}

net::awaitable<void> out_of_order() {
    auto const executor = co_await this_coro::executor;
    Calls calls;
    Calls::Call first{calls, executor, &calls};
    Calls::Call second{calls, executor, &calls};
    EXPECT_NE(first.echo(), second.echo());
    EXPECT_TRUE(calls.take(reply_to(second.echo())));
    EXPECT_TRUE(calls.take(reply_to(first.echo())));
    EXPECT_FALSE(calls.take(reply_to(first.echo())));
    EXPECT_FALSE(calls.take(reply_to("")));
    EXPECT_FALSE(calls.take(reply_to("k77")));
    EXPECT_TRUE((co_await first.answer(1s)).has_value());
    EXPECT_TRUE((co_await second.answer(1s)).has_value());
}
TEST(OneBotCalls, find_their_answers_in_any_order_and_once) { run(out_of_order()); }

net::awaitable<void> no_answer() {
    auto const executor = co_await this_coro::executor;
    Calls calls;
    Calls::Call late{calls, executor, &calls};
    EXPECT_EQ((co_await late.answer(5ms)).error().code, Errc::timed_out);
    Calls::Call cut{calls, executor, &late};
    calls.lose(&late);
    EXPECT_EQ((co_await cut.answer(10s)).error().message, "the connection was lost before the implementation answered");
}
TEST(OneBotCalls, end_when_time_is_up_or_the_connection_is_gone) { run(no_answer()); }

net::awaitable<void> many() {
    auto const executor = co_await this_coro::executor;
    Calls calls;
    std::list<Calls::Call> all;
    while (!calls.full()) all.emplace_back(calls, executor, nullptr);
    EXPECT_EQ(all.size(), Calls::most);
    all.pop_front();
    EXPECT_FALSE(calls.full());
}
TEST(OneBotCalls, are_not_without_number) { run(many()); }

// Who may come in ----------------------------------------------------------------------------------------------------------------------

ChannelSettings settings_of(OneBotVersion version) {
    ChannelSettings settings;
    settings.type = ChannelType::onebot;
    settings.id = ChannelId{"q"};
    settings.onebot.version = version;
    settings.onebot.account = "10001000";
    settings.onebot.tokens = {Secret{"one"}, Secret{"two"}};
    settings.onebot.secrets = {Secret{"onebot-secret"}};
    return settings;
}

int status_of_upgrade(OneBotVersion version, std::vector<std::pair<std::string, std::string>> const& headers, std::string const& query_token = {}) {
    Request request;
    for (auto const& [name, value] : headers) request.headers.set(name, value);
    if (!query_token.empty()) request.query["access_token"] = query_token;
    auto const objection = objection_to_upgrade(settings_of(version), request);
    return objection ? objection->status : 101;
}

TEST(OneBotDoor, opens_for_tokens_in_every_form_implementations_use) {
    constexpr auto v11 = OneBotVersion::v11;
    EXPECT_EQ(status_of_upgrade(v11, {{"Authorization", "Bearer one"}}), 101);
    EXPECT_EQ(status_of_upgrade(v11, {{"Authorization", "bearer two"}}), 101);
    EXPECT_EQ(status_of_upgrade(v11, {{"Authorization", "Token two"}}), 101);
    EXPECT_EQ(status_of_upgrade(v11, {}, "one"), 101);
    EXPECT_EQ(status_of_upgrade(v11, {}), 401);
    EXPECT_EQ(status_of_upgrade(v11, {{"Authorization", "Bearer "}}), 401);
    EXPECT_EQ(status_of_upgrade(v11, {{"Authorization", "Bearer on"}}), 403);
    EXPECT_EQ(status_of_upgrade(v11, {{"Authorization", "Bearer one"}, {"X-Self-ID", "5"}}), 403);
}

TEST(OneBotDoor, opens_for_its_own_version_only) {
    std::pair<std::string, std::string> const token{"Authorization", "Bearer one"};
    EXPECT_EQ(status_of_upgrade(OneBotVersion::v11, {token, {"Sec-WebSocket-Protocol", "12.demo"}}), 400);
    EXPECT_EQ(status_of_upgrade(OneBotVersion::v12, {token}), 400);
    EXPECT_EQ(status_of_upgrade(OneBotVersion::v12, {token, {"Sec-WebSocket-Protocol", "other, 12.demo"}}), 101);
}

TEST(OneBotDoor, checks_the_signature_over_the_body_as_it_came) {
    KEFUD_NEEDS_SHARED_DATA();
    int count = 0;
    auto const file = boost::json::parse(read_text(shared_data() / "specs" / "signature-vectors.json"));
    auto const& vectors = file.is_array() ? file.as_array() : file.at("vectors").as_array();
    for (auto const& vector : vectors) {
        if (vector.at("scheme").as_string() != "onebot11-x-signature") continue;
        Request request;
        request.body = vector.at("body").as_string();
        for (auto const& [name, value] : vector.at("header").as_object()) request.headers.set(std::string{name}, std::string{value.as_string()});
        auto const settings = settings_of(OneBotVersion::v11);
        EXPECT_FALSE(objection_to_post(settings, request));
        request.body += ' ';
        EXPECT_EQ(objection_to_post(settings, request).value().status, 403);
        request.headers.set("X-Signature", "");
        EXPECT_EQ(objection_to_post(settings, request).value().status, 401);
        ++count;
    }
    EXPECT_GT(count, 0);
}

}  // namespace
}  // namespace kefu::onebot
