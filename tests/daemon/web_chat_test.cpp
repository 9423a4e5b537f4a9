// SPDX-License-Identifier: Apache-2.0
#include "daemon/crypto.hpp"
#include "tests/support/web_chat_world.hpp"

#include <gmock/gmock.h>

/// The web chat with a page that behaves: nothing is lost, nothing comes twice, the order stays.
namespace kefu::web_chat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// "customer:hi" or "assistant 1:re: hi".
std::string told(json::object const& line) {
    std::string text{line.at("from").as_string()};
    if (line.contains("number")) text += ' ' + std::to_string(line.at("number").as_int64());
    for (auto const& part : line.at("parts").as_array()) text += ':' + std::string{part.at("text").as_string()};
    return text;
}

std::vector<std::string> lines_of(json::object const& welcome) {
    std::vector<std::string> lines;
    for (auto const& line : welcome.at("lines").as_array()) lines.push_back(told(line.as_object()));
    return lines;
}

net::awaitable<void> answers(ChatWorld& world) {
    ChatPage page{world};
    auto const welcome = co_await page.hello(R"(,"language":"cs")");
    EXPECT_EQ(welcome.at("title"), "Test shop");
    EXPECT_EQ(welcome.at("whole"), true);
    EXPECT_TRUE(welcome.at("lines").as_array().empty());
    co_await page.say("m1", "hi");
    auto const stored = co_await page.next();
    EXPECT_EQ(stored.at("type"), "stored");
    EXPECT_EQ(stored.at("id"), "m1");
    co_await world.deliver();
    EXPECT_EQ(told(co_await page.next()), "assistant 1:re: hi");
    page.peer.cut();
}
TEST(WebChat, a_message_is_stored_and_answered) { run_chat(answers); }

net::awaitable<void> doubles(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    for (int i = 0; i < 3; ++i) {
        co_await page.say("m1", "hi");
        EXPECT_EQ((co_await page.next()).at("type"), "stored");
    }
    ChatPage other{world};
    co_await other.hello();
    co_await other.say("m1", "another visitor's first");
    EXPECT_EQ((co_await other.next()).at("type"), "stored");
    co_await world.deliver(2);
    EXPECT_EQ(told(co_await page.next()), "assistant 1:re: hi");
    EXPECT_EQ(told(co_await page.next()), "assistant 1:re: hi");  // the page knows the number
    EXPECT_EQ(told(co_await other.next()), "assistant 1:re: another visitor's first");
    EXPECT_EQ(world.counts.duplicates, 2U);
    auto const counts = co_await world.store->counts();
    EXPECT_EQ(counts->conversations, 2U);
    page.peer.cut();
    other.peer.cut();
}
TEST(WebChat, a_message_that_comes_again_is_acknowledged_and_answered_once) { run_chat(doubles); }

net::awaitable<void> resumes(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    co_await page.say("m1", "one");
    co_await page.next();
    co_await world.deliver();
    co_await page.next();
    co_await page.say("m2", "two");
    co_await page.next();
    page.peer.cut();
    co_await world.deliver();  // nobody is there
    ChatPage back{world};
    back.token = page.token;
    auto const rest = co_await back.again("1");
    EXPECT_FALSE(rest.contains("token"));
    EXPECT_EQ(rest.at("whole"), false);
    EXPECT_THAT(lines_of(rest), ElementsAre("customer:two", "assistant 2:re: two"));
    back.peer.cut();
    ChatPage reloaded{world};
    reloaded.token = page.token;
    auto const whole = co_await reloaded.again("0");
    EXPECT_EQ(whole.at("whole"), true);
    EXPECT_THAT(lines_of(whole), ElementsAre("customer:one", "assistant 1:re: one", "customer:two", "assistant 2:re: two"));
    reloaded.peer.cut();
}
TEST(WebChat, who_comes_back_is_given_what_they_missed_in_order) { run_chat(resumes); }

net::awaitable<void> in_flight(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    co_await page.say("m1", "one");
    co_await page.next();
    page.peer.cut();
    auto const claimed = co_await world.store->claim(world.now, 10);  // and then the daemon is killed
    EXPECT_EQ(claimed->size(), 1U);
    ChatPage back{world};
    back.token = page.token;
    EXPECT_THAT(lines_of(co_await back.again("0")), ElementsAre("customer:one", "assistant 1:re: one"));
    back.peer.cut();
}
TEST(WebChat, what_was_on_its_way_when_we_stopped_is_shown) { run_chat(in_flight); }

net::awaitable<void> tabs(ChatWorld& world) {
    ChatPage one{world};
    co_await one.hello();
    ChatPage two{world};
    two.token = one.token;
    co_await two.again("0");
    ChatPage stranger{world};
    co_await stranger.hello();
    co_await one.say("m1", "hi");
    co_await one.next();
    EXPECT_EQ(told(co_await two.next()), "customer:hi");
    co_await world.deliver();
    EXPECT_EQ(told(co_await one.next()), "assistant 1:re: hi");
    EXPECT_EQ(told(co_await two.next()), "assistant 1:re: hi");
    co_await stranger.peer.send(R"({"type":"ping"})");
    EXPECT_EQ((co_await stranger.next()).at("type"), "pong") << "the first thing they hear";
    one.peer.cut();
    two.peer.cut();
    stranger.peer.cut();
}
TEST(WebChat, all_pages_of_a_visitor_and_nobody_else_hear_it) { run_chat(tabs); }

