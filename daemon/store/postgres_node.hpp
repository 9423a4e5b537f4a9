// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/commit_listeners.hpp"
#include "daemon/store/lease.hpp"
#include "daemon/store/postgres.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kefu {

struct NodeOptions {
    std::string name;                         ///< stays the same over restarts; no two daemons on one database have the same
    std::chrono::milliseconds lease{30'000};  ///< renewed six times in it
    bool notify = true;                       ///< tell the others of commits, and hear of theirs
};

/// This daemon among those that share a database: it holds a lease, takes over what others left in flight whose lease has ended, and passes on what was
/// committed, here and there (LISTEN/NOTIFY). On a connection and a thread of its own, so that a slow transaction holds up none of it.
class PostgresNode {
  public:
    PostgresNode(PostgresAccess access, NodeOptions options, std::shared_ptr<CommitListeners> listeners);
    ~PostgresNode();

    /// Takes a lease, and what this node had in flight when it died. Throws PostgresError.
    void join();
    void start();

    /// For the others. From the store's thread; never waits.
    void committed(bool made_work, std::vector<Changed> const& changes);

    /// Stops, and gives the lease back with all that is in flight: it may be out.
    void leave() noexcept;

    Lease const& lease() const { return lease_; }

  private:
    using Clock = Lease::Clock;

    /// Of a conversation that changed: what its row does not tell.
    struct Difference {
        bool is_new = false;
        bool moved = false;
    };
    struct News {
        bool made_work = false;
        std::map<std::string, Difference> changes;
    };

    void run();
    void look_after_things();
    void renew();
    void take_lease(Clock::time_point asked);
    void take_over();
    void tell_others();
    void say(News const& news);
    void hear(std::vector<std::string> const& payloads);
    std::vector<Changed> read(std::map<std::string, Difference> const& changes);
    void nudge() noexcept;

    NodeOptions options_;
    std::shared_ptr<CommitListeners> listeners_;
    Lease lease_;
    PostgresDatabase database_;
    Clock::time_point renew_at_{};
    std::uint64_t listening_on_ = 0;  ///< the number of the connection
    bool alone_ = true;
    bool trouble_ = false;

    std::mutex mutex_;
    News news_;  ///< under mutex_
    bool stopping_ = false;
    int wake_ = -1;  ///< an eventfd
    std::thread thread_;
};

}  // namespace kefu
