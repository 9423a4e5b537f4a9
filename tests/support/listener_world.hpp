// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/listener.hpp"
#include "daemon/http/router.hpp"
#include "daemon/http/wire.hpp"
#include "tests/support/news.hpp"
#include "tests/support/run.hpp"

#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

/// A listener with handlers for every kind of answer, and a client that can misbehave.
namespace kefu::listener_world {

using namespace std::chrono_literals;
using net::ip::tcp;

/// A client that can misbehave: it sends what it is told and reads what comes.
class Client {
  public:
    explicit Client(net::any_io_executor const& executor) : socket_(executor) {}

    net::awaitable<void> connect(std::uint16_t port) {
        tcp::endpoint const endpoint{net::ip::address_v4::loopback(), port};
        co_await socket_.async_connect(endpoint, net::use_awaitable);
    }

    net::awaitable<void> send(std::string bytes) {
        error_code ignored;  // a server that refuses may be gone already
        co_await net::async_write(socket_, net::buffer(bytes), net::redirect_error(net::use_awaitable, ignored));
    }

    /// The next response; status 0 when the connection ended instead.
    net::awaitable<Response> receive(bool to_head = false) {
        ResponseReader reader{10 << 20, to_head};
        while (true) {
            input_.consumed(reader.put(input_.data()));
            if (reader.complete()) {
                closes = !reader.keep_alive();
                co_return reader.take();
            }
            bool const more = co_await read_more();
            if (!more) co_return Response{.status = 0, .headers = {}, .body = {}};
        }
    }

    net::awaitable<bool> is_closed() {
        bool const more = co_await read_more();
        co_return !more;
    }

    void close() { socket_.close(); }

    bool closes = false;  ///< the last response said so

  private:
    net::awaitable<bool> read_more() {
        error_code error;
        auto const room = input_.room(4096);
        auto const count = co_await socket_.async_read_some(room, net::redirect_error(net::use_awaitable, error));
        input_.received(count);
        co_return !error;
    }

    tcp::socket socket_;
    InputBuffer input_;
};

inline net::awaitable<Response> echo(Request request) {
    auto response = text_response(request.method + ' ' + request.path + ' ' + request.remote + ' ' + request.body);
    response.headers.set("X-Headers", std::to_string(request.headers.all().size()));
    co_return response;
}

inline net::awaitable<Response> large(Request) { co_return text_response(std::string(300'000, 'x')); }
inline net::awaitable<Response> nothing(Request) { co_return Response{.status = 204, .headers = {}, .body = {}}; }

inline net::awaitable<Response> fails(Request) {
    co_await net::post(net::use_awaitable);
    throw std::runtime_error("the secret reason");
}

/// Handlers that wait until the test lets them go.
struct Gate {
    std::optional<net::steady_timer> timer;
    int waiting = 0;
    bool cancelled = false;
    std::optional<News> news;  ///< of one more that waits

    net::awaitable<void> until_waiting() {
        if (!news) news.emplace(co_await this_coro::executor);
        while (waiting == 0) co_await news->next();
    }

    net::awaitable<Response> pass(Request request) {
        if (!timer) timer.emplace(co_await this_coro::executor, net::steady_timer::time_point::max());
        ++waiting;
        if (news) news->tell();
        error_code error;
        co_await timer->async_wait(net::redirect_error(net::use_awaitable, error));
        auto const state = co_await this_coro::cancellation_state;
        cancelled = state.cancelled() != net::cancellation_type::none;
        co_return text_response("passed " + request.body);
    }
};

/// A listener with a router, and short limits that a test may change before `open`.
struct Server {
    ListenSettings settings;
    Router router;
    Gate gate;
    std::unique_ptr<Listener> listener;

    Server() {
        settings.port = 0;
        settings.limits.max_body = ByteSize{1000};
        settings.limits.max_header = ByteSize{2000};
        router.add("POST", "/echo", echo);
        router.add("GET", "/echo", echo);
        router.add("GET", "/large", large);
        router.add("GET", "/nothing", nothing);
        router.add("GET", "/fails", fails);
        router.add("POST", "/gate", [this](Request request) { return gate.pass(std::move(request)); });
    }

    /// What lives on the executor goes before it does.
    void close() {
        listener.reset();
        gate.timer.reset();
        gate.news.reset();
    }

    void open(net::any_io_executor const& executor) {
        listener = Listener::open(executor, settings, [this](Request request) { return router.handle(std::move(request)); }).value();
    }
};

inline std::string post(std::string const& path, std::string const& body, std::string const& fields = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string get(std::string const& path, std::string const& fields = "") { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n"; }

/// Runs `test` with a server and a connected client, then stops the server.
inline net::awaitable<void> with_server(Server& server, net::awaitable<void> (*test)(Server&, Client&)) {
    auto const executor = co_await this_coro::executor;
    server.open(executor);
    Client client{executor};
    co_await client.connect(server.listener->port());
    co_await test(server, client);
    client.close();
    co_await server.listener->stop(1s);
    EXPECT_EQ(server.listener->connections(), 0U);
    server.close();
}

inline void run_test(net::awaitable<void> (*test)(Server&, Client&)) {
    Server server;
    run(with_server(server, test));
}

}  // namespace kefu::listener_world
