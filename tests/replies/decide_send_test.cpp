// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::small_shop {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

struct QuietWindow : testing::Test {
    QuietWindow() { talk.channel.quiet_window.reset(); }  // the policy's: 2 s, at most 8 s or 6 messages

    std::vector<std::string> at(milliseconds after, Classification what) {
        talk.now = start + after;
        return talk.happens(MessageReceived{talk.message("words"), std::move(what)});
    }
    Timestamp const start = tuesday_10;
    Talk talk;
};

TEST_F(QuietWindow, waits_for_the_rest_of_a_burst) {
    EXPECT_THAT(at(milliseconds{0}, meaning({"greeting"})), IsEmpty());
    EXPECT_EQ(talk.timers["quiet"], start + seconds{2});
    EXPECT_THAT(at(milliseconds{1500}, meaning({"where_is_order"})), IsEmpty());
    EXPECT_EQ(talk.timers["quiet"], start + milliseconds{3500});
    EXPECT_THAT(at(milliseconds{3000}, with_order(meaning({}), "8842")), IsEmpty());
    EXPECT_THAT(talk.waits(minutes{1}), ElementsAre("where_is_order")) << "one answer to all three";
}

TEST_F(QuietWindow, ends_after_the_cap) {
    for (int i = 0; i < 5; ++i) at(milliseconds{1900 * i}, meaning({"greeting"}));
    EXPECT_EQ(talk.timers["quiet"], start + seconds{8});
}

TEST_F(QuietWindow, ends_after_enough_messages) {
    for (int i = 0; i < 5; ++i) EXPECT_THAT(at(milliseconds{100 * i}, meaning({"greeting"})), IsEmpty());
    EXPECT_THAT(at(milliseconds{600}, meaning({"greeting"})), ElementsAre("greeting"));
}

TEST_F(QuietWindow, does_not_hold_a_threat_back) {
    at(milliseconds{0}, meaning({"where_is_order"}));
    EXPECT_THAT(at(milliseconds{100}, angry(meaning({}), 0.7, {AngerKind::threat_agency})), ElementsAre("handover_threat"));
    EXPECT_FALSE(talk.timers.contains("quiet"));
}

/// An answer that is on its way when something happens.
struct OnItsWay : testing::Test {
    OnItsWay() {
        talk.delivers = false;
        talk.says(meaning({"where_is_order"}));
        first = talk.outbox.at(0);
    }
    Talk talk;
    Send first;
};

TEST_F(OnItsWay, is_taken_back_for_a_newer_message_and_both_are_answered) {
    EXPECT_THAT(first.templates, ElementsAre("disclosure", "ask_order"));
    talk.now += seconds{1};
    talk.happens(MessageReceived{talk.message("8842"), with_order(meaning({}), "8842")});
    talk.waits(minutes{1});
    ASSERT_EQ(talk.outbox.size(), 1u);
    EXPECT_THAT(talk.outbox[0].templates, ElementsAre("disclosure", "where_is_order")) << "nothing was asked, nothing was disclosed";
    EXPECT_NE(talk.outbox[0].id, first.id);
    EXPECT_FALSE(talk.conversation.open.done.contains("case/ask:order"));
}

TEST_F(OnItsWay, in_flight_is_not_answered_again) {
    talk.outbox.clear();  // it left
    talk.now += seconds{1};
    talk.happens(MessageReceived{talk.message("8842"), with_order(meaning({}), "8842")});
    EXPECT_EQ(talk.effects<CancelSends>().size(), 1u);
    EXPECT_THAT(talk.effects<Send>(), IsEmpty()) << "waits for what becomes of the first";
    talk.happens(SendFinished{first.id, SendOutcome::delivered, {}});
    EXPECT_THAT(talk.effects<Send>().at(0).templates, ElementsAre("where_is_order"));
}

TEST_F(OnItsWay, refused_goes_to_people_without_a_word) {
    talk.outbox.clear();
    talk.happens(SendFinished{first.id, SendOutcome::refused, "400"});
    EXPECT_TRUE(talk.escalated("undeliverable"));
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
    EXPECT_EQ(talk.effects<TellAgents>().size(), 1u);
    EXPECT_TRUE(talk.timers.contains("answer_by"));
}

