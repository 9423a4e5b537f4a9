// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/net/net.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace kefu {

/// Runs one coroutine on an io_context of its own and returns its value. Whatever lives on an executor is made inside, from
/// this_coro::executor. An exception comes out here; after 30 s this gives up and throws.
template <class T>
T run(net::awaitable<T> work) {
    using Kept = std::conditional_t<std::is_void_v<T>, bool, T>;
    net::io_context io{1};
    net::steady_timer const reactor{io};  // keeps the scheduler in use while another thread is still posting to it
    std::optional<Kept> value;
    std::exception_ptr thrown;
    bool ended = false;
    if constexpr (std::is_void_v<T>) {
        net::co_spawn(io, std::move(work), [&](std::exception_ptr e) {
            thrown = e;
            ended = true;
        });
    } else {
        net::co_spawn(io, std::move(work), [&](std::exception_ptr e, T v) {
            thrown = e;
            value = std::move(v);
            ended = true;
        });
    }
    auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!ended && io.run_one_until(give_up) != 0) {
    }
    if (!ended) throw std::runtime_error("run(): the coroutine did not end in 30 s");
    if (thrown) std::rethrow_exception(thrown);
    if constexpr (!std::is_void_v<T>) return std::move(*value);
}

}  // namespace kefu
