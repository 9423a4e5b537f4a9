// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/fetch_content.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Files at addresses that messages name.
namespace kefu {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Response moved(std::string to, int status = 302) {
    Response response = text_response("", status);
    response.headers.set("Location", std::move(to));
    return response;
}

struct Fetched {
    Result<Connector::Content> content = Connector::Content{};
    std::vector<Request> seen;

    std::vector<std::string> asked() const {
        std::vector<std::string> all;
        for (auto const& request : seen) all.push_back(std::string{request.headers.get("host")} + request.target);
        return all;
    }
};

/// Through a proxy, which answers for every host there is.
net::awaitable<Fetched> fetch(std::deque<Response> answers, bool allow_private) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer proxy{executor};
    proxy.answers = std::move(answers);
    HttpClient http{executor};
    http.use_proxy({proxy.url(), {}, {}});
    ClientRequest request = content_request("http://desk.example/photo", allow_private);
    request.headers.set("Authorization", "Bearer of the first host");
    Fetched fetched;
    fetched.content = co_await fetch_content(http, std::move(request));
    http.close_idle();
    co_await proxy.stop();
    fetched.seen = std::move(proxy.seen);
    co_return fetched;
}
Fetched fetched(std::deque<Response> answers, bool allow_private = false) { return run(fetch(std::move(answers), allow_private)); }

// Chatwoot's data_url answers 302: Rails' ActiveStorage.
TEST(FetchContent, follows_redirects) {
    auto const got = fetched({moved("/disk/1?signed"), moved("http://desk.example/disk/2", 307), text_response("JPEG")});
    EXPECT_EQ(got.content.value().bytes, "JPEG");
    EXPECT_THAT(got.asked(), ElementsAre("desk.example/photo", "desk.example/disk/1?signed", "desk.example/disk/2"));
    EXPECT_EQ(got.seen.at(2).headers.get("authorization"), "Bearer of the first host");
}

TEST(FetchContent, gives_another_host_no_credentials) {
    auto const got = fetched({moved("http://storage.example/1"), text_response("JPEG")});
    EXPECT_TRUE(got.content);
    ASSERT_THAT(got.seen, SizeIs(2));
    EXPECT_FALSE(got.seen[1].headers.has("authorization"));
}

TEST(FetchContent, follows_three_redirects_and_no_more) {
    auto const got = fetched({moved("/1"), moved("/2"), moved("/3"), moved("/4"), text_response("JPEG")});
    EXPECT_EQ(got.content.error().code, Errc::not_found);
    EXPECT_THAT(got.seen, SizeIs(4));
}

TEST(FetchContent, is_not_led_to_where_it_may_not_go) {
    for (auto const* inside : {"http://10.0.0.1/secrets", "http://169.254.169.254/latest", "http://localhost/", "file:///etc/passwd"}) {
        auto const got = fetched({moved(inside), text_response("secrets")});
        EXPECT_THAT(got.seen, SizeIs(1)) << inside;
        EXPECT_EQ(got.content.error().code, Errc::bad_config) << inside;
    }
    EXPECT_TRUE(fetched({moved("http://10.0.0.1/photo"), text_response("JPEG")}, true).content) << "the operator allows it";
}

TEST(FetchContent, says_whether_to_ask_again) {
    EXPECT_EQ(content_of(text_response("", 202), {}).error().code, Errc::not_found);
    auto const prepared = content_of(text_response("", 202), {"LINE", {202}});
    EXPECT_EQ(prepared.error().code, Errc::unavailable);
    EXPECT_EQ(prepared.error().message, "LINE answered 202");
    for (int const status : {429, 500, 503}) EXPECT_EQ(content_of(text_response("", status), {}).error().code, Errc::unavailable) << status;
    for (auto const code : {Errc::timed_out, Errc::cancelled, Errc::unavailable}) EXPECT_EQ(content_of(Error{code, "x"}, {}).error().code, Errc::unavailable);
    EXPECT_EQ(content_of(Error{Errc::bad_payload, "x"}, {}).error().code, Errc::bad_payload);
}

}  // namespace
}  // namespace kefu
