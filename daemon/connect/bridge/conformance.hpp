// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/client.hpp"
#include "daemon/http/router.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace kefu {
class WebSocket;
}

/// kefud's side of the bridge protocol as a test for bridges: `kefud bridge-test`.
namespace kefu::bridge {

/// One check. `detail` says what was expected and what came; empty when it holds.
struct Finding {
    std::string check;
    bool holds = true;
    std::string detail;
};
using Report = std::function<void(Finding)>;

struct ConformanceOptions {
    std::string account = "tb-flagship";
    std::string conversation = "bridge-test";    ///< where the bridge types what it is given
    std::string secret;                          ///< whsec_...: signs callbacks
    std::chrono::milliseconds patience{30'000};  ///< for a connection, and for a result
    std::chrono::milliseconds quiet{2'500};      ///< how long nothing must come where nothing may
};

/// Connections of a bridge under test, in the order it dials.
class Dialed {
  public:
    explicit Dialed(net::any_io_executor const& executor) : executor_(executor), news_(executor) {}

    /// Takes bridges in at `path`.
    void add_route(Router& router, std::string const& path);

    struct Call {
        std::shared_ptr<WebSocket> socket;  ///< null: nobody came
        bool offered_protocol = false;
    };
    net::awaitable<Call> next(std::chrono::milliseconds limit);

  private:
    net::any_io_executor executor_;
    net::steady_timer news_;
    std::deque<Call> calls_;
};

/// Checks a bridge that dials: hello, results, repetition, deadlines, resume, backpressure, replacement.
net::awaitable<void> check_dialing_bridge(Dialed& dialed, ConformanceOptions options, Report report);

/// Checks a bridge that is called at `url` (B10, callback).
net::awaitable<void> check_callback(HttpClient& http, std::string url, ConformanceOptions options, Report report);

}  // namespace kefu::bridge