TEST_F(OnItsWay, unknown_is_told_and_never_repeated) {
    talk.outbox.clear();
    talk.happens(SendFinished{first.id, SendOutcome::unknown, "timed out"});
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
    EXPECT_EQ(talk.effects<TellAgents>().size(), 1u);
    EXPECT_TRUE(talk.conversation.answering.empty());
}

TEST_F(OnItsWay, taken_back_by_others_goes_to_people) {
    talk.outbox.clear();
    talk.happens(SendFinished{first.id, SendOutcome::cancelled, "paused"});
    EXPECT_TRUE(talk.escalated("not_sent"));
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    EXPECT_THAT(talk.effects<Send>(), IsEmpty()) << "saying it again would be taken back again";
}

TEST_F(OnItsWay, is_dropped_when_its_question_is_taken_back) {
    talk.happens(MessageUnsent{MessageId{"m1"}});
    EXPECT_THAT(talk.outbox, IsEmpty());
    EXPECT_THAT(talk.effects<RedactMessage>(), ElementsAre(RedactMessage{MessageId{"m1"}}));
    talk.waits(minutes{5});
    EXPECT_THAT(talk.outbox, IsEmpty());
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
}

TEST(Unsent, drops_only_its_own_part_of_an_answer) {
    Talk talk;
    talk.delivers = false;
    talk.channel.quiet_window.reset();
    talk.happens(MessageReceived{talk.message("a"), meaning({"where_is_order"})});
    talk.happens(MessageReceived{talk.message("b"), meaning({"invoice"})});
    talk.waits(minutes{1});
    EXPECT_THAT(talk.outbox.at(0).templates, ElementsAre("disclosure", "invoice", "ask_order"));
    talk.happens(MessageUnsent{MessageId{"m1"}});
    talk.waits(minutes{1});
    ASSERT_EQ(talk.outbox.size(), 1u);
    EXPECT_THAT(talk.outbox[0].templates, ElementsAre("disclosure", "invoice"));
}

TEST(Unsent, before_the_answer_is_never_answered) {
    Talk talk;
    talk.channel.quiet_window.reset();
    talk.happens(MessageReceived{talk.message("a"), meaning({"where_is_order"})});
    talk.happens(MessageUnsent{MessageId{"m1"}});
    EXPECT_FALSE(talk.timers.contains("quiet"));
    EXPECT_THAT(talk.waits(minutes{1}), IsEmpty());
}

TEST(Unsent, is_told_to_whoever_has_the_conversation) {
    Talk talk;
    talk.says(meaning({"human"}));
    talk.happens(MessageUnsent{MessageId{"m1"}});
    EXPECT_THAT(talk.effects<TellAgents>(), ElementsAre(TellAgents{"the customer took a message back"}));
}

TEST(HoldingLine, that_a_newer_message_outdated_is_said_again) {
    Talk talk;
    talk.delivers = false;
    talk.says(meaning({"human"}));
    auto const line = talk.outbox.at(0);
    talk.says(meaning({"invoice"}));
    ASSERT_EQ(talk.outbox.size(), 1u) << "no second line while the first is on its way";
    talk.outbox.clear();
    talk.happens(SendFinished{line.id, SendOutcome::cancelled, "a newer message"});
    ASSERT_EQ(talk.outbox.size(), 1u);
    EXPECT_THAT(talk.outbox[0].templates, ElementsAre("disclosure", "handover"));
    talk.outbox.clear();
    talk.happens(SendFinished{talk.conversation.answering_with, SendOutcome::cancelled, "paused"});
    EXPECT_THAT(talk.outbox, IsEmpty());
    EXPECT_EQ(talk.effects<TellAgents>().size(), 1u);
}

TEST(Followed, is_welcomed_once) {
    Talk talk;
    talk.channel.fetch_profile = true;
    EXPECT_THAT(talk.happens(Followed{false, talk.message("")}), ElementsAre("welcome"));
    EXPECT_THAT(talk.effects<FetchProfile>(), ElementsAre(FetchProfile{"customer"}));
    EXPECT_THAT(talk.happens(Followed{true, talk.message("")}), IsEmpty());
    EXPECT_EQ(talk.conversation.received, 0u);
}

