// SPDX-License-Identifier: Apache-2.0
#include "tests/support/api_world.hpp"

/// Who may use the API, what it shows, pauses, health.
namespace kefu::api_world {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(Api, lets_nobody_in_without_a_token) {
    std::pair<char const*, char const*> const endpoints[] = {{"GET", "/conversations"}, {"GET", "/conversation"}, {"POST", "/claim"}, {"POST", "/reply"},
                                                             {"POST", "/hand-back"},    {"POST", "/resolve"},     {"POST", "/note"},  {"GET", "/status"},
                                                             {"POST", "/pause"},        {"POST", "/resume"}};
    says("U1", "hello");
    for (auto const& [method, path] : endpoints)
        for (std::string const token : {"", "wrong", "token-of-me", "token-of-mei2", " "}) {
            auto const response = call(method, std::string{"/api/v1"} + path, {}, R"({"conversation":"line-main/U1","text":"x"})", token);
            EXPECT_EQ(response.status, 401) << path << " '" << token << "'";
            EXPECT_EQ(response.headers.get("WWW-Authenticate"), "Bearer");
            EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
        }
    EXPECT_EQ(shop.view("U1").conversation.owner, Owner::bot);
    EXPECT_THAT(run(shop.store->pauses()).value(), IsEmpty());
}

TEST_F(Api, takes_an_agent_without_a_token_for_nobody) {
    Request request;
    request.method = "GET";
    request.path = "/api/v1/status";
    for (char const* header : {"Bearer ", "Bearer", "", "Basic dG9rZW4tb2YtbWVp", "token-of-mei", "Bearer  token-of-mei"}) {
        request.headers.set("Authorization", header);
        EXPECT_EQ(handle(request).status, 401) << header;
    }
    request.headers.set("authorization", "Bearer token-of-mei");
    EXPECT_EQ(handle(request).status, 200);
}

TEST_F(Api, keeps_answers_out_of_caches) { EXPECT_EQ(get("/conversations").headers.get("Cache-Control"), "no-store"); }

TEST_F(Api, knows_its_paths_and_methods) {
    EXPECT_EQ(get("/nothing").status, 404);
    auto const response = get("/claim");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.get("Allow"), "POST");
}

TEST_F(Api, lists_the_angriest_and_nearest_deadline_first) {
    says("U1", "heat 0.2");
    says("U2", "heat 0.9");
    says("U3", "heat 0.5");
    says("U4", "person", noon + std::chrono::minutes{2});
    says("U4", "heat 0.5", noon + std::chrono::minutes{2});
    says("U5", "person", noon + std::chrono::minutes{1});
    says("U5", "heat 0.5", noon + std::chrono::minutes{1});
    auto const order = listed();
    EXPECT_EQ(order.front(), "line-main/U2");
    EXPECT_EQ(order.back(), "line-main/U1");
    EXPECT_THAT(listed({{"owner", "waiting"}}), ElementsAre("line-main/U5", "line-main/U4"));
}

TEST_F(Api, filters_the_list) {
    says("U1", "hello");
    says("U2", "person");
    says("U3", "hello");
    act("/claim", "U3");
    Arrival other = message_from("c1", "hello");
    other.channel = ChannelId{"web"};
    other.conversation = ConversationId{"web/c1"};
    shop.apply(std::move(other));
    EXPECT_THAT(listed(), UnorderedElementsAre("line-main/U1", "line-main/U2", "line-main/U3", "web/c1"));
    EXPECT_THAT(listed({{"owner", "bot"}}), UnorderedElementsAre("line-main/U1", "web/c1"));
    EXPECT_THAT(listed({{"owner", "person"}}), ElementsAre("line-main/U3"));
    EXPECT_THAT(listed({{"owner", "closed"}}), IsEmpty());
    EXPECT_THAT(listed({{"channel", "web"}}), ElementsAre("web/c1"));
    EXPECT_THAT(listed({{"channel", "nothing"}}), IsEmpty());
    EXPECT_THAT(listed({{"agent", "mei"}}), ElementsAre("line-main/U3"));
    EXPECT_THAT(listed({{"owner", "bot"}, {"channel", "line-main"}}), ElementsAre("line-main/U1"));
    EXPECT_EQ(listed({{"limit", "2"}}).size(), 2u);
    for (char const* senseless : {"0", "-1", "x", "2x", "99999999999999999999"}) EXPECT_EQ(listed({{"limit", senseless}}).size(), 4u) << senseless;
    EXPECT_EQ(get("/conversations", {{"owner", "nobody"}}).status, 400);
}

