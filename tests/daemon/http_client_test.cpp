// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client.hpp"

#include "daemon/http/wire.hpp"
#include "daemon/net/deadline.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/news.hpp"
#include "tests/support/run.hpp"

#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kefu {
namespace {

using namespace std::chrono_literals;
using net::ip::tcp;

/// What a server does with its next request.
struct Step {
    std::string answer;   ///< written as it is
    bool close = false;   ///< afterwards
    bool reset = false;   ///< close without reading the request
    bool silent = false;  ///< reads the request, then nothing until the client goes
};

std::string ok(std::string const& body) { return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body; }

/// Takes connections one after another or together, and does one step for each request, in the order they come.
class ScriptedServer {
  public:
    explicit ScriptedServer(net::any_io_executor const& executor) : news(executor), acceptor_(executor), tasks_(executor) {
        tcp::endpoint const endpoint{net::ip::address_v4::loopback(), 0};
        acceptor_.open(endpoint.protocol());
        acceptor_.bind(endpoint);
        acceptor_.listen();
        url = "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
        tasks_.spawn("accept", accept());
    }

    net::awaitable<void> stop() {
        acceptor_.close();
        tasks_.cancel();
        co_await tasks_.join(1s);
    }

    News news;  ///< of requests, and of connections that end
    std::string url;
    std::deque<Step> steps;
    std::vector<Request> requests;
    int connections = 0;
    int open = 0;

  private:
    net::awaitable<void> accept() {
        while (true) {
            tcp::socket socket{acceptor_.get_executor()};
            error_code error;
            co_await acceptor_.async_accept(socket, net::redirect_error(net::use_awaitable, error));
            if (error) co_return;
            ++connections;
            tasks_.spawn("serve", serve(std::move(socket)));
        }
    }

