// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::small_shop {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

struct DraftTalk : Talk {
    DraftTalk() { channel.mode = ChannelPolicy::Mode::draft; }

    std::vector<std::string> drafted() const {
        if (!conversation.draft) return {};
        auto templates = conversation.draft->templates;
        std::erase(templates, "disclosure");
        return templates;
    }
};

TEST(Draft, keeps_the_answer_and_calls_a_person) {
    DraftTalk talk;
    EXPECT_THAT(talk.says(meaning({"invoice"})), IsEmpty());
    EXPECT_THAT(talk.drafted(), ElementsAre("invoice"));
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    ASSERT_TRUE(talk.escalated("draft"));
    EXPECT_EQ(talk.effects<Escalate>()[0].tier, "presale");
    EXPECT_TRUE(talk.timers.contains("answer_by"));
}

TEST(Draft, is_sent_when_approved_and_the_bot_has_the_conversation_again) {
    DraftTalk talk;
    talk.says(meaning({"invoice"}));
    auto const draft = *talk.conversation.draft;
    EXPECT_THAT(talk.agent(AgentAction::approve), ElementsAre("invoice"));
    auto const sends = talk.effects<Send>();
    ASSERT_EQ(sends.size(), 1u);
    EXPECT_EQ(sends[0].id, draft.id);
    EXPECT_EQ(sends[0].messages, draft.messages);
    EXPECT_EQ(sends[0].by, "Eva");
    EXPECT_EQ(sends[0].reply_handle, "handle1") << "the free reply is not lost";
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
    EXPECT_FALSE(talk.conversation.draft);
    EXPECT_EQ(talk.effects<CloseEscalation>().size(), 1u);
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"draft_approved", "Eva", draft.id.value}, Audit{"owner", "Eva", "waiting → bot: approved"}));
    EXPECT_FALSE(talk.timers.contains("answer_by"));
}

TEST(Draft, may_be_changed_before_it_goes) {
    DraftTalk talk;
    talk.says(meaning({"invoice"}));
    talk.agent(AgentAction::approve, "Eva", "It is in the parcel.");
    EXPECT_EQ(talk.last_text(), "It is in the parcel.");
    EXPECT_THAT(talk.effects<Send>().at(0).templates, IsEmpty()) << "these are not the template's words any more";
}

TEST(Draft, stays_when_the_guard_blocks_the_changed_words) {
    DraftTalk talk;
    talk.says(meaning({"invoice"}));
    auto const before = talk.conversation;
    talk.agent(AgentAction::approve, "Eva", "We ship it today.");
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
    EXPECT_EQ(talk.conversation, before);
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"draft_blocked", "Eva", "rule dispatch_day"}));
    talk.happens(AgentActed{AgentAction::approve, "Eva", "We ship it today.", true});
    EXPECT_EQ(talk.last_text(), "We ship it today.");
    EXPECT_THAT(talk.effects<Audit>(), Contains(Audit{"guard_overridden", "Eva", "rule dispatch_day"}));
}

TEST(Draft, is_replaced_by_an_answer_to_all_messages_when_the_customer_writes_again) {
    DraftTalk talk;
    talk.says(meaning({"invoice"}), "first");
    auto const first = talk.conversation.draft->id;
    EXPECT_THAT(talk.says(meaning({"where_is_order"}), "second"), IsEmpty());
    EXPECT_THAT(talk.drafted(), ElementsAre("invoice", "ask_order"));
    EXPECT_NE(talk.conversation.draft->id, first);
    EXPECT_THAT(talk.effects<Escalate>(), IsEmpty()) << "people know already";
    EXPECT_EQ(talk.effects<TellAgents>().size(), 1u);
    talk.happens(AgentActed{AgentAction::approve, "Eva", {}, false, first});
    EXPECT_TRUE(talk.conversation.draft) << "Eva looked at an older one";
    EXPECT_THAT(talk.agent(AgentAction::approve), ElementsAre("invoice", "ask_order"));
    EXPECT_THAT(talk.says(with_order(meaning({}), "8842")), IsEmpty()) << "the case goes on";
    EXPECT_EQ(talk.conversation.owner_reason, "needs_person");
    EXPECT_THAT(talk.drafted(), ElementsAre("where_is_order"));
}

TEST(Draft, that_is_discarded_was_not_said) {
    DraftTalk talk;
    talk.says(meaning({"where_is_order"}));
    EXPECT_EQ(talk.conversation.open.done.at("case/ask:order"), 1u);
    EXPECT_THAT(talk.agent(AgentAction::discard), IsEmpty());
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
    EXPECT_FALSE(talk.conversation.open.done.contains("case/ask:order"));
    EXPECT_THAT(talk.conversation.said, IsEmpty());
    EXPECT_EQ(talk.conversation.reply_handle, "handle1");
    EXPECT_EQ(talk.effects<CloseEscalation>().size(), 1u);
    EXPECT_THAT(talk.waits(std::chrono::minutes{600}), IsEmpty());
}

TEST(Draft, stays_for_the_person_who_claims_and_goes_with_their_own_reply) {
    DraftTalk talk;
    talk.says(meaning({"invoice"}));
    talk.agent(AgentAction::claim);
    EXPECT_THAT(talk.drafted(), ElementsAre("invoice"));
    talk.agent(AgentAction::approve, "Jan");
    EXPECT_THAT(talk.effects<Send>(), IsEmpty()) << "Eva has it";
    talk.agent(AgentAction::reply, "Eva", "Hello.");
    EXPECT_EQ(talk.last_text(), "Hello.");
    EXPECT_FALSE(talk.conversation.draft);
    EXPECT_EQ(talk.conversation.owner, Owner::person);
}

TEST(Draft, of_a_holding_line_leaves_the_conversation_with_people) {
    DraftTalk talk;
    talk.says(meaning({"human"}));
    EXPECT_TRUE(talk.escalated("asks_human"));
    EXPECT_THAT(talk.drafted(), ElementsAre("handover"));
    EXPECT_THAT(talk.agent(AgentAction::approve), ElementsAre("handover"));
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    EXPECT_THAT(talk.effects<CloseEscalation>(), IsEmpty());
}

TEST(Draft, is_dropped_when_the_customer_takes_the_message_back) {
    DraftTalk talk;
    talk.says(meaning({"invoice"}));
    talk.happens(MessageUnsent{MessageId{"m1"}});
    EXPECT_FALSE(talk.conversation.draft);
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
    EXPECT_EQ(talk.effects<CloseEscalation>().size(), 1u);
}

TEST(Draft, that_nobody_looks_at_goes_to_the_next_tier) {
    DraftTalk talk;
    talk.says(meaning({"invoice"}));
    EXPECT_THAT(talk.waits(std::chrono::hours{30}), IsEmpty());
    EXPECT_TRUE(talk.escalated("draft"));
    EXPECT_THAT(talk.drafted(), ElementsAre("invoice"));
}

TEST(Draft, is_not_written_for_a_welcome) {
    DraftTalk talk;
    talk.happens(Followed{false, talk.message({})});
    EXPECT_FALSE(talk.conversation.draft);
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
}

TEST(Draft, is_sent_once) {
    DraftTalk talk;
    talk.says(meaning({"invoice"}));
    talk.agent(AgentAction::approve);
    talk.agent(AgentAction::approve);
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
    EXPECT_THAT(talk.why, Contains("no draft waits here: it was sent, dropped, or a newer message made it outdated"));
}

}  // namespace

}  // namespace kefu::small_shop
