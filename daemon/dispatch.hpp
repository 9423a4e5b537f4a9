// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/net/on_pool.hpp"
#include "daemon/net/task_group.hpp"
#include "daemon/roster.hpp"
#include "daemon/services.hpp"
#include "daemon/store/store.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace kefu {

/// How sends ended since start; read from any thread.
struct DispatchCounts {
    std::atomic<std::uint64_t> delivered{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> unknown{0};
    std::atomic<std::uint64_t> retried{0};
};

/// Carries out what decisions asked for: sends, notices, profiles, photos, whose turn it is; and lets due timers fire. Every result goes back to the store as
/// an event. Lives on the io thread; everything it refers to outlives it.
class Dispatcher {
  public:
    /// `concurrency`: of what is no send (notices, photos, look-ups). Sends: each channel's `send.concurrency`.
    Dispatcher(net::any_io_executor const& executor, Store& store, std::function<ServicesPtr()> services, Roster& roster, net::thread_pool& pool,
               std::filesystem::path media, Clock clock, std::size_t concurrency = 64);
    ~Dispatcher();

    void start();

    /// There may be work. From any thread; cheap.
    void wake();

    /// Takes no more work, lets what is on the wire finish for at most `limit`, then cancels it (it comes back as "may be out" at the next start).
    net::awaitable<void> stop(std::chrono::milliseconds limit);

    DispatchCounts const& counts() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace kefu
