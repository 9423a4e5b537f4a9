// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::small_shop {

namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A shop whose agents may be online; the test chooses among them, as the dispatcher does.
struct Turns : testing::Test {
    Turns() { talk.channel.names_agents = true; }

    std::vector<std::string> told() const {
        std::vector<std::string> lines;
        for (auto const& line : talk.effects<TellAgents>()) lines.push_back(line.what);
        return lines;
    }
    std::vector<std::string> escalated_to() const {
        std::vector<std::string> tiers;
        for (auto const& call : talk.effects<Escalate>()) tiers.push_back(call.tier);
        return tiers;
    }
    /// The dispatcher's answer to what was asked last.
    void chosen(std::string agent, std::string tier = "aftersale") { talk.happens(Assigned{std::move(tier), std::move(agent)}); }

    Talk talk;
};

/// 10:01: a person was asked for and is due by 11:05; it is Eva's turn until 10:06.
struct EvasTurn : Turns {
    EvasTurn() {
        talk.says(meaning({"human"}));
        chosen("Eva");
        promised = talk.conversation.answer_by;
    }
    Timestamp promised;
};

TEST_F(Turns, are_asked_for_when_a_person_is_needed) {
    EXPECT_THAT(talk.says(meaning({"human"})), ElementsAre("handover"));
    EXPECT_THAT(talk.effects<Assign>(), ElementsAre(Assign{"aftersale", "en", {}}));
    EXPECT_EQ(talk.conversation.agent, "");
    chosen("Eva");
    EXPECT_EQ(talk.conversation.agent, "Eva");
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    EXPECT_EQ(talk.timers.at("acknowledge"), talk.now + minutes{5});
    EXPECT_THAT(told(), ElementsAre("it is the turn of Eva"));
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"assigned", "bot", "Eva"}));
}

TEST_F(Turns, are_nobodys_where_there_are_no_agents) {
    talk.channel.names_agents = false;
    talk.says(meaning({"human"}));
    EXPECT_THAT(talk.effects<Assign>(), IsEmpty());
    EXPECT_TRUE(talk.conversation.assignment.tier.empty());
}

TEST_F(Turns, change_nothing_when_nobody_is_online) {
    Talk without;
    without.says(meaning({"human"}));
    talk.says(meaning({"human"}));
    chosen("");
    EXPECT_THAT(talk.seen, IsEmpty());
    EXPECT_THAT(talk.waits(minutes{65}), without.waits(minutes{65}));
    EXPECT_EQ(talk.effects<Escalate>(), without.effects<Escalate>());
    EXPECT_EQ(talk.conversation.answer_by, without.conversation.answer_by);
}

TEST_F(Turns, wait_in_line_for_approvals_too) {
    talk.channel.mode = ChannelPolicy::Mode::draft;
    talk.says(meaning({"invoice"}));
    ASSERT_THAT(talk.effects<Assign>(), SizeIs(1));
    chosen("Eva", talk.effects<Assign>()[0].tier);
    EXPECT_EQ(talk.conversation.agent, "Eva");
    talk.agent(AgentAction::approve, "Jan");
    EXPECT_EQ(talk.conversation.agent, "");
    EXPECT_FALSE(talk.timers.contains("acknowledge"));
}

TEST_F(EvasTurn, goes_to_the_next_person_when_she_does_not_react) {
    EXPECT_THAT(talk.waits(minutes{5}), IsEmpty()) << "the customer hears nothing of it";
    EXPECT_THAT(talk.effects<Assign>(), ElementsAre(Assign{"aftersale", "en", {"Eva"}}));
    EXPECT_EQ(talk.conversation.agent, "");
    chosen("Jan");
    EXPECT_EQ(talk.conversation.agent, "Jan");
    EXPECT_THAT(told(), ElementsAre("Eva did not react; it is the turn of Jan"));
    EXPECT_EQ(talk.conversation.answer_by, promised);
}

TEST_F(EvasTurn, goes_to_the_next_tier_when_nobody_is_left_and_the_promise_stays) {
    talk.waits(minutes{5});
    chosen("");
    EXPECT_THAT(escalated_to(), ElementsAre("review_desk"));
    EXPECT_EQ(talk.effects<Escalate>()[0].summary.substr(0, 28), "nobody of aftersale reacted ");
    EXPECT_EQ(talk.effects<Escalate>()[0].answer_by, promised);
    EXPECT_THAT(talk.effects<Assign>(), ElementsAre(Assign{"review_desk", "en", {}}));
    EXPECT_EQ(talk.conversation.answer_by, promised);
    EXPECT_EQ(talk.timers.at("answer_by"), promised);
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
}

