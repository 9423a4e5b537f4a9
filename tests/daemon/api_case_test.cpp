// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "tests/support/api_world.hpp"

/// What an agent notes in a case: concessions within the authority of petr's tier or mei's, who may give anything, and tags.
namespace kefu::api_world {
namespace {

class CaseNotes : public Api {
  protected:
    CaseNotes() {
        shop.shop = [snapshot = make_snapshot()](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp at) {
            bool const noted = std::holds_alternative<AgentConceded>(event) || std::holds_alternative<AgentTagged>(event);
            if (noted) return decide(snapshot->catalog, {}, std::move(conversation), event, at);
            return shop_with_feelings(channel, std::move(conversation), event, at);
        };
        says("U1", "hello");
    }
    Response concede(std::string const& kind, double amount, std::string const& token = petr) {
        json::object const body{{"conversation", "line-main/U1"}, {"kind", kind}, {"amount", amount}, {"why", "came late"}};
        return post("/concede", json::serialize(body), token);
    }
    static std::string detail(Response const& response) { return std::string{body_of(response).at("detail").as_string()}; }
};

TEST_F(CaseNotes, show_what_was_given_and_what_is_left) {
    auto const given = concede("coupon", 120.5);
    EXPECT_EQ(given.status, 200);
    auto const body = body_of(given);
    auto const one = body.at("concessions").as_array().at(0);
    EXPECT_EQ(one.at("kind"), "coupon");
    EXPECT_EQ(one.at("amount"), 120.5);
    EXPECT_EQ(one.at("currency"), "TWD") << "the shop's, when none is named";
    EXPECT_EQ(one.at("by"), "petr");
    EXPECT_EQ(one.at("at").as_string(), to_rfc3339(now));
    EXPECT_EQ(body.at("authority"),
              json::parse(R"({"tier":"aftersale","may":["gift","coupon"],"left_for_order":{"TWD":1.795E2},"left_today":{"TWD":2.795E2}})"));
    auto const boss = body_of(get("/conversation", {{"id", "line-main/U1"}}));
    EXPECT_EQ(boss.at("authority"), json::parse(R"({"tier":"manager","unlimited":true})"));
    EXPECT_EQ(boss.at("owner"), "bot") << "nobody took it over by that";
}

TEST_F(CaseNotes, refuse_what_is_above_the_authority_and_say_who_decides) {
    EXPECT_EQ(concede("coupon", 200).status, 200);
    auto const more = concede("coupon", 101);
    EXPECT_EQ(more.status, 409);
    EXPECT_EQ(detail(more), "aftersale may give 100 TWD more here; supervisor may decide about 101 TWD");
    EXPECT_EQ(detail(concede("coupon", 2'801)), "aftersale may give 100 TWD more here; manager may decide about 2801 TWD") << "the supervisor has 2800 left";
    EXPECT_EQ(detail(concede("keep_item", 1)), "aftersale may not give keep_item; supervisor may decide about it");
    EXPECT_EQ(concede("keep_item", 50'000, mei).status, 200);
    EXPECT_EQ(body_of(get("/conversation", {{"id", "line-main/U1"}})).at("concessions").as_array().size(), 2u);
}

TEST_F(CaseNotes, say_what_is_wrong_with_a_concession) {
    auto const titled = [&](char const* body) { return std::string{body_of(post("/concede", body)).at("title").as_string()}; };
    EXPECT_EQ(titled("[]"), "The body is not a JSON object");
    EXPECT_EQ(titled(R"({"kind":"gift"})"), "'conversation' is missing");
    EXPECT_EQ(titled(R"({"conversation":"line-main/U1","kind":"cupon","why":"x"})"), "Unknown 'kind'");
    EXPECT_EQ(titled(R"({"conversation":"line-main/U1","kind":"gift"})"), "'why' is missing");
    EXPECT_EQ(titled(R"({"conversation":"line-main/U1","kind":"gift","why":"x","amount":"5"})"), "'amount' is not a number");
    EXPECT_EQ(titled(R"({"conversation":"line-main/U1","kind":"gift","why":"x","amount":-5})"), "'amount' is out of range");
    EXPECT_EQ(titled(R"({"conversation":"line-main/U1","kind":"gift","why":"x","amount":1e12})"), "'amount' is out of range");
    EXPECT_EQ(titled(R"({"conversation":"line-main/U1","kind":"gift","why":"x","amount":5,"currency":"$"})"), "'currency' is no currency");
    EXPECT_EQ(titled(R"({"conversation":"line-main/U9","kind":"gift","why":"x"})"), "No such conversation");
    EXPECT_EQ(post("/concede", R"({"conversation":"line-main/U1","kind":"gift","why":"x"})").status, 200);
}

TEST_F(CaseNotes, keep_tags) {
    auto const tags = [&](char const* body) { return body_of(post("/tag", body)).at("tags"); };
    EXPECT_EQ(tags(R"({"conversation":"line-main/U1","add":["vip","loud"]})"), json::parse(R"(["loud","vip"])"));
    EXPECT_EQ(tags(R"({"conversation":"line-main/U1","add":["new"],"remove":["loud"]})"), json::parse(R"(["new","vip"])"));
    EXPECT_EQ(body_of(get("/conversations")).at("conversations").at(0).at("tags"), json::parse(R"(["new","vip"])"));
}

TEST_F(CaseNotes, say_what_is_no_tag) {
    for (auto const* body :
         {R"({"conversation":"line-main/U1"})", R"({"conversation":"line-main/U1","add":"vip"})", R"({"conversation":"line-main/U1","add":[""]})",
          R"({"conversation":"line-main/U1","add":["two words"]})", R"({"conversation":"line-main/U1","add":[1]})"})
        EXPECT_EQ(post("/tag", body).status, 400) << body;
    json::array many;
    for (int i = 0; i < 20; ++i) many.push_back(json::value("a" + std::to_string(i)));
    EXPECT_EQ(post("/tag", json::serialize(json::object{{"conversation", "line-main/U1"}, {"add", many}})).status, 200);
    for (auto& one : many) one = "b" + std::string{one.as_string()};
    auto const full = post("/tag", json::serialize(json::object{{"conversation", "line-main/U1"}, {"add", many}}));
    EXPECT_EQ(full.status, 409);
    EXPECT_EQ(detail(full), "a customer has at most 32 tags");
}

TEST(AuthorityOf, somebody_nobody_wrote_down_is_the_default_teams) {
    Settings settings;
    settings.agents.resize(2);
    settings.agents[0].name = "boss";
    settings.agents[1].name = "mei";
    settings.agents[1].tiers = {"aftersale", "supervisor"};
    Policy policy;
    policy.tiers.resize(3);
    policy.tiers[0].name = "aftersale";
    policy.tiers[1].name = "supervisor";
    policy.tiers[2].name = "manager";
    policy.default_tier = "aftersale";
    EXPECT_EQ(api::tier_of(settings, policy, "somebody").name, "aftersale");
    EXPECT_EQ(api::tier_of(settings, policy, "mei").name, "supervisor");
    EXPECT_EQ(api::tier_of(settings, policy, "boss").name, "manager") << "an agent without tiers belongs to all";
}

}  // namespace
}  // namespace kefu::api_world
