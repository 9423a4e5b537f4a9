// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/bridge.hpp"

#include "tests/support/channel_world.hpp"

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

/// Bridges over WebSockets: two channels on one path, and what a reload takes away.
namespace kefu::bridge {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

/// "taobao" with the account tb-1 and "tmall" with tb-2.
std::vector<ChannelSettings> two_channels() {
    std::vector<ChannelSettings> all;
    for (auto const& [id, account] : {std::pair{"taobao", "tb-1"}, {"tmall", "tb-2"}}) {
        auto& settings = all.emplace_back();
        settings.id = ChannelId{id};
        settings.type = ChannelType::bridge;
        settings.bridge.accounts = {account};
        settings.bridge.tokens = {Secret{std::string{"token of "} + id}};
    }
    return all;
}

struct World : ChannelWorld {
    explicit World(net::any_io_executor const& executor) : ChannelWorld(executor, "/bridge/v1", two_channels(), make_connector) {}
};

net::awaitable<void> connect(World& world, WebSocketPeer& bridge, std::string channel, std::string account) {
    auto const port = world.server.listener->port();
    std::string fields = "Authorization: Bearer token of " + channel + "\r\nSec-WebSocket-Protocol: kefud.bridge.v1\r\n";
    EXPECT_EQ(co_await bridge.open(port, "/bridge/v1/ws", std::move(fields)), 101);
    std::string hello = R"({"type":"hello","protocol":{"min":1,"max":1},"session":"s1","last_seq":0,"bridge":{"id":"b1"},"accounts":[{"id":")" + account +
                        R"(","platform":"taobao","online":true}],"capabilities":{"send":["text"],"typing":true,"max_sends":4}})";
    co_await bridge.send(std::move(hello));
    auto const welcome = co_await bridge.text();
    EXPECT_THAT(welcome, HasSubstr("\"welcome\""));
}

std::string message_in(std::string const& account) {
    return R"({"type":"event","seq":1,"event":"message","id":"m1","account":")" + account +
           R"(","conversation":{"id":"c","kind":"direct"},"sender":{"id":"buyer","role":"customer"},"time":1764000001176,"text":"hi"})";
}

net::awaitable<void> run_in_world(net::awaitable<void> (*test)(World&)) {
    World world{co_await this_coro::executor};
    co_await test(world);
    co_await world.close();
}
void run_test(net::awaitable<void> (*test)(World&)) { run(run_in_world(test)); }

// Only the first channel of a path knew its io thread: on the others nothing was shown or called back.
net::awaitable<void> shows_typing(World& world) {
    for (auto const& [channel, account] : {std::pair{"taobao", "tb-1"}, {"tmall", "tb-2"}}) {
        WebSocketPeer bridge{world.home};
        co_await connect(world, bridge, channel, account);
        world.channel(channel).show_typing(std::string{account} + "/c");
        co_await bridge.send(R"({"type":"ping"})");
        auto const next = co_await bridge.text();
        EXPECT_THAT(next, HasSubstr(R"("type":"typing")")) << channel;
        bridge.cut();
    }
}
TEST(BridgeConnection, shows_typing_on_every_channel_of_a_path) { run_test(shows_typing); }

net::awaitable<void> send_one(World& world, SendPurpose purpose, SendResult& result) {
    Send send;
    send.id = EffectId{"tmall/tb-2/c#1"};
    send.purpose = purpose;
    send.messages.emplace_back().text = "on its way";
    SendAttempt attempt;
    attempt.first_tried = world.now;
    result = co_await world.channel("tmall").send("tb-2/c", std::move(send), attempt);
}

net::awaitable<void> calls_back(World& world) {
    for (auto const purpose : {SendPurpose::answer, SendPurpose::agent}) {
        WebSocketPeer bridge{world.home};
        co_await connect(world, bridge, "tmall", "tb-2");
        SendResult result;
        result.kind = SendResult::Kind::hold;
        world.tasks.spawn("send", send_one(world, purpose, result));
        auto const frame = co_await bridge.text();
        auto const sent = json::parse(frame);
        EXPECT_EQ(sent.at("type"), "send");
        world.channel("tmall").withdraw("tb-2/c");
        co_await bridge.send(R"({"type":"ping"})");
        auto const next = co_await bridge.text();
        EXPECT_THAT(next, HasSubstr(purpose == SendPurpose::agent ? R"("type":"pong")" : R"("type":"cancel")"));
        std::string const id{sent.at("id").as_string()};
        std::string accepted = R"({"type":"result","seq":1,"id":")" + id + R"(","status":"accepted"})";
        co_await bridge.send(std::move(accepted));
        EXPECT_TRUE(co_await world.tasks.join(5s));
        EXPECT_EQ(result.kind, SendResult::Kind::delivered);
        bridge.cut();
    }
}
TEST(BridgeConnection, calls_back_what_the_bot_has_on_the_wire_and_nobodys_own_words) { run_test(calls_back); }

net::awaitable<void> retires(World& world) {
    WebSocketPeer bridge{world.home};
    co_await connect(world, bridge, "tmall", "tb-2");
    auto const before = world.services;
    auto after = std::make_shared<Services>();
    after->succeeded.insert("taobao");
    world.services = after;
    retire_others(*before, *after);
    co_await bridge.send(message_in("tb-2"));
    auto const bye = co_await bridge.text();
    EXPECT_THAT(bye, HasSubstr(R"("type":"bye")"));
    auto const end = co_await bridge.text();
    EXPECT_THAT(end, StartsWith("closed"));
    bridge.cut();
    ConversationId const id{"tmall/tb-2/c"};
    auto const view = co_await world.store->view(id, 1);
    EXPECT_FALSE(view->has_value());
}
TEST(BridgeConnection, of_a_channel_that_is_gone_ends_and_stores_nothing_more) { run_test(retires); }

}  // namespace
}  // namespace kefu::bridge
