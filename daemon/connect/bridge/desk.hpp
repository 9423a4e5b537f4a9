// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/bridge/hub.hpp"
#include "daemon/http/router.hpp"
#include "daemon/store/store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kefu::bridge {

/// Where bridges of all channels with one path arrive, and what they bring goes to.
struct Desk {
    std::function<std::vector<std::shared_ptr<Hub>>()> hubs;  ///< of the newest settings
    Inlet inlet;

    /// Whose token this is; every one is compared. Null: nobody's.
    std::shared_ptr<Hub> hub_of(std::string_view token) const;
};

/// An event as the store takes it.
Arrival arrival_of(ChannelSettings const& channel, EventFrame const& frame, Event event, std::string raw, Timestamp now);

/// Adds BASE/ws.
void add_websocket(Router& router, std::string const& base, Desk desk);

/// Adds BASE/events and BASE/sends.
void add_webhook(Router& router, std::string const& base, Desk desk);

}  // namespace kefu::bridge
