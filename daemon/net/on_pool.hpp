// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/net/net.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace kefu {

/// Runs `work` (a plain function object returning a value, never a coroutine) on `pool` and resumes here with its value, or with what it
/// threw. `work` runs to its end even when the caller is cancelled. The pool must be joined before the caller's io_context goes.
template <class F>
auto on_pool(net::thread_pool& pool, F work) -> net::awaitable<decltype(work())> {
    struct Outcome {
        std::optional<decltype(work())> value;
        std::exception_ptr thrown;
    };
    auto const outcome = std::make_shared<Outcome>();
    // The coroutine itself stays on its thread, where it may be cancelled at any time; `post(pool, use_awaitable)` would even run the work there.
    auto start = [&pool, outcome, work = std::move(work)](auto resume) mutable {
        auto const home = net::get_associated_executor(resume);
        auto busy = net::prefer(home, net::execution::outstanding_work.tracked);  // until the work is done, run() has something to wait for
        net::post(pool, [outcome, work = std::move(work), resume = std::move(resume), home, busy = std::move(busy)]() mutable {
            try {
                outcome->value.emplace(work());
            } catch (...) {
                outcome->thrown = std::current_exception();
            }
            net::post(home, [resume = std::move(resume), busy = std::move(busy)]() mutable { std::move(resume)(); });
        });
    };
    co_await net::async_initiate<net::use_awaitable_t<> const, void()>(std::move(start), net::use_awaitable);
    if (outcome->thrown) std::rethrow_exception(outcome->thrown);
    co_return std::move(*outcome->value);
}

}  // namespace kefu