net::awaitable<void> person(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    co_await page.say("m1", "a person please");
    co_await page.next();
    co_await world.deliver();
    co_await page.next();
    ConversationId const id{"chat/visitor:" + hex(sha256(page.token)).substr(0, 32)};
    static constexpr std::pair<AgentAction, char const*> actions[] = {
        {AgentAction::claim, ""}, {AgentAction::note, "a difficult one"}, {AgentAction::reply, "Hello, Jana here"}};
    for (auto const& [action, text] : actions) {
        auto arrival = agent_does("x", action, "jana", text);
        arrival.channel = ChannelId{"chat"};
        arrival.conversation = id;
        std::vector<Arrival> batch;
        batch.push_back(std::move(arrival));
        auto const applied = co_await world.store->apply(std::move(batch));
        EXPECT_TRUE(applied);
    }
    co_await world.deliver();
    EXPECT_EQ(told(co_await page.next()), "person 2:Hello, Jana here");
    ChatPage again{world};
    again.token = page.token;
    EXPECT_THAT(lines_of(co_await again.again("0")), ElementsAre("customer:a person please", "assistant 1:re: a person please", "person 2:Hello, Jana here"));
    page.peer.cut();
    again.peer.cut();
}
TEST(WebChat, says_whether_a_person_speaks_and_keeps_their_notes) { run_chat(person); }

net::awaitable<void> read_marks(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    co_await page.peer.send(R"({"type":"read","number":1})");  // of nothing
    co_await page.say("m1", "hi");
    co_await page.next();
    co_await world.deliver();
    co_await page.next();
    co_await page.peer.send(R"({"type":"read","number":2})");  // of what was not said
    co_await page.peer.send(R"({"type":"read","number":1})");
    co_await page.say("m2", "after it");
    co_await page.next();
    ConversationId const id{"chat/visitor:" + hex(sha256(page.token)).substr(0, 32)};
    auto view = co_await world.store->view(id, 10);
    while ((*view)->history.at(1).state != "read") view = co_await world.store->view(id, 10);
    EXPECT_EQ((*view)->history.at(1).text, "re: hi");
    page.peer.cut();
}
TEST(WebChat, people_see_what_was_read) { run_chat(read_marks); }

net::awaitable<void> customers(ChatWorld& world) {
    std::string const signature = hex(hmac_sha256("identity", "4711"));
    std::string const hello = R"(,"user":"4711","signature":")" + signature + '"';
    ChatPage laptop{world};
    auto const welcome = co_await laptop.hello(hello);
    EXPECT_FALSE(welcome.contains("token"));
    co_await laptop.say("m1", "hi");
    co_await laptop.next();
    ChatPage phone{world};
    EXPECT_THAT(lines_of(co_await phone.hello(hello)), ElementsAre("customer:hi"));
    auto const view = co_await world.store->view(ConversationId{"chat/user:4711"}, 5);
    EXPECT_TRUE(*view);
    laptop.peer.cut();
    phone.peer.cut();
}
TEST(WebChat, a_signed_in_customer_has_one_conversation_on_all_devices) { run_chat(customers); }

net::awaitable<void> reloads(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    world.settings.web_chat.origins = {"https://other.example"};
    world.configure();
    co_await page.say("m1", "hi");
    EXPECT_EQ((co_await page.next()).at("type"), "stored");
    co_await world.deliver();
    EXPECT_EQ(told(co_await page.next()), "assistant 1:re: hi") << "through the new connector";
    ChatPage late{world};
    EXPECT_EQ(co_await late.connect(), 403);
    page.peer.cut();
}
TEST(WebChat, a_reload_keeps_the_open_chats_and_holds_for_new_ones) { run_chat(reloads); }

net::awaitable<void> sticker(ChatWorld& world) {
    Send send;
    send.id = EffectId{"chat/visitor:1#1"};
    send.messages.emplace_back().sticker = Sticker{"446", "1988"};
    auto const sent = co_await world.connector->send("visitor:1", std::move(send), SendAttempt{});
    EXPECT_EQ(sent.kind, SendResult::Kind::refused);
}
TEST(WebChat, what_cannot_be_shown_is_refused) { run_chat(sticker); }

net::awaitable<void> disappears(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    auto const before = std::exchange(world.services, std::make_shared<Services>());  // a reload without the channel
    ChatPage late{world};
    EXPECT_EQ(co_await late.connect(), 404);
    retire_others(*before, *world.services);
    co_await page.say("m1", "too late");
    EXPECT_EQ((co_await page.next()).at("closed"), "closed 1001");
    auto const heard = co_await world.store->counts();
    EXPECT_EQ(heard->journaled, 0U);
    page.peer.cut();
}
TEST(WebChat, a_channel_that_is_gone_sends_its_pages_away) { run_chat(disappears); }

}  // namespace
}  // namespace kefu::web_chat
