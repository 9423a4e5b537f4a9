// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dispatch_world.hpp"

/// Stopping and crashing.
namespace kefu::dispatch_world {
namespace {

net::awaitable<void> stops(World& world) {
    auto const executor = co_await this_coro::executor;
    world.line->holding = true;
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    net::post(executor, [&world] { world.line->release(); });  // once stop() waits
    co_await world.dispatcher->stop(5s);
    EXPECT_EQ(world.line->finished, 1u);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "delivered: ");
    co_await world.says("U2", "too late");
    EXPECT_EQ(world.line->sent.size(), 1u);
}
TEST(Dispatcher, waits_for_what_is_on_the_wire_when_it_stops_and_takes_no_more) { run_test(stops); }

net::awaitable<void> stops_while_claiming(World& world) {
    // The store is in the middle of claim(): it takes back an outdated answer and gives out another one.
    std::atomic<bool> claiming{false};
    std::atomic<bool> go_on{false};
    auto const executor = co_await this_coro::executor;
    world.on_cancelled = [&] {
        claiming = true;
        net::post(executor, [&world] { world.news.tell(); });
        go_on.wait(false);
    };
    co_await world.says("U1", "short-lived");
    co_await world.says("U1", "no answer");
    co_await world.says("U2", "hello");
    world.start();
    while (!claiming) co_await world.news.next();
    net::post(executor, [&go_on] {
        go_on = true;
        go_on.notify_all();
    });
    co_await world.dispatcher->stop(5s);
    EXPECT_EQ(world.line->sent.size(), 1u);
    EXPECT_EQ(world.line->finished, 1u);
    auto const heard = co_await world.heard("U2");
    EXPECT_EQ(heard, "delivered: ");
}
// What a claim gave out while stop() was called was cut off, and its outcome unknown.
TEST(Dispatcher, carries_out_what_it_was_just_given_when_it_stops) { run_test(stops_while_claiming); }

net::awaitable<void> is_cut_off(World& world) {
    world.line->holding = true;
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.dispatcher->stop(1ms);
    auto const counts = co_await world.counts();
    EXPECT_EQ(counts.outbox_in_flight, 1u);
    world.store->on_work({});
    world.dispatcher.reset();
    world.store->close();

    world.open();
    auto const executor = co_await this_coro::executor;
    auto second = std::make_unique<RecordingConnector>(executor, world.news, "line-main");
    auto const after = std::make_shared<Services>();
    world.line = second.get();
    after->connectors.emplace("line-main", std::move(second));
    world.services = after;
    world.now += 1min;
    world.start();
    co_await world.until_sent(1);
    co_await world.until_idle();
    auto const& attempt = world.line->sent.at(0).attempt;
    EXPECT_EQ(attempt.number, 2);
    EXPECT_TRUE(attempt.maybe_sent);
    EXPECT_EQ(attempt.first_tried, noon);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "delivered: ");
}
TEST(Dispatcher, tells_the_platform_after_a_crash_that_a_send_may_be_out) { run_test(is_cut_off); }

net::awaitable<void> cannot_store_the_outcome(World& world) {
    world.line->holding = true;
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    world.store->on_work({});
    world.store->close();  // before the platform has answered
    world.line->release();
    while (world.line->finished == 0) co_await world.news.next();
    co_await world.dispatcher->stop(1ms);
    world.dispatcher.reset();

    world.open();
    world.start();
    co_await world.until_sent(2);
    co_await world.until_idle();
    EXPECT_TRUE(world.line->sent.at(1).attempt.maybe_sent);
}
TEST(Dispatcher, does_not_forget_a_send_whose_outcome_could_not_be_stored) { run_test(cannot_store_the_outcome); }

}  // namespace
}  // namespace kefu::dispatch_world
