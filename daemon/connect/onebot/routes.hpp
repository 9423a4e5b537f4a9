// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/onebot/link.hpp"
#include "daemon/http/router.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace kefu::onebot {

/// What the threads that serve connections know of a channel.
struct Door {
    ChannelSettings settings;
    std::shared_ptr<Link> link;  ///< only for the io thread
};

/// Why this opening of a WebSocket is refused: 401 without a token, 403 with a wrong one, 400 for another version of OneBot. Nothing: welcome. Pure.
std::optional<Response> objection_to_upgrade(ChannelSettings const& settings, Request const& request);

/// Why this posted event is refused: X-Signature (v11) or token (v12), the account. Pure.
std::optional<Response> objection_to_post(ChannelSettings const& settings, Request const& request);

/// Adds `path`: GET opens a reverse WebSocket, POST brings an event. `door` gives the newest settings; nothing: a reload has taken the channel away.
void add_routes(Router& router, std::string const& path, Inlet const& inlet, std::function<std::optional<Door>()> door);

}  // namespace kefu::onebot
