// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/connector.hpp"
#include "daemon/connect/waiting_files.hpp"
#include "daemon/connect/web_chat/hub.hpp"
#include "daemon/http/router.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kefu::web_chat {

/// Where pages of all channels with one path arrive, and what they bring goes to. Routes run on any thread.
struct Desk {
    /// The channel of that id among those with this path, of the newest settings; an empty id: the first that has a page. Null: there is none.
    struct Channel {
        std::shared_ptr<Hub> hub;
        ChannelSettings settings;
        std::string shop;  ///< its name
    };
    std::function<std::optional<Channel>(std::string_view id)> channel;
    Inlet inlet;
    WaitingFiles uploads;  ///< photos on their way from an upload to the media folder
};

/// Adds BASE/ws.
void add_websocket(Router& router, std::string const& base, Desk desk);

/// Adds POST BASE/files, and GET for a visitor's own photos.
void add_uploads(Router& router, std::string const& base, Desk desk);

/// Adds BASE, the page, and BASE/widget.js.
void add_page(Router& router, std::string const& base, Desk desk);

}  // namespace kefu::web_chat
