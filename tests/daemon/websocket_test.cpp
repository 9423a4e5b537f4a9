// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/websocket.hpp"

#include "daemon/net/deadline.hpp"
#include "tests/support/websocket_peer.hpp"

#include <thread>

/// WebSockets over the real listener, with a peer that can misbehave.
namespace kefu {
namespace {

using namespace std::chrono_literals;
using listener_world::Client;
using listener_world::Server;

/// Echoes what comes; "close" and "flood" do what they say.
net::awaitable<void> echo(std::shared_ptr<WebSocket> socket) {
    while (true) {
        auto const messages = co_await socket->receive();
        if (messages.empty()) break;
        for (auto const& message : messages) {
            if (message == "close") socket->close(4003, "replaced");
            if (message == "throw") throw std::runtime_error("a fault");
            socket->send("echo " + message);
        }
    }
    if (socket->ending()) socket->send("bye");
}

/// Never takes anything.
net::awaitable<void> ignore(std::shared_ptr<WebSocket> socket) {
    while (!socket->ended() && !socket->ending()) co_await sleep_for(5ms);
}

struct World {
    explicit World(net::any_io_executor const& home) : peer(home) {
        limits.heartbeat = 10s;
        auto const route = [this, home](auto serve) {
            return [this, home, serve](Request request) { return answer(upgrade_response(request, "test.v1", {limits, home, serve})); };
        };
        server.router.add("GET", "/echo-ws", route(echo));
        server.router.add("GET", "/ignore-ws", route(ignore));
    }
    static net::awaitable<Response> answer(Response response) { co_return response; }

    net::awaitable<void> connect(std::string path) {
        auto const executor = co_await this_coro::executor;
        server.open(executor);
        auto const status = co_await peer.open(server.listener->port(), std::move(path));
        EXPECT_EQ(status, 101);
    }
    net::awaitable<void> stop() {
        co_await server.listener->stop(1s);
        EXPECT_EQ(server.listener->connections(), 0U);
        server.close();
    }

