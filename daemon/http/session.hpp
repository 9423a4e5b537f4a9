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
    bool waiting = true;  ///< nothing of a request has come yet: a stop may end it
    bool fresh = true;    ///< nothing has come on it yet at all: who connected just before a stop is still answered
    bool late = false;    ///< the deadline passed, and what the socket was doing has been cancelled; again at each look until there is a new one
    std::function<void()> end = nullptr;  ///< set while it is a WebSocket: asks it to say goodbye
};

struct HttpServer {
    HttpLimits limits;
    Handler handler;
    std::list<Connection*> connections;
    bool stopping = false;
    std::string date;  ///< for the Date field

    /// How long a connection may wait for a request; `fresh`: for its first.
    std::chrono::milliseconds patience(bool fresh) const;

    std::size_t refusing = 0;  ///< connections over the limit that are being told so

    void end_late(std::chrono::steady_clock::time_point now);
    void end_waiting();
    void cut();
};

/// In the server's list for as long as it lives.
class Listed {
  public:
    Listed(HttpServer& server, net::ip::tcp::socket& socket) : server_(server) {
        connection.socket = &socket;
        place_ = server.connections.insert(server.connections.end(), &connection);
    }
    ~Listed() { server_.connections.erase(place_); }
    Listed(Listed const&) = delete;
    Listed& operator=(Listed const&) = delete;

    Connection connection;

  private:
    HttpServer& server_;
    std::list<Connection*>::iterator place_;
};

/// How long we listen to a peer that we have refused.
inline constexpr std::chrono::milliseconds linger_time{2000};

/// AF_INET, AF_INET6 or AF_UNIX. Only of the first two has Asio the address right.
int family_of(net::ip::tcp::endpoint const& endpoint);

net::awaitable<void> serve_plain(net::ip::tcp::socket socket, std::shared_ptr<HttpServer> server);
net::awaitable<void> serve_tls(net::ip::tcp::socket socket, std::shared_ptr<net::ssl::context> tls, std::shared_ptr<HttpServer> server);

/// Answers 503 to whoever comes when there are too many.
net::awaitable<void> refuse(net::ip::tcp::socket socket, std::shared_ptr<HttpServer> server);

}  // namespace kefu
