// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/claim_link.hpp"
#include "tests/support/api_world.hpp"

#include <future>
#include <thread>

/// What agents do: claim, answer, approve drafts, hand back, resolve, note.
namespace kefu::api_world {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Api, claims_answers_hands_back_and_resolves) {
    says("U1", "person");
    auto const claimed = act("/claim", "U1");
    EXPECT_EQ(claimed.status, 200);
    EXPECT_EQ(body_of(claimed).at("owner"), "person");
    EXPECT_EQ(body_of(claimed).at("agent"), "mei");
    EXPECT_EQ(body_of(claimed).at("escalations").at(0).at("claimed_by"), "mei");

    auto const answered = act("/reply", "U1", "I will look into it.");
    EXPECT_EQ(answered.status, 200);
    auto const line = body_of(answered).at("history").as_array().back();
    EXPECT_EQ(line.at("who"), "agent");
    EXPECT_EQ(line.at("name"), "mei");
    EXPECT_EQ(line.at("text"), "I will look into it.");
    EXPECT_EQ(line.at("state"), "pending");
    EXPECT_THAT(shop.claim_texts(noon + std::chrono::minutes{1}), ElementsAre("I will look into it."));

    EXPECT_EQ(body_of(act("/hand-back", "U1")).at("owner"), "bot");
    EXPECT_EQ(act("/claim", "U1").status, 200);
    EXPECT_EQ(body_of(act("/resolve", "U1")).at("owner"), "closed");
}

TEST_F(Api, takes_the_answers_that_wait_back_when_an_agent_claims) {
    says("U1", "hello");
    EXPECT_EQ(act("/claim", "U1").status, 200);
    EXPECT_THAT(shop.claim_texts(), IsEmpty());
    EXPECT_EQ(shop.view("U1").history.back().state, "cancelled");
}

// Only a claim called back; a reply and a link in a notice take over as well.
TEST_F(Api, calls_back_what_is_on_the_wire_whoever_takes_over_and_however) {
    auto const& platform = recall_on_line();
    says("U1", "hello");
    EXPECT_EQ(act("/note", "U1", "a note").status, 200);
    EXPECT_THAT(platform.withdrawn, IsEmpty());
    EXPECT_EQ(act("/reply", "U1", "I am here.").status, 200);
    EXPECT_THAT(platform.withdrawn, ElementsAre("U1"));
    EXPECT_EQ(act("/claim", "U1", {}, petr).status, 409);
    EXPECT_THAT(platform.withdrawn, ElementsAre("U1")) << "it is mei's";
    says("U2", "hello");
    EXPECT_EQ(act("/claim", "U2").status, 200);
    EXPECT_THAT(platform.withdrawn, ElementsAre("U1", "U2"));

    says("U3", "person");
    Claim const claim{ConversationId{"line-main/U3"}, shop.view("U3").escalations.at(0).id, "aftersale", "en", now + claim_life};
    auto const link = [&] { return call("POST", "/claim", {{"t", claim_token(claim, claim_key)}}, {}, {}); };
    EXPECT_EQ(link().status, 200);
    EXPECT_EQ(link().status, 409);
    EXPECT_THAT(platform.withdrawn, ElementsAre("U1", "U2", "U3"));
}

// Or the agent would think the bot silent while its words are still on their way.
TEST_F(Api, waits_for_what_the_bot_has_on_the_wire_before_it_says_claimed) {
    says("U1", "hello");
    EXPECT_THAT(shop.claim_texts(), ElementsAre("re: hello"));
    auto const ends = std::async(std::launch::async, [&] {
        // The claim is there before the send has ended: finish() comes second.
        while (shop.view("U1").conversation.owner != Owner::person) std::this_thread::yield();
        shop.finish(EffectId{"line-main/U1#1"});
    });
    auto const claimed = body_of(act("/claim", "U1"));
    EXPECT_EQ(claimed.at("owner"), "person");
    EXPECT_EQ(claimed.at("history").as_array().back().at("state"), "delivered");
}

TEST_F(Api, does_not_let_two_agents_answer) {
    says("U1", "hello");
    EXPECT_EQ(act("/claim", "U1").status, 200);
    for (char const* path : {"/claim", "/reply", "/hand-back", "/resolve"}) {
        auto const response = act(path, "U1", "words", petr);
        EXPECT_EQ(response.status, 409) << path;
        EXPECT_EQ(body_of(response).at("detail"), "this conversation is with mei");
    }
    EXPECT_EQ(act("/note", "U1", "ask me about this one", petr).status, 200);
    EXPECT_EQ(act("/claim", "U1").status, 200);  // mine already
}

TEST_F(Api, passes_typing_on_and_says_whether_the_customer_types) {
    says("U1", "hello");
    EXPECT_EQ(act("/typing", "U1").status, 200) << "also where the platform cannot show it";
    EXPECT_EQ(act("/typing", "nobody").status, 404);
    EXPECT_EQ(post("/typing", "{}").status, 400);
    EXPECT_EQ(json::parse(get("/conversation", {{"id", "line-main/U1"}}).body).at("typing"), false);
}

