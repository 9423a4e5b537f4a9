// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/deadline.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/listener_world.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

/// Slow, silent and too many peers; starting and stopping.
namespace kefu::listener_world {
namespace {

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
    co_await server.gate.until_waiting();

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
    co_await server.gate.until_waiting();
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

/// Puts listening sockets where systemd does, and what was there back at the end.
class PassedSockets {
  public:
    explicit PassedSockets(std::vector<int> const& families) {
        for (int const family : families) {
            int const place = first_ + static_cast<int>(saved_.size());
            saved_.push_back(::dup(place));
            int const made = ::socket(family, SOCK_STREAM, 0);
            EXPECT_EQ(::listen(made, 10), 0);  // binds it to a free port, or path
            if (made == place) continue;
            EXPECT_EQ(::dup2(made, place), place);
            ::close(made);
        }
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", std::to_string(saved_.size()).c_str(), 1);
    }
    ~PassedSockets() {
        ::unsetenv("LISTEN_PID");
        ::unsetenv("LISTEN_FDS");
        for (int place = first_; int const old : saved_) {
            ::close(place);
            if (old >= 0) ::dup2(old, place);
            if (old >= 0) ::close(old);
            ++place;
        }
    }
    PassedSockets(PassedSockets const&) = delete;
    PassedSockets& operator=(PassedSockets const&) = delete;

    std::uint16_t port(int index) const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        EXPECT_EQ(::getsockname(first_ + index, reinterpret_cast<sockaddr*>(&address), &size), 0);
        return ntohs(address.sin_port);
    }

  private:
    static constexpr int first_ = 3;
    std::vector<int> saved_;
};

TEST(Listener, takes_the_socket_that_systemd_passes) {
    PassedSockets const passed{{AF_INET}};
    Server server;
    server.settings.address = "192.0.2.1";  // nothing could listen here
    run(gets_an_answer(server));
}

net::awaitable<void> answers_on_both(Server& server, PassedSockets const& passed) {
    auto const executor = co_await this_coro::executor;
    server.open(executor);
    EXPECT_EQ(server.listener->port(), passed.port(0));
    EXPECT_EQ(server.listener->address(), "0.0.0.0");
    for (int const index : {0, 1}) {
        Client client{executor};
        co_await client.connect(passed.port(index));
        co_await client.send(get("/echo"));
        EXPECT_EQ((co_await client.receive()).status, 200);
    }
    co_await server.listener->stop(1s);
    server.close();
}
TEST(Listener, takes_every_socket_that_systemd_passes) {
    PassedSockets const passed{{AF_INET, AF_INET}};
    Server server;
    run(answers_on_both(server, passed));
}

net::awaitable<void> stop_after_saying_so(Listener& listener, bool& begun, bool& stopped) {
    begun = true;  // nothing else runs before stop() has told the connections
    co_await stop_now(listener, 1min, stopped);
}

net::awaitable<void> speaks_late(Server& server, Client& client) {
    auto const executor = co_await this_coro::executor;
    while (server.listener->connections() == 0) co_await sleep_for(1ms);
    TaskGroup group{executor};
    bool begun = false;
    bool stopped = false;
    group.spawn("stop", stop_after_saying_so(*server.listener, begun, stopped));
    while (!begun) co_await sleep_for(1ms);
    co_await client.send(get("/echo"));
    EXPECT_EQ((co_await client.receive()).status, 200);
    EXPECT_TRUE(client.closes);
    co_await group.join(1min);
    EXPECT_TRUE(stopped);
}
TEST(Listener, stop_answers_who_had_just_connected) { run_test(speaks_late); }

net::awaitable<void> never_speaks(Server& server, Client& client) {
    while (server.listener->connections() == 0) co_await sleep_for(1ms);
    co_await server.listener->stop(1min);
    EXPECT_TRUE(co_await client.is_closed());
}
TEST(Listener, stop_does_not_wait_long_for_who_says_nothing) {
    Server server;
    server.settings.limits.idle = 1h;
    run(with_server(server, never_speaks));
}

}  // namespace
}  // namespace kefu::listener_world
