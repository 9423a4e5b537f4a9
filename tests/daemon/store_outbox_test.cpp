// SPDX-License-Identifier: Apache-2.0
#include "tests/support/all_stores.hpp"

#include <gmock/gmock.h>

#include <map>

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace kefu {

/// What every store promises: sends, their order and their checks, timers.
class StoreOutbox : public testing::TestWithParam<StoreBackend> {
  protected:
    /// Also notes what decide() hears of sends.
    void listen() {
        shop.shop = [this](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
            if (auto const* const finished = std::get_if<SendFinished>(&event))
                heard.push_back(finished->effect.value + " " + std::string{send_outcome_names.at(static_cast<std::size_t>(finished->outcome))} + ": " +
                                finished->detail);
            return simple_shop(channel, std::move(conversation), event, now);
        };
    }
    StoreHarness shop{GetParam()};
    std::vector<std::string> heard;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreOutbox, testing::ValuesIn(all_store_backends()), [](auto const& test) { return std::string{test.param.name}; });

/// Answers that do not mind newer messages.
Respond holding_shop() {
    return [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        auto decision = simple_shop(channel, std::move(conversation), event, now);
        for (auto& effect : decision.effects)
            if (auto* const send = std::get_if<Send>(&effect); send != nullptr && send->purpose == SendPurpose::answer) send->purpose = SendPurpose::holding;
        return decision;
    };
}

TEST_P(StoreOutbox, sends_one_after_the_other_in_a_conversation_and_side_by_side_in_two) {
    shop.shop = holding_shop();
    for (auto const* const text : {"1", "2", "3"}) shop.apply(message_from("ann", text));
    shop.apply(message_from("bob", "4"));
    auto const first = shop.claim();
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].id, EffectId{"line-main/ann#1"});
    EXPECT_EQ(first[0].to, "ann");
    EXPECT_EQ(first[0].channel, ChannelId{"line-main"});
    EXPECT_EQ(first[0].attempts, 0);
    EXPECT_EQ(first[0].first_tried, noon);
    EXPECT_EQ(first[1].id, EffectId{"line-main/bob#1"});
    EXPECT_THAT(shop.claim(), IsEmpty());
    EXPECT_EQ(shop.counts().outbox_in_flight, 2U);
    shop.finish(first[0].id);
    EXPECT_THAT(shop.claim_texts(), ElementsAre("re: 2"));
    shop.finish(EffectId{"line-main/ann#2"});
    shop.restart();
    EXPECT_THAT(shop.claim_texts(), UnorderedElementsAre("re: 3", "re: 4"));  // 4 was in flight
}

TEST_P(StoreOutbox, waits_with_what_is_behind_a_retry) {
    shop.shop = holding_shop();
    shop.apply(message_from("ann", "1"));
    shop.apply(message_from("ann", "2"));
    auto const first = shop.claim().at(0);
    OutboxResult again;
    again.kind = OutboxResult::Kind::retry;
    again.retry_at = noon + std::chrono::seconds{30};
    run(shop.store->finish(first.id, again, noon)).value();
    EXPECT_THAT(shop.claim(noon + std::chrono::seconds{29}), IsEmpty());
    EXPECT_EQ(run(shop.store->next_due()).value(), noon + std::chrono::seconds{30});
    auto const second = shop.claim(noon + std::chrono::seconds{30}).at(0);
    EXPECT_EQ(second.id, first.id);
    EXPECT_EQ(second.attempts, 1);
    EXPECT_EQ(second.first_tried, noon);
    EXPECT_FALSE(second.maybe_sent);
    again.maybe_sent = true;
    run(shop.store->finish(first.id, again, noon)).value();
    EXPECT_TRUE(shop.claim(noon + std::chrono::seconds{30}).at(0).maybe_sent);
}

