// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/http/target.hpp"
#include "daemon/net/net.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// Names to addresses. Private to daemon/http/.
namespace kefu {

/// The system's resolver blocks and cannot be stopped: it runs on threads of its own, one look-up at a time for a host however many ask for it, so that
/// names whose server is dead keep nobody else waiting.
class NameLookup {
  public:
    using Endpoints = std::vector<net::ip::tcp::endpoint>;

    /// `home`: where find() is called and resumes.
    explicit NameLookup(net::any_io_executor home);
    ~NameLookup();
    NameLookup(NameLookup const&) = delete;
    NameLookup& operator=(NameLookup const&) = delete;

    /// Waits until `when`. unavailable: not found, or not in time; cancelled.
    net::awaitable<Result<Endpoints>> find(Url const& url, std::chrono::steady_clock::time_point when);

    /// Waits for the look-ups that run. Nothing may be asked afterwards.
    void shut_down();

  private:
    struct Running;
    using Table = std::map<std::string, std::shared_ptr<Running>>;
    std::shared_ptr<Running> start(Url const& url);

    net::any_io_executor home_;
    std::shared_ptr<Table> running_;             ///< by host and port
    std::unique_ptr<net::thread_pool> threads_;  ///< made when first needed
};

}  // namespace kefu
