// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::small_shop {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Agent, silences_the_bot_with_a_claim) {
    Talk talk;
    talk.delivers = false;
    talk.says(meaning({"invoice"}));
    ASSERT_EQ(talk.outbox.size(), 1u);
    talk.agent(AgentAction::claim);
    EXPECT_THAT(talk.outbox, IsEmpty());
    EXPECT_EQ(talk.conversation.owner, Owner::person);
    EXPECT_EQ(talk.conversation.agent, "Eva");
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"owner", "Eva", "bot → person: claimed"}));
    EXPECT_THAT(talk.conversation.unanswered, IsEmpty()) << "what was taken back is the agent's now";
    talk.delivers = true;
    EXPECT_THAT(talk.says(meaning({"safety"})), IsEmpty());
    EXPECT_THAT(talk.waits(std::chrono::minutes{600}), IsEmpty());
}

TEST(Agent, takes_over_with_a_reply) {
    Talk talk;
    talk.says(meaning({"human"}));
    talk.agent(AgentAction::reply, "Eva", "Good morning, Eva here.");
    ASSERT_EQ(talk.effects<Send>().size(), 1u);
    auto const send = talk.effects<Send>()[0];
    EXPECT_EQ(send.by, "Eva");
    EXPECT_EQ(send.purpose, SendPurpose::agent);
    EXPECT_THAT(send.templates, IsEmpty());
    EXPECT_EQ(send.messages.at(0).text, "Good morning, Eva here.");
    EXPECT_FALSE(send.id.empty());
    EXPECT_EQ(talk.conversation.owner, Owner::person);
    EXPECT_FALSE(talk.timers.contains("answer_by"));
}

TEST(Agent, may_answer_what_the_bot_has_but_not_what_a_colleague_has) {
    Talk talk;
    talk.says(meaning({"invoice"}));
    EXPECT_EQ(objection(talk.conversation, {AgentAction::reply, "Eva", "Hello.", false}), std::nullopt);
    talk.agent(AgentAction::reply, "Eva", "Hello.");
    EXPECT_EQ(talk.conversation.agent, "Eva");
    EXPECT_EQ(objection(talk.conversation, {AgentAction::reply, "Jan", "Hello.", false}), "this conversation is with Eva");
    talk.agent(AgentAction::reply, "Jan", "Me too.");
    EXPECT_EQ(talk.conversation.agent, "Eva");
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
    EXPECT_THAT(talk.why, ElementsAre("this conversation is with Eva"));
}

TEST(Agent, is_warned_by_the_guard_and_may_know_better) {
    Talk talk;
    talk.agent(AgentAction::reply, "Eva", "We ship it today.");
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
    EXPECT_THAT(talk.effects<Audit>(), testing::Contains(Audit{"reply_blocked", "Eva", "rule dispatch_day"}));
    talk.happens(AgentActed{AgentAction::reply, "Eva", "We ship it today.", true});
    EXPECT_EQ(talk.effects<Send>().size(), 1u);
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"guard_overridden", "Eva", "rule dispatch_day"}));
}

TEST(Agent, cannot_write_to_somebody_who_left) {
    Talk talk;
    talk.happens(Unreachable{"blocked"});
    talk.agent(AgentAction::reply, "Eva", "Hello?");
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
    EXPECT_EQ(talk.effects<TellAgents>().size(), 1u);
}

TEST(Agent, hands_back_and_the_bot_begins_anew) {
    Talk talk;
    talk.says(with_order(meaning({"where_is_order"}), "8842"));
    talk.agent(AgentAction::claim);
    talk.says(meaning({"refund_request"}));
    EXPECT_THAT(talk.agent(AgentAction::hand_back), IsEmpty()) << "what came meanwhile is not answered";
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
    EXPECT_EQ(talk.effects<CloseEscalation>().size(), 1u);
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"owner", "Eva", "person → bot: handed back"}));
    EXPECT_THAT(talk.says(meaning({"where_is_order"})), ElementsAre("where_is_order")) << "the order is still known";
}

TEST(Agent, resolves) {
    Talk talk;
    talk.says(meaning({"human"}));
    talk.agent(AgentAction::resolve);
    EXPECT_EQ(talk.conversation.owner, Owner::closed);
    EXPECT_TRUE(talk.conversation.open.topic.empty());
    EXPECT_THAT(talk.effects<CloseEscalation>(), ElementsAre(CloseEscalation{"resolved"}));
    EXPECT_THAT(talk.waits(std::chrono::minutes{600}), IsEmpty());
    EXPECT_THAT(talk.says(meaning({"invoice"})), ElementsAre("invoice"));
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
}

TEST(Agent, leaves_notes_without_their_text_in_the_audit_log) {
    Talk talk;
    talk.agent(AgentAction::note, "Eva", "calls himself Novák");
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"note", "Eva", ""}));
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
}

}  // namespace

}  // namespace kefu::small_shop