// A clock that was an hour ahead and is set back would keep it waiting for that hour.
TEST_P(StoreOutbox, makes_due_what_waits_for_another_try_or_for_a_quiet_moment) {
    shop.shop = [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        auto decision = simple_shop(channel, std::move(conversation), event, now);
        if (!std::holds_alternative<MessageReceived>(event)) return decision;
        for (auto const* name : {"quiet", "answer_by"}) decision.effects.emplace_back(SetTimer{name, now + std::chrono::hours{1}});
        return decision;
    };
    shop.apply(message_from("ann", "1"));
    auto const first = shop.claim().at(0);
    OutboxResult again;
    again.kind = OutboxResult::Kind::retry;
    again.retry_at = noon + std::chrono::hours{1};
    run(shop.store->finish(first.id, again, noon)).value();
    EXPECT_THAT(shop.claim(), IsEmpty());
    EXPECT_EQ(run(shop.store->fire_timers(noon, 100)).value(), 0U);
    run(shop.store->make_due(noon)).value();
    EXPECT_EQ(shop.claim().at(0).id, first.id);
    EXPECT_EQ(run(shop.store->fire_timers(noon, 100)).value(), 1U) << "a promised time stays";
}

TEST_P(StoreOutbox, gives_a_send_out_without_its_reply_handle_once_that_is_spent) {
    shop.shop = [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        auto decision = simple_shop(channel, std::move(conversation), event, now);
        for (auto& effect : decision.effects)
            if (auto* const send = std::get_if<Send>(&effect)) send->reply_handle = "token";
        return decision;
    };
    shop.apply(message_from("ann", "hi"));
    auto const first = shop.claim().at(0);
    EXPECT_EQ(std::get<Send>(first.effect).reply_handle, "token");
    OutboxResult again;
    again.kind = OutboxResult::Kind::retry;
    again.retry_at = noon;
    again.handle_spent = true;
    run(shop.store->finish(first.id, again, noon)).value();
    shop.restart();
    auto const second = shop.claim().at(0);
    auto expected = std::get<Send>(first.effect);
    expected.reply_handle.clear();
    EXPECT_EQ(std::get<Send>(second.effect), expected);
    EXPECT_EQ(shop.view("ann").history.back().text, "re: hi");
}

TEST_P(StoreOutbox, gives_back_what_was_in_flight_when_the_store_went_away) {
    shop.apply(message_from("ann", "1"));
    shop.claim();
    shop.restart();
    auto const item = shop.claim().at(0);
    EXPECT_TRUE(item.maybe_sent);
    EXPECT_EQ(item.attempts, 1);
}

TEST_P(StoreOutbox, tells_how_each_send_ended_and_keeps_dead_letters) {
    listen();
    for (auto const* const customer : {"ann", "bob", "cyd"}) shop.apply(message_from(customer, "hi"));
    ASSERT_EQ(shop.claim().size(), 3U);
    shop.finish(EffectId{"line-main/ann#1"}, OutboxResult::Kind::done);
    shop.finish(EffectId{"line-main/bob#1"}, OutboxResult::Kind::refused);
    shop.finish(EffectId{"line-main/cyd#1"}, OutboxResult::Kind::unknown);
    EXPECT_THAT(heard, ElementsAre("line-main/ann#1 delivered: because", "line-main/bob#1 refused: because", "line-main/cyd#1 unknown: because"));
    EXPECT_EQ(shop.counts().outbox_dead, 2U);
    EXPECT_EQ(shop.counts().outbox_pending, 0U);
    EXPECT_EQ(shop.counts().oldest_pending, std::nullopt);
    EXPECT_EQ(shop.view("ann").history.at(1).state, "delivered");
    EXPECT_EQ(shop.view("bob").history.at(1).state, "refused");
    EXPECT_EQ(shop.view("cyd").history.at(1).state, "unknown");
    auto const twice = run(shop.store->finish(EffectId{"line-main/ann#1"}, OutboxResult{}, noon));
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code, Errc::not_found);
}