TEST_F(EvasTurn, calls_each_tier_once_and_then_leaves_it_to_the_deadline) {
    talk.waits(minutes{5});
    chosen("");
    for (auto const* tier : {"review_desk", "supervisor", "manager"}) {
        chosen("Iva", tier);
        talk.waits(minutes{5});
        chosen("", tier);
    }
    EXPECT_EQ(talk.conversation.open.tier, "manager");
    EXPECT_THAT(talk.seen, IsEmpty());
    EXPECT_FALSE(talk.timers.contains("acknowledge"));
    EXPECT_EQ(talk.timers.at("answer_by"), promised);
    EXPECT_THAT(talk.waits(minutes{60}), ElementsAre("still_waiting_late")) << "at the promised time the customer is told the next";
    EXPECT_THAT(talk.effects<Assign>(), ElementsAre(Assign{"manager", "en", {}}));
    EXPECT_GT(talk.conversation.answer_by, talk.now);
}

TEST_F(EvasTurn, begins_anew_when_the_deadline_is_missed) {
    talk.waits(minutes{5});
    chosen("Jan");
    talk.waits(minutes{4});
    talk.now = promised - minutes{1};
    talk.timers["acknowledge"] = talk.conversation.assignment.acknowledge_by = promised + minutes{2};
    EXPECT_THAT(talk.waits(minutes{1}), ElementsAre("still_waiting_late"));
    EXPECT_THAT(talk.effects<Assign>(), ElementsAre(Assign{"review_desk", "en", {}}));
    EXPECT_FALSE(talk.timers.contains("acknowledge"));
}

TEST_F(EvasTurn, ends_when_anybody_takes_it) {
    talk.agent(AgentAction::claim, "Jan");
    EXPECT_EQ(talk.conversation.owner, Owner::person);
    EXPECT_EQ(talk.conversation.agent, "Jan");
    EXPECT_FALSE(talk.timers.contains("acknowledge"));
    EXPECT_EQ(talk.conversation.assignment, Assignment{});
    talk.agent(AgentAction::hand_back, "Jan");
    EXPECT_EQ(talk.conversation.agent, "");
}

TEST_F(EvasTurn, stays_hers_when_the_customer_writes_again) {
    talk.says(meaning({"where_is_order"}));
    talk.says(with_order(meaning({}), "8842"));
    EXPECT_THAT(talk.effects<Assign>(), IsEmpty());
    EXPECT_EQ(talk.conversation.agent, "Eva");
}

TEST_F(EvasTurn, is_over_when_the_matter_goes_up) {
    talk.says(angry(meaning({}), 0.7, {AngerKind::threat_agency}));
    EXPECT_EQ(talk.conversation.agent, "");
    EXPECT_THAT(talk.effects<Assign>(), ElementsAre(Assign{"supervisor", "en", {}}));
    EXPECT_FALSE(talk.timers.contains("acknowledge"));
    chosen("Eva");
    EXPECT_EQ(talk.conversation.agent, "") << "an answer to the question before";
    chosen("Iva", "supervisor");
    EXPECT_EQ(talk.conversation.agent, "Iva");
}

TEST_F(EvasTurn, is_over_when_the_customer_cannot_be_reached) {
    talk.happens(Unreachable{"blocked"});
    EXPECT_EQ(talk.conversation.agent, "");
    EXPECT_FALSE(talk.timers.contains("acknowledge"));
    talk.says(meaning({"where_is_order"}));
    EXPECT_THAT(talk.effects<Assign>(), SizeIs(1)) << "whoever writes can be written to";
}

TEST_F(EvasTurn, does_not_end_before_its_time) {
    talk.happens(TimerFired{"acknowledge"});
    EXPECT_EQ(talk.conversation.agent, "Eva");
    EXPECT_THAT(talk.effects<SetTimer>(), ElementsAre(SetTimer{"acknowledge", talk.conversation.assignment.acknowledge_by}));
}

TEST_F(Turns, come_to_who_comes_later) {
    talk.says(meaning({"human"}));
    chosen("");
    talk.happens(AgentCame{"Eva"});
    EXPECT_THAT(talk.effects<Assign>(), ElementsAre(Assign{"aftersale", "en", {}}));
    chosen("Eva");
    talk.happens(AgentCame{"Jan"});
    EXPECT_THAT(talk.seen, IsEmpty()) << "it is somebody's already";
}

