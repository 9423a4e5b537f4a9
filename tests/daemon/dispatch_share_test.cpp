// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dispatch_world.hpp"

namespace kefu::dispatch_world {
namespace {

net::awaitable<void> flood_line(World& world, int customers) {
    for (int i = 0; i < customers; ++i) {
        std::string customer = "U" + std::to_string(i);
        co_await world.says(std::move(customer), "hello");
    }
}

net::awaitable<void> other_account_goes_on(World& world) {
    world.line->holding = true;
    world.start();
    co_await flood_line(world, 30);
    co_await world.until_sent(8);
    co_await world.says_on("web", "shopper", "hello");
    while (world.web->finished < 1) co_await world.news.next();
    EXPECT_EQ(world.line->sent.size(), 8u) << "its own share, and no more";
    world.line->release();
    co_await world.until_sent(30);
}

TEST(DispatchShare, a_flood_on_one_account_does_not_hold_up_another) { run_test(other_account_goes_on, 8); }

net::awaitable<void> own_share(World& world) {
    world.services->sends_at_once = {{"line-main", 2}};
    world.line->holding = true;
    world.start();
    co_await flood_line(world, 6);
    co_await world.until_sent(2);
    co_await world.says_on("web", "shopper", "hello");
    while (world.web->finished < 1) co_await world.news.next();
    EXPECT_EQ(world.line->sent.size(), 2u);
    world.line->release();
    co_await world.until_sent(6);
    EXPECT_EQ(world.line->most_at_once, 2u);
}

TEST(DispatchShare, an_account_has_as_many_sends_on_the_wire_as_its_settings_say) { run_test(own_share, 8); }

net::awaitable<void> people_hear(World& world) {
    world.services->snapshot = snapshot_with_links();
    world.line->holding = true;
    world.start();
    co_await flood_line(world, 20);
    co_await world.until_sent(8);
    co_await world.says("angry", "a person, please");
    while (world.desk->told.empty()) co_await world.news.next();
    EXPECT_EQ(world.line->sent.size(), 8u);
    world.line->release();
    co_await world.until_sent(20);
}

TEST(DispatchShare, people_are_told_while_an_account_is_slow) { run_test(people_hear, 8); }

net::awaitable<void> noted(World& world) {
    int tries = 0;
    world.line->answer = [&tries](auto const&) { return ++tries == 1 ? again(1s) : delivered(); };
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    auto record = world.services->health->of(ChannelId{"line-main"}, world.now);
    EXPECT_EQ(record.errors.at(Trouble::retried).detail, "busy");
    EXPECT_EQ(record.last_out, std::nullopt);
    co_await world.passes(1s);
    record = world.services->health->of(ChannelId{"line-main"}, world.now);
    EXPECT_EQ(record.last_out, world.now);
    EXPECT_EQ(record.failures_in_a_row, 0);
}

TEST(DispatchHealth, notes_how_each_send_ended) { run_test(noted); }

}  // namespace
}  // namespace kefu::dispatch_world
