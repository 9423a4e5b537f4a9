// SPDX-License-Identifier: Apache-2.0
#include "replies/authority.hpp"
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::small_shop {

namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// 20 USD for one order and 30 in a day: what Eva's tier may give.
AgentConceded coupon(double amount, std::string currency = "USD") {
    return {"Eva", "aftersale", "coupon", amount, std::move(currency), "came late", 20.0, 30.0, "supervisor"};
}

struct Concession : testing::Test {
    Concession() { talk.says(with_order(meaning({"human"}), "8842")); }
    std::optional<std::string> objected(AgentConceded const& given) const { return objection(talk.conversation, given, talk.now); }
    Talk talk;
};

TEST_F(Concession, is_recorded_with_its_reason_and_its_cost) {
    EXPECT_THAT(talk.happens(coupon(12.5)), IsEmpty()) << "the agent tells the customer";
    EXPECT_THAT(talk.effects<Concede>(), ElementsAre(Concede{"coupon", 12.5, "USD", "came late", "Eva"}));
    ASSERT_THAT(talk.conversation.conceded, SizeIs(1));
    EXPECT_EQ(talk.conversation.conceded[0].by, "Eva");
    EXPECT_EQ(talk.conversation.conceded[0].order, "8842");
    EXPECT_EQ(talk.conversation.owner, Owner::waiting) << "nobody took it over by that";
}

TEST_F(Concession, stays_within_the_authority_for_an_order) {
    talk.happens(coupon(15));
    EXPECT_EQ(objected(coupon(5)), std::nullopt);
    EXPECT_EQ(objected(coupon(5.01)), "aftersale may give 5 USD more here; supervisor may decide about 5.01 USD");
    talk.happens(coupon(5.01));
    EXPECT_THAT(talk.effects<Concede>(), IsEmpty());
    EXPECT_THAT(talk.conversation.conceded, SizeIs(1));
    talk.happens(AgentConceded{"Iva", "supervisor", "coupon", 100, "USD", "she knows", 200.0, std::nullopt, "manager"});
    EXPECT_THAT(talk.conversation.conceded, SizeIs(2));
    EXPECT_EQ(objected(coupon(1)), "aftersale may give 0 USD more here; supervisor may decide about 1 USD") << "what others gave counts";
    EXPECT_EQ(objected(coupon(0)), std::nullopt) << "a kind word costs nothing";
}

TEST_F(Concession, stays_within_the_authority_for_an_order_under_another_case) {
    talk.happens(coupon(20));
    talk.agent(AgentAction::resolve);
    talk.says(with_order(meaning({"human"}), "8842"));
    EXPECT_NE(objected(coupon(1)), std::nullopt);
    talk.agent(AgentAction::resolve);
    talk.says(with_order(meaning({"human"}), "9953"));
    EXPECT_EQ(objected(coupon(10)), std::nullopt);
    EXPECT_EQ(objected(coupon(11)), "aftersale may give 10 USD more here; supervisor may decide about 11 USD") << "30 in a day";
    talk.waits(hours{24});
    EXPECT_EQ(objected(coupon(20)), std::nullopt);
}

TEST_F(Concession, knows_no_limit_where_there_is_none) {
    EXPECT_EQ(objected({"Eva", "manager", "coupon", 1e6, "USD", "why", std::nullopt, std::nullopt, ""}), std::nullopt);
    EXPECT_EQ(objected({"Eva", "insale", "coupon", 1, "USD", "why", 0.0, std::nullopt, ""}), "insale may give 0 USD more here; nobody decides about more");
    EXPECT_EQ(left_to_give(talk.conversation, "USD", std::nullopt, std::nullopt, talk.now), std::nullopt);
}

TEST_F(Concession, counts_each_currency_alone) {
    talk.happens(coupon(20));
    EXPECT_EQ(objected(coupon(20, "EUR")), std::nullopt);
}

TEST_F(Concession, is_remembered_as_often_as_there_is_room) {
    for (std::size_t i = 0; i < most_concessions; ++i) talk.happens(coupon(0));
    EXPECT_EQ(objected(coupon(0)), "this customer was given something 32 times already");
}

TEST(BotsConcession, counts_what_people_gave) {
    Talk talk;
    talk.says(meaning({"minor_flaw"}));
    talk.happens(coupon(8));
    EXPECT_THAT(talk.says(meaning({"no"})), ElementsAre("handover")) << "the coupon of the ladder would be more than the bot's 10 USD";
}

TEST(BotsConcession, is_seen_beside_those_of_people) {
    Talk talk;
    talk.says(meaning({"minor_flaw"}));
    talk.says(meaning({"yes"}));
    ASSERT_THAT(talk.conversation.conceded, SizeIs(1));
    EXPECT_EQ(talk.conversation.conceded[0].by, "bot");
    EXPECT_EQ(talk.conversation.conceded[0].kind, "gift");
}

TEST(Tags, are_added_and_removed) {
    Talk talk;
    talk.happens(AgentTagged{"Eva", {"vip", "late"}, {}});
    EXPECT_THAT(talk.conversation.tags, ElementsAre("late", "vip"));
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"tags", "Eva", "+vip +late"}));
    talk.happens(AgentTagged{"Eva", {"vip"}, {"late", "other"}});
    EXPECT_THAT(talk.conversation.tags, ElementsAre("vip"));
    talk.happens(AgentTagged{"Eva", {"vip"}, {"other"}});
    EXPECT_THAT(talk.effects<Audit>(), IsEmpty());
    std::vector<std::string> many;
    for (int i = 0; i < 32; ++i) many.push_back("tag" + std::to_string(i));
    EXPECT_EQ(objection(talk.conversation, AgentTagged{"Eva", many, {}}), "a customer has at most 32 tags");
    EXPECT_EQ(objection(talk.conversation, AgentTagged{"Eva", many, {"vip"}}), std::nullopt);
}

TEST(Tags, decide_in_playbooks) {
    auto files = sources();
    files.playbooks[0].text +=
        "  invoice:\n"
        "    steps:\n"
        "      - {when: {tag: [vip, wholesale]}, call: needs_person, say: handover}\n"
        "      - {when: {tag: unknown}, say: stock}\n"
        "      - {say: invoice}\n";
    auto& policy = files.policy.text;
    std::string const plain = "tier: presale, reply: invoice}";
    policy.replace(policy.find(plain), plain.size(), "tier: presale, playbook: invoice}");
    auto const shop = catalog_with(files);
    Talk talk{shop};
    EXPECT_THAT(talk.says(meaning({"invoice"})), ElementsAre("stock", "invoice"));
    Talk other{shop};
    other.happens(AgentTagged{"Eva", {"new"}, {}});
    EXPECT_THAT(other.says(meaning({"invoice"})), ElementsAre("invoice"));
    Talk vip{shop};
    vip.happens(AgentTagged{"Eva", {"new", "vip"}, {}});
    EXPECT_THAT(vip.says(meaning({"invoice"})), ElementsAre("handover"));
}

}  // namespace

}  // namespace kefu::small_shop
