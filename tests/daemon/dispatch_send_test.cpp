// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dispatch_world.hpp"

/// What the dispatcher sends, when, and how each send ends.
namespace kefu::dispatch_world {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

net::awaitable<void> sends_once(World& world) {
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    EXPECT_THAT(world.line->texts(), ElementsAre("re: hello"));
    auto const& sent = world.line->sent.at(0);
    EXPECT_EQ(sent.to, "U1");
    EXPECT_EQ(sent.attempt.number, 1);
    EXPECT_FALSE(sent.attempt.maybe_sent);
    auto const view = co_await world.view("U1");
    EXPECT_EQ(view.conversation.owner_reason, "delivered: ");
    EXPECT_EQ(view.history.back().state, "delivered");
    EXPECT_EQ(world.dispatcher->counts().delivered, 1u);
}
TEST(Dispatcher, sends_what_was_decided_once_and_says_that_it_arrived) { run_test(sends_once); }

net::awaitable<void> finds_old_work(World& world) {
    co_await world.says("U1", "hello");
    world.start();
    co_await world.until_sent(1);
    co_await world.until_idle();
    EXPECT_THAT(world.line->texts(), ElementsAre("re: hello"));
}
TEST(Dispatcher, finds_at_its_start_what_was_left) { run_test(finds_old_work); }

constexpr int conversations = 60;
constexpr int messages_each = 6;

net::awaitable<void> many(World& world) {
    for (int message = 0; message < messages_each; ++message)
        for (int customer = 0; customer < conversations; ++customer) {
            std::string who = "U" + std::to_string(customer);
            std::string what = std::to_string(message);
            co_await world.says(std::move(who), std::move(what));
        }
    world.start();
    co_await world.until_sent(conversations * messages_each);
    co_await world.until_idle();
    std::map<std::string, std::vector<std::string>> by_customer;
    for (auto const& one : world.line->sent) by_customer[one.to].push_back(one.text);
    EXPECT_EQ(by_customer.size(), static_cast<std::size_t>(conversations));
    for (auto const& [who, texts] : by_customer) EXPECT_THAT(texts, ElementsAre("re: 0", "re: 1", "re: 2", "re: 3", "re: 4", "re: 5")) << who;
    EXPECT_LE(world.line->most_at_once, 7u);
    EXPECT_GE(world.line->most_at_once, 2u);
    EXPECT_EQ(world.dispatcher->counts().delivered, static_cast<std::uint64_t>(conversations * messages_each));
}
TEST(Dispatcher, sends_hundreds_few_at_a_time_each_once_and_in_order) { run_test(many, 7); }

net::awaitable<void> retries(World& world) {
    world.line->answer = [](auto const& sent) { return sent.attempt.number < 3 ? again(30s) : delivered(); };
    world.start();
    co_await world.says("U1", "first");
    co_await world.says("U1", "second");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(29s);
    EXPECT_THAT(world.line->texts(), ElementsAre("re: first"));
    co_await world.passes(1s);
    EXPECT_THAT(world.line->texts(), ElementsAre("re: first", "re: first"));
    co_await world.passes(30s);
    // What is behind it waits for it, and then has a count of its own.
    EXPECT_THAT(world.line->texts(), ElementsAre("re: first", "re: first", "re: first", "re: second"));
    auto const& third = world.line->sent.at(2).attempt;
    EXPECT_EQ(third.number, 3);
    EXPECT_EQ(third.first_tried, noon);
    EXPECT_EQ(world.line->sent.at(3).attempt.number, 1);
    EXPECT_EQ(world.dispatcher->counts().retried, 3u);
}
TEST(Dispatcher, tries_again_when_the_platform_says_and_keeps_the_order) { run_test(retries); }

net::awaitable<void> clock_is_set_back(World& world) {
    world.line->answer = [](auto const& sent) { return sent.attempt.number == 1 ? again(30s) : delivered(); };
    world.now += 1h;
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    world.now -= 1h;
    world.dispatcher->wake();
    co_await world.until_sent(2);
}
TEST(Dispatcher, does_not_wait_for_the_time_by_which_a_clock_was_set_back) { run_test(clock_is_set_back); }

// Every repetition used to count as "may be out", also after "certainly not": LINE replies were then given up, and a newer message could not replace the
// answer.
net::awaitable<void> passes_maybe_sent_on(World& world) {
    world.line->answer = [](auto const& sent) { return again(1s, sent.attempt.number == 2); };
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(1s);
    co_await world.passes(1s);
    co_await world.passes(1s);
    std::vector<bool> maybe_sent;
    for (auto const& sent : world.line->sent) maybe_sent.push_back(sent.attempt.maybe_sent);
    EXPECT_THAT(maybe_sent, ElementsAre(false, false, true, true));
}
TEST(Dispatcher, tells_the_next_try_whether_an_earlier_one_may_be_out) { run_test(passes_maybe_sent_on); }

net::awaitable<void> holds(World& world) {
    world.line->answer = [](auto const& sent) {
        auto result = again(60s);
        result.kind = SendResult::Kind::hold;
        return sent.attempt.number < 3 ? result : delivered();
    };
    world.services->snapshot = snapshot_with_links();
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(60s);
    co_await world.passes(60s);
    EXPECT_EQ(world.line->sent.size(), 3u);
    EXPECT_FALSE(world.line->sent.at(1).attempt.maybe_sent);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "delivered: ");
    EXPECT_EQ(world.desk->told.size(), 1u) << "people are told once, not with every try";
    EXPECT_EQ(world.desk->told.at(0).what, "busy");
}
TEST(Dispatcher, keeps_what_a_channel_cannot_send_for_the_moment) { run_test(holds); }