TEST_F(Api, leaves_the_history_out_of_the_list_and_keeps_the_open_escalations) {
    says("U1", "person");
    auto const one = body_of(get("/conversations")).at("conversations").at(0);
    EXPECT_FALSE(one.as_object().contains("history"));
    EXPECT_EQ(one.at("owner"), "waiting");
    EXPECT_EQ(one.at("escalations").at(0).at("reason"), "asks_human");
    EXPECT_EQ(one.at("escalations").at(0).at("opened_at").as_string(), to_rfc3339(noon));
    EXPECT_EQ(one.at("answer_by").as_string(), to_rfc3339(noon + std::chrono::minutes{30}));
}

TEST_F(Api, shows_a_conversation_with_its_history) {
    says("U1", "one");
    says("U1", "two");
    auto const shown = body_of(get("/conversation", {{"id", "line-main/U1"}}));
    EXPECT_EQ(shown.at("conversation"), "line-main/U1");
    EXPECT_EQ(shown.at("channel"), "line-main");
    EXPECT_EQ(shown.at("reachable"), true);
    EXPECT_EQ(shown.at("last_message_at").as_string(), to_rfc3339(noon));
    EXPECT_EQ(shown.at("history").as_array().size(), 4u);
    EXPECT_EQ(shown.at("history").at(0).at("text"), "one");
    EXPECT_EQ(shown.at("history").at(1).at("who"), "bot");
    EXPECT_EQ(shown.at("history").at(1).at("state"), "pending");
    auto const last = body_of(get("/conversation", {{"id", "line-main/U1"}, {"history", "1"}}));
    EXPECT_EQ(last.at("history").as_array().size(), 1u);
}

TEST_F(Api, says_that_a_conversation_is_not_there) {
    EXPECT_EQ(get("/conversation", {{"id", "line-main/nobody"}}).status, 404);
    EXPECT_EQ(get("/conversation").status, 404);
    for (char const* path : {"/claim", "/reply", "/hand-back", "/resolve", "/note"}) EXPECT_EQ(act(path, "nobody", "words").status, 404) << path;
}

TEST_F(Api, reports_how_things_are) {
    says("U1", "person");
    says("U2", "hello");
    intake.requests = 7;
    intake.duplicates = 2;
    dispatch.delivered = 5;
    dispatch.unknown = 1;
    auto const status = body_of(get("/status"));
    EXPECT_NE(status.at("version"), "");
    EXPECT_EQ(status.at("store").at("conversations"), 2u);
    EXPECT_EQ(status.at("store").at("outbox_pending"), 1u);
    EXPECT_EQ(status.at("store").at("escalations_open"), 1u);
    EXPECT_EQ(status.at("store").at("oldest_pending").as_string(), to_rfc3339(noon));
    EXPECT_EQ(status.at("intake").at("requests"), 7u);
    EXPECT_EQ(status.at("intake").at("duplicates"), 2u);
    EXPECT_EQ(status.at("dispatch").at("delivered"), 5u);
    EXPECT_EQ(status.at("dispatch").at("unknown"), 1u);
    EXPECT_EQ(status.at("paused"), json::array{});
    EXPECT_EQ(status.at("channels"), json::parse(R"([{"id":"line-main","type":"line"},{"id":"web","type":"webhooks"}])"));
}

