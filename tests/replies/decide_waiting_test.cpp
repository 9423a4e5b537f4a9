// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::small_shop {

namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

/// A conversation in which a person was asked for at 10:01 and is due by 11:05.
struct Waiting : testing::Test {
    Waiting() { talk.says(meaning({"human"})); }
    Talk talk;

    std::vector<std::string> told() const {
        std::vector<std::string> lines;
        for (auto const& line : talk.effects<TellAgents>()) lines.push_back(line.what);
        return lines;
    }
};

TEST_F(Waiting, is_confirmed_at_most_every_half_hour) {
    EXPECT_THAT(talk.says(meaning({"where_is_order"})), ElementsAre("still_waiting_added"));
    EXPECT_THAT(told(), ElementsAre("the customer wrote again"));
    EXPECT_THAT(talk.says(meaning({"where_is_order"})), IsEmpty());
    EXPECT_THAT(told(), ElementsAre("the customer wrote again"));
    EXPECT_THAT(talk.effects<Escalate>(), IsEmpty());
    talk.waits(minutes{30});
    EXPECT_THAT(talk.says(meaning({"greeting"})), ElementsAre("still_waiting"));
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
}

TEST_F(Waiting, does_not_count_as_answers) {
    talk.says(meaning({"invoice"}));
    for (auto const& said : talk.conversation.said) EXPECT_EQ(said.purpose, SendPurpose::holding) << said.template_id;
}

TEST_F(Waiting, thanks_and_emoji_get_silence) {
    EXPECT_THAT(talk.says(meaning({"thanks"})), IsEmpty());
    EXPECT_THAT(talk.says(meaning({}), "🙏"), IsEmpty());
    EXPECT_THAT(told(), IsEmpty());
}

TEST_F(Waiting, an_order_number_goes_to_the_case_and_is_noted_once) {
    EXPECT_THAT(talk.says(with_order(meaning({}), "8842")), ElementsAre("order_noted"));
    EXPECT_EQ(talk.last_text(), "Order 8842, noted.");
    EXPECT_EQ(talk.conversation.open.order, "8842");
    EXPECT_THAT(told(), ElementsAre("the customer gave the order number: 8842"));
    EXPECT_THAT(talk.says(with_order(meaning({}), "8842")), testing::Not(testing::Contains("order_noted")));
}

TEST_F(Waiting, photos_go_to_the_case) {
    talk.sends({ContentKind::image, ContentKind::image});
    EXPECT_EQ(talk.conversation.open.photos.size(), 2u);
    EXPECT_THAT(told(), ElementsAre("the customer added 2 photos"));
    EXPECT_EQ(talk.effects<FetchMedia>().size(), 2u);
}

TEST_F(Waiting, a_withdrawal_is_told_to_people) {
    EXPECT_THAT(talk.says(meaning({"withdraw"})), ElementsAre("withdraw_noted"));
    EXPECT_THAT(told(), ElementsAre("the customer takes the request back"));
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    EXPECT_THAT(talk.says(meaning({"withdraw"})), IsEmpty()) << "said once";
}

TEST_F(Waiting, good_news_is_welcomed_and_told_to_people) {
    EXPECT_THAT(talk.says(meaning({"resolved"})), ElementsAre("resolved"));
    EXPECT_THAT(told(), ElementsAre("the customer says that it is solved"));
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
}

TEST_F(Waiting, another_wish_is_confirmed_at_once_but_not_for_ever) {
    EXPECT_THAT(talk.says(meaning({"where_is_order"})), ElementsAre("still_waiting_added"));
    EXPECT_THAT(talk.says(meaning({"refund_request"})), ElementsAre("still_waiting_added")) << "a new wish";
    EXPECT_THAT(talk.says(meaning({"greeting"})), IsEmpty()) << "nothing new";
    EXPECT_THAT(talk.says(meaning({"invoice"})), ElementsAre("invoice", "still_waiting_answered")) << "a question that a text answers";
    EXPECT_THAT(talk.says(meaning({"stock"})), IsEmpty()) << "three lines in half an hour are enough";
}

TEST_F(Waiting, what_adds_to_the_case_is_passed_on_and_a_nudge_is_not_thanked_for) {
    EXPECT_THAT(talk.says(meaning({}), "the box was open and wet"), ElementsAre("still_waiting_added"));
    talk.waits(minutes{30});
    EXPECT_THAT(talk.says(meaning({}), "well?"), ElementsAre("still_waiting"));
}

