// SPDX-License-Identifier: Apache-2.0
#include "daemon/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Conversations on a virtual clock, with the catalog that is built in.
namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Each;
using testing::Ge;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

SnapshotPtr built_in() {
    static SnapshotPtr const snapshot = load_snapshot(std::nullopt).value();
    return snapshot;
}

/// Tuesday, 10:00 in Taipei: people are there.
Timestamp const start = *from_rfc3339("2026-11-24T10:00:00+08:00");

constexpr char const* where_is_it = "我的包裹在哪裡？";
constexpr char const* to_a_person = "我要找真人客服";

Simulation simulation() { return {built_in(), ChannelId{"nobody-configured-this"}, start}; }

std::vector<std::string> templates(Simulation::Outcome const& outcome) {
    std::vector<std::string> all;
    for (auto const& send : outcome.sends) all.insert(all.end(), send.templates.begin(), send.templates.end());
    return all;
}

TEST(Simulation, speaks_the_language_of_the_platform_that_the_channel_names) {
    EXPECT_EQ(market_locale("taobao"), "zh-Hans");
    EXPECT_EQ(market_locale("wangwang-2"), "zh-Hans");
    EXPECT_EQ(market_locale("line"), "");
    Simulation shop{built_in(), ChannelId{"taobao"}, start};
    shop.customer_says("人工", {});
    shop.run_until(start + 10s);
    auto const outcome = shop.take();
    ASSERT_THAT(outcome.sends, SizeIs(1));
    EXPECT_EQ(outcome.sends[0].language, "zh-Hans");
}

TEST(Simulation, answers_when_the_quiet_window_has_passed) {
    auto shop = simulation();
    shop.customer_says(where_is_it, {});
    EXPECT_EQ(shop.next_timer(), start + 2s);
    shop.run_until(start + 2s - 1ms);
    EXPECT_THAT(shop.take().sends, IsEmpty());
    shop.run_until(start + 2s);
    auto const outcome = shop.take();
    ASSERT_THAT(outcome.sends, SizeIs(1));
    EXPECT_EQ(outcome.sends[0].language, "zh-Hant");
    EXPECT_EQ(shop.next_timer(), start + 2s + 24h) << "reminds of the question for the number";
    EXPECT_THAT(shop.conversation().answering, IsEmpty());  // delivered at once
}

TEST(Simulation, answers_a_burst_once) {
    auto shop = simulation();
    for (char const* text : {"你好", where_is_it, "訂單 TW12345678"}) {
        shop.customer_says(text, {});
        shop.run_until(shop.now() + 1s);
    }
    EXPECT_THAT(shop.take().sends, IsEmpty());
    shop.run_until(shop.now() + 10s);
    EXPECT_THAT(shop.take().sends, SizeIs(1));
}

TEST(Simulation, waits_for_the_end_of_a_burst_no_longer_than_the_cap) {
    auto shop = simulation();
    for (int i = 0; i < 5; ++i) {
        shop.customer_says(i == 0 ? where_is_it : "嗯", {});
        shop.run_until(start + (i + 1) * 1900ms);
    }
    // 9.5 s: the cap of 8 s has passed although a message came every 1.9 s.
    EXPECT_THAT(shop.take().sends, SizeIs(1));
}

TEST(Simulation, answers_at_the_sixth_message_of_a_burst) {
    auto shop = simulation();
    for (int i = 0; i < 6; ++i) {
        EXPECT_THAT(shop.take().sends, IsEmpty());
        shop.customer_says(where_is_it, {});
    }
    shop.run_until(start);
    EXPECT_THAT(shop.take().sends, SizeIs(1));
}

TEST(Simulation, hands_over_at_once_when_the_customer_wants_a_person) {
    auto shop = simulation();
    shop.customer_says(to_a_person, {});
    auto const outcome = shop.take();
    ASSERT_THAT(outcome.escalations, SizeIs(1));
    EXPECT_EQ(outcome.escalations[0].reason, "asks_human");
    EXPECT_EQ(outcome.escalations[0].quote, to_a_person);
    EXPECT_THAT(outcome.escalations[0].answer_by, Ge(start));
    EXPECT_THAT(outcome.sends, SizeIs(1));
    EXPECT_EQ(shop.conversation().owner, Owner::waiting);
    EXPECT_TRUE(outcome.meaning.has(Label::human));
}

TEST(Simulation, says_nothing_from_takeover_to_handback) {
    auto shop = simulation();
    shop.customer_says(where_is_it, {});
    shop.person_joins("mei");
    for (char const* text : {where_is_it, to_a_person, "騙子，退錢", "謝謝"}) {
        shop.customer_says(text, {});
        shop.run_until(shop.now() + 30min);
    }
    EXPECT_THAT(shop.take().sends, IsEmpty());
    EXPECT_EQ(shop.conversation().owner, Owner::person);
    EXPECT_EQ(shop.conversation().agent, "mei");
    EXPECT_EQ(shop.next_timer(), std::nullopt);

    shop.person_leaves("mei");
    EXPECT_THAT(shop.take().sends, IsEmpty());
    shop.customer_says(where_is_it, {});
    shop.run_until(shop.now() + 2s);
    EXPECT_THAT(shop.take().sends, SizeIs(1));
}

TEST(Simulation, takes_back_what_waits_for_the_quiet_window_when_a_person_joins) {
    auto shop = simulation();
    shop.customer_says(where_is_it, {});
    shop.person_joins("mei");
    shop.run_until(start + 1min);
    EXPECT_THAT(shop.take().sends, IsEmpty());
}

