// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/console/traffic.hpp"
#include "daemon/net/on_pool.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <string>

namespace kefu {

/// Reports take seconds and much memory: one after another, on a thread of their own, and those of one page from one reading. Any thread may ask.
class ReportRoom {
  public:
    using Read = std::function<Result<Traffic>()>;
    /// Work with the traffic of a query, on the room's thread.
    using Work = std::function<Result<std::string>(Traffic const&)>;

    /// `key`: what reads with the same one has the same traffic, as long as what `read` owns lives. unavailable: too many wait.
    net::awaitable<Result<std::string>> make(std::string key, Read read, Work work);

  private:
    /// One that waits or works, until it is over.
    class Turn {
      public:
        explicit Turn(ReportRoom& room) : room_(room), number_(room.waiting_.fetch_add(1)) {}
        ~Turn() { room_.waiting_.fetch_sub(1); }
        Turn(Turn const&) = delete;
        Turn& operator=(Turn const&) = delete;
        bool fits() const { return number_ < most_waiting; }

      private:
        ReportRoom& room_;
        int number_;
    };
    static constexpr int most_waiting = 24;

    std::atomic<int> waiting_{0};
    struct Kept {
        std::string key;
        Read read;
        Traffic traffic;
    };
    std::optional<Kept> newest_;  ///< for those who wait; on the room's thread only
    net::thread_pool thread_{1};  ///< last: joined before the rest goes
};

}  // namespace kefu
