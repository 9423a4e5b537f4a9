// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/net/task_group.hpp"
#include "daemon/services.hpp"

#include <chrono>
#include <functional>
#include <utility>

namespace kefu {

/// What channels need beside messages: each account learns what it must know of itself and does what it has to do from time to time, and what changes in its
/// health is in the log once. On the io thread; its tasks are the group's.
class ChannelUpkeep {
  public:
    ChannelUpkeep(TaskGroup& group, std::function<ServicesPtr()> services, Clock clock)
        : group_(group), services_(std::move(services)), clock_(std::move(clock)) {}

    /// For the services of the moment, until they are replaced: call it anew then.
    void begin();

    /// Until it is cancelled.
    net::awaitable<void> watch();

  private:
    net::awaitable<void> prepare(ServicesPtr services, Connector* connector);
    /// Sleeps in short steps: what a reload has replaced is not kept alive for long. False: it is replaced, or the daemon stops.
    net::awaitable<bool> stay_current(ServicesPtr services, std::chrono::milliseconds wait);
    void report_change(Services const& services, ChannelSettings const& channel);

    TaskGroup& group_;
    std::function<ServicesPtr()> services_;
    Clock clock_;
};

}  // namespace kefu
