// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/websocket_client.hpp"

#include "daemon/net/task_group.hpp"
#include "tests/support/listener_world.hpp"

#include <array>
#include <functional>

/// WebSockets that we open: to our own listener, and to servers that misbehave.
namespace kefu {
namespace {

using namespace std::chrono_literals;
using listener_world::Server;
using net::ip::tcp;

net::awaitable<Response> answer(Response response) { co_return response; }

net::awaitable<void> echo(std::shared_ptr<WebSocket> socket) {
    while (true) {
        auto const messages = co_await socket->receive();
        if (messages.empty()) break;
        for (auto const& message : messages) socket->send("echo " + message);
    }
}

/// Says each of these and hears what comes back.
net::awaitable<void> say(std::shared_ptr<WebSocket> socket, std::vector<std::string> words, std::vector<std::string>* heard) {
    for (auto& word : words) socket->send(std::move(word));
    while (heard->size() < words.size() && !socket->ended()) {
        auto const messages = co_await socket->receive(5s);
        heard->insert(heard->end(), messages.begin(), messages.end());
    }
}

WebSocketDial to(std::string url) {
    WebSocketDial dial;
    dial.url = std::move(url);
    dial.timeout = 2s;
    return dial;
}

WebSocketUpgrade upgrade_for(net::any_io_executor const& executor, std::function<net::awaitable<void>(std::shared_ptr<WebSocket>)> serve) {
    WebSocketUpgrade upgrade;
    upgrade.home = executor;
    upgrade.serve = std::move(serve);
    return upgrade;
}

net::awaitable<Result<void>> dial_and_hear(std::string url, std::vector<std::string> words, std::vector<std::string>* heard) {
    auto const executor = co_await this_coro::executor;
    HttpClient http{executor};
    auto serve = [words, heard](std::shared_ptr<WebSocket> socket) { return say(std::move(socket), words, heard); };
    auto result = co_await dial_websocket(http, to(std::move(url)), upgrade_for(executor, std::move(serve)));
    co_return result;
}

net::awaitable<void> both_ways() {
    auto const executor = co_await this_coro::executor;
    HttpClient http{executor};
    Server server;
    server.router.add("GET", "/client-ws", [executor](Request request) {
        EXPECT_EQ(request.headers.get("User-Agent"), "kefud");
        return answer(upgrade_response(request, "", {WebSocketLimits{}, executor, echo}));
    });
    server.router.add("GET", "/closed", [](Request) { return answer(problem(403, "no")); });
    server.router.add("GET", "/page", [](Request) { return answer(text_response("a page")); });
    server.open(executor);
    std::string const base = "ws://127.0.0.1:" + std::to_string(server.listener->port());

    std::vector<std::string> heard;
    std::vector<std::string> const words{"您好", std::string(100'000, 'x')};
    auto const served = co_await dial_and_hear(base + "/client-ws?a=b", words, &heard);
    EXPECT_TRUE(served);
    std::vector<std::string> const expected{"echo " + words[0], "echo " + words[1]};
    EXPECT_EQ(heard, expected);

    EXPECT_EQ((co_await dial_and_hear(base + "/closed", words, &heard)).error().code, Errc::unauthorized);
    EXPECT_EQ((co_await dial_and_hear(base + "/page", words, &heard)).error().code, Errc::bad_payload);
    EXPECT_EQ((co_await dial_and_hear("ws://127.0.0.1:1/", words, &heard)).error().code, Errc::unavailable);
    EXPECT_EQ((co_await dial_and_hear("http://127.0.0.1:1/", words, &heard)).error().code, Errc::bad_config);
    EXPECT_EQ((co_await dial_and_hear("wss://127.0.0.1:" + std::to_string(server.listener->port()) + "/", words, &heard)).error().code, Errc::unavailable);
    WebSocketDial to_the_world = to(base + "/client-ws");
    to_the_world.public_addresses_only = true;
    EXPECT_EQ((co_await dial_websocket(http, std::move(to_the_world), upgrade_for(executor, echo))).error().code, Errc::bad_config);
    co_await server.listener->stop(1s);
    server.close();
}
TEST(WebSocketClient, carries_text_both_ways_and_says_why_there_is_no_connection) { run(both_ways()); }

net::awaitable<void> cancel_and_wait(std::shared_ptr<WebSocket> socket, TaskGroup& group, bool& asked) {
    group.cancel();
    co_await socket->receive(5s);
    asked = socket->ending();
}

net::awaitable<void> dial_until_cancelled(std::string url, std::function<net::awaitable<void>(std::shared_ptr<WebSocket>)> serve, Errc& code) {
    auto const executor = co_await this_coro::executor;
    HttpClient http{executor};
    auto const result = co_await dial_websocket(http, to(std::move(url)), upgrade_for(executor, std::move(serve)));
    code = result.error().code;
}

net::awaitable<void> stopping() {
    auto const executor = co_await this_coro::executor;
    Server server;
    server.router.add("GET", "/client-ws", [executor](Request request) { return answer(upgrade_response(request, "", {WebSocketLimits{}, executor, echo})); });
    server.open(executor);
    std::vector<std::string> heard;
    bool asked = false;
    Errc code = Errc::bad_config;
    TaskGroup group{executor};
    auto serve = [&](std::shared_ptr<WebSocket> socket) { return cancel_and_wait(std::move(socket), group, asked); };
    group.spawn("dial", dial_until_cancelled("ws://127.0.0.1:" + std::to_string(server.listener->port()) + "/client-ws", std::move(serve), code));
    EXPECT_TRUE(co_await group.join(5s));
    EXPECT_TRUE(asked);
    EXPECT_EQ(code, Errc::cancelled);
    co_await server.listener->stop(1s);
    EXPECT_EQ(server.listener->connections(), 0U);
    server.close();
}
TEST(WebSocketClient, ends_in_order_when_it_is_cancelled) { run(stopping()); }

/// Takes one connection, says this whatever it is asked, and then nothing until the client goes, or goes itself.
net::awaitable<void> rude_server(tcp::acceptor& acceptor, std::string words, bool leaves) {
    auto socket = co_await acceptor.async_accept(net::use_awaitable);
    std::array<char, 4096> unread;
    auto const room = net::buffer(unread);
    error_code error;
    co_await socket.async_read_some(room, net::redirect_error(net::use_awaitable, error));
    co_await net::async_write(socket, net::buffer(words), net::redirect_error(net::use_awaitable, error));
    while (!error && !leaves) co_await socket.async_read_some(room, net::redirect_error(net::use_awaitable, error));
}

net::awaitable<Errc> against(std::string words, bool leaves) {
    auto const executor = co_await this_coro::executor;
    HttpClient http{executor};
    tcp::acceptor acceptor{executor, tcp::endpoint{net::ip::address_v4::loopback(), 0}};
    TaskGroup group{executor};
    group.spawn("server", rude_server(acceptor, std::move(words), leaves));
    WebSocketDial dial = to("ws://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
    dial.timeout = 50ms;
    auto const result = co_await dial_websocket(http, std::move(dial), upgrade_for(executor, echo));
    co_await group.join(5s);
    co_return result ? Errc::conflict : result.error().code;
}

net::awaitable<void> rude() {
    EXPECT_EQ(co_await against("", false), Errc::unavailable);
    EXPECT_EQ(co_await against("", true), Errc::unavailable);
    EXPECT_EQ(co_await against("HTTP/1.1 101 Switch", true), Errc::unavailable);
    EXPECT_EQ(co_await against("hello there\r\n\r\n", true), Errc::bad_payload);
    EXPECT_EQ(co_await against("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                               false),
              Errc::bad_payload);
}
TEST(WebSocketClient, does_not_wait_for_servers_that_misbehave) { run(rude()); }

}  // namespace
}  // namespace kefu