TEST(Unreachable, means_silence) {
    Talk talk;
    talk.says(meaning({"human"}));
    talk.happens(Unreachable{"blocked"});
    EXPECT_THAT(talk.timers, IsEmpty());
    EXPECT_FALSE(talk.conversation.reachable);
    EXPECT_EQ(talk.effects<TellAgents>().size(), 1u);
    EXPECT_THAT(talk.happens(TimerFired{"answer_by"}), IsEmpty());
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
}

TEST(Unreachable, ends_when_the_customer_writes) {
    Talk talk;
    talk.happens(Unreachable{"blocked"});
    EXPECT_THAT(talk.says(meaning({"invoice"})), ElementsAre("invoice"));
}

TEST(Group, is_not_answered_without_a_mention) {
    Talk talk;
    auto message = talk.message("anyone?");
    message.addressed = false;
    EXPECT_THAT(talk.happens(MessageReceived{message, meaning({"human"})}), IsEmpty());
    EXPECT_THAT(talk.effects<Escalate>(), IsEmpty());
    talk.channel.answer_unaddressed = true;
    EXPECT_THAT(talk.happens(MessageReceived{message, meaning({"human"})}), ElementsAre("handover"));
}

TEST(Standby, is_silent) {
    Talk talk;
    auto message = talk.message("hello");
    message.standby = true;
    EXPECT_THAT(talk.happens(MessageReceived{message, meaning({"greeting"})}), IsEmpty());
    EXPECT_THAT(talk.says(meaning({"greeting"})), ElementsAre("greeting"));
}

TEST(ChannelOff, records_only) {
    Talk talk;
    talk.channel.mode = ChannelPolicy::Mode::off;
    EXPECT_THAT(talk.says(meaning({"safety"})), IsEmpty());
    EXPECT_THAT(talk.effects<Escalate>(), IsEmpty());
    EXPECT_EQ(talk.conversation.received, 1u);
}

TEST(Message, that_comes_twice_is_answered_once) {
    Talk talk;
    talk.delivers = false;
    auto const message = talk.message("hello");
    talk.happens(MessageReceived{message, meaning({"greeting"})});
    talk.happens(MessageReceived{message, meaning({"greeting"})});
    EXPECT_EQ(talk.outbox.size(), 1u);
    EXPECT_EQ(talk.conversation.received, 1u);
}

TEST(Button, with_words_is_a_message) {
    Talk talk;
    EXPECT_THAT(talk.happens(ButtonPressed{"x=1", talk.message("a person, please")}), ElementsAre("handover"));
    EXPECT_THAT(talk.happens(ButtonPressed{"x=1", talk.message("")}), IsEmpty());
}

TEST(Profile, is_remembered) {
    Talk talk;
    talk.happens(ProfileLearned{"Jana", "cs"});
    EXPECT_EQ(talk.conversation.display_name, "Jana");
    EXPECT_THAT(talk.says(meaning({"greeting"}, "und")), ElementsAre("greeting"));
    EXPECT_EQ(talk.last_text(), "Co pro vás můžeme udělat?") << "the profile's language, as the message tells none";
}

TEST(Timer, of_an_unknown_name_is_ignored) {
    Talk talk;
    EXPECT_THAT(talk.happens(TimerFired{"tea"}), IsEmpty());
    EXPECT_THAT(talk.seen, IsEmpty());
}

TEST(Media, that_could_not_be_fetched_is_told_to_people) {
    Talk talk;
    talk.happens(MediaStored{MessageId{"m1"}, "", "", "404"});
    EXPECT_THAT(talk.effects<TellAgents>(), IsEmpty());
    talk.says(meaning({"human"}));
    talk.happens(MediaStored{MessageId{"m1"}, "", "", "404"});
    EXPECT_THAT(talk.effects<TellAgents>(), ElementsAre(TellAgents{"a file could not be fetched: 404"}));
}

TEST(SendHeld, is_told_to_people_with_the_reason) {
    Talk talk;
    talk.delivers = false;
    talk.says(meaning({"invoice"}));
    talk.happens(SendHeld{talk.outbox.at(0).id, "LINE answered 401"});
    EXPECT_THAT(talk.effects<TellAgents>(), testing::ElementsAre(TellAgents{"a message waits, the channel cannot send now: LINE answered 401"}));
    EXPECT_EQ(talk.outbox.size(), 1u) << "it is still to go";
}

}  // namespace

}  // namespace kefu::small_shop
