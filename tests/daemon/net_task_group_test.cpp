// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/task_group.hpp"

#include "daemon/net/deadline.hpp"
#include "tests/support/run.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace kefu {
namespace {

using namespace std::chrono_literals;

net::awaitable<void> note(std::vector<std::string>& notes, std::string text) {
    notes.push_back(std::move(text));
    co_return;
}

net::awaitable<void> fail() {
    co_await sleep_for(1ms);
    throw std::runtime_error("nobody planned for this");
}

/// Sleeps on, however often it is told to stop.
net::awaitable<void> sleep_until_told_twice(int& told) {
    co_await this_coro::throw_if_cancelled(false);
    while (told < 2) {
        bool const slept = co_await sleep_for(1h);
        if (!slept) ++told;
        co_await this_coro::reset_cancellation_state(net::enable_terminal_cancellation());
    }
}

/// Awaits again after it was cancelled: Asio ends it with an exception.
net::awaitable<void> sleep_carelessly() {
    co_await sleep_for(1h);
    co_await sleep_for(1h);
}

net::awaitable<void> waits_for_all() {
    TaskGroup group{co_await this_coro::executor};
    std::vector<std::string> notes;
    group.spawn("first", note(notes, "a"));
    group.spawn("second", note(notes, "b"));
    bool const all = co_await group.join(1min);
    EXPECT_TRUE(all);
    EXPECT_EQ(group.size(), 0U);
    EXPECT_EQ(notes, (std::vector<std::string>{"a", "b"}));
}

net::awaitable<void> an_exception_ends_one() {
    TaskGroup group{co_await this_coro::executor};
    std::vector<std::string> notes;
    group.spawn("failing", fail());
    testing::internal::CaptureStderr();
    bool const all = co_await group.join(1min);
    auto const logged = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(all);
    EXPECT_NE(logged.find("error task_failed task=failing why=\"nobody planned for this\""), std::string::npos) << logged;
    group.spawn("next", note(notes, "still works"));
    co_await group.join(1min);
    EXPECT_EQ(notes.size(), 1U);
}

net::awaitable<void> cancel_ends_sleepers() {
    TaskGroup group{co_await this_coro::executor};
    int told = 0;
    group.spawn("deaf", sleep_until_told_twice(told));
    group.spawn("careless", sleep_carelessly());
    bool all = co_await group.join(1ms);
    EXPECT_FALSE(all);
    EXPECT_EQ(group.size(), 2U);
    group.cancel();
    all = co_await group.join(5ms);
    EXPECT_FALSE(all);
    EXPECT_EQ(group.size(), 1U);
    group.cancel();
    all = co_await group.join(1min);
    EXPECT_TRUE(all);
}

net::awaitable<void> cancel_all(TaskGroup& group) {
    group.cancel();
    co_return;
}

net::awaitable<void> cancels_its_own_group() {
    TaskGroup group{co_await this_coro::executor};
    group.spawn("hasty", cancel_all(group));
    bool const all = co_await group.join(1min);
    EXPECT_TRUE(all);
}

TEST(TaskGroup, join_waits_for_all) { run(waits_for_all()); }
TEST(TaskGroup, an_exception_ends_its_own_task_and_is_logged) { run(an_exception_ends_one()); }
TEST(TaskGroup, cancel_asks_and_join_tells_who_is_left) { run(cancel_ends_sleepers()); }

// Both used to end io_context::run() with "co_await: Operation canceled", the second with Boost 1.83.
TEST(TaskGroup, a_task_may_cancel_its_own_group_before_it_waited) { run(cancels_its_own_group()); }
TEST(TaskGroup, what_is_cancelled_before_it_starts_never_runs) {
    std::vector<std::string> notes;
    net::io_context io;
    TaskGroup group{io.get_executor()};
    group.spawn("late", note(notes, "x"));
    group.cancel();
    io.run();
    EXPECT_EQ(group.size(), 0U);
    EXPECT_TRUE(notes.empty());
}

TEST(TaskGroup, may_go_before_an_executor_that_never_runs) {
    std::vector<std::string> notes;
    net::io_context io;
    {
        TaskGroup group{io.get_executor()};
        testing::internal::CaptureStderr();
        group.spawn("never", note(notes, "x"));
    }
    EXPECT_NE(testing::internal::GetCapturedStderr().find("task_left_behind task=never"), std::string::npos);
}

}  // namespace
}  // namespace kefu
