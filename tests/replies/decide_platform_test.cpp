// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What platforms add: people who answer on their own desk, teams, reports, messages that come out of order.
namespace kefu::small_shop {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

AgentActed elsewhere(AgentAction action, std::string agent, std::string text = {}) { return {action, std::move(agent), std::move(text), false, {}, true}; }

TEST(Platform, who_answers_there_has_taken_over_and_nothing_is_sent_again) {
    Talk talk;
    talk.says(meaning({"invoice"}));
    EXPECT_THAT(talk.happens(elsewhere(AgentAction::reply, "Eva", "We ship it today, promised.")), IsEmpty());
    EXPECT_EQ(talk.conversation.owner, Owner::person);
    EXPECT_THAT(talk.effects<Send>(), IsEmpty());
    EXPECT_THAT(talk.says(meaning({"invoice"})), IsEmpty());
    // Eva has no account here: whoever of ours goes on with it may.
    EXPECT_EQ(objection(talk.conversation, {AgentAction::reply, "Mei", "Hello.", false}), std::nullopt);
    EXPECT_EQ(objection(talk.conversation, {AgentAction::hand_back, "Mei", {}, false}), std::nullopt);
}

TEST(Platform, who_writes_there_silences_the_bot_and_anybody_may_go_on) {
    Talk talk;
    talk.delivers = false;
    talk.says(meaning({"invoice"}));
    talk.happens(elsewhere(AgentAction::reply, "seat 01", "I am looking into it."));
    EXPECT_THAT(talk.outbox, IsEmpty());
    EXPECT_EQ(talk.conversation.owner, Owner::person);
    EXPECT_EQ(talk.conversation.agent, "");
    talk.delivers = true;
    EXPECT_THAT(talk.says(meaning({"invoice"})), IsEmpty());
    EXPECT_EQ(objection(talk.conversation, {AgentAction::hand_back, "Eva", {}, false}), std::nullopt);
    talk.agent(AgentAction::claim, "Eva");
    EXPECT_EQ(talk.conversation.agent, "Eva");
    talk.happens(elsewhere(AgentAction::reply, "seat 01", "Me too."));
    EXPECT_EQ(talk.conversation.agent, "Eva") << "who claimed it here keeps it";
}

TEST(Platform, who_wrote_there_long_ago_does_not_keep_the_bot_silent) {
    Talk talk;
    talk.happens(elsewhere(AgentAction::reply, "seat 01", "Hello."));
    talk.waits(std::chrono::minutes{700});
    EXPECT_THAT(talk.says(meaning({"invoice"})), IsEmpty());
    talk.happens(elsewhere(AgentAction::reply, "seat 01", "Still here."));
    talk.waits(std::chrono::minutes{700});
    EXPECT_THAT(talk.says(meaning({"invoice"})), IsEmpty());
    talk.waits(std::chrono::minutes{30});
    EXPECT_THAT(talk.says(meaning({"invoice"})), testing::Not(IsEmpty()));
}

TEST(Platform, what_happened_there_is_not_objected_to) {
    Talk talk;
    talk.agent(AgentAction::claim, "Mei");
    auto const answered = elsewhere(AgentAction::reply, "Eva", "hello");
    EXPECT_EQ(objection(talk.conversation, answered), std::nullopt);
    talk.happens(answered);
    EXPECT_EQ(talk.conversation.agent, "Mei") << "she still has it";
    talk.happens(elsewhere(AgentAction::hand_back, "chatwoot"));
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
}

TEST(Platform, a_conversation_of_a_team_is_free_for_its_people) {
    Talk talk;
    talk.agent(AgentAction::claim, "team:aftersale");
    EXPECT_TRUE(is_with_team(talk.conversation));
    EXPECT_EQ(objection(talk.conversation, {AgentAction::reply, "Mei", "Hello.", false}), std::nullopt);
    talk.agent(AgentAction::reply, "Mei", "Hello.");
    EXPECT_EQ(talk.conversation.agent, "Mei");
    EXPECT_EQ(objection(talk.conversation, {AgentAction::claim, "Jan", {}, false}), "this conversation is with Mei");
}

TEST(Platform, a_late_report_of_failure_brings_people_in) {
    Talk talk;
    talk.says(meaning({"invoice"}));
    talk.happens(SendReported{EffectId{"x#1"}, DeliveryReport::read, {}});
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
    talk.happens(SendReported{EffectId{"x#1"}, DeliveryReport::failed, "error 131026"});
    EXPECT_TRUE(talk.escalated("undeliverable"));
    EXPECT_THAT(talk.effects<TellAgents>().at(0).what, HasSubstr("131026"));
}

MessageReceived message_at(Talk& talk, std::string text, std::int64_t sequence, bool of_album = false) {
    MessageReceived received;
    received.message = talk.message(std::move(text));
    received.message.sequence = sequence;
    received.message.of_album = of_album;
    received.meaning = meaning({"invoice"});
    return received;
}

TEST(Platform, messages_that_overtook_each_other_are_read_in_their_order) {
    Talk talk;
    talk.channel.quiet_window = 5s;
    talk.happens(message_at(talk, "second", 8));
    talk.happens(message_at(talk, "third", 9));
    talk.happens(message_at(talk, "first", 7));
    std::vector<std::string> texts;
    for (auto const& one : talk.conversation.unanswered) texts.push_back(one.text);
    EXPECT_THAT(texts, ElementsAre("first", "second", "third"));
}

TEST(Platform, an_album_is_waited_for_also_without_a_quiet_window) {
    Talk talk;
    talk.happens(message_at(talk, "look", 1, true));
    talk.happens(message_at(talk, "", 2, true));
    EXPECT_EQ(talk.conversation.unanswered.size(), 2U);
    EXPECT_TRUE(talk.timers.contains("quiet"));
}

TEST(Platform, a_name_that_comes_along_is_kept) {
    Talk talk;
    auto received = message_at(talk, "hello", 0);
    received.message.sender_name = "Jana";
    received.message.sender_language = "cs";
    talk.happens(received);
    EXPECT_EQ(talk.conversation.display_name, "Jana");
    EXPECT_EQ(talk.conversation.profile_language, "cs");
}

}  // namespace
}  // namespace kefu::small_shop
