// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client_connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <openssl/err.h>
#include <sys/socket.h>

#include <utility>

namespace kefu {

namespace {

using net::ip::tcp;

class PlainConnection final : public ClientConnection {
  public:
    explicit PlainConnection(tcp::socket socket) : socket_(std::move(socket)) {}

    net::awaitable<error_code> handshake(std::string) override { co_return error_code{}; }

    net::awaitable<std::size_t> write(std::array<net::const_buffer, 2> bytes, error_code& error) override {
        co_return co_await net::async_write(socket_, bytes, net::redirect_error(net::use_awaitable, error));
    }

    net::awaitable<std::size_t> read(net::mutable_buffer room, error_code& error) override {
        co_return co_await socket_.async_read_some(room, net::redirect_error(net::use_awaitable, error));
    }

    tcp::socket& socket() override { return socket_; }
    bool counts_every_byte() const override { return true; }

  private:
    tcp::socket socket_;
};

class TlsConnection final : public ClientConnection {
  public:
    TlsConnection(tcp::socket socket, std::shared_ptr<net::ssl::context> tls) : tls_(std::move(tls)), stream_(std::move(socket), *tls_) {}

    net::awaitable<error_code> handshake(std::string host) override {
        error_code error;
        net::ip::make_address(host, error);
        bool const is_name = static_cast<bool>(error);  // SNI has names only (RFC 6066, 3)
        if (is_name && SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str()) != 1) {
            co_return error_code{static_cast<int>(ERR_get_error()), net::error::get_ssl_category()};
        }
        error = {};
        stream_.set_verify_callback(net::ssl::host_name_verification(host), error);
        if (error) co_return error;
        co_await stream_.async_handshake(net::ssl::stream_base::client, net::redirect_error(net::use_awaitable, error));
        co_return error;
    }

    net::awaitable<std::size_t> write(std::array<net::const_buffer, 2> bytes, error_code& error) override {
        co_return co_await net::async_write(stream_, bytes, net::redirect_error(net::use_awaitable, error));
    }

    net::awaitable<std::size_t> read(net::mutable_buffer room, error_code& error) override {
        co_return co_await stream_.async_read_some(room, net::redirect_error(net::use_awaitable, error));
    }

    tcp::socket& socket() override { return stream_.next_layer(); }
    bool counts_every_byte() const override { return false; }

  private:
    std::shared_ptr<net::ssl::context> tls_;
    net::ssl::stream<tcp::socket> stream_;
};

}  // namespace

Limit::Limit(net::any_io_executor const& executor) : core_(std::make_shared<Core>(Core{net::steady_timer{executor}, nullptr})) {}

Limit::~Limit() {
    ++core_->generation;
    core_->stop = nullptr;
    core_->timer.cancel();
}

void Limit::until(std::chrono::steady_clock::time_point when, std::function<void()> stop) {
    core_->passed = false;
    core_->stop = std::move(stop);
    core_->timer.expires_at(when);
    // The handler may already be on its way when the limit is replaced: then its number is old.
    core_->timer.async_wait([core = core_, mine = ++core_->generation](error_code const& error) {
        if (error || mine != core->generation) return;
        core->passed = true;
        if (core->stop) core->stop();
    });
}

void ClientConnection::close() {
    error_code ignored;
    socket().close(ignored);
}

bool ClientConnection::still_quiet() {
    char byte = 0;
    auto const got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::unique_ptr<ClientConnection> plain_connection(tcp::socket socket) { return std::make_unique<PlainConnection>(std::move(socket)); }

std::unique_ptr<ClientConnection> tls_connection(tcp::socket socket, std::shared_ptr<net::ssl::context> tls) {
    return std::make_unique<TlsConnection>(std::move(socket), std::move(tls));
}

}  // namespace kefu
