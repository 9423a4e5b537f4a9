// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/onebot.hpp"

#include "daemon/crypto.hpp"
#include "tests/support/channel_world.hpp"

#include <gtest/gtest.h>

/// A OneBot channel over its own routes: what is posted to it, and its end.
namespace kefu::onebot {
namespace {

using namespace std::chrono_literals;

ChannelSettings qq() {
    ChannelSettings settings;
    settings.id = ChannelId{"qq"};
    settings.type = ChannelType::onebot;
    settings.onebot.account = "10001000";
    settings.onebot.secrets = {Secret{"secret"}};
    settings.onebot.tokens = {Secret{"token"}};
    return settings;
}

struct World : ChannelWorld {
    explicit World(net::any_io_executor const& executor) : ChannelWorld(executor, "/qq", {qq()}, make_connector) {}

    net::awaitable<Response> post(std::string body) {
        Request request;
        request.method = "POST";
        request.path = request.target = "/qq";
        request.headers.set("X-Signature", "sha1=" + hex(hmac_sha1("secret", body)));
        request.body = std::move(body);
        Response response = co_await server.router.handle(std::move(request));
        co_return response;
    }

    net::awaitable<std::uint64_t> journaled() {
        auto const counted = co_await store->counts();
        co_return counted->journaled;
    }
};

net::awaitable<void> run_in_world(net::awaitable<void> (*test)(World&)) {
    World world{co_await this_coro::executor};
    co_await test(world);
    co_await world.close();
}
void run_test(net::awaitable<void> (*test)(World&)) { run(run_in_world(test)); }

std::string message(int id) {
    return R"({"time":1764000001,"self_id":10001000,"post_type":"message","message_type":"private","sub_type":"friend","message_id":)" + std::to_string(id) +
           R"(,"user_id":20002000,"message":"hi","raw_message":"hi","font":0,"sender":{"user_id":20002000,"nickname":"n"}})";
}

// Such a request was answered 400, and nobody heard of it.
net::awaitable<void> unreadable(World& world) {
    EXPECT_EQ((co_await world.post("[1]")).status, 400);
    EXPECT_EQ(world.counts.refused.load(), 1U);
    ChannelId const channel{"qq"};
    auto const seen = world.services->health->of(channel, world.now);
    EXPECT_EQ(seen.errors.at(Trouble::unreadable).count, 1U);
    EXPECT_EQ((co_await world.post(message(1))).status, 204);
    EXPECT_EQ(co_await world.journaled(), 1U);
}
TEST(OneBotChannel, notes_what_is_posted_and_cannot_be_read) { run_test(unreadable); }

net::awaitable<void> retires(World& world) {
    WebSocketPeer implementation{world.home};
    auto const port = world.server.listener->port();
    EXPECT_EQ(co_await implementation.open(port, "/qq", "Authorization: Bearer token\r\nX-Client-Role: Event\r\nX-Self-ID: 10001000\r\n"), 101);
    co_await implementation.send(message(1));
    while (co_await world.journaled() < 1) (void)0;
    world.take_away();
    co_await implementation.send(message(2));
    EXPECT_EQ(co_await implementation.text(), "closed 1001");
    implementation.cut();
    EXPECT_EQ((co_await world.post(message(3))).status, 404);
    EXPECT_EQ(co_await world.journaled(), 1U);
}
TEST(OneBotChannel, that_is_gone_ends_its_connections_and_stores_nothing_more) { run_test(retires); }

}  // namespace
}  // namespace kefu::onebot
