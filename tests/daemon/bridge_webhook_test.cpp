// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/bridge.hpp"

#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/http/router.hpp"
#include "daemon/intake.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/scripted_peer.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/store_backends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

/// Bridges that cannot hold a WebSocket, over the connector's own routes.
namespace kefu::bridge {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

Secret const key{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="};
constexpr char const* token = "kfb_0f3b6c1e9d2a4875b1c6e0d9f8a7b6c5d4e3f2a1";

struct World {
    explicit World(net::any_io_executor const& executor, std::string callback = {}, bool durable = false) : http(executor) {
        ChannelSettings settings;
        settings.id = ChannelId{"taobao"};
        settings.type = ChannelType::bridge;
        settings.bridge.accounts = {"tb-flagship"};
        settings.bridge.tokens = {Secret{token}};
        settings.bridge.secrets = {key};
        settings.bridge.callback = std::move(callback);
        settings.bridge.durable_sends = durable;
        settings.bridge.allow_private_addresses = true;
        store = sqlite_backend().open(folder.path(), simple_shop, nobody).value();
        auto made = std::make_shared<Services>();
        auto one = make_connector({settings, ChannelPolicy{}, http, [this] { return now; }});
        connector = one.get();
        made->by_path["/bridge/v1"].push_back(connector);
        made->connectors.emplace("taobao", std::move(one));
        services = made;
        Inlet const inlet{*store, counts, [this] { return now; }, executor, [this] { return services; }};
        connector->attach(inlet);
        EXPECT_TRUE(connector->add_routes(router, "/bridge/v1", inlet));
    }
    ~World() { store->close(); }

    net::awaitable<Response> call(std::string method, std::string target, std::string body, Headers headers) {
        Request request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.path = request.target.substr(0, request.target.find('?'));
        request.headers = std::move(headers);
        request.body = std::move(body);
        request.query = query;
        Response response = co_await router.handle(std::move(request));
        co_return response;
    }

    net::awaitable<Response> events(std::string body, std::string id) {
        Headers headers;
        webhooks::sign(headers, id, body, key, now);
        Response response = co_await call("POST", "/bridge/v1/events", std::move(body), std::move(headers));
        co_return response;
    }

    net::awaitable<Response> fetch() {
        Headers headers;
        headers.set("Authorization", std::string{"Bearer "} + token);
        query = {{"account", "tb-flagship"}, {"wait", "5"}};
        Response response = co_await call("GET", "/bridge/v1/sends", {}, std::move(headers));
        co_return response;
    }

    net::awaitable<SendResult> send(std::string text, SendAttempt attempt = {}) {
        Send send;
        send.id = EffectId{"taobao/c#1"};
        send.messages.emplace_back().text = std::move(text);
        if (attempt.first_tried == Timestamp{}) attempt.first_tried = now;
        SendResult result = co_await connector->send("tb-flagship/c", std::move(send), attempt);
        co_return result;
    }

    TemporaryFolder folder;
    HttpClient http;
    Timestamp now = from_millis(1764000005000);
    std::unique_ptr<Store> store;
    IntakeCounts counts;
    ServicesPtr services;
    Connector* connector = nullptr;
    Router router;
    std::map<std::string, std::string> query;
};

std::string result_batch(std::string const& id, std::string const& rest) {
    return R"({"protocol":1,"bridge":"b","frames":[{"type":"result","id":")" + id + "\"," + rest + "}]}";
}

net::awaitable<void> plays_samples() {
    World world{co_await this_coro::executor};
    for (auto const& line : json_lines(shared_data() / "specs/kefud-bridge-webhook-samples.jsonl")) {
        auto const name = std::string{line.at("name").as_string()};
        world.now = from_millis(line.at("now").as_int64() * 1000);
        Headers headers;
        for (auto const& [field, value] : line.at("headers").as_object()) headers.set(std::string{field}, std::string{value.as_string()});
        std::string body{line.at("body").as_string()};
        auto const response = co_await world.call("POST", "/bridge/v1/events", std::move(body), std::move(headers));
        auto const& expected = line.at("expect").as_object();
        EXPECT_EQ(response.status, expected.at("status").as_int64()) << name;
        if (expected.contains("ack")) {
            EXPECT_EQ(json::parse(response.body).at("ack"), expected.at("ack")) << name;
        } else {
            EXPECT_EQ(json::parse(response.body).at("error").at("code"), expected.at("code")) << name;
        }
    }
}
TEST(BridgeWebhook, answers_all_shipped_samples_as_they_say) {
    KEFUD_NEEDS_SHARED_DATA();
    run(plays_samples());
}

net::awaitable<void> refuses() {
    World world{co_await this_coro::executor};
    auto const batch = [](std::string const& account) {
        return R"({"protocol":1,"bridge":"b","frames":[{"type":"event","event":"message","id":"m","account":")" + account +
               R"(","conversation":{"id":"c","kind":"direct"},"sender":{"id":"s","role":"customer"},"time":1764000001176,"text":"hi"}]})";
    };
    EXPECT_EQ((co_await world.events(batch("another"), "msg_1")).status, 403);
    EXPECT_EQ((co_await world.events(batch("tb-flagship"), "msg_2")).status, 200);
    EXPECT_EQ((co_await world.events(R"({"protocol":1,"bridge":"b","frames":[]})", "msg_2")).status, 409);
    EXPECT_EQ((co_await world.events("{", "msg_3")).status, 400);
    world.store->close();
    auto const busy = co_await world.events(batch("tb-flagship"), "msg_4");
    EXPECT_EQ(busy.status, 503);
    EXPECT_FALSE(busy.headers.get("Retry-After").empty());
}
TEST(BridgeWebhook, refuses_other_accounts_reused_ids_and_what_cannot_be_stored) { run(refuses()); }

