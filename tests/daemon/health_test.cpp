// SPDX-License-Identifier: Apache-2.0
#include "daemon/health.hpp"

#include "tests/support/shared_data.hpp"
#include "tests/support/store_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using State = ChannelReport::State;

namespace {

class Health : public testing::Test {
  protected:
    ChannelReport report(std::chrono::milliseconds later = 0ms) { return assess(settings, health.of(channel, noon + later), noon + later); }
    std::vector<std::string> kinds(std::chrono::milliseconds later = 0ms) {
        std::vector<std::string> all;
        for (auto const& reason : report(later).reasons) all.emplace_back(reason.kind);
        return all;
    }
    void wrong(Trouble trouble, std::chrono::milliseconds later = 0ms) { health.went_wrong(channel, trouble, "because", noon + later); }
    void note(AccountState state, std::chrono::milliseconds later = 0ms) { health.note(channel, std::move(state), noon + later); }

    ChannelId const channel{"line-main"};
    ChannelSettings settings;
    ChannelHealth health;
};

TEST_F(Health, is_fine_while_nothing_is_known_to_be_wrong) {
    EXPECT_EQ(report().state, State::ok);
    EXPECT_THAT(kinds(24h), IsEmpty()) << "silence is no alarm unless somebody asked for it";
}

TEST_F(Health, remembers_when_something_came_in_and_went_out) {
    health.came_in(channel, noon + 1s);
    health.went_out(channel, noon + 2s);
    auto const record = health.of(channel, noon + 3s);
    EXPECT_EQ(record.last_in, noon + 1s);
    EXPECT_EQ(record.last_out, noon + 2s);
}

TEST_F(Health, counts_errors_by_kind_with_the_last_detail) {
    wrong(Trouble::unknown);
    wrong(Trouble::unknown, 5s);
    wrong(Trouble::refused, 6s);
    auto const record = health.of(channel, noon + 7s);
    EXPECT_EQ(record.errors.at(Trouble::unknown).count, 2u);
    EXPECT_EQ(record.errors.at(Trouble::unknown).last, noon + 5s);
    EXPECT_EQ(record.errors.at(Trouble::refused).detail, "because");
}

TEST_F(Health, explains_every_kind_of_error) {
    for (std::size_t i = 0; i < trouble_names.size(); ++i) EXPECT_FALSE(meaning_of(static_cast<Trouble>(i)).empty()) << trouble_names[i];
}

TEST_F(Health, is_down_while_sends_are_held_until_one_goes) {
    wrong(Trouble::held);
    EXPECT_EQ(report().state, State::down);
    EXPECT_THAT(kinds(), ElementsAre("cannot_send"));
    health.went_out(channel, noon + 1s);
    EXPECT_EQ(report(1s).state, State::ok);
}

TEST_F(Health, needs_attention_when_three_tries_in_a_row_fail) {
    wrong(Trouble::retried);
    wrong(Trouble::unknown);
    EXPECT_THAT(kinds(), IsEmpty());
    wrong(Trouble::retried);
    EXPECT_THAT(kinds(), ElementsAre("sends_fail"));
}

TEST_F(Health, is_down_when_nobody_has_been_connected_for_a_minute) {
    note({.connected = true, .quota = {}, .token_until = {}, .obstacle = {}});
    note({.connected = false, .quota = {}, .token_until = {}, .obstacle = {}}, 10s);
    EXPECT_THAT(kinds(69s), IsEmpty()) << "a restart of the other side is nothing";
    EXPECT_THAT(kinds(70s), ElementsAre("not_connected"));
    EXPECT_EQ(report(70s).state, State::down);
    note({.connected = true, .quota = {}, .token_until = {}, .obstacle = {}}, 80s);
    EXPECT_THAT(kinds(80s), IsEmpty());
}

TEST_F(Health, is_quiet_too_long_only_after_the_configured_span) {
    settings.quiet_alarm = 2h;
    health.came_in(channel, noon + 1h);
    EXPECT_THAT(kinds(2h + 59min), IsEmpty());
    EXPECT_THAT(kinds(3h), ElementsAre("quiet"));
    EXPECT_THAT(report(3h).reasons.at(0).what, HasSubstr("nothing came in for 2 h"));
    health.came_in(channel, noon + 3h);
    EXPECT_THAT(kinds(3h), IsEmpty());
}

TEST_F(Health, suspects_a_gap_for_a_day) {
    wrong(Trouble::gap);
    EXPECT_THAT(kinds(23h), ElementsAre("gap"));
    EXPECT_THAT(kinds(24h), IsEmpty());
}

TEST_F(Health, names_a_wrong_secret_only_while_nothing_genuine_comes) {
    wrong(Trouble::signature);
    wrong(Trouble::signature);
    EXPECT_THAT(kinds(), IsEmpty()) << "strangers try addresses, too";
    wrong(Trouble::signature);
    EXPECT_THAT(kinds(), ElementsAre("signature"));
    health.came_in(channel, noon);
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(Health, warns_before_the_quota_is_used_up_and_says_what_still_goes_then) {
    auto const used = [&](std::int64_t count) {
        AccountState state;
        state.quota = Quota{200, count, 0, 0};
        note(std::move(state));
        return kinds();
    };
    EXPECT_THAT(used(159), IsEmpty());
    EXPECT_THAT(used(160), ElementsAre("quota"));
    EXPECT_THAT(used(200), ElementsAre("quota"));
    EXPECT_THAT(report().reasons.at(0).what, HasSubstr("only replies go out"));
}

TEST_F(Health, counts_what_the_platform_has_not_counted_yet) {
    AccountState state;
    state.quota = Quota{200, 100, 150, 30};
    note(std::move(state));
    EXPECT_THAT(report().reasons.at(0).what, HasSubstr("180 of 200"));
}

TEST_F(Health, watches_the_end_of_the_token) {
    AccountState state;
    state.token_until = noon + 10min;
    note(std::move(state));
    EXPECT_THAT(kinds(), IsEmpty());
    EXPECT_EQ(report(8min).state, State::attention);
    EXPECT_EQ(report(10min).state, State::down);
}

TEST_F(Health, is_told_once_and_again_when_the_reasons_differ) {
    EXPECT_EQ(health.tell(channel, report()), std::nullopt);
    wrong(Trouble::held);
    EXPECT_EQ(health.tell(channel, report()), State::ok);
    EXPECT_EQ(health.tell(channel, report()), std::nullopt);
    wrong(Trouble::gap);
    EXPECT_EQ(health.tell(channel, report()), State::down) << "another reason";
    health.went_out(channel, noon);
    EXPECT_EQ(health.tell(channel, report()), State::down) << "only the gap is left";
    EXPECT_EQ(health.tell(channel, report()), std::nullopt);
}

}  // namespace
}  // namespace kefu
