// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client_connector.hpp"

#include "daemon/http/public_address.hpp"
#include "daemon/http/tls.hpp"
#include "daemon/http/wire.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>

#include <utility>
#include <vector>

namespace kefu {

using net::ip::tcp;
using std::chrono::steady_clock;

net::awaitable<bool> was_cancelled() {
    auto const state = co_await this_coro::cancellation_state;
    co_return state.cancelled() != net::cancellation_type::none;
}

Error cancelled_unsent() { return {Errc::cancelled, "cancelled before the request was sent"}; }

namespace {

/// Tries the addresses in turn; the time that is left is shared among those that are left.
net::awaitable<Result<tcp::socket>> connect(net::any_io_executor executor, Url const& url, std::vector<tcp::endpoint> endpoints,
                                            steady_clock::time_point when) {
    error_code error;
    std::size_t left = endpoints.size();
    for (auto const& endpoint : endpoints) {
        tcp::socket socket{executor};
        Limit limit{executor};
        auto const now = steady_clock::now();
        limit.until(now + (when - now) / static_cast<int>(left--), [&socket] {
            error_code ignored;
            socket.close(ignored);
        });
        co_await socket.async_connect(endpoint, net::redirect_error(net::use_awaitable, error));
        if (co_await was_cancelled()) co_return cancelled_unsent();
        if (limit.passed()) error = net::error::timed_out;
        if (!error) {
            error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            co_return socket;
        }
    }
    co_return Error{Errc::unavailable, "cannot connect to " + url.authority + ": " + error.message()};
}

/// Names that no proxy should be asked for on behalf of somebody else.
bool is_plainly_local(std::string const& host) {
    error_code no_literal;
    auto const literal = net::ip::make_address(host, no_literal);
    if (!no_literal) return !is_public(literal);
    auto const below = [&](std::string_view domain) { return host.ends_with(domain); };
    return host.find('.') == std::string::npos || below(".local") || below(".localhost") || below(".internal") || below(".home.arpa");
}

/// RFC 9110, 9.3.6: after a 2xx the connection is the server's.
net::awaitable<Result<tcp::socket>> ask_for_tunnel(tcp::socket socket, Url url, std::string authorization, steady_clock::time_point when) {
    Limit limit{socket.get_executor()};
    auto const connection = plain_connection(std::move(socket));
    limit.until(when, [&c = *connection] { c.close(); });
    bool const v6 = url.host.find(':') != std::string::npos;
    std::string const target = (v6 ? '[' + url.host + ']' : url.host) + ':' + url.port;
    Headers headers;
    if (!authorization.empty()) headers.add("Proxy-Authorization", std::move(authorization));
    std::string head;
    if (!write_request_head(head, "CONNECT", target, target, headers, 0)) co_return Error{Errc::bad_config, "the proxy's settings hold what HTTP forbids"};
    error_code error;
    std::array<net::const_buffer, 2> const parts = {net::buffer(head), net::const_buffer{}};
    co_await connection->write(parts, error);
    InputBuffer input;
    ResponseReader reader{std::size_t{64} * 1024, true};
    while (!error && !reader.complete() && reader.fault() == WireFault::none) {
        auto const room = input.room(reader.wanted());
        auto const count = co_await connection->read(room, error);
        input.received(count);
        input.consumed(reader.put(input.data()));
    }
    if (co_await was_cancelled()) co_return cancelled_unsent();
    if (!reader.complete() || limit.passed()) co_return Error{Errc::unavailable, "the proxy did not answer"};
    auto const answer = reader.take();
    if (answer.status / 100 != 2) co_return Error{Errc::unavailable, "the proxy refused the tunnel to " + target + ": " + std::to_string(answer.status)};
    co_return std::move(connection->socket());
}

}  // namespace

net::awaitable<Result<std::unique_ptr<ClientConnection>>> ClientConnector::open(Url url, steady_clock::time_point when, bool public_addresses_only,
                                                                                Tunnel const* through) {
    if (through != nullptr && public_addresses_only && is_plainly_local(url.host))
        co_return Error{Errc::bad_config, url.host + " is not an address of the public internet"};
    Url const& first = through != nullptr ? through->proxy : url;
    auto endpoints = co_await names_.find(first, when);
    if (!endpoints) co_return endpoints.error();
    if (public_addresses_only && through == nullptr) {
        std::erase_if(*endpoints, [](tcp::endpoint const& endpoint) { return !is_public(endpoint.address()); });
        if (endpoints->empty()) co_return Error{Errc::bad_config, url.host + " is not an address of the public internet"};
    }
    auto socket = co_await connect(executor_, first, std::move(*endpoints), when);
    if (!socket) co_return socket.error();
    if (through != nullptr && (url.tls || through->for_plain)) {
        auto tunnel = co_await ask_for_tunnel(std::move(*socket), url, through->authorization, when);
        if (!tunnel) co_return tunnel.error();
        socket = std::move(*tunnel);
    }
    if (!url.tls) co_return plain_connection(std::move(*socket));
    auto secured = co_await secure(std::move(*socket), std::move(url), when);
    co_return std::move(secured);
}

net::awaitable<Result<std::unique_ptr<ClientConnection>>> ClientConnector::secure(tcp::socket socket, Url url, steady_clock::time_point when) {
    if (!tls_) {
        auto tls = client_tls();
        if (!tls) co_return tls.error();
        tls_ = std::move(*tls);
    }
    auto connection = tls_connection(std::move(socket), tls_);
    Limit limit{executor_};
    limit.until(when, [&c = *connection] { c.close(); });
    auto error = co_await connection->handshake(url.host);
    if (co_await was_cancelled()) co_return cancelled_unsent();
    if (limit.passed()) error = net::error::timed_out;
    if (error) co_return Error{Errc::unavailable, "no TLS with " + url.authority + ": " + error.message()};
    co_return std::move(connection);
}

}  // namespace kefu
