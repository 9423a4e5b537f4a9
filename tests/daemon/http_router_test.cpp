// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/router.hpp"

#include "tests/support/run.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

net::awaitable<Response> name_and_parameters(std::string name, Request request) {
    for (auto const& [key, value] : request.query) name += ' ' + key + '=' + value;
    co_return text_response(std::move(name));
}

Handler named(std::string name) {
    return [name](Request request) { return name_and_parameters(name, std::move(request)); };
}

struct RouterCase {
    char const* method;
    char const* target;
    int status;
    char const* body;  ///< of a 200; else the Allow field
};
class RouterTable : public testing::TestWithParam<RouterCase> {
  protected:
    RouterTable() {
        router_.add("GET", "/", named("root"));
        router_.add("POST", "/hooks/{channel}", named("hook"));
        router_.add("GET", "/users/{id}", named("user"));
        router_.add("DELETE", "/users/{id}", named("delete"));
        router_.add("GET", "/users/me", named("me"));
        router_.add("POST", "/conversations/{id}/claim", named("claim"));
        router_.add("PUT", "/conversations/{id}/{what}", named("put"));
    }
    Router router_;
};

TEST_P(RouterTable, finds_the_handler) {
    auto const& [method, target, status, body] = GetParam();
    Request request;
    request.method = method;
    request.path = target;
    request.target = target;
    auto const response = run(router_.handle(std::move(request)));
    EXPECT_EQ(response.status, status);
    if (status == 200) {
        EXPECT_EQ(response.body, body);
    } else {
        EXPECT_EQ(response.headers.get("allow"), body);
        EXPECT_EQ(response.headers.get("content-type"), "application/problem+json");
    }
}

INSTANTIATE_TEST_SUITE_P(Requests, RouterTable,
                         testing::Values(RouterCase{"GET", "/", 200, "root"}, RouterCase{"HEAD", "/", 200, "root"}, RouterCase{"POST", "/", 405, "GET, HEAD"},
                                         RouterCase{"POST", "/hooks/line-main", 200, "hook channel=line-main"},
                                         RouterCase{"GET", "/hooks/line-main", 405, "POST"}, RouterCase{"POST", "/hooks/", 404, ""},
                                         RouterCase{"POST", "/hooks", 404, ""}, RouterCase{"POST", "/hooks/a/b", 404, ""},
                                         RouterCase{"GET", "/users/7", 200, "user id=7"}, RouterCase{"GET", "/users/me", 200, "me"},
                                         RouterCase{"DELETE", "/users/me", 200, "delete id=me"}, RouterCase{"PATCH", "/users/me", 405, "DELETE, GET, HEAD"},
                                         RouterCase{"POST", "/conversations/line%2FU1/claim", 200, "claim id=line/U1"},
                                         RouterCase{"PUT", "/conversations/a/claim", 200, "put id=a what=claim"}, RouterCase{"get", "/", 405, "GET, HEAD"},
                                         RouterCase{"GET", "/nothing", 404, ""}, RouterCase{"GET", "//", 404, ""}));

TEST(Router, works_on_the_path_when_there_is_no_target) {
    Router router;
    router.add("GET", "/a/{b}", named("a"));
    Request request;
    request.method = "GET";
    request.path = "/a/c";
    EXPECT_EQ(run(router.handle(std::move(request))).body, "a b=c");
}

TEST(Problem, is_json_as_in_rfc_9457) {
    auto const answer = problem(404, "Not \"found\"", "Look elsewhere.");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, R"({"type":"about:blank","title":"Not \"found\"","status":404,"detail":"Look elsewhere."})");
}

TEST(Headers, compare_names_without_case) {
    Headers headers;
    headers.add("Set-Cookie", "a");
    headers.add("set-cookie", "b");
    EXPECT_EQ(headers.get("SET-COOKIE"), "a");
    headers.set("SET-cookie", "c");
    EXPECT_EQ(headers.all(), (std::vector<std::pair<std::string, std::string>>{{"SET-cookie", "c"}}));
    EXPECT_FALSE(headers.has("Cookie"));
    EXPECT_EQ(headers.get("Cookie"), "");
}

}  // namespace
}  // namespace kefu