    net::awaitable<void> serve(tcp::socket socket) {
        ++open;
        InputBuffer input;
        RequestReader reader{100'000, 10 << 20};
        error_code error;
        while (!error) {
            if (!steps.empty() && steps.front().reset) {
                steps.pop_front();
                break;
            }
            while (!reader.complete() && !error) {
                auto const room = input.room(65536);
                auto const count = co_await socket.async_read_some(room, net::redirect_error(net::use_awaitable, error));
                input.received(count);
                input.consumed(reader.put(input.data()));
            }
            if (error) break;
            requests.push_back(reader.take());
            news.tell();
            auto step = Step{ok("default"), false, false, false};
            if (!steps.empty()) {
                step = std::move(steps.front());
                steps.pop_front();
            }
            if (step.silent) continue;
            co_await net::async_write(socket, net::buffer(step.answer), net::redirect_error(net::use_awaitable, error));
            if (step.close) break;
        }
        --open;
        news.tell();
    }

    tcp::acceptor acceptor_;
    TaskGroup tasks_;
};

using Steps = std::deque<Step>;

net::awaitable<void> with_server(net::awaitable<void> (*test)(ScriptedServer&, HttpClient&)) {
    auto const executor = co_await this_coro::executor;
    ScriptedServer server{executor};
    {
        HttpClient client{executor};
        co_await test(server, client);
    }
    co_await server.stop();
}

void run_test(net::awaitable<void> (*test)(ScriptedServer&, HttpClient&)) { run(with_server(test)); }

ClientRequest to(ScriptedServer const& server, std::string method = "POST", std::string body = "hello") {
    ClientRequest request;
    request.method = std::move(method);
    request.url = server.url + "/path?query=1";
    request.body = std::move(body);
    request.timeout = 5s;
    return request;
}

net::awaitable<void> sends(ScriptedServer& server, HttpClient& client) {
    server.steps.push_back({.answer = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 404 Not Found\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody"});
    auto request = to(server);
    request.headers.set("X-Line-Retry-Key", "k");
    auto const answer = (co_await client.fetch(std::move(request))).value();
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.headers.get("x-a"), "b");
    EXPECT_EQ(answer.body, "body");
    auto const& seen = server.requests.at(0);
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/path?query=1");
    EXPECT_EQ(seen.body, "hello");
    EXPECT_EQ("http://" + std::string{seen.headers.get("Host")}, server.url);
    EXPECT_EQ(seen.headers.get("X-Line-Retry-Key"), "k");
    EXPECT_EQ(seen.headers.get("User-Agent"), "kefud");
}
TEST(HttpClient, gives_any_status_as_a_value) { run_test(sends); }

net::awaitable<void> reuses(ScriptedServer& server, HttpClient& client) {
    for (int i = 0; i < 5; ++i) {
        auto const answer = co_await client.fetch(to(server));
        EXPECT_TRUE(answer.has_value());
    }
    EXPECT_EQ(server.connections, 1);
    client.close_idle();
    while (server.open != 0) co_await server.news.next();
    auto const answer = co_await client.fetch(to(server));
    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(server.connections, 2);
}
TEST(HttpClient, reuses_a_connection_until_close_idle) { run_test(reuses); }

net::awaitable<void> does_not_reuse(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
                         {.answer = "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
                         {.answer = ok("a") + ok("nobody asked for this")},
                         {.answer = "HTTP/1.1 200 OK\r\n\r\nuntil the end", .close = true}};
    for (int i = 0; i < 4; ++i) {
        auto const answer = co_await client.fetch(to(server));
        EXPECT_TRUE(answer.has_value());
        if (i == 3) {
            EXPECT_EQ(answer->body, "until the end");
        }
    }
    EXPECT_EQ(server.connections, 4);
}
TEST(HttpClient, does_not_reuse_what_the_server_closes_or_confuses) { run_test(does_not_reuse); }

net::awaitable<void> large_body(ScriptedServer& server, HttpClient& client) {
    auto const answer = co_await client.fetch(to(server, "PUT", std::string(3 << 20, 'x')));
    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(server.requests.at(0).body.size(), 3U << 20);
}
TEST(HttpClient, sends_a_large_body) { run_test(large_body); }

net::awaitable<void> refused(ScriptedServer& server, HttpClient& client) {
    co_await server.stop();
    auto const answer = co_await client.fetch(to(server));
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_EQ(answer.error().message, "cannot connect to " + server.url.substr(7) + ": Connection refused");
}
TEST(HttpClient, a_refused_connection_is_unavailable) { run_test(refused); }

net::awaitable<void> unknown_name(ScriptedServer&, HttpClient& client) {
    ClientRequest request;
    request.url = "http://kefud.invalid/";
    auto const answer = co_await client.fetch(std::move(request));
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_EQ(answer.error().message.substr(0, 28), "cannot look up kefud.invalid");
}
TEST(HttpClient, an_unknown_name_is_unavailable) { run_test(unknown_name); }

/// A socket whose queue of connections is full: the kernel answers nothing to the next one.
net::awaitable<void> no_connection(ScriptedServer&, HttpClient& client) {
    auto const executor = co_await this_coro::executor;
    tcp::acceptor full{executor};
    tcp::endpoint const endpoint{net::ip::address_v4::loopback(), 0};
    full.open(endpoint.protocol());
    full.bind(endpoint);
    full.listen(0);
    std::vector<tcp::socket> queued;
    for (int i = 0; i < 3; ++i) {
        queued.emplace_back(executor).open(tcp::v4());
        queued.back().native_non_blocking(true);
        auto const address = full.local_endpoint();
        ::connect(queued.back().native_handle(), address.data(), static_cast<socklen_t>(address.size()));
    }
    ClientRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(full.local_endpoint().port());
    request.connect_timeout = 20ms;
    auto const answer = co_await client.fetch(std::move(request));
    EXPECT_EQ(answer.error().code, Errc::unavailable);
}
TEST(HttpClient, no_connection_in_time_is_unavailable) { run_test(no_connection); }

net::awaitable<void> black_hole(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = "", .silent = true}};
    auto request = to(server);
    request.timeout = 30ms;
    auto const answer = co_await client.fetch(std::move(request));
    EXPECT_EQ(answer.error().code, Errc::timed_out);
    EXPECT_EQ(answer.error().message, "no answer from " + server.url.substr(7) + " in 30 ms");
    while (server.open != 0) co_await server.news.next();
}
TEST(HttpClient, no_answer_is_timed_out) { run_test(black_hole); }

net::awaitable<void> half(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", .close = true},
                         {.answer = "HTTP/1.1 20", .close = true},
                         {.answer = "", .close = true}};
    for (auto const* how : {"in the middle of its answer", "in the middle of its answer", "without an answer"}) {
        auto const answer = co_await client.fetch(to(server));
        EXPECT_EQ(answer.error().code, Errc::timed_out);
        EXPECT_EQ(answer.error().message, server.url.substr(7) + " closed the connection " + how);
    }
    // On a fresh connection nothing is repeated, not even a GET.
    server.steps = Steps{{.answer = "", .close = true}};
    auto const answer = co_await client.fetch(to(server, "GET", ""));
    EXPECT_EQ(answer.error().code, Errc::timed_out);
    EXPECT_EQ(server.requests.size(), 4U);
}
TEST(HttpClient, half_an_answer_is_timed_out) { run_test(half); }

