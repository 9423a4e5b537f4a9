// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/live.hpp"
#include "tests/support/line_platform.hpp"

/// Pushes cost, replies do not.
namespace kefu::line {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char const* group = "Ca56f94637cfa1b2c3d4e5f60718293a4";

Timestamp clock_now;

struct Story {
    LineQuotaSettings budget;
    Answers answers;
    net::awaitable<void> (*act)(Connector&);
    Answers first = {};  ///< before `answers`
};

net::awaitable<std::vector<Request>> tell(Story story) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers = std::move(story.first);
    for (auto& answer : story.answers) platform.answers.push_back(std::move(answer));
    clock_now = received;
    HttpClient http{executor};
    ChannelSettings settings = settings_for(platform.url());
    settings.line.quota = story.budget;
    settings.line.notification_groups = {group};
    auto const line = make_connector({settings, ChannelPolicy{}, http, [] { return clock_now; }});
    co_await story.act(*line);
    http.close_idle();
    co_await platform.stop();
    co_return std::move(platform.seen);
}

std::vector<std::string> calls(std::vector<Request> const& seen) {
    std::vector<std::string> all;
    for (auto const& request : seen) all.push_back(request.path.substr(request.path.rfind('/') + 1));
    return all;
}

enum class By { token, push };

net::awaitable<SendResult> sends(Connector& line, std::string to, By by) {
    Send send = by == By::token ? with_token() : without_token();
    send.by = to == group ? "kefud" : "bot";
    SendAttempt const attempt;
    SendResult result = co_await line.send(std::move(to), std::move(send), attempt);
    co_return result;
}

Answers quota_of(int limit, int used, Answers more) {
    Answers answers{json_response(R"({"type":"limited","value":)" + std::to_string(limit) + "}"),
                    json_response(R"({"totalUsage":)" + std::to_string(used) + "}"), json_response(R"({"count":5})")};
    for (auto& answer : more) answers.push_back(std::move(answer));
    return answers;
}

void expect_quota(Connector const& line, std::int64_t to_customers, std::int64_t to_team) {
    EXPECT_EQ(line.state().quota, (Quota{200, 20, to_customers, to_team}));
}

net::awaitable<void> counts(Connector& line) {
    EXPECT_EQ(line.state().quota, std::nullopt);
    co_await line.keep_up();
    expect_quota(line, 0, 0);
    std::string to = customer;
    co_await sends(line, to, By::push);
    co_await sends(line, to, By::token);
    to = group;
    co_await sends(line, to, By::push);
    expect_quota(line, 1, 5);  // a reply is free, a push to a group costs one for each member
}

TEST(LineQuota, is_asked_for_and_pushes_are_counted_for_whom_they_are) {
    auto const seen = run(tell({{}, quota_of(200, 20, {ok(), ok(), ok()}), counts}));
    EXPECT_THAT(calls(seen), ElementsAre("quota", "consumption", "count", "push", "reply", "push"));
    EXPECT_EQ(seen.at(2).path, std::string{"/v2/bot/group/"} + group + "/members/count");
}

net::awaitable<void> runs_out(Connector& line) {
    co_await line.keep_up();
    std::string to = customer;
    auto result = co_await sends(line, to, By::push);
    EXPECT_EQ(result.kind, Kind::refused);
    result = co_await sends(line, to, By::push);
    EXPECT_EQ(result.kind, Kind::refused) << "LINE need not be asked again";
    EXPECT_EQ(result.detail, "LINE's paid messages of this month are used up, only replies still work");
    result = co_await sends(line, to, By::token);
    EXPECT_EQ(result.kind, Kind::delivered);
}

TEST(LineQuota, that_is_used_up_leaves_the_free_replies) {
    auto const seen = run(tell({{}, quota_of(200, 199, {monthly_limit(), ok()}), runs_out}));
    EXPECT_THAT(calls(seen), ElementsAre("quota", "consumption", "count", "push", "reply"));
}

