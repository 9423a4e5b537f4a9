// SPDX-License-Identifier: Apache-2.0
#include "tests/support/line_platform.hpp"

/// What LINE tells us on request: profiles and photos.
namespace kefu::line {
namespace {

using testing::IsEmpty;

net::awaitable<Result<ProfileLearned>> ask_profile(std::string sender, Response answer, std::vector<Request>* seen) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers.push_back(std::move(answer));
    HttpClient http{executor};
    auto const line = make_connector({settings_for(platform.url()), ChannelPolicy{}, http, [] { return received; }});
    auto learned = co_await line->profile(std::move(sender));
    http.close_idle();
    co_await platform.stop();
    *seen = std::move(platform.seen);
    co_return learned;
}

TEST(LineProfile, gives_name_and_language) {
    std::vector<Request> seen;
    auto const learned =
        run(ask_profile(customer, json_response(R"({"displayName":"小美","userId":"U4af","language":"zh-TW","pictureUrl":"https://x"})"), &seen));
    ASSERT_TRUE(learned.has_value());
    EXPECT_EQ(learned->display_name, "小美");
    EXPECT_EQ(learned->language, "zh-TW");
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].method, "GET");
    EXPECT_EQ(seen[0].path, std::string{"/v2/bot/profile/"} + customer);
    EXPECT_EQ(seen[0].headers.get("Authorization"), std::string{"Bearer "} + access_token);
}

struct ProfileFault {
    char const* name;
    std::string sender;
    Response answer;
    Errc code;
};
class LineProfileFault : public testing::TestWithParam<ProfileFault> {};

TEST_P(LineProfileFault, has_a_code_that_says_whether_to_ask_again) {
    std::vector<Request> seen;
    auto const learned = run(ask_profile(GetParam().sender, GetParam().answer, &seen));
    ASSERT_TRUE(learned.has_error());
    EXPECT_EQ(learned.error().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(Answers, LineProfileFault,
                         testing::Values(ProfileFault{"no_friend", customer, says(404, "Not found"), Errc::not_found},
                                         ProfileFault{"a_group", "Ca56f94637cfa1b2c3d4e5f60718293a4", ok(), Errc::not_found},
                                         ProfileFault{"a_server_error", customer, server_error(), Errc::unavailable},
                                         ProfileFault{"a_rate_limit", customer, rate_limit(), Errc::unavailable},
                                         ProfileFault{"no_json", customer, text_response("<html>"), Errc::bad_payload},
                                         ProfileFault{"an_array", customer, json_response("[]"), Errc::bad_payload}),
                         [](auto const& test) { return std::string{test.param.name}; });

TEST(LineProfile, members_of_another_type_are_left_empty) {
    std::vector<Request> seen;
    auto const learned = run(ask_profile(customer, json_response(R"({"displayName":5,"language":null})"), &seen));
    ASSERT_TRUE(learned.has_value());
    EXPECT_EQ(learned->display_name, "");
    EXPECT_EQ(learned->language, "");
}

net::awaitable<Result<Connector::Content>> ask_content(Attachment attachment, Response answer, std::vector<Request>* seen) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers.push_back(std::move(answer));
    HttpClient http{executor};
    auto const line = make_connector({settings_for(platform.url()), ChannelPolicy{}, http, [] { return received; }});
    auto content = co_await line->content(std::move(attachment));
    http.close_idle();
    co_await platform.stop();
    *seen = std::move(platform.seen);
    co_return content;
}

Attachment photo() { return {.kind = ContentKind::image, .platform_id = "588147832291016705", .url = {}, .file_name = {}}; }

TEST(LineContent, gives_bytes_and_type) {
    Response jpeg = text_response(std::string{"\xff\xd8\0\xff", 4});
    jpeg.headers.set("Content-Type", "image/jpeg");
    std::vector<Request> seen;
    auto const content = run(ask_content(photo(), jpeg, &seen));
    ASSERT_TRUE(content.has_value());
    EXPECT_EQ(content->bytes, (std::string{"\xff\xd8\0\xff", 4}));
    EXPECT_EQ(content->content_type, "image/jpeg");
    EXPECT_EQ(seen.at(0).path, "/v2/bot/message/588147832291016705/content");
}

struct ContentFault {
    char const* name;
    Response answer;
    Errc code;
};
class LineContentFault : public testing::TestWithParam<ContentFault> {};

TEST_P(LineContentFault, has_a_code_that_says_whether_to_ask_again) {
    std::vector<Request> seen;
    auto const content = run(ask_content(photo(), GetParam().answer, &seen));
    ASSERT_TRUE(content.has_error());
    EXPECT_EQ(content.error().code, GetParam().code);
    EXPECT_EQ(content.error().message.find(access_token), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Answers, LineContentFault,
                         testing::Values(ContentFault{"still_prepared", says(202, ""), Errc::unavailable},
                                         ContentFault{"unknown", says(404, "Not found"), Errc::not_found},
                                         ContentFault{"unsent", says(410, "Gone"), Errc::not_found},
                                         ContentFault{"a_server_error", server_error(), Errc::unavailable},
                                         ContentFault{"a_rate_limit", rate_limit(), Errc::unavailable}),
                         [](auto const& test) { return std::string{test.param.name}; });

TEST(LineContent, of_more_than_64_mib_is_not_taken) {
    std::vector<Request> seen;
    auto const content = run(ask_content(photo(), text_response(std::string((64u << 20) + 1, 'x')), &seen));
    ASSERT_TRUE(content.has_error());
    EXPECT_EQ(content.error().code, Errc::bad_payload);
}

TEST(LineContent, that_line_does_not_host_is_not_asked_for) {
    Attachment elsewhere = photo();
    elsewhere.platform_id.clear();
    elsewhere.url = "https://example.com/a.jpg";
    std::vector<Request> seen;
    EXPECT_EQ(run(ask_content(elsewhere, ok(), &seen)).error().code, Errc::not_found);
    EXPECT_THAT(seen, IsEmpty());
}

}  // namespace
}  // namespace kefu::line
