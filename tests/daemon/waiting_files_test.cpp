// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/waiting_files.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/run.hpp"
#include "tests/support/store_support.hpp"

#include <gtest/gtest.h>

/// Files between their upload and the message that names them.
namespace kefu {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct World {
    TemporaryFolder folder;
    net::thread_pool pool{4};
    WaitingFiles files{folder.path() / "waiting", &pool, 1h, 6, 3};

    net::awaitable<Errc> save(std::string owner, std::string id) {
        auto const saved = co_await files.save(WaitingFiles::name_of(owner, id), "bytes of " + id);
        co_return saved ? Errc::not_found : saved.error().code;
    }
    net::awaitable<std::string> read(std::string owner, std::string id) {
        auto bytes = co_await files.read(WaitingFiles::name_of(owner, id));
        co_return bytes ? std::move(*bytes) : bytes.error().message;
    }
    void age(std::string const& owner, std::string const& id, std::chrono::seconds by) {
        fs::last_write_time(files.folder / WaitingFiles::name_of(owner, id), fs::file_time_type::clock::now() - by);
    }
};

constexpr Errc fine = Errc::not_found;

void run_test(net::awaitable<void> (*test)(World&)) {
    World world;
    run(test(world));
}

net::awaitable<void> keeps(World& world) {
    EXPECT_EQ(co_await world.save("ann", "1"), fine);
    EXPECT_EQ(co_await world.read("ann", "1"), "bytes of 1");
    EXPECT_EQ(co_await world.read("bob", "1"), "the file was not uploaded, or is gone");
    co_await world.files.remove(WaitingFiles::name_of("ann", "1"));
    EXPECT_EQ(co_await world.read("ann", "1"), "the file was not uploaded, or is gone");
    co_await world.files.remove(WaitingFiles::name_of("ann", "1"));
}
TEST(WaitingFiles, are_read_by_who_knows_owner_and_name_until_they_are_removed) { run_test(keeps); }

net::awaitable<void> grows_old(World& world) {
    EXPECT_EQ(co_await world.save("ann", "1"), fine);
    world.age("ann", "1", 1h + 1s);
    EXPECT_EQ(co_await world.read("ann", "1"), "the file was not uploaded, or is gone");
    EXPECT_TRUE(fs::exists(world.files.folder / WaitingFiles::name_of("ann", "1")));
    EXPECT_EQ(co_await world.save("bob", "2"), fine);
    EXPECT_FALSE(fs::exists(world.files.folder / WaitingFiles::name_of("ann", "1")));
}
TEST(WaitingFiles, are_gone_past_their_life) { run_test(grows_old); }

// One visitor could fill the folder for two days.
net::awaitable<void> shares(World& world) {
    for (auto const* id : {"1", "2", "3"}) EXPECT_EQ(co_await world.save("ann", id), fine);
    EXPECT_EQ(co_await world.save("ann", "4"), Errc::unavailable);
    for (auto const* id : {"1", "2", "3"}) EXPECT_EQ(co_await world.save("bob", id), fine);
    EXPECT_EQ(co_await world.save("eve", "1"), Errc::unavailable);
    world.age("ann", "2", 2h);
    EXPECT_EQ(co_await world.save("eve", "1"), fine);
}
TEST(WaitingFiles, are_so_many_for_each_and_so_many_for_all) { run_test(shares); }

net::awaitable<void> save_one(World& world, std::string bytes, int& left) {
    auto const saved = co_await world.files.save(WaitingFiles::name_of("ann", "1"), std::move(bytes));
    EXPECT_TRUE(saved) << saved.error().message;
    --left;
}
net::awaitable<void> at_once(World& world) {
    world.files.most = world.files.most_of_owner = 100;
    TaskGroup group{co_await this_coro::executor};
    int left = 24;
    for (int i = 0; i < 24; ++i) group.spawn("save", save_one(world, std::string(1 << 16, 'x'), left));
    EXPECT_TRUE(co_await group.join(10s));
    EXPECT_EQ(left, 0);
    EXPECT_EQ(co_await world.read("ann", "1"), std::string(1 << 16, 'x'));
    EXPECT_EQ(std::distance(fs::directory_iterator{world.files.folder}, fs::directory_iterator{}), 1) << "no temporary file is left";
}
TEST(WaitingFiles, may_be_saved_under_one_name_at_once) { run_test(at_once); }

}  // namespace
}  // namespace kefu