TEST(Simulation, fires_timers_in_order_and_at_their_time) {
    auto shop = simulation();
    shop.customer_says(to_a_person, {});
    shop.take();
    std::vector<Timestamp> fired;
    std::vector<std::string> tiers;
    while (tiers.size() < 3 && shop.next_timer()) {
        fired.push_back(*shop.next_timer());
        shop.run_until(*shop.next_timer());
        EXPECT_EQ(shop.now(), fired.back());
        for (auto const& escalation : shop.take().escalations) tiers.push_back(escalation.tier);
        ASSERT_LT(fired.size(), 50u);
    }
    EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
    EXPECT_THAT(tiers, Not(IsEmpty()));  // nobody came: it goes to the next tier
}

TEST(Simulation, makes_no_difference_between_one_long_step_and_many_short_ones) {
    auto once = simulation();
    auto often = simulation();
    for (auto* shop : {&once, &often}) shop->customer_says(to_a_person, {});
    once.run_until(start + 6h);
    for (auto at = start; at <= start + 6h; at += 7min) often.run_until(at);
    often.run_until(start + 6h);
    EXPECT_EQ(once.conversation(), often.conversation());
    EXPECT_EQ(once.take().effects, often.take().effects);
}

TEST(Simulation, does_not_turn_the_clock_back) {
    auto shop = simulation();
    shop.run_until(start + 1h);
    shop.run_until(start);
    EXPECT_EQ(shop.now(), start + 1h);
}

TEST(Simulation, gives_the_same_output_for_the_same_input) {
    auto const play = [] {
        auto shop = simulation();
        for (char const* text :
             {"你好", where_is_it, "TW12345678", "你們太慢了吧！！！", "我要退款", to_a_person, "Kde je můj balík?", "where is my parcel", "謝謝"}) {
            shop.customer_says(text, {});
            shop.run_until(shop.now() + 1min);
        }
        shop.customer_says("壞了", {ContentKind::image, ContentKind::image});
        shop.run_until(shop.now() + 24h);
        return std::pair{shop.take(), shop.conversation()};
    };
    auto const [first, state] = play();
    auto const [second, state_again] = play();
    EXPECT_EQ(state, state_again);
    EXPECT_EQ(first.sends, second.sends);
    EXPECT_EQ(first.escalations, second.escalations);
    EXPECT_EQ(first.effects, second.effects);
    EXPECT_EQ(first.why, second.why);
    EXPECT_EQ(first.meaning, second.meaning);
    EXPECT_THAT(first.sends, Not(IsEmpty()));
}

TEST(Simulation, sends_nothing_that_is_empty_or_that_the_guard_would_block) {
    auto shop = simulation();
    for (char const* text :
         {"你好", where_is_it, "什麼時候發貨", "可以便宜一點嗎", "可以開發票嗎", "加LINE私下買", "我要退款", "Chci zrušit objednávku", "is this a bot?"}) {
        shop.customer_says(text, {});
        shop.run_until(shop.now() + 1min);
    }
    auto const outcome = shop.take();
    ASSERT_THAT(outcome.sends, Not(IsEmpty()));
    for (auto const& send : outcome.sends) {
        EXPECT_THAT(send.templates, Each(Not(IsEmpty())));
        for (auto const& message : send.messages) {
            EXPECT_NE(message.text, "");
            EXPECT_EQ(built_in()->catalog.guard.check(message.text), std::nullopt) << message.text;
        }
    }
}

TEST(Simulation, says_with_its_first_answer_that_it_is_automatic_and_only_then) {
    auto shop = simulation();
    shop.customer_says(where_is_it, {});
    shop.run_until(start + 1min);
    EXPECT_THAT(templates(shop.take()), Contains("disclosure"));
    shop.customer_says("可以開發票嗎", {});
    shop.run_until(start + 2min);
    EXPECT_THAT(templates(shop.take()), Not(Contains("disclosure")));
}

TEST(Simulation, takes_an_unknown_channel_for_one_with_the_default_policy) {
    EXPECT_EQ(built_in()->channel(ChannelId{"nobody-configured-this"}).mode, ChannelPolicy::Mode::auto_);
    EXPECT_EQ(simulation().conversation().id.value, "nobody-configured-this/simulated");
}

// --- what the simulation and live traffic share

TEST(Understand, calls_old_messages_stale) {
    auto const snapshot = built_in();
    MessageReceived received;
    received.message.text = where_is_it;
    received.message.sent_at = start;
    auto const at = [&](ChannelPolicy const& channel, Timestamp now) { return understand(*snapshot, channel, Conversation{}, received, now).stale; };
    EXPECT_FALSE(at({}, start + 10min));
    EXPECT_TRUE(at({}, start + 10min + 1ms));
    ChannelPolicy patient;
    patient.stale_after = 20min;
    EXPECT_FALSE(at(patient, start + 11min));
}

TEST(Handle, gives_messages_their_meaning_and_passes_other_events_on) {
    auto const snapshot = built_in();
    Conversation conversation;
    conversation.id = ConversationId{"c/1"};
    MessageReceived received;
    received.message.id = MessageId{"1"};
    received.message.text = to_a_person;
    received.message.sent_at = start;
    auto const [decision, meaning] = handle(*snapshot, ChannelId{"c"}, conversation, Event{received}, start);
    EXPECT_EQ(decision.conversation.owner, Owner::waiting);
    EXPECT_TRUE(meaning && meaning->has(Label::human));
    EXPECT_TRUE(decision.why.front().starts_with("read as human ")) << decision.why.front();
    EXPECT_EQ(handle(*snapshot, ChannelId{"c"}, conversation, Event{ProfileLearned{"Eva", "cs"}}, start).decision.conversation.display_name, "Eva");
}

}  // namespace
}  // namespace kefu
