// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/bridge/desk.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace kefu::bridge {

inline constexpr std::size_t max_inflight = 64;
inline constexpr std::size_t most_unacked = 4 * max_inflight;  ///< B7: more is a flow violation
inline constexpr std::size_t max_frame_bytes = 262'144;

/// What is known of a bridge before its hello.
struct Caller {
    std::string token;
    std::string origin;
};

/// Serves one WebSocket from its first frame to its last. Runs on the io thread.
net::awaitable<void> serve(Desk desk, Caller caller, std::shared_ptr<WebSocket> socket);

}  // namespace kefu::bridge