TEST_F(Waiting, a_known_question_is_answered_once) {
    EXPECT_THAT(talk.says(meaning({"refund_policy"})), ElementsAre("refund_policy", "still_waiting_answered"));
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    talk.waits(minutes{30});
    EXPECT_THAT(talk.says(meaning({"refund_policy"}), "how long?"), ElementsAre("still_waiting")) << "said before";
}

TEST_F(Waiting, a_line_that_is_taken_back_leaves_the_case_as_it_was) {
    talk.delivers = false;
    talk.says(with_order(meaning({}), "8842"));
    auto const number = talk.conversation.open.number;
    ASSERT_GT(number, 0u);
    EXPECT_EQ(talk.conversation.open_before.number, number);
}

TEST_F(Waiting, a_promised_time_is_not_put_off_by_a_later_call) {
    auto const promised = talk.conversation.answer_by;
    talk.now += minutes{30};
    EXPECT_THAT(talk.says(angry(meaning({}), 0.9, {AngerKind::insult})), ElementsAre("handover_angry"));
    EXPECT_EQ(talk.conversation.answer_by, promised);
    EXPECT_EQ(talk.timers.at("answer_by"), promised);
}

TEST_F(Waiting, a_new_threat_raises_the_call_once) {
    auto const threat = angry(meaning({}), 0.7, {AngerKind::threat_agency});
    EXPECT_THAT(talk.says(threat), ElementsAre("handover_threat"));
    ASSERT_TRUE(talk.escalated("threat_agency"));
    EXPECT_EQ(talk.effects<Escalate>()[0].tier, "supervisor");
    talk.says(threat);
    EXPECT_THAT(talk.effects<Escalate>(), IsEmpty());
    talk.says(angry(meaning({}), 0.7, {AngerKind::threat_review}));
    EXPECT_THAT(talk.effects<Escalate>(), IsEmpty()) << "less than what people know already";
    EXPECT_THAT(talk.says(meaning({"safety"})), ElementsAre("handover_safety"));
    EXPECT_TRUE(talk.escalated("safety"));
}

TEST_F(Waiting, never_brings_a_case_down_a_tier) {
    talk.says(angry(meaning({}), 0.7, {AngerKind::threat_legal}));
    talk.says(meaning({"safety"}));
    EXPECT_EQ(talk.effects<Escalate>().at(0).tier, "manager");
}

TEST_F(Waiting, does_not_mind_a_missed_deadline_for_long) {
    EXPECT_THAT(talk.waits(minutes{65}), ElementsAre("still_waiting_late"));
    auto call = talk.effects<Escalate>();
    ASSERT_EQ(call.size(), 1u);
    EXPECT_EQ(call[0].reason, "asks_human");
    EXPECT_EQ(call[0].tier, "review_desk");
    EXPECT_THAT(told(), ElementsAre("the promised time has passed; now with review_desk"));
    EXPECT_EQ(talk.conversation.answer_by, tuesday_10 + minutes{65 + 30});
    EXPECT_EQ(talk.last_text(), "Late. A person comes by 11:35 AM.");

    talk.waits(minutes{30});
    EXPECT_EQ(talk.conversation.open.tier, "supervisor");
    talk.waits(minutes{30});
    EXPECT_EQ(talk.conversation.open.tier, "manager");
    EXPECT_TRUE(talk.timers.contains("answer_by"));
    EXPECT_THAT(talk.waits(minutes{180}), IsEmpty()) << "no fourth promise";
    EXPECT_TRUE(talk.effects<Escalate>().at(0).urgent);
    EXPECT_FALSE(talk.timers.contains("answer_by"));
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
}

TEST_F(Waiting, a_timer_that_was_moved_fires_for_nothing) {
    talk.happens(TimerFired{"answer_by"});
    EXPECT_THAT(talk.effects<Escalate>(), IsEmpty());
    EXPECT_THAT(talk.effects<SetTimer>(), ElementsAre(SetTimer{"answer_by", talk.conversation.answer_by}));
}

TEST_F(Waiting, is_silent_where_there_are_no_texts) {
    Talk other;
    other.says(meaning({"human"}, "th"));
    EXPECT_THAT(other.says(meaning({}, "th")), IsEmpty());
    EXPECT_EQ(other.effects<TellAgents>().size(), 1u);
}

}  // namespace

}  // namespace kefu::small_shop
