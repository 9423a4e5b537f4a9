// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/net/net.hpp"

#include <chrono>

namespace kefu {

/// Sleeps; false when cancelled before the time was up.
net::awaitable<bool> sleep_for(std::chrono::milliseconds duration);

/// Runs `work` for at most `limit`, then cancels it: Errc::timed_out. Cancelling the caller cancels `work` too, whose answer is then
/// returned. Returns only when `work` has really ended. The types in use are listed at the end of deadline.cpp.
template <class T>
net::awaitable<Result<T>> with_deadline(std::chrono::milliseconds limit, net::awaitable<Result<T>> work);

}  // namespace kefu
