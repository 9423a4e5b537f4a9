// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/http/client_connection.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kefu {

/// The connections of one HttpClient: who may have one, and those that wait for their next request. Private to daemon/http/.
class ClientPool : public std::enable_shared_from_this<ClientPool> {
  public:
    static constexpr std::size_t most_per_host = 64;
    static constexpr std::size_t most_waiting = 1024;
    static constexpr std::chrono::seconds idle_limit{30};

    explicit ClientPool(net::any_io_executor const& executor);

    /// The right to have one connection to a host; given to the next who waits when it goes.
    class Lease {
      public:
        Lease() = default;
        Lease(std::shared_ptr<ClientPool> pool, std::string host) : pool_(std::move(pool)), host_(std::move(host)) {}
        Lease(Lease&& other) noexcept : pool_(std::move(other.pool_)), host_(std::move(other.host_)) {}
        Lease& operator=(Lease&&) = delete;
        ~Lease();

        std::unique_ptr<ClientConnection> take_idle();  ///< one that is kept alive and still quiet, or none
        void keep(std::unique_ptr<ClientConnection> connection);

      private:
        std::shared_ptr<ClientPool> pool_;
        std::string host_;
    };

    /// Waits for a turn, at the longest until `when`. unavailable: too many wait, or it took too long; cancelled.
    net::awaitable<Result<Lease>> lease(std::string host, std::chrono::steady_clock::time_point when);

    void close_idle();
    void shut_down();  ///< nothing is kept from now on

  private:
    struct Idle {
        std::unique_ptr<ClientConnection> connection;
        std::chrono::steady_clock::time_point until;
    };
    struct Waiting {
        net::steady_timer wake;
        std::deque<Waiting*>& line;  ///< of a host that stays known while somebody stands in it
        bool granted = false;

        ~Waiting();  ///< leaves the line
    };
    struct Host {
        std::size_t leased = 0;
        std::vector<Idle> idle;  ///< the newest last
        std::deque<Waiting*> waiting;
    };

    void give_back(std::string const& host);
    void forget_if_unused(std::map<std::string, Host>::iterator host);
    void expect_expiry();
    void drop_expired();

    std::map<std::string, Host> hosts_;
    net::steady_timer expiry_;
    bool expecting_ = false;
    bool down_ = false;
};

}  // namespace kefu
