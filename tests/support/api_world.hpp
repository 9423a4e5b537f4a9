// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api.hpp"
#include "daemon/claim_page.hpp"
#include "daemon/console/desk.hpp"

#include "tests/support/store_backends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <map>

/// The agents' API through its router, over the real store.
namespace kefu::api_world {

namespace json = boost::json;

constexpr char const* mei = "token-of-mei";
constexpr char const* petr = "token-of-petr";

constexpr char const* guard_yaml = R"(rules:
  - id: off_platform
    why: 'orders and payment stay in the shop'
    any: ['私下']
    blocks: ['加我的 LINE，我私下賣您']
    allows: ['請在本店下單']
)";

/// petr's tier may give a little, the next one more, the highest anything.
inline Policy make_policy() {
    Policy policy;
    for (auto const* name : {"aftersale", "supervisor", "manager"}) policy.tiers.emplace_back().name = name;
    policy.tiers[0].authority = {.per_order = {{"TWD", 300}}, .refunds = {}, .per_day = {{"TWD", 400}}, .kinds = {"gift", "coupon"}};
    policy.tiers[1].authority = {.per_order = {{"TWD", 3000}}, .refunds = {}, .per_day = {}, .kinds = {}};
    policy.tiers[2].unlimited = true;
    policy.currency = "TWD";
    return policy;
}

/// A catalog of which nothing but the guard and the authority matters here: the shop that answers is the test's own.
inline SnapshotPtr make_snapshot() {
    Catalog catalog{Classifier::build({{"intents/topics.yaml", "topics:\n  human: {}\n"}}).value(), Templates::load({}).value(),
                    Guard::load({"guard.yaml", guard_yaml}).value(), Playbooks{}, make_policy()};
    Snapshot snapshot{Settings{}, std::move(catalog), {}};
    for (auto const& [name, token] : {std::pair{"mei", mei}, {"petr", petr}, {"nobody", ""}}) {
        AgentSettings agent;
        agent.name = name;
        agent.token = Secret{token};
        if (agent.name == "petr") {
            agent.capacity = 2;
            agent.tiers = {"aftersale"};
        }
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
inline Decision shop_with_feelings(ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
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

constexpr char const* claim_key = "0123456789abcdef0123456789abcdef";

/// A platform on which what is on its way can be called back.
class Recalling final : public Connector {
  public:
    explicit Recalling(ChannelSettings settings) : Connector(std::move(settings), {}) {}
    net::awaitable<SendResult> send(std::string, Send, SendAttempt) override { co_return SendResult{}; }
    net::awaitable<Result<Content>> content(Attachment) override { co_return Error{Errc::not_found, "none"}; }
    void withdraw(std::string const& to) override { withdrawn.push_back(to); }

    std::vector<std::string> withdrawn;
};

class Api : public testing::Test {
  protected:
    Api() : services_(make_services(make_snapshot(), {http_, pool_, pool_, [] { return noon; }, claim_key})) {
        shop.shop = shop_with_feelings;
        ApiContext const context{.store = *shop.store,
                                 .services = [this] { return services_; },
                                 .pool = pool,
                                 .roster = roster,
                                 .clock = [this] { return now; },
                                 .intake = intake,
                                 .dispatch = dispatch,
                                 .stopping = [this] { return stopping; },
                                 .sign_in = sign_in,
                                 .live = live,
                                 .desk = desk,
                                 .reports = reports};
        add_api(router_, "/api/v1", context);
        add_health(router_, context);
        add_claim_page(router_, context);
    }

    /// The platform of line-main from now on.
    Recalling& recall_on_line() {
        auto platform = std::make_unique<Recalling>(services_->snapshot->settings.channels.front());
        Recalling& known = *platform;
        std::const_pointer_cast<Services>(services_)->connectors.at("line-main") = std::move(platform);
        return known;
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
    ChannelHealth& health() { return *services_->health; }
    void says(std::string const& customer, std::string const& text, Timestamp at = noon) { shop.apply(message_from(customer, text, at)); }

    StoreHarness shop{sqlite_backend()};
    IntakeCounts intake;
    DispatchCounts dispatch;
    Roster roster;
    SignIn sign_in;
    net::io_context io;
    net::thread_pool pool{1};
    Desk desk;
    ReportRoom reports;
    LiveHub live{io.get_executor(), [this] { return now; }};
    Timestamp now = noon + std::chrono::seconds{5};
    bool stopping = false;

  private:
    net::io_context io_;
    HttpClient http_{io_.get_executor()};
    net::thread_pool pool_{1};
    ServicesPtr services_;
    Router router_;
};

inline json::value body_of(Response const& response) { return json::parse(response.body); }

}  // namespace kefu::api_world
