// SPDX-License-Identifier: Apache-2.0
#include "tests/support/api_world.hpp"

/// Who is there, and giving a conversation to a colleague.
namespace kefu::api_world {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Team : public Api {
  protected:
    Response give(std::string const& customer, std::string const& to, std::string const& token = mei) {
        return post("/assign", json::serialize(json::object{{"conversation", "line-main/" + customer}, {"to", to}, {"why", "her language"}}), token);
    }
    json::value agent(std::string const& name) {
        auto const body = body_of(get("/agents"));
        for (auto const& one : body.at("agents").as_array())
            if (one.at("name").as_string() == name) return one;
        return {};
    }
};

TEST_F(Team, says_who_is_there) {
    EXPECT_EQ(body_of(get("/agents")).at("agents").as_array().size(), 3u);
    EXPECT_EQ(agent("mei"), json::parse(R"({"name":"mei","tiers":[],"languages":[],"state":"away","load":0,"capacity":5})"));
    auto const online = post("/presence", R"({"state":"online"})");
    EXPECT_EQ(online.status, 200);
    EXPECT_EQ(body_of(online).at("until").as_string(), to_rfc3339(now + std::chrono::minutes{5}));
    says("U1", "hello");
    act("/claim", "U1");
    EXPECT_EQ(agent("mei").at("state"), "online");
    EXPECT_EQ(agent("mei").at("load"), 1);
    EXPECT_EQ(agent("petr").at("state"), "away");
    EXPECT_EQ(post("/presence", R"({"state":"away"})").status, 200);
    EXPECT_EQ(agent("mei").at("state"), "away");
}

TEST_F(Team, keeps_online_who_calls) {
    post("/presence", R"({"state":"online"})");
    now += std::chrono::minutes{4};
    get("/conversations");
    now += std::chrono::minutes{4};
    EXPECT_EQ(agent("mei").at("state"), "online");
    now += std::chrono::minutes{5};
    get("/conversations");
    EXPECT_EQ(agent("mei").at("state"), "away") << "who was silent for so long says again when they are back";
}

TEST_F(Team, wants_to_know_which_state) {
    for (auto const* body : {"", "{}", "[]", R"({"state":"asleep"})", R"({"state":1})"}) EXPECT_EQ(post("/presence", body).status, 400) << body;
    EXPECT_EQ(post("/presence", R"({"state":"online"})", "wrong").status, 401);
}

TEST_F(Team, gives_a_conversation_to_a_colleague) {
    says("U1", "person");
    auto const given = give("U1", "petr");
    EXPECT_EQ(given.status, 200);
    EXPECT_EQ(body_of(given).at("agent"), "petr");
    EXPECT_EQ(body_of(given).at("owner"), "waiting");
}

TEST_F(Team, gives_what_a_person_has_only_to_who_is_there) {
    says("U1", "person");
    act("/claim", "U1");
    auto const away = give("U1", "petr");
    EXPECT_EQ(away.status, 409);
    EXPECT_EQ(body_of(away).at("detail"), "petr is away, and nobody would answer the customer.");
    post("/presence", R"({"state":"online"})", petr);
    EXPECT_EQ(body_of(give("U1", "petr")).at("agent"), "petr");
    EXPECT_EQ(body_of(act("/reply", "U1", "words", mei)).at("detail"), "this conversation is with petr");
    EXPECT_EQ(body_of(act("/claim", "U1", {}, petr)).at("escalations").at(0).at("claimed_by"), "petr");
}

TEST_F(Team, says_why_it_cannot_be_given) {
    says("U1", "hello");
    EXPECT_EQ(body_of(give("U1", "petr")).at("detail"), "the bot has this conversation; claim it first");
    auto const nobody = give("U1", "petra");
    EXPECT_EQ(nobody.status, 404);
    EXPECT_EQ(body_of(nobody).at("detail"), "There is no agent 'petra'; there is: mei, petr, nobody.");
    EXPECT_EQ(give("U2", "petr").status, 404);
    EXPECT_EQ(post("/assign", R"({"conversation":"line-main/U1"})").status, 400);
    EXPECT_EQ(post("/assign", R"({"to":"petr"})").status, 400);
    json::object const long_story{{"conversation", "line-main/U1"}, {"to", "petr"}, {"why", std::string(1'001, 'x')}};
    EXPECT_EQ(post("/assign", json::serialize(long_story)).status, 400);
    says("U3", "person");
    give("U3", "petr");
    auto const again = give("U3", "petr");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(body_of(again).at("detail"), "it is the turn of petr already");
}

/// Three customers wait and nobody was there; the third writes Czech.
class Waiting : public Team {
  protected:
    Waiting() {
        shop.shop = [this](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp at) {
            if (auto const* came = std::get_if<AgentCame>(&event)) looked_again.push_back(conversation.sender + " " + came->agent);
            auto decision = shop_with_feelings(channel, std::move(conversation), event, at);
            auto& state = decision.conversation;
            if (state.owner == Owner::waiting && state.assignment.tier.empty()) state.assignment.tier = "aftersale";
            if (state.sender == "U3") state.language = "cs";
            return decision;
        };
        for (auto const* customer : {"U1", "U2", "U3"}) says(customer, "person");
    }
    std::vector<std::string> looked_again;
};

TEST_F(Waiting, is_looked_at_again_when_somebody_comes) {
    post("/presence", R"({"state":"online"})", petr);
    EXPECT_THAT(looked_again, ElementsAre("U1 petr", "U2 petr")) << "two is what petr can take";
    post("/presence", R"({"state":"online"})", petr);
    EXPECT_THAT(looked_again, ElementsAre("U1 petr", "U2 petr")) << "still there, nothing new";
}

TEST_F(Waiting, is_looked_at_again_when_somebody_has_room_again) {
    act("/claim", "U1", {}, petr);
    act("/claim", "U2", {}, petr);
    post("/presence", R"({"state":"online"})", petr);
    EXPECT_THAT(looked_again, IsEmpty());
    act("/resolve", "U1", {}, petr);
    EXPECT_THAT(looked_again, ElementsAre("U3 petr"));
}

}  // namespace
}  // namespace kefu::api_world