TEST_P(StoreOutbox, applies_what_an_item_brought_with_its_end) {
    shop.shop = [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        auto decision = simple_shop(channel, std::move(conversation), event, now);
        if (std::holds_alternative<Followed>(event)) decision.effects.emplace_back(FetchProfile{"ann"});
        return decision;
    };
    shop.apply(arrival_of("ann", Followed{}));
    auto const item = shop.claim().at(0);
    EXPECT_EQ(item.kind, OutboxItem::Kind::fetch_profile);
    EXPECT_EQ(item.to, "ann");
    OutboxResult result;
    result.consequence = ProfileLearned{"Ann", "cs"};
    run(shop.store->finish(item.id, result, noon)).value();
    EXPECT_EQ(shop.view("ann").conversation.display_name, "Ann");
}

TEST_P(StoreOutbox, records_an_end_also_when_deciding_on_it_throws) {
    shop.shop = [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        if (std::holds_alternative<SendFinished>(event)) throw std::runtime_error("cannot think");
        return simple_shop(channel, std::move(conversation), event, now);
    };
    shop.apply(message_from("ann", "hi"));
    shop.finish(shop.claim().at(0).id);
    EXPECT_EQ(shop.view("ann").history.at(1).state, "delivered");
    EXPECT_EQ(shop.view("ann").conversation.received, 1U);
    EXPECT_EQ(shop.counts().journaled, 2U);
    shop.restart();
    EXPECT_THAT(shop.claim(), IsEmpty());
}

TEST_P(StoreOutbox, sends_nothing_on_a_paused_channel_but_goes_on_with_the_rest) {
    shop.route = [](ChannelId const&, std::string_view) { return std::vector<std::string>{"mail"}; };
    shop.shop = [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        auto decision = simple_shop(channel, std::move(conversation), event, now);
        decision.effects.emplace_back(TellAgents{"look"});
        return decision;
    };
    auto const kinds = [&] {
        std::vector<OutboxItem::Kind> all;
        for (auto const& item : shop.claim()) all.push_back(item.kind);
        return all;
    };
    run(shop.store->set_pause({"line-main", "mei", noon})).value();
    auto other = message_from("bob", "hi");
    other.channel = ChannelId{"webhooks"};
    other.conversation = ConversationId{"webhooks/bob"};
    shop.apply(message_from("ann", "hi"));
    shop.apply(other);
    EXPECT_THAT(kinds(), UnorderedElementsAre(OutboxItem::Kind::notify, OutboxItem::Kind::notify, OutboxItem::Kind::send));
    EXPECT_EQ(run(shop.store->next_due()).value(), std::nullopt);
    auto const pauses = run(shop.store->pauses()).value();
    ASSERT_EQ(pauses.size(), 1U);
    EXPECT_EQ(pauses[0].by, "mei");

    run(shop.store->set_pause({"*", "mei", noon})).value();
    run(shop.store->clear_pause("line-main")).value();
    EXPECT_THAT(kinds(), IsEmpty());
    run(shop.store->clear_pause("*")).value();
    EXPECT_THAT(kinds(), ElementsAre(OutboxItem::Kind::send));
}

/// The owner is checked in the transaction that marks the send in flight: what is claimed before stays, what is not is never seen.
TEST_P(StoreOutbox, says_nothing_after_a_claim_but_what_was_on_its_way) {
    shop.shop = holding_shop();
    shop.apply(message_from("ann", "1"));
    shop.apply(message_from("ann", "2"));
    auto const flying = shop.claim().at(0);
    shop.apply(agent_does("ann", AgentAction::claim, "mei"));
    EXPECT_EQ(shop.view("ann").history.at(1).state, "in_flight");
    EXPECT_EQ(shop.view("ann").history.at(3).state, "cancelled");
    shop.apply(agent_does("ann", AgentAction::reply, "mei", "hello"));
    EXPECT_THAT(shop.claim(), IsEmpty());  // the agent's words wait for the bot's that are out
    shop.finish(flying.id);
    EXPECT_THAT(shop.claim_texts(), ElementsAre("hello"));
}

