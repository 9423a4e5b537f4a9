// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client.hpp"
#include "daemon/http/websocket_client.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

/// Requests through a proxy, hosts that fail, and what is counted.
namespace kefu {
namespace {

using namespace std::chrono_literals;
using net::ip::tcp;
using testing::HasSubstr;

ClientRequest get(std::string url) {
    ClientRequest request;
    request.method = "GET";
    request.url = std::move(url);
    request.timeout = 2s;
    return request;
}

/// Takes one connection, keeps what it hears up to the end of a head, says `answer` and closes.
net::awaitable<std::string> hear_one(tcp::acceptor& acceptor, std::string answer) {
    tcp::socket socket{acceptor.get_executor()};
    error_code error;
    co_await acceptor.async_accept(socket, net::redirect_error(net::use_awaitable, error));
    std::string heard;
    std::array<char, 4096> bytes{};
    while (!error && heard.find("\r\n\r\n") == std::string::npos) {
        auto const count = co_await socket.async_read_some(net::buffer(bytes), net::redirect_error(net::use_awaitable, error));
        heard.append(bytes.data(), count);
    }
    co_await net::async_write(socket, net::buffer(answer), net::redirect_error(net::use_awaitable, error));
    co_return heard;
}

net::awaitable<void> keep_heard(tcp::acceptor& acceptor, std::string answer, std::string& heard) { heard = co_await hear_one(acceptor, std::move(answer)); }

struct Through {
    std::string heard;  ///< by the proxy
    Result<Response> result = Response{};
};

net::awaitable<Through> through_proxy(ClientRequest request, std::string answer, std::vector<std::string> direct = {}) {
    auto const executor = co_await this_coro::executor;
    tcp::acceptor acceptor{executor, {net::ip::address_v4::loopback(), 0}};
    HttpClient http{executor};
    http.use_proxy({"http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()), "Basic c2VjcmV0", std::move(direct)});
    Through through;
    net::co_spawn(executor, keep_heard(acceptor, std::move(answer), through.heard), [](std::exception_ptr) {});
    through.result = co_await http.fetch(std::move(request));
    acceptor.close();
    http.close_idle();
    co_return through;
}

constexpr char const* fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(HttpProxy, is_asked_for_the_whole_address_of_a_plain_request) {
    auto const through = run(through_proxy(get("http://shop.example.com/orders?n=1"), fine));
    ASSERT_TRUE(through.result.has_value()) << through.result.error().message;
    EXPECT_EQ(through.result->body, "ok");
    EXPECT_THAT(through.heard, HasSubstr("GET http://shop.example.com/orders?n=1 HTTP/1.1\r\n"));
    EXPECT_THAT(through.heard, HasSubstr("Host: shop.example.com\r\n"));
    EXPECT_THAT(through.heard, HasSubstr("Proxy-Authorization: Basic c2VjcmV0\r\n"));
}

TEST(HttpProxy, is_asked_for_a_tunnel_to_a_secure_server_and_sees_nothing_else) {
    ClientRequest request = get("https://api.example.com/secret-path");
    request.headers.set("Authorization", "Bearer secret-token");
    auto const through = run(through_proxy(std::move(request), "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    ASSERT_TRUE(through.result.has_error());
    EXPECT_EQ(through.result.error().code, Errc::unavailable) << "nothing can have been sent";
    EXPECT_EQ(through.result.error().message, "the proxy refused the tunnel to api.example.com:443: 403");
    EXPECT_THAT(through.heard, HasSubstr("CONNECT api.example.com:443 HTTP/1.1\r\n"));
    EXPECT_THAT(through.heard, HasSubstr("Proxy-Authorization: Basic c2VjcmV0\r\n"));
    EXPECT_EQ(through.heard.find("secret-"), std::string::npos);
}

TEST(HttpProxy, that_opens_a_tunnel_gets_the_servers_handshake) {
    // No server is behind it: what follows the head is not TLS.
    auto const through = run(through_proxy(get("https://api.example.com/"), "HTTP/1.1 200 Connection established\r\n\r\n"));
    ASSERT_TRUE(through.result.has_error());
    EXPECT_EQ(through.result.error().code, Errc::unavailable);
    EXPECT_THAT(through.result.error().message, HasSubstr("no TLS with api.example.com"));
}

net::awaitable<void> dials_through_proxy(std::string& heard, Result<void>& result) {
    auto const executor = co_await this_coro::executor;
    tcp::acceptor acceptor{executor, {net::ip::address_v4::loopback(), 0}};
    HttpClient http{executor};
    http.use_proxy({"http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()), "", {}});
    net::co_spawn(executor, keep_heard(acceptor, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", heard), [](std::exception_ptr) {});
    WebSocketDial dial;
    dial.url = "ws://robot.example.com/secret-path";
    dial.timeout = 2s;
    WebSocketUpgrade upgrade;
    upgrade.home = executor;
    result = co_await dial_websocket(http, std::move(dial), std::move(upgrade));
}

TEST(HttpProxy, is_asked_for_a_tunnel_for_a_plain_websocket_too) {
    std::string heard;
    Result<void> result{};
    run(dials_through_proxy(heard, result));
    EXPECT_THAT(heard, HasSubstr("CONNECT robot.example.com:80 HTTP/1.1\r\n"));
    EXPECT_EQ(heard.find("secret-"), std::string::npos);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().message, "the proxy refused the tunnel to robot.example.com:80: 403");
}

TEST(HttpProxy, is_not_asked_for_what_is_plainly_local_on_behalf_of_others) {
    for (auto const* url : {"http://127.0.0.1/", "http://10.0.0.7/", "http://[::1]/", "https://localhost/", "http://router.local/", "http://db.internal/"}) {
        ClientRequest request = get(url);
        request.public_addresses_only = true;
        auto const through = run(through_proxy(std::move(request), fine));
        ASSERT_TRUE(through.result.has_error()) << url;
        EXPECT_EQ(through.result.error().code, Errc::bad_config) << url;
        EXPECT_EQ(through.heard, "");
    }
}

net::awaitable<void> goes_directly() {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer server{executor};
    server.answers = {text_response("direct"), text_response("direct")};
    HttpClient http{executor};
    http.use_proxy({"http://127.0.0.1:1", "", {"127.0.0.1", ".intern.example.com"}});
    auto const answer = co_await http.fetch(get(server.url() + "/x"));
    EXPECT_TRUE(answer.has_value());
    http.use_proxy({});
    auto const again = co_await http.fetch(get(server.url() + "/x"));
    EXPECT_TRUE(again.has_value());
    http.close_idle();
    co_await server.stop();
}

TEST(HttpProxy, is_left_out_for_hosts_that_are_reached_directly_and_when_it_is_gone) { run(goes_directly()); }

net::awaitable<void> leaves_alone() {
    auto const executor = co_await this_coro::executor;
    tcp::acceptor acceptor{executor, {net::ip::address_v4::loopback(), 0}};
    std::string const url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    acceptor.close();
    HttpClient http{executor};
    for (int i = 0; i < 8; ++i) {
        auto const refused = co_await http.fetch(get(url));
        EXPECT_THAT(refused.error().message, HasSubstr("cannot connect")) << i;
    }
    auto const alone = co_await http.fetch(get(url));
    EXPECT_EQ(alone.error().code, Errc::unavailable);
    EXPECT_THAT(alone.error().message, HasSubstr("is left alone"));
    ScriptedPeer other{executor};
    other.answers = {text_response("", 500), text_response("")};
    auto const elsewhere = co_await http.fetch(get(other.url()));
    EXPECT_EQ(elsewhere->status, 500) << "another host is another matter";
    auto const& counts = http.counts();
    EXPECT_EQ(counts.requests, 10u);
    EXPECT_EQ(counts.unsent, 9u);
    EXPECT_EQ(counts.left_alone, 1u);
    EXPECT_EQ(counts.answers, 1u);
    EXPECT_EQ(counts.connections, 1u);
    http.close_idle();
    co_await other.stop();
}

TEST(HttpClientHosts, that_fail_eight_times_in_a_row_are_left_alone_and_all_of_it_is_counted) { run(leaves_alone()); }

net::awaitable<void> answers_count_as_well() {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer server{executor};
    HttpClient http{executor};
    for (int i = 0; i < 20; ++i) server.answers.push_back(text_response("busy", 503));
    for (int i = 0; i < 20; ++i) {
        auto const answer = co_await http.fetch(get(server.url()));
        EXPECT_TRUE(answer.has_value()) << i;
    }
    http.close_idle();
    co_await server.stop();
}

TEST(HttpClientHosts, that_answer_with_errors_are_not_left_alone) { run(answers_count_as_well()); }

}  // namespace
}  // namespace kefu
