// SPDX-License-Identifier: Apache-2.0
#include "tests/support/listener_world.hpp"

/// What requests get as answers.
namespace kefu::listener_world {
namespace {

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

}  // namespace
}  // namespace kefu::listener_world