    WebSocketLimits limits;
    Server server;
    WebSocketPeer peer;
};

net::awaitable<void> run_with(net::awaitable<void> (*test)(World&)) {
    World world{co_await this_coro::executor};
    co_await test(world);
    co_await world.stop();
}

net::awaitable<void> echoes(World& world) {
    co_await world.connect("/echo-ws");
    EXPECT_EQ(world.peer.headers.headers.get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(world.peer.headers.headers.get("Sec-WebSocket-Protocol"), "test.v1");
    EXPECT_EQ(world.peer.headers.headers.get("Connection"), "Upgrade");
    co_await world.peer.send("您好");
    EXPECT_EQ(co_await world.peer.text(), "echo 您好");
    co_await world.peer.close();
    EXPECT_EQ(co_await world.peer.text(), "closed 1000");
    EXPECT_EQ(co_await world.peer.text(), "ended");
}
TEST(WebSocket, carries_text_both_ways_until_the_peer_closes) { run(run_with(echoes)); }

net::awaitable<void> closes(World& world) {
    co_await world.connect("/echo-ws");
    co_await world.peer.send("close");
    EXPECT_EQ(co_await world.peer.text(), "closed 4003");
    co_await world.peer.close(4003);
    EXPECT_EQ(co_await world.peer.text(), "ended");
}
TEST(WebSocket, is_closed_with_a_code_of_its_user) { run(run_with(closes)); }

net::awaitable<void> fails(World& world) {
    co_await world.connect("/echo-ws");
    co_await world.peer.send("throw");
    EXPECT_EQ(co_await world.peer.text(), "closed 1011");
    co_await world.peer.close(1011);
}
TEST(WebSocket, is_closed_with_1011_when_its_user_fails) { run(run_with(fails)); }

net::awaitable<void> refuses_get(World& world) {
    co_await world.connect("/echo-ws");
    Client client{co_await this_coro::executor};
    co_await client.connect(world.server.listener->port());
    co_await client.send(listener_world::get("/echo-ws"));
    EXPECT_EQ((co_await client.receive()).status, 426);
    world.peer.cut();
}
TEST(WebSocket, asks_a_plain_request_to_upgrade) { run(run_with(refuses_get)); }

net::awaitable<void> huge(World& world) {
    world.limits.max_message = 1000;
    co_await world.connect("/echo-ws");
    co_await world.peer.send(std::string(1001, 'x'));
    EXPECT_EQ(co_await world.peer.text(), "closed 1009");
    co_await world.peer.close(1009);
    EXPECT_EQ(co_await world.peer.text(), "ended");
}
TEST(WebSocket, tells_a_peer_that_sends_too_much_before_it_closes) { run(run_with(huge)); }

net::awaitable<void> binary(World& world) {
    co_await world.connect("/echo-ws");
    std::string frame;
    append_frame(frame, WebSocketOpcode::binary, "x", 1);
    append_frame(frame, WebSocketOpcode::text, "behind it", 1);
    co_await world.peer.send_bytes(std::move(frame));
    EXPECT_EQ(co_await world.peer.text(), "closed 1003");
    co_await world.peer.close(1003);
}
TEST(WebSocket, takes_text_only) { run(run_with(binary)); }

net::awaitable<void> cut_inside(World& world) {
    co_await world.connect("/echo-ws");
    std::string frame;
    append_frame(frame, WebSocketOpcode::text, "never whole", 1);
    co_await world.peer.send_bytes(frame.substr(0, 9));
    world.peer.cut();
}
TEST(WebSocket, ends_when_the_peer_is_cut_in_the_middle_of_a_frame) { run(run_with(cut_inside)); }

net::awaitable<void> dead(World& world) {
    world.limits.heartbeat = 10ms;
    world.peer.answers_pings = false;
    co_await world.connect("/echo-ws");
    EXPECT_EQ(co_await world.peer.text(), "ended");
    EXPECT_GE(world.peer.pings, 1);
}
TEST(WebSocket, is_cut_when_the_peer_answers_no_ping) { run(run_with(dead)); }

net::awaitable<void> alive(World& world) {
    world.limits.heartbeat = 10ms;
    co_await world.connect("/echo-ws");
    co_await world.peer.send("first");
    EXPECT_EQ(co_await world.peer.text(), "echo first");
    co_await world.peer.until_pings(4);  // the fourth comes later than the peer would have been taken for dead
    co_await world.peer.send("still");
    EXPECT_EQ(co_await world.peer.text(), "echo still");
}
TEST(WebSocket, lives_as_long_as_pings_are_answered) { run(run_with(alive)); }

net::awaitable<void> rude(World& world) {
    world.limits.close = 20ms;
    co_await world.connect("/echo-ws");
    co_await world.peer.send("close");
    EXPECT_EQ(co_await world.peer.text(), "closed 4003");
    EXPECT_EQ(co_await world.peer.text(), "ended");
}
TEST(WebSocket, does_not_wait_long_for_the_peers_goodbye) { run(run_with(rude)); }

net::awaitable<void> stops(World& world) {
    co_await world.connect("/echo-ws");
    co_await world.peer.send("one");
    EXPECT_EQ(co_await world.peer.text(), "echo one");
    auto const executor = co_await this_coro::executor;
    TaskGroup group{executor};
    group.spawn("stop", [](Server& server) -> net::awaitable<void> { co_await server.listener->stop(5s); }(world.server));
    EXPECT_EQ(co_await world.peer.text(), "bye");
    EXPECT_EQ(co_await world.peer.text(), "closed 1012");
    co_await world.peer.close(1012);
    EXPECT_EQ(co_await world.peer.text(), "ended");
    co_await group.join(1s);
}
TEST(WebSocket, lets_its_user_say_a_last_word_when_the_daemon_stops) { run(run_with(stops)); }

net::awaitable<void> deaf(World& world) {
    world.limits.write = 30ms;
    co_await world.connect("/echo-ws");
    // The peer never reads: first the kernel's buffers fill, then the queue, then the wire is cut, which ends the sending too.
    for (int i = 0; i < 400 && !world.peer.gone; ++i) co_await world.peer.send(std::string(100'000, 'x'));
    EXPECT_TRUE(world.peer.gone);
}
TEST(WebSocket, is_cut_when_the_peer_does_not_read) { run(run_with(deaf)); }

net::awaitable<void> unread(World& world) {
    world.limits.max_unread = 4;
    world.limits.heartbeat = 20ms;  // a peer we do not read from is not dead
    co_await world.connect("/ignore-ws");
    for (int i = 0; i < 20; ++i) co_await world.peer.send("more");
    co_await world.peer.until_pings(4);
    EXPECT_FALSE(world.peer.gone);
}
TEST(WebSocket, keeps_a_peer_waiting_while_nobody_takes_what_it_sent) { run(run_with(unread)); }

/// Its user lives on another thread than the connection.
TEST(WebSocket, may_be_used_from_another_thread) {
    net::io_context home{1};
    auto const work = net::make_work_guard(home);
    std::thread thread{[&] { home.run(); }};
    auto const test = [](net::any_io_executor other) -> net::awaitable<void> {
        World world{co_await this_coro::executor};
        WebSocketLimits const limits;
        world.server.router.add("GET", "/far-ws", [limits, other](Request request) {
            return World::answer(upgrade_response(request, "", {limits, other, echo}));
        });
        co_await world.connect("/far-ws");
        for (int i = 0; i < 200; ++i) co_await world.peer.send(std::to_string(i));
        for (int i = 0; i < 200; ++i) EXPECT_EQ(co_await world.peer.text(), "echo " + std::to_string(i));
        co_await world.peer.close();
        EXPECT_EQ(co_await world.peer.text(), "closed 1000");
        co_await world.stop();
    };
    run(test(home.get_executor()));
    home.stop();
    thread.join();
}

}  // namespace
}  // namespace kefu
