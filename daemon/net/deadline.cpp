// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/deadline.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/redirect_error.hpp>

#include <string>
#include <utility>

namespace kefu {

net::awaitable<bool> sleep_for(std::chrono::milliseconds duration) {
    net::steady_timer timer{co_await this_coro::executor, duration};
    error_code cut_short;
    co_await timer.async_wait(net::redirect_error(net::use_awaitable, cut_short));
    co_return !cut_short;
}

// parallel_group is what `work || timer` of awaitable_operators is made of. The operator waits for the first success, so an exception in
// `work` would wait for the timer and be lost; this waits for the first end.
template <class T>
net::awaitable<Result<T>> with_deadline(std::chrono::milliseconds limit, net::awaitable<Result<T>> work) {
    auto const executor = co_await this_coro::executor;
    net::steady_timer timer{executor, limit};
    auto both = net::experimental::make_parallel_group(net::co_spawn(executor, std::move(work), net::deferred), timer.async_wait(net::deferred));
    auto ended = co_await std::move(both).async_wait(net::experimental::wait_for_one(), net::use_awaitable);
    auto& [order, thrown, answer, timer_error] = ended;
    if (order[0] == 1 && !timer_error) co_return Error{Errc::timed_out, "no answer in " + std::to_string(limit.count()) + " ms"};
    if (thrown) std::rethrow_exception(thrown);
    co_return std::move(answer);
}

template net::awaitable<Result<void>> with_deadline(std::chrono::milliseconds, net::awaitable<Result<void>>);
template net::awaitable<Result<std::string>> with_deadline(std::chrono::milliseconds, net::awaitable<Result<std::string>>);

}  // namespace kefu
