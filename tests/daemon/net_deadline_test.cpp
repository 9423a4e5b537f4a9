// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/deadline.hpp"

#include "daemon/net/backoff.hpp"
#include "daemon/net/on_pool.hpp"
#include "tests/support/run.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>

namespace kefu {
namespace {

using namespace std::chrono_literals;

net::awaitable<Result<std::string>> answers(std::string text) { co_return text; }

net::awaitable<Result<std::string>> sleeps_for_a_minute(bool& was_cancelled) {
    bool const slept = co_await sleep_for(1min);
    was_cancelled = !slept;
    co_return std::string{"late"};
}

net::awaitable<Result<void>> throws() {
    co_await net::post(net::use_awaitable);
    throw std::runtime_error("broken");
}

TEST(Deadline, hands_on_an_answer_in_time) { EXPECT_EQ(run(with_deadline(1min, answers("hello"))).value(), "hello"); }

TEST(Deadline, cancels_work_that_is_late) {
    bool was_cancelled = false;
    auto const answer = run(with_deadline(5ms, sleeps_for_a_minute(was_cancelled)));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error(), (Error{Errc::timed_out, "no answer in 5 ms"}));
    EXPECT_TRUE(was_cancelled);
}

TEST(Deadline, hands_on_an_exception_at_once) { EXPECT_THROW(run(with_deadline(1min, throws())), std::runtime_error); }

TEST(Deadline, cancelled_from_outside_cancels_the_work) {
    bool was_cancelled = false;
    auto const answer = run(with_deadline(5ms, with_deadline(1min, sleeps_for_a_minute(was_cancelled))));
    EXPECT_EQ(answer.error().code, Errc::timed_out);
    EXPECT_TRUE(was_cancelled);
}

TEST(SleepFor, says_that_the_time_is_up) { EXPECT_TRUE(run(sleep_for(1ms))); }

struct BackoffCase {
    int attempt;
    double random;
    std::chrono::milliseconds expected;
};
class BackoffAfter : public testing::TestWithParam<BackoffCase> {};

TEST_P(BackoffAfter, doubles_up_to_the_longest) {
    auto const& [attempt, random, expected] = GetParam();
    EXPECT_EQ(backoff_after(attempt, random, {.first = 100ms, .longest = 1000ms}), expected);
}

INSTANTIATE_TEST_SUITE_P(Tries, BackoffAfter,
                         testing::Values(BackoffCase{1, 0, 50ms}, BackoffCase{1, 1, 100ms}, BackoffCase{2, 1, 200ms}, BackoffCase{4, 0.5, 600ms},
                                         BackoffCase{5, 1, 1000ms}, BackoffCase{5, 0, 500ms}, BackoffCase{1000, 1, 1000ms}, BackoffCase{0, 1, 100ms},
                                         BackoffCase{1, 7, 100ms}));

struct Where {
    std::thread::id operator()() const { return std::this_thread::get_id(); }
};

net::awaitable<std::pair<std::thread::id, std::thread::id>> run_on_pool() {
    net::thread_pool pool{1};
    Where const where;
    auto const there = co_await on_pool(pool, where);
    co_return std::pair{there, std::this_thread::get_id()};
}

TEST(OnPool, works_elsewhere_and_resumes_here) {
    auto const [there, back] = run(run_on_pool());
    EXPECT_NE(there, std::this_thread::get_id());
    EXPECT_EQ(back, std::this_thread::get_id());
}

}  // namespace
}  // namespace kefu