net::awaitable<void> closed_while_idle(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = ok("first"), .close = true}};
    EXPECT_EQ((co_await client.fetch(to(server))).value().body, "first");
    while (server.open != 0) co_await server.news.next();
    EXPECT_EQ((co_await client.fetch(to(server))).value().body, "default");
    EXPECT_EQ(server.connections, 2);
    EXPECT_EQ(server.requests.size(), 2U);
}
TEST(HttpClient, does_not_use_a_connection_that_was_closed_while_idle) { run_test(closed_while_idle); }

net::awaitable<void> closed_on_reuse(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = ok("first")}, {.answer = "", .close = true}, {.answer = ok("third")}, {.answer = "", .close = true}};
    EXPECT_EQ((co_await client.fetch(to(server))).value().body, "first");
    // The server read the request, so only what changes nothing may be sent again.
    EXPECT_EQ((co_await client.fetch(to(server, "GET", ""))).value().body, "third");
    EXPECT_EQ((co_await client.fetch(to(server, "POST"))).error().code, Errc::timed_out);
    EXPECT_EQ(server.requests.size(), 4U);
}
TEST(HttpClient, repeats_only_get_when_a_kept_connection_breaks) { run_test(closed_on_reuse); }

net::awaitable<void> early_answer(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = "", .reset = true}};
    auto const answer = co_await client.fetch(to(server, "POST", std::string(8 << 20, 'x')));
    EXPECT_EQ(answer.error().code, Errc::timed_out);
}
TEST(HttpClient, a_reset_while_writing_is_timed_out) { run_test(early_answer); }

net::awaitable<void> too_large(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = ok(std::string(100, 'x'))}, {.answer = "HTTP/1.1 200 OK\r\n\r\n" + std::string(100, 'x'), .close = true}};
    for (int i = 0; i < 2; ++i) {
        auto request = to(server);
        request.max_body = 99;
        auto const answer = co_await client.fetch(std::move(request));
        EXPECT_EQ(answer.error(), (Error{Errc::bad_payload, "the answer from " + server.url.substr(7) + " is larger than 99 bytes"}));
    }
}
TEST(HttpClient, too_large_an_answer_is_bad_payload) { run_test(too_large); }

net::awaitable<void> not_http(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = "SSH-2.0-OpenSSH_9.2\r\n\r\n"}};
    auto const answer = co_await client.fetch(to(server));
    EXPECT_EQ(answer.error(), (Error{Errc::bad_payload, "the answer from " + server.url.substr(7) + " is not HTTP/1.1"}));
}
TEST(HttpClient, what_is_not_http_is_bad_payload) { run_test(not_http); }

net::awaitable<void> head(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"}};
    auto const answer = co_await client.fetch(to(server, "HEAD", ""));
    EXPECT_EQ(answer->headers.get("Content-Length"), "100");
    co_await client.fetch(to(server));
    EXPECT_EQ(server.connections, 1);
}
TEST(HttpClient, an_answer_to_head_has_no_body) { run_test(head); }

class PrivateUrl : public testing::TestWithParam<char const*> {};

net::awaitable<Result<Response>> fetch_public(std::string url) {
    HttpClient client{co_await this_coro::executor};
    ClientRequest request;
    request.url = std::move(url);
    request.public_addresses_only = true;
    co_return co_await client.fetch(std::move(request));
}

TEST_P(PrivateUrl, is_refused_where_only_public_ones_are_allowed) {
    auto const answer = run(fetch_public(GetParam()));
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::bad_config) << answer.error().message;
}

INSTANTIATE_TEST_SUITE_P(Urls, PrivateUrl,
                         testing::Values("http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://2130706433:1/", "http://0x7f.1:1/",
                                         "http://0:1/", "https://169.254.169.254/latest/meta-data", "http://[::ffff:10.0.0.1]/", "http://[fe80::1]/",
                                         "http://10.0.0.1/"));

