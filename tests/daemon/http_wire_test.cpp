// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/wire.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace kefu {
namespace {

/// Feeds `bytes` in pieces of `step`, as a socket would.
template <class Reader>
std::size_t feed(Reader& reader, InputBuffer& input, std::string_view bytes, std::size_t step) {
    std::size_t fed = 0;
    while (fed < bytes.size() && !reader.complete() && reader.fault() == WireFault::none) {
        auto const piece = bytes.substr(fed, step);
        std::memcpy(input.room(piece.size()).data(), piece.data(), piece.size());
        input.received(piece.size());
        input.consumed(reader.put(input.data()));
        fed += piece.size();
    }
    return fed;
}

class EveryStep : public testing::TestWithParam<std::size_t> {};

TEST_P(EveryStep, reads_requests_one_after_another) {
    std::string const first = "POST /hooks?a=b HTTP/1.1\r\nHost: x\r\nX-Line-Signature: abc=\r\nContent-Length: 11\r\n\r\nhello world";
    std::string const second =
        "PUT / HTTP/1.1\r\nhost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5;note=1\r\nhello\r\n6\r\n world\r\n0\r\nHost: trailer\r\n\r\n";
    RequestReader reader{4096, 100};
    InputBuffer input;
    auto const fed = feed(reader, input, first + second, GetParam());
    ASSERT_TRUE(reader.complete());
    EXPECT_TRUE(reader.keep_alive());
    Request request = reader.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/hooks?a=b");
    EXPECT_EQ(request.headers.get("x-line-signature"), "abc=");
    EXPECT_EQ(request.body, "hello world");

    input.consumed(reader.put(input.data()));
    feed(reader, input, std::string_view{first + second}.substr(fed), GetParam());
    ASSERT_TRUE(reader.complete());
    EXPECT_FALSE(reader.keep_alive());
    request = reader.take();
    EXPECT_EQ(request.body, "hello world");
    EXPECT_EQ(request.headers.get("host"), "x");
    EXPECT_TRUE(input.empty());
}

// A first chunk that is the last one, cut after its fourth byte, ran into an assertion of Beast.
TEST_P(EveryStep, reads_a_chunked_body_without_chunks) {
    RequestReader reader{4096, 100};
    InputBuffer input;
    feed(reader, input, "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", GetParam());
    ASSERT_TRUE(reader.complete());
    EXPECT_EQ(reader.take().body, "");
}

TEST_P(EveryStep, reads_a_response) {
    std::string const bytes = "HTTP/1.1 201 Created\r\nContent-Length: 5\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nhello";
    ResponseReader reader{100, false};
    InputBuffer input;
    feed(reader, input, bytes, GetParam());
    ASSERT_TRUE(reader.complete());
    EXPECT_TRUE(reader.keep_alive());
    auto const response = reader.take();
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.headers.all().size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Sizes, EveryStep, testing::Values(1, 2, 3, 7, 64, 1000));

struct RequestCase {
    char const* name;
    std::string bytes;
    WireFault fault;
};
class BadRequest : public testing::TestWithParam<RequestCase> {};

TEST_P(BadRequest, has_its_fault) {
    RequestReader reader{1024, 10};
    InputBuffer input;
    feed(reader, input, GetParam().bytes, 1);
    EXPECT_EQ(reader.fault(), GetParam().fault);
    EXPECT_FALSE(reader.complete() && reader.fault() == WireFault::none);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, BadRequest,
    testing::Values(RequestCase{"not_http", "\x16\x03\x01 hello there\r\n\r\n", WireFault::malformed},
                    RequestCase{"no_host", "GET / HTTP/1.1\r\n\r\n", WireFault::malformed},
                    RequestCase{"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", WireFault::malformed},
                    RequestCase{"version_2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", WireFault::malformed},
                    RequestCase{"space_before_colon", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc", WireFault::malformed},
                    RequestCase{"negative_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", WireFault::malformed},
                    RequestCase{"two_lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", WireFault::malformed},
                    RequestCase{"length_and_chunks", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                WireFault::malformed},
                    RequestCase{"chunks_and_length", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                                WireFault::malformed},
                    RequestCase{"bad_chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", WireFault::malformed},
                    RequestCase{"unknown_coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nabc", WireFault::malformed},
                    RequestCase{"two_codings", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", WireFault::malformed},
                    RequestCase{"two_codings_apart", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                WireFault::malformed},
                    RequestCase{"coding_in_10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", WireFault::malformed},
                    RequestCase{"length_over_limit", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", WireFault::body_too_large},
                    RequestCase{"chunks_over_limit", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n",
                                WireFault::body_too_large},
                    RequestCase{"long_header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2000, 'x') + "\r\n\r\n", WireFault::header_too_large},
                    RequestCase{"long_target", "GET /" + std::string(2000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", WireFault::header_too_large}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(RequestReader, version_10_closes_unless_asked_not_to) {
    RequestReader reader{1024, 10};
    InputBuffer input;
    feed(reader, input, "GET / HTTP/1.0\r\n\r\n", 5);
    ASSERT_TRUE(reader.complete());
    EXPECT_TRUE(reader.is_version_10());
    EXPECT_FALSE(reader.keep_alive());
    reader.take();
    feed(reader, input, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 5);
    EXPECT_TRUE(reader.keep_alive());
}

TEST(ResponseReader, a_body_without_length_ends_with_the_connection) {
    ResponseReader reader{100, false};
    InputBuffer input;
    feed(reader, input, "HTTP/1.1 200 OK\r\n\r\nhello", 3);
    EXPECT_FALSE(reader.complete());
    reader.put_end();
    ASSERT_TRUE(reader.complete());
    EXPECT_FALSE(reader.keep_alive());
    EXPECT_EQ(reader.take().body, "hello");
}

TEST(ResponseReader, knows_an_answer_that_was_cut) {
    for (std::string_view bytes : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"}) {
        ResponseReader reader{100, false};
        InputBuffer input;
        feed(reader, input, bytes, 100);
        reader.put_end();
        EXPECT_EQ(reader.fault(), WireFault::unfinished) << bytes;
    }
}

TEST(ResponseReader, an_answer_to_head_has_no_body) {
    ResponseReader reader{2, true};
    InputBuffer input;
    feed(reader, input, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 100);
    EXPECT_TRUE(reader.complete());
}

std::string head_of(Response const& response, ResponseFrame const& frame) {
    std::string out;
    write_response_head(out, response, frame);
    return out;
}

TEST(ResponseHead, holds_what_frames_the_message) {
    Response response = text_response("hello", 404);
    response.headers.add("Content-Length", "7");
    response.headers.add("Transfer-Encoding", "chunked");
    response.headers.add("Evil", "a\r\nSet-Cookie: b");
    response.headers.add("Also\r\nEvil", "a");
    EXPECT_EQ(head_of(response, {}), "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(head_of({.status = 204, .headers = {}, .body = ""}, {.keep_alive = false, .version_10 = false, .answers_head = false, .date = "now"}),
              "HTTP/1.1 204 No Content\r\nDate: now\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(head_of({}, {.keep_alive = true, .version_10 = true, .answers_head = false, .date = {}}),
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(RequestHead, refuses_what_would_break_the_message) {
    Headers headers;
    headers.set("Authorization", "Bearer a\r\nX: y");
    std::string out;
    EXPECT_FALSE(write_request_head(out, "POST", "/", "a", headers, 0));
    EXPECT_FALSE(write_request_head(out, "PO ST", "/", "a", {}, 0));
    EXPECT_EQ(out, "");
    headers.set("Authorization", "Bearer a");
    EXPECT_TRUE(write_request_head(out, "POST", "/b?c", "a:81", headers, 3));
    EXPECT_EQ(out, "POST /b?c HTTP/1.1\r\nHost: a:81\r\nAuthorization: Bearer a\r\nContent-Length: 3\r\n\r\n");
}

TEST(HttpDate, is_written_as_http_wants_it) { EXPECT_EQ(http_date(std::chrono::system_clock::from_time_t(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT"); }

}  // namespace
}  // namespace kefu
