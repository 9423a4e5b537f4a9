// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/connector.hpp"
#include "daemon/connect/web_chat/hub.hpp"
#include "daemon/http/router.hpp"

#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kefu::web_chat {

/// Files on their way from an upload to the media folder, and the threads that write them. What nobody mentioned in a message for two days is removed.
struct Uploads {
    std::filesystem::path folder;
    net::thread_pool& pool;
};

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
    Uploads uploads;
};

/// Adds BASE/ws.
void add_websocket(Router& router, std::string const& base, Desk desk);

/// Adds POST BASE/files, and GET for a visitor's own photos.
void add_uploads(Router& router, std::string const& base, Desk desk);

/// Adds BASE, the page, and BASE/widget.js.
void add_page(Router& router, std::string const& base, Desk desk);

/// The name of an upload in its folder. Nobody can name another person's.
std::string upload_name(std::string_view sender, std::string_view id);

/// Reads it. Blocks: run it on the pool. not_found when it is gone or never was.
struct ReadUpload {
    std::filesystem::path folder;
    std::string name;
    Result<Connector::Content> operator()() const;
};

}  // namespace kefu::web_chat
