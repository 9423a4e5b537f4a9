// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/listener.hpp"

#include "daemon/http/router.hpp"
#include "daemon/http/wire.hpp"
#include "daemon/net/deadline.hpp"
#include "tests/support/run.hpp"

#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace kefu {
namespace {

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

net::awaitable<Response> echo(Request request) {
    auto response = text_response(request.method + ' ' + request.path + ' ' + request.remote + ' ' + request.body);
    response.headers.set("X-Headers", std::to_string(request.headers.all().size()));
    co_return response;
}

net::awaitable<Response> large(Request) { co_return text_response(std::string(300'000, 'x')); }
net::awaitable<Response> nothing(Request) { co_return Response{.status = 204, .headers = {}, .body = {}}; }

net::awaitable<Response> fails(Request) {
    co_await net::post(net::use_awaitable);
    throw std::runtime_error("the secret reason");
}

/// Handlers that wait until the test lets them go.
struct Gate {
    std::optional<net::steady_timer> timer;
    int waiting = 0;
    bool cancelled = false;

    net::awaitable<Response> pass(Request request) {
        if (!timer) timer.emplace(co_await this_coro::executor, net::steady_timer::time_point::max());
        ++waiting;
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
    }

    void open(net::any_io_executor const& executor) {
        listener = Listener::open(executor, settings, [this](Request request) { return router.handle(std::move(request)); }).value();
    }
};

std::string post(std::string const& path, std::string const& body, std::string const& fields = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get(std::string const& path, std::string const& fields = "") { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n"; }

/// Runs `test` with a server and a connected client, then stops the server.
net::awaitable<void> with_server(Server& server, net::awaitable<void> (*test)(Server&, Client&)) {
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

void run_test(net::awaitable<void> (*test)(Server&, Client&)) {
    Server server;
    run(with_server(server, test));
}

net::awaitable<void> keeps(Server& server, Client& client) {
    for (int i = 0; i < 3; ++i) {
        co_await client.send(post("/echo", "body " + std::to_string(i)));
        auto const answer = co_await client.receive();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "POST /echo 127.0.0.1 body " + std::to_string(i));
        EXPECT_FALSE(answer.headers.get("Date").empty());
        EXPECT_FALSE(client.closes);
    }
    EXPECT_EQ(server.listener->connections(), 1U);
}
TEST(Listener, keeps_a_connection_for_more_requests) { run_test(keeps); }

net::awaitable<void> pipelines(Server&, Client& client) {
    co_await client.send("\r\n" + post("/echo", "1") + get("/nothing") + "\r\n\r\n" + post("/echo", "2") + get("/echo", "Connection: close\r\n") +
                         get("/echo"));
    EXPECT_EQ((co_await client.receive()).body, "POST /echo 127.0.0.1 1");
    EXPECT_EQ((co_await client.receive()).status, 204);
    EXPECT_EQ((co_await client.receive()).body, "POST /echo 127.0.0.1 2");
    EXPECT_EQ((co_await client.receive()).body, "GET /echo 127.0.0.1 ");
    EXPECT_TRUE(client.closes);
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, answers_pipelined_requests_in_order_until_close) { run_test(pipelines); }

net::awaitable<void> wrong_paths(Server&, Client& client) {
    co_await client.send(get("/missing") + post("/large", "") + get("/a%zz"));
    EXPECT_EQ((co_await client.receive()).status, 404);
    auto const answer = co_await client.receive();
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.headers.get("Allow"), "GET, HEAD");
    EXPECT_EQ((co_await client.receive()).status, 400);
    EXPECT_TRUE(client.closes);
}
TEST(Listener, answers_404_405_and_400) { run_test(wrong_paths); }

net::awaitable<void> too_large(Server&, Client& client) {
    co_await client.send(post("/echo", std::string(5000, 'x')));
    auto const answer = co_await client.receive();
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json");
    EXPECT_TRUE(client.closes);
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, answers_413_to_a_large_body) { run_test(too_large); }

net::awaitable<void> too_large_header(Server&, Client& client) {
    co_await client.send(get("/echo", "X: " + std::string(5000, 'x') + "\r\n"));
    EXPECT_EQ((co_await client.receive()).status, 431);
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, answers_431_to_a_large_header) { run_test(too_large_header); }

net::awaitable<void> not_http(Server&, Client& client) {
    co_await client.send("\x16\x03\x01\x02 this is TLS\r\n\r\n");
    EXPECT_EQ((co_await client.receive()).status, 400);
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, answers_400_to_what_is_not_http) { run_test(not_http); }

net::awaitable<void> hidden_body(Server&, Client& client) {
    co_await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n");
    EXPECT_EQ((co_await client.receive()).status, 400);
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, refuses_a_request_with_two_lengths) { run_test(hidden_body); }

net::awaitable<void> chunks(Server&, Client& client) {
    co_await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    co_await client.send("2\r\nde\r\n0\r\n\r\n");
    EXPECT_EQ((co_await client.receive()).body, "POST /echo 127.0.0.1 abcde");
}
TEST(Listener, reads_chunks) { run_test(chunks); }

net::awaitable<void> head(Server&, Client& client) {
    co_await client.send("HEAD /large HTTP/1.1\r\nHost: x\r\n\r\n" + get("/echo"));
    auto const answer = co_await client.receive(true);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.get("Content-Length"), "300000");
    EXPECT_EQ((co_await client.receive()).body, "GET /echo 127.0.0.1 ");
}
TEST(Listener, answers_head_without_a_body) { run_test(head); }

net::awaitable<void> large_answer(Server&, Client& client) {
    co_await client.send(get("/large"));
    EXPECT_EQ((co_await client.receive()).body.size(), 300'000U);
}
TEST(Listener, writes_a_large_answer) { run_test(large_answer); }

net::awaitable<void> version_10(Server&, Client& client) {
    co_await client.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto answer = co_await client.receive();
    EXPECT_EQ(answer.headers.get("Connection"), "keep-alive");
    co_await client.send("GET /echo HTTP/1.0\r\n\r\n");
    answer = co_await client.receive();
    EXPECT_EQ(answer.headers.get("Connection"), "close");
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, speaks_http_10) { run_test(version_10); }

net::awaitable<void> expects(Server&, Client& client) {
    co_await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ((co_await client.receive()).status, 100);
    co_await client.send("abc");
    EXPECT_EQ((co_await client.receive()).body, "POST /echo 127.0.0.1 abc");
    co_await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3000\r\n\r\n");
    EXPECT_EQ((co_await client.receive()).status, 413);
}
TEST(Listener, says_go_on_to_who_waits_for_it) { run_test(expects); }

net::awaitable<void> exception(Server&, Client& client) {
    testing::internal::CaptureStderr();
    co_await client.send(get("/fails?token=hidden") + get("/echo"));
    auto const answer = co_await client.receive();
    auto const logged = testing::internal::GetCapturedStderr();
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    EXPECT_NE(logged.find("handler_failed method=GET path=/fails why=\"the secret reason\""), std::string::npos) << logged;
    EXPECT_EQ(logged.find("hidden"), std::string::npos);
    EXPECT_EQ((co_await client.receive()).status, 200);
}
TEST(Listener, answers_500_without_details_to_an_exception) { run_test(exception); }

net::awaitable<void> slow_loris(Server&, Client& client) {
    co_await client.send("GET /echo HT");
    // A byte now and then does not help.
    for (char c : std::string{"TP/1.1\r\n"}) {
        co_await sleep_for(2ms);
        co_await client.send(std::string(1, c));
    }
    auto const answer = co_await client.receive();
    EXPECT_EQ(answer.status, 408);
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, closes_on_a_request_that_comes_too_slowly) {
    Server server;
    server.settings.limits.read = 20ms;
    run(with_server(server, slow_loris));
}

net::awaitable<void> idle(Server&, Client& client) {
    co_await client.send(get("/echo"));
    EXPECT_EQ((co_await client.receive()).status, 200);
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, closes_an_idle_connection_without_a_word) {
    Server server;
    server.settings.limits.idle = 20ms;
    run(with_server(server, idle));
}

net::awaitable<void> does_not_read(Server& server, Client& client) {
    for (int i = 0; i < 100; ++i) co_await client.send(get("/large"));
    while (server.listener->connections() != 0) co_await sleep_for(1ms);
}
TEST(Listener, drops_who_does_not_read_the_answer) {
    Server server;
    server.settings.limits.write = 20ms;
    run(with_server(server, does_not_read));
}

net::awaitable<void> too_many(Server& server, Client& client) {
    co_await client.send(get("/echo"));
    EXPECT_EQ((co_await client.receive()).status, 200);
    Client second{co_await this_coro::executor};
    co_await second.connect(server.listener->port());
    co_await second.send(get("/echo"));
    auto const answer = co_await second.receive();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json");
    EXPECT_TRUE(co_await second.is_closed());
    EXPECT_EQ(server.listener->connections(), 1U);
    second.close();
    client.close();
    while (server.listener->connections() != 0) co_await sleep_for(1ms);
    Client third{co_await this_coro::executor};
    co_await third.connect(server.listener->port());
    co_await third.send(get("/echo"));
    EXPECT_EQ((co_await third.receive()).status, 200);
}
TEST(Listener, answers_503_when_there_are_too_many) {
    Server server;
    server.settings.limits.connections = 1;
    run(with_server(server, too_many));
}

net::awaitable<void> stop_now(Listener& listener, std::chrono::milliseconds limit, bool& stopped) {
    co_await listener.stop(limit);
    stopped = true;
}

net::awaitable<void> stops_gracefully(Server& server, Client& busy) {
    auto const executor = co_await this_coro::executor;
    Client quiet{executor};
    co_await quiet.connect(server.listener->port());
    co_await quiet.send(get("/echo"));
    co_await quiet.receive();
    co_await busy.send(post("/gate", "1") + post("/gate", "2"));
    while (server.gate.waiting == 0) co_await sleep_for(1ms);

    TaskGroup group{executor};
    bool stopped = false;
    group.spawn("stop", stop_now(*server.listener, 1min, stopped));
    EXPECT_TRUE(co_await quiet.is_closed());
    EXPECT_FALSE(stopped);
    Client late{executor};
    bool refused = false;
    try {
        co_await late.connect(server.listener->port());
    } catch (boost::system::system_error const&) {
        refused = true;
    }
    EXPECT_TRUE(refused);

    server.gate.timer->cancel();
    auto const answer = co_await busy.receive();
    EXPECT_EQ(answer.body, "passed 1");
    EXPECT_TRUE(busy.closes);
    EXPECT_FALSE(server.gate.cancelled);
    EXPECT_TRUE(co_await busy.is_closed());
    co_await group.join(1min);
    EXPECT_TRUE(stopped);
    EXPECT_EQ(server.gate.waiting, 1);
}
TEST(Listener, stop_lets_busy_handlers_finish) { run_test(stops_gracefully); }

net::awaitable<void> stops_in_the_end(Server& server, Client& client) {
    co_await client.send(post("/gate", "1"));
    while (server.gate.waiting == 0) co_await sleep_for(1ms);
    co_await server.listener->stop(5ms);
    EXPECT_TRUE(server.gate.cancelled);
    EXPECT_EQ(server.listener->connections(), 0U);
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, stop_cuts_what_does_not_finish) { run_test(stops_in_the_end); }

TEST(Listener, may_go_before_it_ever_ran) {
    net::io_context io;
    Server server;
    testing::internal::CaptureStderr();
    server.open(io.get_executor());
    server.listener.reset();
    io.run();
    testing::internal::GetCapturedStderr();
}

TEST(Listener, says_why_it_cannot_listen) {
    net::io_context io;
    Server first;
    first.open(io.get_executor());
    ListenSettings same;
    same.port = first.listener->port();
    auto const second = Listener::open(io.get_executor(), same, echo);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::environment);
    EXPECT_EQ(second.error().message, "cannot listen on 127.0.0.1 port " + std::to_string(same.port) + ": Address already in use");
    testing::internal::CaptureStderr();
    first.listener.reset();
    testing::internal::GetCapturedStderr();
}

net::awaitable<void> gets_an_answer(Server& server) {
    auto const executor = co_await this_coro::executor;
    server.open(executor);
    Client client{executor};
    co_await client.connect(server.listener->port());
    co_await client.send(get("/echo"));
    EXPECT_EQ((co_await client.receive()).status, 200);
    client.close();
    co_await server.listener->stop(1s);
    server.close();
}

TEST(Listener, takes_the_socket_that_systemd_passes) {
    constexpr int first_passed = 3;
    int const saved = ::dup(first_passed);
    int const passed = ::socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(::listen(passed, 10), 0);
    ASSERT_EQ(::dup2(passed, first_passed), first_passed);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "1", 1);

    Server server;
    server.settings.address = "192.0.2.1";  // nothing could listen here
    run(gets_an_answer(server));

    ::unsetenv("LISTEN_PID");
    ::unsetenv("LISTEN_FDS");
    if (passed != first_passed) ::close(passed);
    ::close(first_passed);
    if (saved >= 0) {
        ::dup2(saved, first_passed);
        ::close(saved);
    }
}

}  // namespace
}  // namespace kefu
