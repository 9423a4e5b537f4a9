// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// `mode` of a rule: what the bot would say about it waits for approval, or is not said at all.
namespace kefu::small_shop {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The small shop with that mode on a topic's rule.
CatalogSources with_mode(CatalogSources files, std::string const& topic, std::string const& mode) {
    auto& policy = files.policy.text;
    auto const at = policy.find("{topic: " + topic + ",");
    if (at == std::string::npos) throw std::runtime_error("no rule for " + topic);
    policy.insert(at + 1, "mode: " + mode + ", ");
    return files;
}

/// Stock answers are drafts, as are playbooks about where an order is; refunds and the invoice are people's.
Catalog const& shop() {
    static Catalog const one = catalog_with(
        with_mode(with_mode(with_mode(with_mode(sources(), "stock", "draft"), "where_is_order", "draft"), "refund_request", "off"), "invoice", "off"));
    return one;
}

std::vector<std::string> drafted(Talk const& talk) {
    if (!talk.conversation.draft) return {};
    auto templates = talk.conversation.draft->templates;
    std::erase(templates, "disclosure");
    return templates;
}

TEST(RuleInDraftMode, waits_for_approval_and_others_do_not) {
    Talk talk{shop()};
    EXPECT_THAT(talk.says(meaning({"refund_policy"})), ElementsAre("refund_policy"));
    EXPECT_THAT(talk.says(meaning({"stock"})), IsEmpty());
    EXPECT_THAT(drafted(talk), ElementsAre("stock"));
    EXPECT_TRUE(talk.escalated("draft"));
    EXPECT_THAT(talk.agent(AgentAction::approve), ElementsAre("stock"));
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
    EXPECT_THAT(talk.says(meaning({"greeting"})), ElementsAre("greeting"));
}

TEST(RuleInDraftMode, holds_back_the_whole_answer_when_one_part_is_its) {
    Talk talk{shop()};
    EXPECT_THAT(talk.says(meaning({"refund_policy", "stock"})), IsEmpty());
    EXPECT_THAT(drafted(talk), ElementsAre("refund_policy", "stock"));
}

TEST(RuleInDraftMode, holds_back_what_its_playbook_says_and_reminds_of) {
    Talk talk{shop()};
    EXPECT_THAT(talk.says(meaning({"where_is_order"})), IsEmpty());
    EXPECT_THAT(drafted(talk), ElementsAre("ask_order"));
    EXPECT_THAT(talk.agent(AgentAction::approve), ElementsAre("ask_order"));
    EXPECT_THAT(talk.waits(std::chrono::hours{30}), IsEmpty());
    EXPECT_THAT(drafted(talk), ElementsAre("reminder"));
    talk.agent(AgentAction::discard);
    EXPECT_THAT(talk.says(with_order(meaning({}), "8842")), IsEmpty());
    EXPECT_THAT(drafted(talk), ElementsAre("where_is_order")) << "also the line that a person comes: it is the rule's own";
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
}

TEST(RuleInDraftMode, keeps_what_takes_a_drafts_place_a_draft) {
    Talk talk{shop()};
    talk.says(with_order(meaning({"where_is_order"}), "8842"));
    ASSERT_EQ(talk.conversation.owner, Owner::waiting);
    ASSERT_THAT(drafted(talk), ElementsAre("where_is_order"));
    EXPECT_THAT(talk.says(with_order(meaning({}), "9953")), IsEmpty());
    EXPECT_TRUE(talk.conversation.draft);
}

TEST(RuleInDraftMode, does_not_hold_back_what_is_more_urgent) {
    Talk talk{shop()};
    talk.says(meaning({"stock"}));
    EXPECT_THAT(talk.says(meaning({"safety"})), ElementsAre("handover_safety"));
    EXPECT_FALSE(talk.conversation.draft);
}

TEST(RuleInDraftMode, does_not_hold_back_what_becomes_more_urgent_while_people_have_the_draft) {
    Talk talk{shop()};
    talk.says(with_order(meaning({"where_is_order"}), "8842"));
    ASSERT_TRUE(talk.conversation.draft);
    EXPECT_THAT(talk.says(meaning({"safety"})), ElementsAre("handover_safety"));
    EXPECT_FALSE(talk.conversation.draft) << "it took the draft's place";
}

TEST(RuleThatIsOff, lets_people_answer_and_says_only_that_they_come) {
    Talk talk{shop()};
    EXPECT_THAT(talk.says(meaning({"invoice"})), ElementsAre("handover_case"));
    EXPECT_TRUE(talk.escalated("needs_person"));
    EXPECT_EQ(talk.effects<Escalate>()[0].tier, "presale");
    EXPECT_EQ(talk.effects<Escalate>()[0].topic, "invoice");
}

TEST(RuleThatIsOff, outweighs_drafts_and_other_answers_of_the_same_message) {
    Talk talk{shop()};
    EXPECT_THAT(talk.says(meaning({"refund_policy", "invoice"})), ElementsAre("handover_case"));
    Talk other{shop()};
    EXPECT_THAT(other.says(meaning({"stock", "invoice"})), ElementsAre("handover_case"));
    EXPECT_FALSE(other.conversation.draft);
}

TEST(RuleThatIsOff, is_no_playbooks_business) {
    Talk talk{shop()};
    EXPECT_THAT(talk.says(meaning({"refund_request"})), ElementsAre("handover_case"));
    EXPECT_TRUE(talk.conversation.open.asking.empty());
    EXPECT_TRUE(talk.conversation.open.handed_over);
}

TEST(RuleThatIsOff, ends_a_playbook_that_was_begun_before_it_was_switched_off) {
    Talk talk;
    talk.says(meaning({"refund_request"}));
    ASSERT_EQ(talk.conversation.open.asking, "order");
    Talk after{shop()};
    after.conversation = talk.conversation;
    after.timers = talk.timers;
    after.now = talk.now;
    EXPECT_THAT(after.says(with_order(meaning({}), "8842")), ElementsAre("handover_case"));
    EXPECT_EQ(after.conversation.open.order, "8842");
}

}  // namespace

}  // namespace kefu::small_shop
