// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/target.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

using Query = std::map<std::string, std::string>;

struct TargetCase {
    char const* target;
    char const* path;
    Query query;
};
class ReadTarget : public testing::TestWithParam<TargetCase> {};

TEST_P(ReadTarget, finds_path_and_query) {
    Request request;
    request.target = GetParam().target;
    ASSERT_TRUE(read_target(request).has_value());
    EXPECT_EQ(request.path, GetParam().path);
    EXPECT_EQ(request.query, GetParam().query);
}

INSTANTIATE_TEST_SUITE_P(Good, ReadTarget,
                         testing::Values(TargetCase{"/", "/", {}}, TargetCase{"/hooks/line", "/hooks/line", {}}, TargetCase{"/a%20b/%E9%80%80", "/a b/退", {}},
                                         TargetCase{"/a+b?c+d=e%2Bf", "/a+b", {{"c d", "e+f"}}},
                                         TargetCase{"/a?x=1&y&x=2&&=z", "/a", {{"", "z"}, {"x", "1"}, {"y", ""}}},
                                         TargetCase{"/a?text=1%0A2", "/a", {{"text", "1\n2"}}}, TargetCase{"/a?", "/a", {}},
                                         TargetCase{"/a?b=c#d", "/a", {{"b", "c"}}}, TargetCase{"http://example.com/a%2Fb?c=d", "/a/b", {{"c", "d"}}},
                                         TargetCase{"https://example.com", "/", {}}));

class ReadBadTarget : public testing::TestWithParam<char const*> {};

TEST_P(ReadBadTarget, is_refused) {
    Request request;
    request.target = GetParam();
    auto const read = read_target(request);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, Errc::bad_payload);
}

INSTANTIATE_TEST_SUITE_P(Bad, ReadBadTarget,
                         testing::Values("", "*", "a", "example.com:443", "ftp://a/b", "/%", "/%zz", "/a%00b", "/a%0d%0ab", "/?a=%", "/?a=%00"));

TEST(PathSegments, are_split_before_they_are_decoded) {
    EXPECT_EQ(path_segments("/"), (std::vector<std::string>{}));
    EXPECT_EQ(path_segments("/a/b%2Fc?x/y"), (std::vector<std::string>{"a", "b/c"}));
    EXPECT_EQ(path_segments("/a/"), (std::vector<std::string>{"a", ""}));
    EXPECT_EQ(path_segments("//a"), (std::vector<std::string>{"", "a"}));
}

struct UrlCase {
    char const* text;
    bool tls;
    char const* host;
    char const* port;
    char const* authority;
    char const* target;
};
class ReadUrl : public testing::TestWithParam<UrlCase> {};

TEST_P(ReadUrl, takes_it_apart) {
    auto const url = read_url(GetParam().text);
    ASSERT_TRUE(url.has_value()) << url.error().message;
    EXPECT_EQ(url->tls, GetParam().tls);
    EXPECT_EQ(url->host, GetParam().host);
    EXPECT_EQ(url->port, GetParam().port);
    EXPECT_EQ(url->authority, GetParam().authority);
    EXPECT_EQ(url->target, GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(Good, ReadUrl,
                         testing::Values(UrlCase{"https://api.line.me/v2/bot?a=b%20c#d", true, "api.line.me", "443", "api.line.me", "/v2/bot?a=b%20c"},
                                         UrlCase{"http://localhost", false, "localhost", "80", "localhost", "/"},
                                         UrlCase{"http://localhost:8080?x", false, "localhost", "8080", "localhost:8080", "/?x"},
                                         UrlCase{"HTTPS://[::1]:443/a", true, "::1", "443", "[::1]", "/a"}));

class ReadBadUrl : public testing::TestWithParam<char const*> {};

TEST_P(ReadBadUrl, is_refused_showing_no_more_than_its_scheme_and_host) {
    auto const url = read_url(GetParam());
    ASSERT_FALSE(url.has_value());
    EXPECT_EQ(url.error().code, Errc::bad_config);
    EXPECT_EQ(url.error().message.find("secret"), std::string::npos) << url.error().message;
}

INSTANTIATE_TEST_SUITE_P(Bad, ReadBadUrl,
                         testing::Values("", "localhost", "ftp://a/b?secret", "http://", "http:///a", "http://user:secret@host/", "http://a b/",
                                         "http://a%20b/", "http://a:99999/", "http://a:0/", "file:///etc/passwd", "http://a/b c?secret",
                                         "http://a/bot1:secret/b c", "http://a/bot1:secret^", "ftp://user:secret@a/", "a/secret", "http://a:0/secret",
                                         "http://a\r\nX: y/"));

struct Pointed {
    char const* from;
    char const* location;
    char const* to;
};
class ResolveUrl : public testing::TestWithParam<Pointed> {};

TEST_P(ResolveUrl, finds_where_an_answer_points) {
    auto const& [from, location, to] = GetParam();
    EXPECT_EQ(resolve_url(from, location).value(), to);
}

INSTANTIATE_TEST_SUITE_P(Locations, ResolveUrl,
                         testing::Values(Pointed{"https://a/b/c?d", "https://e/f?g", "https://e/f?g"}, Pointed{"https://a/b/c?d", "/e?f", "https://a/e?f"},
                                         Pointed{"https://a/b/c", "e", "https://a/b/e"}, Pointed{"https://a/b", "//e/f", "https://e/f"}));

TEST(ResolveUrl, needs_an_address) { EXPECT_EQ(resolve_url("https://a/", "http://b c/").error().code, Errc::bad_payload); }

}  // namespace
}  // namespace kefu
