// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/websocket.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

/// Private to websocket.cpp and websocket_run.cpp.
namespace kefu {

/// A client's frames need one that nobody can foresee (RFC 6455, 5.3); a server's have none.
std::optional<std::uint32_t> mask_for(WebSocketSide side);

/// The queues between the connection's thread and its user's. Timers belong to the executor they are named after.
struct WebSocket::State {
    State(net::any_io_executor wire_executor, WebSocketUpgrade const& upgrade, WebSocketSide our_side)
        : side(our_side), limits(upgrade.limits), wire(std::move(wire_executor)), home(upgrade.home), home_news(home), wire_news(wire), room(wire) {}

    WebSocketSide const side;
    WebSocketLimits const limits;
    net::any_io_executor wire;
    net::any_io_executor home;
    net::steady_timer home_news;
    net::steady_timer wire_news;  ///< the writer waits on it
    net::steady_timer room;       ///< the reader, while nobody takes what came

    std::mutex mutex;  ///< of all below
    std::vector<std::string> inbox;
    std::string outgoing;  ///< frames, ready to write
    bool closing = false;
    std::uint16_t code = close_code::normal;
    std::string reason;
    bool ended = false;
    bool asked_to_end = false;
};

}  // namespace kefu
