// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/http/message.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

/// What the listener and its connections share. Private to daemon/http/.
namespace kefu {

/// One connection, as the listener sees it. Time limits are not timers of their own: the listener looks at all of them several times
/// within the shortest limit, which costs a request nothing.
struct Connection {
    net::ip::tcp::socket* socket = nullptr;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    bool waiting = true;                  ///< nothing of a request has come yet: a stop may end it
    bool late = false;                    ///< the deadline passed, and what the socket was doing has been cancelled
    std::function<void()> end = nullptr;  ///< set while it is a WebSocket: asks it to say goodbye
};

struct HttpServer {
    HttpLimits limits;
    Handler handler;
    std::list<Connection*> connections;
    bool stopping = false;
    std::string date;  ///< for the Date field

    std::size_t refusing = 0;  ///< connections over the limit that are being told so

    void end_late(std::chrono::steady_clock::time_point now);
    void end_waiting();
    void cut();
};

net::awaitable<void> serve_plain(net::ip::tcp::socket socket, std::shared_ptr<HttpServer> server);
net::awaitable<void> serve_tls(net::ip::tcp::socket socket, std::shared_ptr<net::ssl::context> tls, std::shared_ptr<HttpServer> server);

/// Answers 503 to whoever comes when there are too many.
net::awaitable<void> refuse(net::ip::tcp::socket socket, std::shared_ptr<HttpServer> server);

}  // namespace kefu
