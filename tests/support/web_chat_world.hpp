// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/web_chat/web_chat.hpp"
#include "daemon/http/client.hpp"
#include "daemon/intake.hpp"
#include "tests/support/store_backends.hpp"
#include "tests/support/websocket_peer.hpp"

#include <boost/asio/thread_pool.hpp>
#include <boost/json/parse.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

/// A web chat over the real listener and store, and pages that can misbehave. The shop answers "re: ..." at once.
namespace kefu::web_chat {

namespace json = boost::json;

constexpr char const* shop_origin = "https://shop.example";

struct ChatWorld {
    explicit ChatWorld(net::any_io_executor const& executor) : home(executor), http(executor) {
        settings.id = ChannelId{"chat"};
        settings.type = ChannelType::web_chat;
        settings.web_chat.origins = {shop_origin};
        settings.web_chat.identity_secrets = {Secret{"identity"}};
        settings.web_chat.max_file = ByteSize{500};
    }

    void open() {
        store = sqlite_backend().open(folder.path(), simple_shop, nobody).value();
        configure();
        Inlet const inlet{*store, counts, [this] { return now; }, home, [this] { return services; }};
        EXPECT_TRUE(connector->add_routes(server.router, "/chat", inlet));
        server.open(home);
    }

    /// As at start, and as after a reload.
    void configure() {
        auto one = make_connector({settings, ChannelPolicy{}, http, [this] { return now; }, "Test shop", folder.path(), &pool});
        bool const first = connector == nullptr;
        EXPECT_TRUE(first || one->succeed(*connector));
        connector = one.get();
        auto made = std::make_shared<Services>();
        made->by_path["/chat"].push_back(connector);
        made->connectors.emplace("chat", std::move(one));
        services = std::move(made);
    }

    net::awaitable<void> close() {
        co_await server.listener->stop(std::chrono::seconds{1});
        EXPECT_EQ(server.listener->connections(), 0U);
        server.close();
        store->close();
    }

    /// What the dispatcher does: everything that is due goes out, `times` times, as when an outcome was not known.
    net::awaitable<void> deliver(int times = 1) {
        while (true) {
            auto const items = co_await store->claim(now, 10);
            if (items.value().empty()) break;
            for (auto const& item : *items) {
                for (int i = 0; i < times; ++i) {
                    Send send = std::get<Send>(item.effect);
                    std::string to = item.to;
                    SendResult const sent = co_await connector->send(std::move(to), std::move(send), SendAttempt{});
                    EXPECT_EQ(sent.kind, SendResult::Kind::delivered);
                }
                EffectId const id = item.id;
                OutboxResult const done;
                auto const finished = co_await store->finish(id, done, now);
                EXPECT_TRUE(finished);
            }
        }
    }

    net::any_io_executor home;
    HttpClient http;
    TemporaryFolder folder;
    Timestamp now = noon;
    ChannelSettings settings;
    IntakeCounts counts;
    net::thread_pool pool{1};
    std::unique_ptr<Store> store;
    std::shared_ptr<Services const> services;
    Connector* connector = nullptr;
    listener_world::Server server;
};

/// A browser's end.
class ChatPage {
  public:
    explicit ChatPage(ChatWorld& world) : world_(world), peer(world.home) {}

    /// The status of the upgrade.
    net::awaitable<int> connect(std::string origin = shop_origin, std::string channel = "chat") {
        std::string path = "/chat/ws?channel=" + std::move(channel);
        std::string fields = origin.empty() ? std::string{} : "Origin: " + origin + "\r\n";
        auto const port = world_.server.listener->port();
        int const status = co_await peer.open(port, std::move(path), std::move(fields));
        co_return status;
    }

    /// Connects and says hello; the welcome. `more`: members of hello.
    net::awaitable<json::object> hello(std::string more = {}) {
        int const status = co_await connect();
        EXPECT_EQ(status, 101);
        std::string frame = R"({"type":"hello")" + more + '}';
        co_await peer.send(std::move(frame));
        json::object welcome = co_await next();
        if (welcome.contains("token")) token = std::string{welcome.at("token").as_string()};
        co_return welcome;
    }

    /// Comes back as the same visitor.
    net::awaitable<json::object> again(std::string after) {
        std::string more = R"(,"token":")" + token + R"(","after":)" + after;
        json::object welcome = co_await hello(std::move(more));
        co_return welcome;
    }

    net::awaitable<void> say(std::string id, std::string text) {
        std::string frame = R"({"type":"message","id":")" + id + R"(","text":")" + text + "\"}";
        co_await peer.send(std::move(frame));
    }

    /// The next frame but `typing`; {"closed": "closed CODE"} when there is none.
    net::awaitable<json::object> next() {
        while (true) {
            std::string const text = co_await peer.text();
            error_code broken;
            auto value = json::parse(text, broken);
            if (broken || !value.is_object()) {
                json::object closed;
                closed["closed"] = text;
                co_return closed;
            }
            if (value.as_object().at("type") == "typing") continue;
            co_return std::move(value.as_object());
        }
    }

    std::string token;

  private:
    ChatWorld& world_;

  public:
    WebSocketPeer peer;
};

inline net::awaitable<void> run_in_chat(net::awaitable<void> (*test)(ChatWorld&), void (*change)(WebChatSettings&)) {
    ChatWorld world{co_await this_coro::executor};
    if (change != nullptr) change(world.settings.web_chat);
    world.open();
    co_await test(world);
    co_await world.close();
}

inline void run_chat(net::awaitable<void> (*test)(ChatWorld&), void (*change)(WebChatSettings&) = nullptr) { run(run_in_chat(test, change)); }

}  // namespace kefu::web_chat