net::awaitable<void> fetches() {
    auto const executor = co_await this_coro::executor;
    World world{executor};
    auto const nobody_there = co_await world.send("hello");
    EXPECT_EQ(nobody_there.kind, SendResult::Kind::retry);
    EXPECT_THAT(nobody_there.detail, HasSubstr("no bridge"));

    TaskGroup group{executor};
    Response fetched;
    std::optional<SendResult> sent;
    group.spawn("fetch", [](World& w, Response& into) -> net::awaitable<void> { into = co_await w.fetch(); }(world, fetched));
    co_await net::post(executor, net::use_awaitable);
    EXPECT_EQ((co_await world.fetch()).status, 409) << "one request at a time fetches the sends of an account";
    group.spawn("send", [](World& w, std::optional<SendResult>& into) -> net::awaitable<void> { into = co_await w.send("hello"); }(world, sent));
    while (fetched.body.empty()) co_await net::post(executor, net::use_awaitable);
    auto const frame = json::parse(fetched.body).at("frames").at(0);
    EXPECT_EQ(frame.at("parts").at(0).at("text"), "hello");
    std::string const id{frame.at("id").as_string()};
    auto const taken = co_await world.events(result_batch(id, R"("status":"delivered","platform_message_id":"p1")"), "msg_1");
    EXPECT_EQ(taken.status, 200);
    co_await group.join(5s);
    if (!sent) throw std::runtime_error("the send did not end");
    EXPECT_EQ(sent->kind, SendResult::Kind::delivered);
    EXPECT_THAT(sent->platform_ids, testing::ElementsAre("p1"));
}
TEST(BridgeWebhook, gives_sends_to_who_fetches_them_and_takes_their_results) { run(fetches()); }

net::awaitable<void> callback(bool durable, Response answer, SendResult::Kind expected, bool maybe_sent) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer peer{executor};
    {
        World world{executor, peer.url() + "/kefud", durable};
        peer.answers = {answer};
        auto const result = co_await world.send("hello");
        EXPECT_EQ(result.kind, expected) << result.detail;
        EXPECT_EQ(result.maybe_sent, maybe_sent);
        if (peer.seen.empty()) throw std::runtime_error("nothing was posted");
        auto const& request = peer.seen.front();
        EXPECT_TRUE(webhooks::verify(request.headers, request.body, {key}, world.now));
        auto const body = json::parse(request.body);
        EXPECT_EQ(body.at("protocol"), 1);
        EXPECT_EQ(body.at("frames").at(0).at("id").as_string(), request.headers.get("webhook-id"));
        world.http.close_idle();
    }
    co_await peer.stop();
}
TEST(BridgeCallback, whose_outcome_is_doubtful_is_repeated_only_for_a_bridge_that_remembers) {
    run(callback(false, text_response("", 500), SendResult::Kind::unknown, false));
    run(callback(true, text_response("", 500), SendResult::Kind::retry, true));
    run(callback(false, text_response("", 429), SendResult::Kind::retry, false));
    run(callback(false, text_response("", 404), SendResult::Kind::refused, false));
    run(callback(false, json_response("{"), SendResult::Kind::unknown, false));
}

net::awaitable<void> answered_at_once() {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer peer{executor};
    {
        World world{executor, peer.url() + "/kefud"};
        // The id is made from the effect's; the first try shows it, a bridge that knows it answers it.
        peer.answers = {text_response("", 429)};
        (void)co_await world.send("hello");
        std::string const id{json::parse(peer.seen.front().body).at("frames").at(0).at("id").as_string()};
        peer.answers = {json_response(R"({"frames":[{"type":"result","id":")" + id + R"(","status":"delivered"}]})")};
        auto const result = co_await world.send("hello");
        EXPECT_EQ(result.kind, SendResult::Kind::delivered) << result.detail;
        world.http.close_idle();
    }
    co_await peer.stop();
}
TEST(BridgeCallback, may_answer_with_the_result) { run(answered_at_once()); }

}  // namespace
}  // namespace kefu::bridge