TEST_P(StoreOutbox, feeds_back_each_send_it_takes_back) {
    listen();
    shop.apply(message_from("ann", "1"));
    shop.apply(message_from("ann", "2"));
    shop.apply(agent_does("ann", AgentAction::claim, "mei"));
    EXPECT_THAT(heard, ElementsAre("line-main/ann#1 cancelled: an agent acted", "line-main/ann#2 cancelled: an agent acted"));
    EXPECT_EQ(shop.counts().outbox_pending, 0U);
    EXPECT_EQ(shop.counts().journaled, 5U);
}

/// decide() replaces an answer: its CancelSends means what was there before, wherever it stands, and the feedback finds the new state.
TEST_P(StoreOutbox, lets_one_decision_cancel_and_answer_anew) {
    std::string answering_at_feedback;
    shop.shop = [&](ChannelId const&, Conversation conversation, Event const& event, Timestamp) {
        Decision decision;
        if (std::holds_alternative<MessageReceived>(event)) {
            ++conversation.received;
            auto send = send_for(conversation, "answer " + std::to_string(conversation.received));
            conversation.answering_with = send.id;
            decision.effects.emplace_back(std::move(send));
            decision.effects.emplace_back(CancelSends{"a newer message"});
        } else if (std::holds_alternative<SendFinished>(event)) {
            answering_at_feedback = conversation.answering_with.value;
        }
        decision.conversation = std::move(conversation);
        return decision;
    };
    shop.apply(message_from("ann", "1"));
    shop.apply(message_from("ann", "2"));
    EXPECT_EQ(answering_at_feedback, "line-main/ann#2");
    EXPECT_THAT(shop.claim_texts(), ElementsAre("answer 2"));
}

/// The other way: the decision only cancels, and the feedback answers.
TEST_P(StoreOutbox, lets_the_feedback_of_a_cancelled_send_answer) {
    shop.shop = [](ChannelId const&, Conversation conversation, Event const& event, Timestamp) {
        Decision decision;
        if (std::holds_alternative<MessageReceived>(event)) {
            if (++conversation.received == 1)
                decision.effects.emplace_back(send_for(conversation, "first"));
            else
                decision.effects.emplace_back(CancelSends{"a newer message"});
        } else if (std::holds_alternative<SendFinished>(event)) {
            decision.effects.emplace_back(send_for(conversation, "both"));
        }
        decision.conversation = std::move(conversation);
        return decision;
    };
    shop.apply(message_from("ann", "1"));
    EXPECT_EQ(shop.apply(message_from("ann", "2")).sends, 1U);
    EXPECT_THAT(shop.claim_texts(), ElementsAre("both"));
}

TEST_P(StoreOutbox, stops_a_rule_that_cancels_and_answers_for_ever) {
    int decisions = 0;
    shop.shop = [&](ChannelId const&, Conversation conversation, Event const&, Timestamp) {
        ++decisions;
        Decision decision;
        decision.effects.emplace_back(CancelSends{"again"});
        decision.effects.emplace_back(send_for(conversation, "again"));
        decision.conversation = std::move(conversation);
        return decision;
    };
    shop.apply(message_from("ann", "1"));
    EXPECT_EQ(decisions, 1);
    shop.apply(message_from("ann", "2"));
    EXPECT_LE(decisions, 12);
}

TEST_P(StoreOutbox, does_not_call_cancelled_what_may_have_been_sent) {
    listen();
    shop.apply(message_from("ann", "1"));
    auto const item = shop.claim().at(0);
    OutboxResult again;
    again.kind = OutboxResult::Kind::retry;
    again.retry_at = noon;
    again.maybe_sent = true;
    run(shop.store->finish(item.id, again, noon)).value();
    shop.apply(agent_does("ann", AgentAction::claim, "mei"));
    EXPECT_THAT(heard, ElementsAre("line-main/ann#1 unknown: an agent acted; an earlier try may have arrived"));
    EXPECT_EQ(shop.counts().outbox_dead, 1U);
    EXPECT_THAT(shop.claim(), IsEmpty());
}

