// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/net/net.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace kefu {

/// Owns coroutines: every one is known by name, can be cancelled, and is waited for. Single-threaded: use it on its executor only.
/// An exception ends its coroutine alone and is logged with the name.
class TaskGroup {
  public:
    explicit TaskGroup(net::any_io_executor executor);
    ~TaskGroup();  ///< all tasks must have ended
    TaskGroup(TaskGroup const&) = delete;
    TaskGroup& operator=(TaskGroup const&) = delete;

    void spawn(std::string name, net::awaitable<void> task);

    /// Asks every task to stop (terminal cancellation).
    void cancel();

    /// Resumes when no task is left, or after `limit`; true when none is left.
    net::awaitable<bool> join(std::chrono::milliseconds limit);

    std::size_t size() const;
    net::any_io_executor executor() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace kefu