net::awaitable<void> spends_the_teams_share(Connector& line) {
    co_await line.keep_up();
    std::string to = group;
    auto result = co_await sends(line, to, By::push);
    EXPECT_EQ(result.kind, Kind::delivered);
    result = co_await sends(line, to, By::push);
    EXPECT_EQ(result.kind, Kind::refused);
    EXPECT_THAT(result.detail, HasSubstr("budget of 9 paid messages for the team"));
    to = customer;
    result = co_await sends(line, to, By::push);
    EXPECT_EQ(result.kind, Kind::delivered) << "customers have a share of their own";
}

TEST(LineQuota, has_a_budget_for_the_team_that_leaves_customers_theirs) {
    LineQuotaSettings budget;
    budget.team = 9;
    run(tell({budget, quota_of(200, 0, {ok(), ok()}), spends_the_teams_share}));
}

net::awaitable<void> repeats(Connector& line) {
    std::string to = customer;
    co_await sends(line, to, By::push);
    EXPECT_EQ(line.state().quota->to_customers, 1);
    co_await sends(line, to, By::push);
    EXPECT_EQ(line.state().quota->to_customers, 1) << "LINE had it already";
}

TEST(LineQuota, counts_what_is_accepted_under_one_key_once) { run(tell({{}, {ok(), accepted_before()}, repeats})); }

net::awaitable<void> is_not_told(Connector& line) {
    co_await line.keep_up();
    EXPECT_EQ(line.state().quota, std::nullopt);
}

net::awaitable<void> asks_again(Connector& line) {
    co_await line.keep_up();
    EXPECT_EQ(line.state().quota, std::nullopt);
    co_await line.keep_up();
    EXPECT_EQ(line.state().quota, std::nullopt) << "not yet";
    clock_now += 1min;
    co_await line.keep_up();
    EXPECT_TRUE(line.state().quota.has_value());
    co_await line.keep_up();
}

TEST(LineQuota, is_asked_for_again_in_a_minute_when_line_did_not_answer) {
    auto const seen = run(tell({{}, quota_of(200, 20, {}), asks_again, {server_error(), ok(), json_response(R"({"count":5})")}}));
    EXPECT_THAT(calls(seen), ElementsAre("quota", "consumption", "count", "quota", "consumption"));
}

net::awaitable<void> pushes_to_many_groups(Connector& line) {
    for (int i = 0; i < 7; ++i) {
        std::string to = "C" + std::to_string(i);
        co_await sends(line, to, By::push);
    }
    std::string to = group;
    co_await sends(line, to, By::push);
    for (int i = 0; i < 3; ++i) co_await line.keep_up();
    clock_now += 1h;
    co_await line.keep_up();
}

TEST(LineQuota, asks_for_the_sizes_of_a_few_groups_at_once_and_of_each_once_an_hour) {
    Answers answers;
    for (int i = 0; i < 8; ++i) answers.push_back(ok());
    for (int i = 0; i < 20; ++i) answers.push_back(json_response("{}"));
    auto const seen = run(tell({{}, std::move(answers), pushes_to_many_groups}));
    std::vector<std::string> asked;
    for (auto const& request : seen)
        if (request.path.ends_with("/members/count")) asked.push_back(request.path.substr(14, request.path.size() - 28));
    EXPECT_THAT(asked, ElementsAre("C0", "C1", "C2", "C3", "C4", "C5", "C6", group, "C0", "C1", "C2", "C3", "C4"));
}

TEST(LineGroups, beyond_a_thousand_are_not_remembered) {
    Groups groups;
    for (int i = 0; i < 2000; ++i) EXPECT_EQ(groups.people_in("C" + std::to_string(i)), 1);
    EXPECT_THAT(groups.due(5000, received), testing::SizeIs(1000));
    groups.told("C7", 12, received);
    EXPECT_EQ(groups.people_in("C7"), 12);
    groups.told("C7", std::nullopt, received + 2h);
    EXPECT_EQ(groups.people_in("C7"), 12) << "better old than nothing";
}

TEST(LineQuota, that_line_does_not_tell_is_not_known) { run(tell({{}, {server_error(), says(403, "not your plan"), says(404, "")}, is_not_told})); }

}  // namespace
}  // namespace kefu::line