net::awaitable<void> ends(World& world) {
    world.line->answer = [](auto const& sent) { return ended(sent.to == "U1" ? SendResult::Kind::refused : SendResult::Kind::unknown); };
    world.start();
    co_await world.says("U1", "hello");
    co_await world.says("U2", "hello");
    co_await world.until_sent(2);
    co_await world.until_idle();
    auto const first = co_await world.view("U1");
    auto const second = co_await world.view("U2");
    EXPECT_EQ(first.conversation.owner_reason, "refused: because");
    EXPECT_EQ(first.history.back().state, "refused");
    EXPECT_EQ(second.conversation.owner_reason, "unknown: because");
    EXPECT_EQ(second.history.back().state, "unknown");
    co_await world.passes(1h);
    EXPECT_EQ(world.line->sent.size(), 2u);
    EXPECT_EQ(world.dispatcher->counts().refused, 1u);
    EXPECT_EQ(world.dispatcher->counts().unknown, 1u);
}
TEST(Dispatcher, makes_events_of_refused_and_unknown_and_never_repeats_them) { run_test(ends); }

// Used to stay in flight until the next start, with everything of its conversation behind it.
net::awaitable<void> survives_faults(World& world) {
    world.line->answer = [](auto const& sent) -> SendResult {
        if (sent.text == "re: trap") throw std::logic_error("not thought of");
        return delivered();
    };
    world.start();
    co_await world.says("U1", "trap");
    co_await world.until_sent(1);
    co_await world.until_idle();
    auto const view = co_await world.view("U1");
    EXPECT_EQ(view.conversation.owner_reason, "unknown: a fault in kefud: not thought of");
    co_await world.says("U2", "hello");
    co_await world.until_sent(2);
}
TEST(Dispatcher, makes_an_unknown_outcome_of_a_fault_of_its_own) { run_test(survives_faults); }

net::awaitable<void> too_old(World& world) {
    world.line->answer = [](auto const&) { return again(11min); };
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(11min);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "refused: not deliverable for 10 minutes; too old to send now");
    EXPECT_EQ(world.line->sent.size(), 1u);
}
// The limit never held, because every repetition counted as "may be out".
TEST(Dispatcher, refuses_an_answer_that_could_not_go_out_for_ten_minutes) { run_test(too_old); }

net::awaitable<void> too_old_and_maybe_sent(World& world) {
    world.line->answer = [](auto const&) { return again(11min, true); };
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(11min);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "unknown: no answer for 10 minutes whether it is out; too old to send again");
    EXPECT_EQ(world.line->sent.size(), 1u);
}
TEST(Dispatcher, calls_an_old_answer_that_may_be_out_unknown) { run_test(too_old_and_maybe_sent); }

net::awaitable<void> old_words_of_a_person(World& world) {
    world.line->answer = [](auto const& sent) { return sent.attempt.number == 1 ? again(11min) : delivered(); };
    co_await world.says("U1", "no answer");
    Arrival claim = agent_does("U1", AgentAction::claim, "mei");
    co_await world.apply(std::move(claim));
    Arrival words = agent_does("U1", AgentAction::reply, "mei", "I am on it");
    co_await world.apply(std::move(words));
    world.start();
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(11min);
    EXPECT_THAT(world.line->texts(), ElementsAre("I am on it", "I am on it"));
}
TEST(Dispatcher, sends_what_a_person_wrote_however_late) { run_test(old_words_of_a_person); }

net::awaitable<void> pauses(World& world) {
    Pause pause{"line-main", "mei", noon};
    auto const paused = co_await world.store->set_pause(std::move(pause));
    EXPECT_TRUE(paused.has_value());
    world.start();
    co_await world.says("U1", "hello");
    co_await world.says_on("web", "c1", "hello");
    while (world.web->sent.empty()) co_await world.news.next();
    co_await world.passes(1s);
    EXPECT_THAT(world.line->sent, IsEmpty());
    std::string channel = "line-main";
    auto const resumed = co_await world.store->clear_pause(std::move(channel));
    EXPECT_TRUE(resumed.has_value());
    co_await world.until_sent(1);
}
TEST(Dispatcher, sends_nothing_on_a_paused_channel_and_goes_on_when_it_is_resumed) { run_test(pauses); }

net::awaitable<void> no_such_channel(World& world) {
    world.start();
    co_await world.says_on("old-shop", "c1", "hello");
    while (world.dispatcher->counts().delivered == 0) {
        ConversationId id{"old-shop/c1"};
        auto const view = co_await world.store->view(std::move(id), 1);
        if (view.value()->conversation.owner_reason == "refused: channel old-shop is not configured any more") co_return;
        co_await sleep_for(1ms);
    }
    ADD_FAILURE() << "sent to a channel that is not there";
}
TEST(Dispatcher, refuses_what_is_for_a_channel_that_is_gone) { run_test(no_such_channel); }

}  // namespace
}  // namespace kefu::dispatch_world
