// SPDX-License-Identifier: Apache-2.0
#include "daemon/roster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu {

namespace {

using std::chrono::minutes;
using testing::IsEmpty;

constexpr Timestamp noon{std::chrono::milliseconds{1'790'000'000'000}};

AgentSettings agent(std::string name, std::vector<std::string> tiers = {}, std::vector<std::string> languages = {}, int capacity = 5) {
    AgentSettings settings;
    settings.name = std::move(name);
    settings.tiers = std::move(tiers);
    settings.languages = std::move(languages);
    settings.capacity = capacity;
    return settings;
}

TEST(Choice, falls_on_the_least_loaded_then_on_who_was_given_nothing_for_longest) {
    Assign const wanted{"aftersale", "en", {}};
    EXPECT_EQ(choose({{agent("ann"), 2, {}}, {agent("bob"), 1, noon}}, wanted), "bob");
    EXPECT_EQ(choose({{agent("ann"), 1, noon}, {agent("bob"), 1, noon - minutes{1}}}, wanted), "bob");
    EXPECT_EQ(choose({{agent("ann"), 1, noon}, {agent("bob"), 1, {}}}, wanted), "bob") << "never given anything";
    EXPECT_EQ(choose({{agent("ann"), 1, {}}, {agent("bob"), 1, {}}}, wanted), "ann") << "as the settings name them";
    EXPECT_EQ(choose({}, wanted), "");
}

TEST(Choice, falls_on_nobody_who_was_asked_or_is_full) {
    EXPECT_EQ(choose({{agent("ann"), 0, {}}, {agent("bob"), 1, {}}}, {"aftersale", "en", {"ann"}}), "bob");
    EXPECT_EQ(choose({{agent("ann", {}, {}, 2), 2, {}}, {agent("bob"), 4, {}}}, {"aftersale", "en", {}}), "bob");
    EXPECT_EQ(choose({{agent("ann", {}, {}, 2), 2, {}}, {agent("bob"), 5, {}}}, {"aftersale", "en", {}}), "");
}

TEST(Choice, falls_on_who_belongs_to_the_tier_and_answers_the_language) {
    EXPECT_TRUE(fits(agent("ann"), "manager", "cs"));
    EXPECT_FALSE(fits(agent("ann", {"presale", "insale"}), "aftersale", "cs"));
    EXPECT_TRUE(fits(agent("ann", {"presale", "insale"}), "insale", "cs"));
    EXPECT_FALSE(fits(agent("ann", {}, {"en", "zh-Hant"}), "insale", "cs"));
    EXPECT_TRUE(fits(agent("ann", {}, {"en", "zh-Hant"}), "insale", "zh-Hant"));
    EXPECT_FALSE(fits(agent("ann", {}, {"en", "zh-Hant"}), "insale", "zh-Hans"));
    EXPECT_TRUE(fits(agent("ann", {}, {"zh"}), "insale", "zh-Hans"));
    EXPECT_TRUE(fits(agent("ann", {}, {"zh-Hant"}), "insale", "zh-Hant-TW"));
    EXPECT_FALSE(fits(agent("ann", {}, {"e"}), "insale", "en"));
    EXPECT_TRUE(fits(agent("ann", {}, {"cs"}), "insale", "")) << "an unknown language is everybody's";
}

TEST(Roster, knows_who_is_online_until_they_go_or_fall_silent) {
    Roster roster;
    EXPECT_FALSE(roster.is_online("ann", noon));
    EXPECT_TRUE(roster.comes("ann", noon, noon + minutes{5}));
    EXPECT_FALSE(roster.comes("ann", noon, noon + minutes{5})) << "there already";
    roster.seen("ann", noon + minutes{4}, noon + minutes{9});
    EXPECT_TRUE(roster.is_online("ann", noon + minutes{8}));
    EXPECT_FALSE(roster.is_online("ann", noon + minutes{9}));
    roster.seen("ann", noon + minutes{10}, noon + minutes{15});
    EXPECT_FALSE(roster.is_online("ann", noon + minutes{10})) << "a call alone brings nobody back";
    EXPECT_TRUE(roster.comes("ann", noon + minutes{10}, noon + minutes{15}));
    roster.leaves("ann");
    EXPECT_FALSE(roster.is_online("ann", noon + minutes{10}));
}

TEST(Roster, says_who_is_there_and_what_they_have) {
    Roster roster;
    roster.comes("ann", noon, noon + minutes{5});
    roster.comes("gone", noon, noon + minutes{5});
    roster.given("ann", noon);
    roster.given("bob", noon);
    auto const there = roster.there({agent("ann"), agent("bob")}, {{"ann", 3}}, noon + minutes{1});
    ASSERT_EQ(there.size(), 1u) << "bob is away, and who is not in the settings is nobody";
    EXPECT_EQ(there[0].agent.name, "ann");
    EXPECT_EQ(there[0].load, 3u);
    EXPECT_EQ(there[0].last_given, noon);
    EXPECT_THAT(roster.there({}, {}, noon), IsEmpty());
}

TEST(Roster, counts_people_of_the_console_in_who_are_no_agents) {
    Roster roster;
    roster.comes("kim", noon, noon + minutes{5}, true);
    auto const there = roster.there({agent("ann")}, {{"kim", 2}}, noon);
    ASSERT_EQ(there.size(), 1u);
    EXPECT_EQ(there[0].agent.name, "kim");
    EXPECT_EQ(there[0].load, 2u);
    EXPECT_TRUE(fits(there[0].agent, "supervisor", "cs")) << "all teams, every language";
    EXPECT_TRUE(roster.there({}, {}, noon + minutes{5}).empty());
}

}  // namespace

}  // namespace kefu
