// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dispatch_world.hpp"

/// Whose turn it is: chosen by the dispatcher among those who are there.
namespace kefu::dispatch_world {
namespace {

using testing::ElementsAre;

SnapshotPtr snapshot_with_agents(std::vector<std::string> const& names, int capacity = 5) {
    Snapshot snapshot = *snapshot_with_links();
    for (auto const& name : names) {
        AgentSettings agent;
        agent.name = name;
        agent.capacity = capacity;
        snapshot.settings.agents.push_back(std::move(agent));
    }
    return std::make_shared<Snapshot const>(std::move(snapshot));
}

void come(World& world, std::vector<std::string> const& names) {
    for (auto const& name : names) world.roster.comes(name, world.now, world.now + 5min);
}

/// Whose turn it is with each of the customers; "": nobody's.
net::awaitable<std::vector<std::string>> turns(World& world, std::vector<std::string> customers) {
    std::vector<std::string> names;
    for (auto const& customer : customers) {
        auto const view = co_await world.view(customer);
        names.push_back(view.conversation.agent);
    }
    co_return names;
}

net::awaitable<void> takes_turns(World& world) {
    world.services->snapshot = snapshot_with_agents({"ann", "bob"});
    come(world, {"ann", "bob"});
    world.start();
    std::vector<std::string> const customers{"U1", "U2", "U3", "U4"};
    for (auto const& customer : customers) {
        co_await world.says(customer, "somebody, please");
        co_await world.passes(1s);
    }
    auto const names = co_await turns(world, customers);
    EXPECT_THAT(names, ElementsAre("ann", "bob", "ann", "bob"));
}
TEST(Dispatcher, gives_customers_to_those_who_are_there_in_turn) { run_test(takes_turns); }

net::awaitable<void> keeps_to_the_capacity(World& world) {
    world.services->snapshot = snapshot_with_agents({"ann", "bob"}, 2);
    come(world, {"ann", "bob"});
    std::vector<std::string> const customers{"U1", "U2", "U3", "U4", "U5", "U6"};
    for (auto const& customer : customers) co_await world.says(customer, "somebody, please");
    world.start();
    co_await world.until_idle();
    auto names = co_await turns(world, customers);
    std::sort(names.begin(), names.end());
    EXPECT_THAT(names, ElementsAre("", "", "ann", "ann", "bob", "bob"));
}
TEST(Dispatcher, gives_nobody_more_than_they_can_take_also_when_all_come_at_once) { run_test(keeps_to_the_capacity); }

net::awaitable<void> finds_nobody(World& world) {
    world.services->snapshot = snapshot_with_agents({"ann"});
    come(world, {"ann"});
    world.now += 10min;
    world.start();
    co_await world.says("U1", "somebody, please");
    co_await world.until_idle();
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "nobody");
    auto const counts = co_await world.counts();
    EXPECT_EQ(counts.outbox_pending, 0u);
}
TEST(Dispatcher, says_when_nobody_is_there) { run_test(finds_nobody); }

net::awaitable<void> chooses_after_a_restart(World& world) {
    world.services->snapshot = snapshot_with_agents({"ann"});
    co_await world.says("U1", "somebody, please");
    auto const claimed = co_await world.store->claim(world.now, 10);
    EXPECT_EQ(claimed.value().size(), 1u);
    world.store->close();
    world.open();  // it was in flight when the daemon died
    come(world, {"ann"});
    world.start();
    co_await world.until_idle();
    auto const view = co_await world.view("U1");
    EXPECT_EQ(view.conversation.agent, "ann");
}
TEST(Dispatcher, chooses_after_a_restart_what_was_not_chosen_before) { run_test(chooses_after_a_restart); }

}  // namespace
}  // namespace kefu::dispatch_world
