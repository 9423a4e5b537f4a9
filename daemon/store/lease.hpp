// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace kefu {

/// That this daemon is alive, as the database that it shares with others has it. What it claims carries the lease's number; when the lease ends, the others
/// take that over, and what this one then says about it is refused. From any thread.
class Lease {
  public:
    using Clock = std::chrono::steady_clock;

    /// Never 0, and never used again: one that was lost is followed by another.
    std::int64_t number() const { return number_.load(); }

    /// Will it certainly last that long, also when the database is gone from now on? Its end is counted from before the database was asked, so neither
    /// machine's clock matters.
    bool lasts(std::chrono::milliseconds time) const { return Clock::now() + time < until_.load(); }

    void take(std::int64_t number, Clock::time_point until) {
        until_.store(Clock::time_point{});  // first: no moment has the new number and the old end
        number_.store(number);
        until_.store(until);
    }
    void renew(Clock::time_point until) { until_.store(until); }
    void lose() { until_.store(Clock::time_point{}); }

  private:
    std::atomic<std::int64_t> number_{0};
    std::atomic<Clock::time_point> until_{};
};

}  // namespace kefu