TEST_F(Api, claims_with_an_answer) {
    says("U1", "hello");
    auto const response = act("/reply", "U1", "words");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(body_of(response).at("agent"), "mei");
    EXPECT_THAT(shop.claim_texts(noon + std::chrono::minutes{1}), ElementsAre("words"));
}

TEST_F(Api, shows_the_draft_that_waits_for_approval) {
    shop.shop = [](ChannelId const&, Conversation conversation, Event const&, Timestamp) {
        Send draft;
        draft.id = EffectId{"line-main/U1#1"};
        draft.messages.resize(2);
        draft.messages[0].text = "I am a machine.";
        draft.messages[1].text = "It is on its way.";
        draft.templates = {"disclosure", "where_is_order"};
        draft.decided_at = noon;
        conversation.draft = draft;
        return Decision{std::move(conversation), {}, {}};
    };
    says("U1", "where is it?");
    auto const draft = body_of(get("/conversation", {{"id", "line-main/U1"}})).at("draft");
    EXPECT_EQ(draft.at("id"), "line-main/U1#1");
    EXPECT_EQ(draft.at("text"), "I am a machine.\n\nIt is on its way.");
    EXPECT_EQ(draft.at("templates"), json::parse(R"(["disclosure","where_is_order"])"));
    EXPECT_EQ(draft.at("written_at").as_string(), to_rfc3339(noon));
    EXPECT_EQ(draft.at("messages").as_array().size(), 2u);
    auto const older = post("/draft/approve", R"({"conversation":"line-main/U1","draft":"line-main/U1#0"})");
    EXPECT_EQ(older.status, 409);
    EXPECT_EQ(body_of(older).at("detail"), "there is a newer draft");
    EXPECT_EQ(post("/draft/discard", R"({"conversation":"line-main/U1","draft":"line-main/U1#1"})").status, 200);
}

TEST_F(Api, guards_the_words_that_replace_a_draft) {
    says("U1", "hello");
    auto const response = act("/draft/approve", "U1", "加我的 LINE，我私下賣您");
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(body_of(response).at("rule"), "off_platform");
    EXPECT_EQ(body_of(act("/draft/approve", "U1")).at("detail"), "no draft waits here: it was sent, dropped, or a newer message made it outdated");
}

TEST_F(Api, keeps_notes_among_the_agents) {
    says("U1", "no");
    shop.claim();
    auto const response = act("/note", "U1", "called her, no answer");
    EXPECT_EQ(response.status, 200);
    auto const line = body_of(response).at("history").as_array().back();
    EXPECT_EQ(line.at("who"), "note");
    EXPECT_EQ(line.at("name"), "mei");
    EXPECT_THAT(shop.claim_texts(), IsEmpty());
}

constexpr char const* off_platform = "加我的 LINE，我私下賣您";

TEST_F(Api, warns_an_agent_of_what_the_shop_may_not_promise) {
    says("U1", "hello");
    act("/claim", "U1");
    auto const response = act("/reply", "U1", off_platform);
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    auto const warning = body_of(response);
    EXPECT_EQ(warning.at("rule"), "off_platform");
    EXPECT_FALSE(warning.at("why").as_string().empty());
    EXPECT_LT(warning.at("start").as_int64(), warning.at("end").as_int64());
    EXPECT_THAT(std::string{warning.at("detail").as_string()}, HasSubstr("\"override\": true"));
    EXPECT_THAT(shop.claim_texts(), IsEmpty());
}

TEST_F(Api, sends_it_all_the_same_when_the_agent_insists) {
    says("U1", "hello");
    act("/claim", "U1");
    json::object const insisting{{"conversation", "line-main/U1"}, {"text", off_platform}, {"override", true}};
    EXPECT_EQ(post("/reply", json::serialize(insisting)).status, 200);
    EXPECT_THAT(shop.claim_texts(noon + std::chrono::minutes{1}), ElementsAre(off_platform));
    json::object const half{{"conversation", "line-main/U1"}, {"text", off_platform}, {"override", "yes"}};
    EXPECT_EQ(post("/reply", json::serialize(half)).status, 409);
}

TEST_F(Api, does_not_guard_notes) {
    says("U1", "hello");
    EXPECT_EQ(act("/note", "U1", off_platform).status, 200);
}

TEST_F(Api, says_what_is_wrong_with_a_body) {
    says("U1", "hello");
    act("/claim", "U1");
    for (auto const& [body, title] : {std::pair{"", "The body is not a JSON object"},
                                      {"[]", "The body is not a JSON object"},
                                      {"{", "The body is not a JSON object"},
                                      {"{}", "'conversation' is missing"},
                                      {R"({"conversation":5})", "'conversation' is missing"},
                                      {R"({"conversation":"line-main/U1"})", "'text' is missing"},
                                      {R"({"conversation":"line-main/U1","text":""})", "'text' is missing"},
                                      {R"({"conversation":"line-main/U1","text":["x"]})", "'text' is missing"}}) {
        auto const response = post("/reply", body);
        EXPECT_EQ(response.status, 400) << body;
        EXPECT_EQ(body_of(response).at("title"), title);
    }
    EXPECT_EQ(act("/reply", "U1", std::string(20'001, 'x')).status, 400);
    EXPECT_EQ(act("/reply", "U1", std::string(20'000, 'x')).status, 200);
}

}  // namespace
}  // namespace kefu::api_world