TEST_F(Turns, come_to_who_comes_while_one_is_being_chosen) {
    talk.says(meaning({"human"}));
    talk.happens(AgentCame{"Eva"});
    EXPECT_THAT(talk.effects<Assign>(), IsEmpty());
    chosen("");
    EXPECT_THAT(talk.effects<Assign>(), ElementsAre(Assign{"aftersale", "en", {}})) << "she was not known when that was found";
    chosen("Eva");
    EXPECT_EQ(talk.conversation.agent, "Eva");
}

TEST_F(EvasTurn, may_come_again_when_she_does) {
    talk.waits(minutes{5});
    chosen("Jan");
    talk.waits(minutes{5});
    chosen("Eva");
    EXPECT_EQ(talk.conversation.agent, "") << "she was asked already";
    chosen("");
    chosen("", "review_desk");
    talk.happens(AgentCame{"Eva"});
    chosen("Eva", "review_desk");
    EXPECT_EQ(talk.conversation.agent, "Eva");
}

TEST_F(EvasTurn, is_given_to_a_colleague) {
    talk.waits(minutes{3});
    talk.happens(AgentAssigned{"Eva", "Jan", "speaks Czech"});
    EXPECT_EQ(talk.conversation.agent, "Jan");
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    EXPECT_EQ(talk.timers.at("acknowledge"), talk.now + minutes{5});
    EXPECT_THAT(told(), ElementsAre("Eva gives this to Jan: speaks Czech"));
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"assigned", "Eva", "Eva → Jan: speaks Czech"}));
    EXPECT_EQ(talk.conversation.answer_by, promised);
    EXPECT_EQ(objection(talk.conversation, {"Eva", "Jan", ""}), "it is the turn of Jan already");
    talk.waits(minutes{5});
    EXPECT_THAT(talk.effects<Assign>(), ElementsAre(Assign{"aftersale", "en", {"Jan"}})) << "who was given it by hand may miss it too";
}

TEST_F(EvasTurn, and_what_she_has_goes_from_hand_to_hand) {
    talk.agent(AgentAction::claim, "Eva");
    talk.happens(AgentAssigned{"Iva", "Jan", "Eva goes home"});
    EXPECT_EQ(talk.conversation.owner, Owner::person);
    EXPECT_EQ(talk.conversation.agent, "Jan");
    EXPECT_THAT(talk.effects<Audit>(), ElementsAre(Audit{"assigned", "Iva", "Eva → Jan: Eva goes home"}));
    EXPECT_FALSE(talk.timers.contains("acknowledge"));
    EXPECT_THAT(talk.says(meaning({"safety"})), IsEmpty()) << "the bot stays silent";
    talk.agent(AgentAction::reply, "Eva", "Hello.");
    EXPECT_THAT(talk.effects<Send>(), IsEmpty()) << "it is with Jan now";
}

TEST_F(Turns, cannot_be_given_where_nobody_waits) {
    EXPECT_EQ(objection(talk.conversation, {"Eva", "Jan", ""}), "the bot has this conversation; claim it first");
    talk.happens(AgentAssigned{"Eva", "Jan", ""});
    EXPECT_EQ(talk.conversation.agent, "");
    talk.says(meaning({"human"}));
    talk.agent(AgentAction::resolve);
    EXPECT_EQ(objection(talk.conversation, {"Eva", "Jan", ""}), "this conversation is closed");
}

TEST(TierHours, count_for_its_deadlines_and_for_what_is_said) {
    auto files = sources();
    auto& policy = files.policy.text;
    std::string const plain = "{name: aftersale, answer_within: 1h,";
    auto const at = policy.find(plain);
    ASSERT_NE(at, std::string::npos);
    policy.replace(at, plain.size(), "{name: aftersale, answer_within: 1h, hours: {tue: ['14:00-18:00']},");
    auto const shop = catalog_with(files);
    Talk talk{shop};
    EXPECT_THAT(talk.says(meaning({"human"})), ElementsAre("handover_offhours")) << "10:01, the shop is open, that team is not there";
    EXPECT_EQ(talk.conversation.answer_by, tuesday_10 + minutes{5 * 60});
    Talk other{shop};
    EXPECT_THAT(other.says(angry(meaning({}), 0.7, {AngerKind::threat_agency})), ElementsAre("handover_threat"));
    EXPECT_EQ(other.conversation.answer_by, tuesday_10 + minutes{35}) << "the supervisors keep the shop's hours";
}

}  // namespace

}  // namespace kefu::small_shop