TEST_F(Api, pauses_and_resumes_everything_or_one_channel) {
    says("U1", "hello");
    EXPECT_EQ(post("/pause", R"({"channel":"line-main"})").status, 200);
    auto const paused = body_of(get("/status")).at("paused");
    EXPECT_EQ(paused.at(0).at("channel"), "line-main");
    EXPECT_EQ(paused.at(0).at("by"), "mei");
    EXPECT_EQ(paused.at(0).at("since").as_string(), to_rfc3339(noon + std::chrono::seconds{5}));
    EXPECT_THAT(shop.claim_texts(), IsEmpty());
    EXPECT_EQ(post("/pause", "").status, 200);
    EXPECT_EQ(post("/resume", R"({"channel":"line-main"})").status, 200);
    EXPECT_EQ(body_of(get("/status")).at("paused").at(0).at("channel"), "*");
    EXPECT_THAT(shop.claim_texts(), IsEmpty());
    EXPECT_EQ(post("/resume", "{}").status, 200);
    EXPECT_THAT(shop.claim_texts(), ElementsAre("re: hello"));
}

// A misspelt channel used to be "paused" with 200 while everything went on being sent.
TEST_F(Api, does_not_pretend_to_pause_a_channel_that_is_not_there) {
    auto const response = post("/pause", R"({"channel":"line-mian"})");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(body_of(response).at("detail"), "There is no channel 'line-mian'; there is: line-main, web.");
}

// It used to resume everything.
TEST_F(Api, neither_pauses_nor_resumes_on_a_body_it_cannot_read) {
    EXPECT_EQ(post("/pause", R"({"channel":"line-main"})").status, 200);
    for (char const* body : {"{", "[]", R"({"channel":5})", R"({"channel":null})"}) {
        EXPECT_EQ(post("/resume", body).status, 400) << body;
        EXPECT_EQ(post("/pause", body).status, 400) << body;
    }
    auto const paused = body_of(get("/status")).at("paused").as_array();
    ASSERT_EQ(paused.size(), 1u);
    EXPECT_EQ(paused[0].at("channel"), "line-main");
}

TEST_F(Api, resumes_a_channel_that_is_not_configured_any_more) {
    run(shop.store->set_pause({"old-shop", "mei", noon})).value();
    EXPECT_EQ(post("/resume", R"({"channel":"old-shop"})").status, 200);
    EXPECT_THAT(run(shop.store->pauses()).value(), IsEmpty());
}

TEST_F(Api, answers_503_when_the_store_does_not) {
    says("U1", "hello");
    shop.store->close();
    for (auto const& response :
         {get("/conversations"), get("/conversation", {{"id", "line-main/U1"}}), get("/status"), act("/claim", "U1"), post("/pause", ""), post("/resume", "")})
        EXPECT_EQ(response.status, 503);
}

TEST_F(Api, says_to_monitoring_that_it_lives_and_takes_messages) {
    auto const healthy = call("GET", "/healthz", {}, {}, {});
    EXPECT_EQ(healthy.status, 200);
    EXPECT_EQ(healthy.body, "ok\n");
    says("U1", "hello");
    run(shop.store->set_pause({"*", "mei", noon})).value();
    auto const ready = call("GET", "/readyz", {}, {}, {});
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(body_of(ready).at("status"), "ready");
    EXPECT_EQ(body_of(ready).at("outbox_pending"), 1u);
    EXPECT_EQ(body_of(ready).at("paused").at(0).at("channel"), "*");
}

TEST_F(Api, is_not_ready_while_it_stops_or_when_the_store_does_not_work) {
    stopping = true;
    EXPECT_EQ(call("GET", "/readyz", {}, {}, {}).status, 503);
    stopping = false;
    shop.store->close();
    auto const response = call("GET", "/readyz", {}, {}, {});
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(body_of(response).at("title"), "The store does not work");
    EXPECT_EQ(call("GET", "/healthz", {}, {}, {}).status, 200);
}

}  // namespace
}  // namespace kefu::api_world
