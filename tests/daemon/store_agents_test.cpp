// SPDX-License-Identifier: Apache-2.0
#include "tests/support/all_stores.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace kefu {

struct ActionCase {
    char const* name;
    Owner owner;
    char const* agent;
    AgentAction action;
    bool allowed;
};
void PrintTo(ActionCase const& test, std::ostream* out) { *out << test.name; }
class StoreAgents : public testing::TestWithParam<std::tuple<StoreBackend, ActionCase>> {};

TEST_P(StoreAgents, may_do_what_the_state_allows) {
    auto const& [backend, test] = GetParam();
    StoreHarness shop{backend};
    shop.shop = [&test = test](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        if (!std::holds_alternative<Noted>(event)) return simple_shop(channel, std::move(conversation), event, now);
        conversation.owner = test.owner;
        conversation.agent = test.agent;
        Decision decision;
        decision.conversation = std::move(conversation);
        return decision;
    };
    shop.apply(arrival_of("ann", Noted{"prepare"}));
    auto const before = shop.view("ann").conversation;
    auto act = agent_does("ann", test.action, "mei", "hi");
    act.event_id = "a1";
    auto const applied = shop.apply(act);
    EXPECT_EQ(!applied.error, test.allowed);
    if (test.allowed) return;
    EXPECT_EQ(applied.error->code, Errc::conflict);
    EXPECT_EQ(shop.view("ann").conversation, before);
    EXPECT_EQ(shop.counts().journaled, 1U);
    EXPECT_FALSE(shop.apply(act).duplicate);  // nothing happened, so it is not known either
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreAgents,
                         testing::Combine(testing::ValuesIn(all_store_backends()),
                                          testing::Values(ActionCase{"claim_of_the_bots", Owner::bot, "", AgentAction::claim, true},
                                                          ActionCase{"claim_of_a_waiting_one", Owner::waiting, "", AgentAction::claim, true},
                                                          ActionCase{"claim_of_ones_own", Owner::person, "mei", AgentAction::claim, true},
                                                          ActionCase{"claim_of_anothers", Owner::person, "jan", AgentAction::claim, false},
                                                          ActionCase{"reply_in_ones_own", Owner::person, "mei", AgentAction::reply, true},
                                                          ActionCase{"reply_in_anothers", Owner::person, "jan", AgentAction::reply, false},
                                                          ActionCase{"reply_to_a_waiting_one", Owner::waiting, "", AgentAction::reply, true},
                                                          ActionCase{"reply_to_the_bots", Owner::bot, "", AgentAction::reply, true},
                                                          ActionCase{"approval_of_no_draft", Owner::waiting, "", AgentAction::approve, false},
                                                          ActionCase{"hand_back_of_ones_own", Owner::person, "mei", AgentAction::hand_back, true},
                                                          ActionCase{"hand_back_of_anothers", Owner::person, "jan", AgentAction::hand_back, false},
                                                          ActionCase{"resolve_of_a_waiting_one", Owner::waiting, "", AgentAction::resolve, true},
                                                          ActionCase{"resolve_of_anothers", Owner::person, "jan", AgentAction::resolve, false},
                                                          ActionCase{"note_in_anothers", Owner::person, "jan", AgentAction::note, true})),
                         [](auto const& test) { return std::string{std::get<0>(test.param).name} + "_" + std::get<1>(test.param).name; });

}  // namespace kefu
