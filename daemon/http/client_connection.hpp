// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/net/net.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

/// The parts of HttpClient that touch the network. Private to daemon/http/.
namespace kefu {

/// A time limit over several waits. When it passes, `stop` is called, which has to end the wait.
class Limit {
  public:
    explicit Limit(net::any_io_executor const& executor);
    ~Limit();
    Limit(Limit const&) = delete;
    Limit& operator=(Limit const&) = delete;

    /// Replaces the limit there was.
    void until(std::chrono::steady_clock::time_point when, std::function<void()> stop);
    bool passed() const { return core_->passed; }

  private:
    struct Core {
        net::steady_timer timer;
        std::function<void()> stop;
        unsigned generation = 0;
        bool passed = false;
    };
    std::shared_ptr<Core> core_;
};

/// One connection to a server, plain or TLS.
class ClientConnection {
  public:
    virtual ~ClientConnection() = default;

    /// TLS: server name and certificate are checked against `host`. Plain: nothing to do.
    virtual net::awaitable<error_code> handshake(std::string host) = 0;
    virtual net::awaitable<std::size_t> write(std::array<net::const_buffer, 2> bytes, error_code& error) = 0;
    virtual net::awaitable<std::size_t> read(net::mutable_buffer room, error_code& error) = 0;
    virtual net::ip::tcp::socket& socket() = 0;

    /// True when an error with no byte written means that none left this machine. Not so in TLS, which counts only whole records.
    virtual bool counts_every_byte() const = 0;

    void close();  ///< ends whatever waits on it
    /// Nothing has come on an idle connection, not even its end.
    bool still_quiet();
};

std::unique_ptr<ClientConnection> plain_connection(net::ip::tcp::socket socket);
std::unique_ptr<ClientConnection> tls_connection(net::ip::tcp::socket socket, std::shared_ptr<net::ssl::context> tls);

}  // namespace kefu