TEST_P(StoreOutbox, fires_timers_when_they_are_due_and_once) {
    std::vector<std::string> fired;
    shop.shop = [&](ChannelId const&, Conversation conversation, Event const& event, Timestamp now) {
        Decision decision;
        if (auto const* const noted = std::get_if<Noted>(&event)) {
            if (noted->kind == "cancel")
                decision.effects.emplace_back(CancelTimer{"quiet"});
            else
                decision.effects.emplace_back(SetTimer{"quiet", now + std::chrono::seconds{std::stoi(noted->kind)}});
        } else if (auto const* const timer = std::get_if<TimerFired>(&event)) {
            fired.push_back(conversation.sender + " " + timer->name);
        }
        decision.conversation = std::move(conversation);
        return decision;
    };
    auto const fire = [&](int seconds) { return run(shop.store->fire_timers(noon + std::chrono::seconds{seconds}, 100)).value(); };
    EXPECT_EQ(run(shop.store->next_due()).value(), std::nullopt);
    shop.apply(arrival_of("ann", Noted{"2"}));
    shop.apply(arrival_of("bob", Noted{"3"}));
    shop.apply(arrival_of("cyd", Noted{"4"}));
    shop.apply(arrival_of("ann", Noted{"5"}));  // moved
    shop.apply(arrival_of("cyd", Noted{"cancel"}));
    EXPECT_EQ(run(shop.store->next_due()).value(), noon + std::chrono::seconds{3});
    EXPECT_EQ(fire(2), 0U);
    EXPECT_EQ(fire(4), 1U);
    shop.restart();
    EXPECT_EQ(fire(10), 1U);
    EXPECT_EQ(fire(10), 0U);
    EXPECT_THAT(fired, ElementsAre("bob quiet", "ann quiet"));
}

TEST_P(StoreOutbox, does_not_fire_a_timer_that_an_earlier_one_of_the_round_cancelled) {
    std::vector<std::string> fired;
    shop.shop = [&](ChannelId const&, Conversation conversation, Event const& event, Timestamp now) {
        Decision decision;
        if (auto const* const timer = std::get_if<TimerFired>(&event)) {
            fired.push_back(timer->name);
            decision.effects.emplace_back(CancelTimer{"second"});
        } else {
            decision.effects.emplace_back(SetTimer{"first", now});
            decision.effects.emplace_back(SetTimer{"second", now + std::chrono::seconds{1}});
        }
        decision.conversation = std::move(conversation);
        return decision;
    };
    shop.apply(arrival_of("ann", Noted{"set"}));
    EXPECT_EQ(run(shop.store->fire_timers(noon + std::chrono::minutes{1}, 100)).value(), 1U);
    EXPECT_THAT(fired, ElementsAre("first"));
}

TEST_P(StoreOutbox, postpones_a_timer_whose_decision_throws_and_fires_the_others) {
    std::vector<std::string> fired;
    shop.shop = [&](ChannelId const&, Conversation conversation, Event const& event, Timestamp now) {
        Decision decision;
        if (std::holds_alternative<TimerFired>(event)) {
            if (conversation.sender == "bob") throw std::runtime_error("cannot think");
            fired.push_back(conversation.sender);
        } else {
            decision.effects.emplace_back(SetTimer{"quiet", now});
        }
        decision.conversation = std::move(conversation);
        return decision;
    };
    for (auto const* const customer : {"ann", "bob", "cyd"}) shop.apply(arrival_of(customer, Noted{"set"}));
    EXPECT_EQ(run(shop.store->fire_timers(noon, 100)).value(), 2U);
    EXPECT_GE(fired.size(), 2U);  // ann twice: what is rolled back is decided again
    EXPECT_EQ(run(shop.store->next_due()).value(), noon + std::chrono::minutes{1});
}

}  // namespace kefu
