// SPDX-License-Identifier: Apache-2.0
#include "tests/support/api_world.hpp"

namespace kefu::api_world {
namespace {

using testing::ElementsAre;

json::value channel(Response const& response, std::string_view id) {
    json::value const body = body_of(response);
    for (auto const& one : body.at("channels").as_array())
        if (one.at("id").as_string() == id) return one;
    return {};
}

TEST_F(Api, lists_how_each_channel_is) {
    auto const response = get("/channels");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(channel(response, "line-main").at("state").as_string(), "ok");
    EXPECT_EQ(channel(response, "web").at("type").as_string(), "webhooks");
    EXPECT_FALSE(channel(response, "web").as_object().contains("last_in"));
}

TEST_F(Api, says_what_is_wrong_with_a_channel_in_words) {
    ChannelId const id{"line-main"};
    health().came_in(id, noon);
    health().went_wrong(id, Trouble::held, "LINE answered 401", noon);
    AccountState account;
    account.quota = Quota{200, 10, 4, 6};
    account.token_until = noon + std::chrono::hours{1};
    health().note(id, std::move(account), noon);
    auto const line = channel(get("/channels"), "line-main");
    EXPECT_EQ(line.at("state").as_string(), "down");
    EXPECT_EQ(line.at("last_in").as_string(), to_rfc3339(noon));
    EXPECT_EQ(line.at("token_until").as_string(), to_rfc3339(noon + std::chrono::hours{1}));
    EXPECT_EQ(line.at("quota"), json::value({{"used", 10}, {"to_customers", 4}, {"to_team", 6}, {"limit", 200}}));
    auto const& reason = line.at("reasons").as_array().at(0);
    EXPECT_EQ(reason.at("kind").as_string(), "cannot_send");
    EXPECT_EQ(reason.at("what").as_string(), "nothing can be sent: LINE answered 401");
    auto const& error = line.at("errors").as_array().at(0);
    EXPECT_EQ(error.at("kind").as_string(), "held");
    EXPECT_EQ(error.at("count").as_int64(), 1);
    EXPECT_EQ(error.at("detail").as_string(), "LINE answered 401");
}

TEST_F(Api, tells_strangers_nothing_about_channels) { EXPECT_EQ(get("/channels", {}, "nobody's").status, 401); }

}  // namespace
}  // namespace kefu::api_world
