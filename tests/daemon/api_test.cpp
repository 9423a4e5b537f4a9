// SPDX-License-Identifier: Apache-2.0
#include "daemon/api.hpp"

#include "tests/support/store_backends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <map>

/// The agents' API through its router, over the real store.
namespace kefu {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char const* mei = "token-of-mei";
constexpr char const* petr = "token-of-petr";

constexpr char const* guard_yaml = R"(rules:
  - id: off_platform
    why: 'orders and payment stay in the shop'
    any: ['私下']
    blocks: ['加我的 LINE，我私下賣您']
    allows: ['請在本店下單']
)";

/// A catalog of which nothing but the guard matters here: the shop that answers is the test's own.
SnapshotPtr make_snapshot() {
    Catalog catalog{Classifier::build({{"intents/topics.yaml", "topics:\n  human: {}\n"}}).value(), Templates::load({}).value(),
                    Guard::load({"guard.yaml", guard_yaml}).value(), Policy{}};
    Snapshot snapshot{Settings{}, std::move(catalog), {}};
    for (auto const& [name, token] : {std::pair{"mei", mei}, {"petr", petr}, {"nobody", ""}}) {
        AgentSettings agent;
        agent.name = name;
        agent.token = Secret{token};
        snapshot.settings.agents.push_back(std::move(agent));
    }
    for (auto const& [id, type] : {std::pair{"line-main", ChannelType::line}, {"web", ChannelType::webhooks}}) {
        ChannelSettings channel;
        channel.id = ChannelId{id};
        channel.type = type;
        channel.path = std::string{"/webhook/"} + id;
        ChannelPolicy policy;
        policy.type = name_of(type);
        snapshot.settings.channels.push_back(std::move(channel));
        snapshot.channels.emplace(id, std::move(policy));
    }
    return std::make_shared<Snapshot const>(std::move(snapshot));
}

/// "heat 0.9" makes a customer that angry, "person" calls one; the rest is the simple shop.
Decision shop_with_feelings(ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
    Decision decision = simple_shop(channel, std::move(conversation), event, now);
    auto const* received = std::get_if<MessageReceived>(&event);
    if (received == nullptr) return decision;
    std::string const& text = received->message.text;
    if (text.starts_with("heat ")) decision.conversation.heat = std::stod(text.substr(5));
    if (text == "person") {
        decision.conversation.owner = Owner::waiting;
        decision.conversation.answer_by = now + std::chrono::minutes{30};
        decision.effects = {Escalate{.reason = "asks_human",
                                     .tier = "aftersale",
                                     .urgent = false,
                                     .topic = "human",
                                     .summary = "wants: human",
                                     .evidence = {},
                                     .quote = text,
                                     .answer_by = now + std::chrono::minutes{30}}};
    }
    return decision;
}

class Api : public testing::Test {
  protected:
    Api() : services_(make_services(make_snapshot(), http_, [] { return noon; })) {
        shop.shop = shop_with_feelings;
        ApiContext const context{.store = *shop.store,
                                 .services = [this] { return services_; },
                                 .clock = [] { return noon + std::chrono::seconds{5}; },
                                 .intake = intake,
                                 .dispatch = dispatch,
                                 .stopping = [this] { return stopping; }};
        add_api(router_, "/api/v1", context);
        add_health(router_, context);
    }

    Response call(std::string method, std::string const& path, std::map<std::string, std::string> query, std::string body, std::string const& token) {
        Request request;
        request.method = std::move(method);
        request.path = path;
        request.query = std::move(query);
        request.body = std::move(body);
        if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
        return handle(std::move(request));
    }
    Response handle(Request request) { return run(router_.handle(std::move(request))); }
    Response get(std::string const& path, std::map<std::string, std::string> query = {}, std::string const& token = mei) {
        return call("GET", "/api/v1" + path, std::move(query), {}, token);
    }
    Response post(std::string const& path, std::string body, std::string const& token = mei) {
        return call("POST", "/api/v1" + path, {}, std::move(body), token);
    }
    /// An agent's action in the conversation of `customer`.
    Response act(std::string const& path, std::string const& customer, std::string const& text = {}, std::string const& token = mei) {
        json::object body{{"conversation", "line-main/" + customer}};
        if (!text.empty()) body["text"] = text;
        return post(path, json::serialize(body), token);
    }
    std::vector<std::string> listed(std::map<std::string, std::string> query = {}) {
        auto const document = json::parse(get("/conversations", std::move(query)).body);
        std::vector<std::string> ids;
        for (auto const& one : document.at("conversations").as_array()) ids.emplace_back(one.at("conversation").as_string());
        return ids;
    }
    void says(std::string const& customer, std::string const& text, Timestamp at = noon) { shop.apply(message_from(customer, text, at)); }

    StoreHarness shop{sqlite_backend()};
    IntakeCounts intake;
    DispatchCounts dispatch;
    bool stopping = false;

  private:
    net::io_context io_;
    HttpClient http_{io_.get_executor()};
    ServicesPtr services_;
    Router router_;
};

json::value body_of(Response const& response) { return json::parse(response.body); }

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
}  // namespace kefu
