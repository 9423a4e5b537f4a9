// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/http/client.hpp"
#include "daemon/http/websocket.hpp"

#include <chrono>
#include <string>

/// WebSocket connections that we open (RFC 6455, 4.1).
namespace kefu {

struct WebSocketDial {
    std::string url;  ///< ws or wss; never logged with its query
    Headers headers;
    std::chrono::milliseconds timeout{10'000};  ///< from the look-up of the name to the server's agreement
    bool public_addresses_only = false;
};

/// Connects, then serves the connection until it has ended and `upgrade.serve` has returned; a value: there was one. With TLS the host's name is checked
/// against the system's CAs. Redirects are not followed. When the caller is cancelled, `upgrade.serve` is asked to end and the connection ends in order first;
/// the caller has to stop then, it hears of no other cancellation. unauthorized: the server answered 401 or 403; unavailable: no connection; bad_payload: it
/// did not agree to a WebSocket; bad_config; cancelled. Runs on the calling executor.
/// `http` opens the connection, through its proxy where it has one, and outlives this.
net::awaitable<Result<void>> dial_websocket(HttpClient& http, WebSocketDial dial, WebSocketUpgrade upgrade);

}  // namespace kefu