net::awaitable<void> fetch_into(HttpClient& client, ClientRequest request, std::vector<Result<Response>>& answers) {
    auto answer = co_await client.fetch(std::move(request));
    answers.push_back(std::move(answer));
}

net::awaitable<void> cancels(ScriptedServer& server, HttpClient& client) {
    server.steps = Steps{{.answer = "", .silent = true}};
    TaskGroup group{co_await this_coro::executor};
    std::vector<Result<Response>> answers;
    group.spawn("fetch", fetch_into(client, to(server), answers));
    while (server.requests.empty()) co_await server.news.next();
    group.cancel();
    co_await group.join(1s);
    EXPECT_EQ(answers.at(0).error().code, Errc::cancelled);
}
TEST(HttpClient, can_be_cancelled) { run_test(cancels); }

net::awaitable<void> waits_in_line(ScriptedServer& server, HttpClient& client) {
    constexpr std::size_t most = 64;
    for (std::size_t i = 0; i < most; ++i) server.steps.push_back({.answer = "", .silent = true});
    TaskGroup busy{co_await this_coro::executor};
    TaskGroup waiting{co_await this_coro::executor};
    std::vector<Result<Response>> busy_answers;
    std::vector<Result<Response>> answers;
    for (std::size_t i = 0; i < most; ++i) busy.spawn("busy", fetch_into(client, to(server), busy_answers));
    while (server.requests.size() < most) co_await server.news.next();

    auto impatient = to(server);
    impatient.timeout = 10ms;
    auto const answer = co_await client.fetch(std::move(impatient));
    EXPECT_EQ(answer.error(), (Error{Errc::unavailable, "no connection became free in time"}));

    for (int i = 0; i < 100; ++i) waiting.spawn("waiting", fetch_into(client, to(server), answers));
    co_await sleep_for(1ms);
    EXPECT_EQ(answers.size(), 0U);
    EXPECT_EQ(server.connections, static_cast<int>(most));
    busy.cancel();
    co_await busy.join(5s);
    co_await waiting.join(5s);
    EXPECT_EQ(answers.size(), 100U);
    for (auto const& one : answers) EXPECT_TRUE(one.has_value());
}
TEST(HttpClient, has_a_limited_number_of_connections_to_a_host) { run_test(waits_in_line); }

net::awaitable<void> cancels_in_line(ScriptedServer& server, HttpClient& client) {
    for (int i = 0; i < 64; ++i) server.steps.push_back({.answer = "", .silent = true});
    TaskGroup group{co_await this_coro::executor};
    std::vector<Result<Response>> answers;
    for (int i = 0; i < 70; ++i) group.spawn("fetch", fetch_into(client, to(server), answers));
    while (server.requests.size() < 64) co_await server.news.next();
    group.cancel();
    co_await group.join(5s);
    EXPECT_EQ(answers.size(), 70U);
    for (auto const& one : answers) EXPECT_EQ(one.error().code, Errc::cancelled);
}
TEST(HttpClient, can_be_cancelled_while_waiting_in_line) { run_test(cancels_in_line); }

net::awaitable<void> bad_requests(ScriptedServer& server, HttpClient& client) {
    auto request = to(server);
    request.headers.set("Authorization", "Bearer a\r\nX: y");
    EXPECT_EQ((co_await client.fetch(std::move(request))).error().code, Errc::bad_config);
    request = to(server);
    request.url = "ftp://127.0.0.1/";
    EXPECT_EQ((co_await client.fetch(std::move(request))).error().code, Errc::bad_config);
    EXPECT_EQ(server.connections, 0);
}
TEST(HttpClient, refuses_to_send_what_is_not_http) { run_test(bad_requests); }

TEST(HttpClient, may_go_while_requests_run) {
    net::io_context io;
    std::vector<Result<Response>> answers;
    auto server = std::make_unique<ScriptedServer>(io.get_executor());
    server->steps = Steps{{.answer = "", .silent = true}};
    auto client = std::make_unique<HttpClient>(io.get_executor());
    net::co_spawn(io, fetch_into(*client, to(*server), answers), [](std::exception_ptr) {});
    while (server->requests.empty()) io.run_one();
    client.reset();
    net::co_spawn(io, server->stop(), [](std::exception_ptr) {});
    io.run();
    EXPECT_EQ(answers.at(0).error().code, Errc::timed_out);
}

}  // namespace
}  // namespace kefu
