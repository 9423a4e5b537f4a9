// SPDX-License-Identifier: Apache-2.0
#include "daemon/crypto.hpp"
#include "tests/support/web_chat_world.hpp"

#include <gmock/gmock.h>

#include <array>

/// The web chat with whoever else finds it: anybody on the internet may knock.
namespace kefu::web_chat {
namespace {

using namespace std::chrono_literals;
using listener_world::Client;
using testing::HasSubstr;

std::string text_in(json::object const& frame, std::string_view key) {
    auto const* value = frame.if_contains(json::string_view{key.data(), key.size()});
    return value == nullptr || !value->is_string() ? std::string{} : std::string{value->get_string()};
}

/// The last frame before the close, and the close.
net::awaitable<std::string> end_of(ChatPage& page) {
    std::string last;
    while (true) {
        auto const frame = co_await page.next();
        if (frame.contains("closed")) co_return last + ' ' + text_in(frame, "closed");
        last = text_in(frame, "type") == "bye" ? text_in(frame, "code") : text_in(frame, "type");
    }
}

net::awaitable<void> origins(ChatWorld& world) {
    static constexpr std::array<std::pair<char const*, int>, 5> cases{
        {{"", 403}, {"null", 403}, {"https://evil.example", 403}, {"http://shop.example", 403}, {shop_origin, 101}}};
    for (auto const& [origin, status] : cases) {
        ChatPage page{world};
        EXPECT_EQ(co_await page.connect(origin), status) << origin;
        page.peer.cut();
    }
    ChatPage nowhere{world};
    EXPECT_EQ(co_await nowhere.connect(shop_origin, "another"), 404);
    nowhere.peer.cut();
}
TEST(WebChatHostile, pages_of_other_sites_are_not_let_in) { run_chat(origins); }

net::awaitable<void> huge(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    co_await page.say("m1", std::string(40'000, 'x'));
    EXPECT_EQ(co_await end_of(page), " closed 1009");
    page.peer.cut();
}
TEST(WebChatHostile, a_huge_frame_ends_the_connection) { run_chat(huge); }

net::awaitable<void> malformed(ChatWorld& world) {
    static constexpr std::array<char const*, 4> first{"{", "[]", R"({"type":"message","id":"a","text":"before hello"})", R"({"type":"hello","token":7})"};
    for (auto const* frame : first) {
        ChatPage page{world};
        co_await page.connect();
        co_await page.peer.send(frame);
        EXPECT_EQ(co_await end_of(page), "malformed closed 4006") << frame;
        page.peer.cut();
    }
    ChatPage page{world};
    co_await page.hello();
    co_await page.peer.send(R"({"type":"message","id":"../x","text":"hi"})");
    EXPECT_EQ(co_await end_of(page), "malformed closed 4006");
    page.peer.cut();
    auto const counts = co_await world.store->counts();
    EXPECT_EQ(counts->journaled, 0U);
}
TEST(WebChatHostile, what_no_page_of_ours_says_ends_the_connection) { run_chat(malformed); }

net::awaitable<void> flood(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    std::string pings;
    for (int i = 0; i < 200; ++i) append_frame(pings, WebSocketOpcode::text, R"({"type":"typing"})", 0x01020304);
    co_await page.peer.send_bytes(std::move(pings));
    EXPECT_EQ(co_await end_of(page), "flood closed 4008");
    page.peer.cut();
}
TEST(WebChatHostile, a_flood_of_frames_ends_the_connection) { run_chat(flood); }

net::awaitable<void> too_fast(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    int stored = 0;
    int refused = 0;
    for (int i = 0; i < 12; ++i) {
        co_await page.say('m' + std::to_string(i), "buy now");
        auto const fate = co_await page.next();
        if (text_in(fate, "type") == "stored") ++stored;
        if (text_in(fate, "code") != "rate_limited") continue;
        ++refused;
        EXPECT_GT(fate.at("retry_after").as_int64(), 0);
    }
    EXPECT_EQ(stored, 8);
    EXPECT_EQ(refused, 4);
    world.now += 3s;  // 20 a minute
    co_await page.say("m8", "buy now");
    EXPECT_EQ(text_in(co_await page.next(), "type"), "stored");
    page.peer.cut();
}
TEST(WebChatHostile, who_says_too_much_is_told_how_long_to_wait) { run_chat(too_fast); }

net::awaitable<void> one_address(ChatWorld& world) {
    int refused = 0;
    for (int visitor = 0; visitor < 10; ++visitor) {
        ChatPage page{world};
        co_await page.hello();
        for (int i = 0; i < 8; ++i) {
            co_await page.say('m' + std::to_string(i), "buy now");
            refused += text_in(co_await page.next(), "type") == "refused" ? 1 : 0;
        }
        page.peer.cut();
    }
    EXPECT_EQ(refused, 20) << "60 at once from one address";
}
TEST(WebChatHostile, new_visitors_from_one_address_share_its_limit) { run_chat(one_address); }

net::awaitable<void> too_many(ChatWorld& world) {
    ChatPage one{world};
    co_await one.hello();
    ChatPage two{world};
    co_await two.hello();
    ChatPage three{world};
    co_await three.connect();
    EXPECT_EQ(co_await end_of(three), "full closed 4013");
    one.peer.cut();
    three.peer.cut();
    for (bool in = false; !in;) {  // until the place of the one that left is free
        ChatPage next{world};
        co_await next.connect();
        co_await next.peer.send(R"({"type":"hello"})");
        in = text_in(co_await next.next(), "type") == "welcome";
        next.peer.cut();
    }
    two.peer.cut();
}
TEST(WebChatHostile, connections_are_bounded_by_address) {
    run_chat(too_many, [](WebChatSettings& settings) { settings.connections_per_address = 2; });
}
TEST(WebChatHostile, connections_are_bounded_in_all) {
    run_chat(too_many, [](WebChatSettings& settings) { settings.connections = 2; });
}

net::awaitable<void> signatures(ChatWorld& world) {
    std::string const of_another = hex(hmac_sha256("identity", "4712"));
    std::string const with_another_key = hex(hmac_sha256("guess", "4711"));
    std::vector<std::string> const wrong{std::string{}, of_another, with_another_key};
    for (auto const& signature : wrong) {
        ChatPage page{world};
        co_await page.connect();
        std::string hello = R"({"type":"hello","user":"4711","signature":")" + signature + "\"}";
        co_await page.peer.send(std::move(hello));
        EXPECT_EQ(co_await end_of(page), "identity_wrong closed 4001");
        page.peer.cut();
    }
}
TEST(WebChatHostile, a_wrong_signature_is_nobody) { run_chat(signatures); }

net::awaitable<void> guesses(ChatWorld& world) {
    ChatPage page{world};
    co_await page.hello();
    co_await page.say("m1", "my secret");
    co_await page.next();
    ConversationId const id{"chat/visitor:" + hex(sha256(page.token)).substr(0, 32)};
    ChatPage thief{world};
    auto const welcome = co_await thief.hello(R"(,"token":")" + id.value.substr(5) + '"');
    EXPECT_TRUE(welcome.contains("token"));
    EXPECT_TRUE(welcome.at("lines").as_array().empty());
    page.peer.cut();
    thief.peer.cut();
}
TEST(WebChatHostile, the_stores_name_of_a_visitor_opens_nothing) { run_chat(guesses); }

net::awaitable<void> cut(ChatWorld& world) {
    for (std::size_t length = 1; length < 60; length += 7) {
        ChatPage page{world};
        co_await page.hello();
        std::string bytes;
        append_frame(bytes, WebSocketOpcode::text, R"({"type":"message","id":"m1","text":"cut in the middle"})", 0x01020304);
        bytes.resize(length);
        co_await page.peer.send_bytes(std::move(bytes));
        page.peer.cut();
    }
    ChatPage page{world};
    co_await page.hello();
    page.peer.cut();
    auto const counts = co_await world.store->counts();
    EXPECT_EQ(counts->journaled, 0U);
}
TEST(WebChatHostile, a_message_cut_in_the_middle_is_no_message) { run_chat(cut); }

// Files. ---------------------------------------------------------------------------------------------------------------------------------

net::awaitable<Response> upload(ChatWorld& world, std::string ticket, std::string bytes, std::string origin = shop_origin) {
    Client client{world.home};
    co_await client.connect(world.server.listener->port());
    std::string request = listener_world::post("/chat/files?channel=chat&ticket=" + ticket, bytes, "Origin: " + origin + "\r\n");
    co_await client.send(std::move(request));
    Response response = co_await client.receive();
    client.close();
    co_return response;
}

net::awaitable<void> uploads(ChatWorld& world) {
    std::string const photo = "\x89PNG\r\n\x1a\n and so on";
    ChatPage page{world};
    std::string const ticket = text_in(co_await page.hello(), "ticket");
    EXPECT_EQ((co_await upload(world, "nonsense", photo)).status, 401);
    EXPECT_EQ((co_await upload(world, ticket, photo, "https://evil.example")).status, 403);
    EXPECT_EQ((co_await upload(world, ticket, "<svg onload=alert(1)>")).status, 415);
    EXPECT_EQ((co_await upload(world, ticket, photo + std::string(500, 'x'))).status, 413);
    auto const taken = co_await upload(world, ticket, photo);
    EXPECT_EQ(taken.status, 200);
    EXPECT_EQ(taken.headers.get("Access-Control-Allow-Origin"), shop_origin);
    std::string const id = text_in(json::parse(taken.body).as_object(), "id");
    std::string const sender = "visitor:" + hex(sha256(page.token)).substr(0, 32);
    Attachment attachment{ContentKind::image, WaitingFiles::name_of(sender, id), {}, {}};
    auto const content = co_await world.connector->content(attachment);
    EXPECT_EQ(content->bytes, photo);
    EXPECT_EQ(content->content_type, "image/png");
    attachment.platform_id = WaitingFiles::name_of("visitor:another", id);
    auto const stolen = co_await world.connector->content(attachment);
    EXPECT_FALSE(stolen);
    page.peer.cut();
}
TEST(WebChatHostile, only_photos_of_people_we_know_are_taken) { run_chat(uploads); }

net::awaitable<void> many_uploads(ChatWorld& world) {
    ChatPage page{world};
    std::string const ticket = text_in(co_await page.hello(), "ticket");
    Response response;
    for (int i = 0; i < 9; ++i) response = co_await upload(world, ticket, "GIF89a and so on");
    EXPECT_EQ(response.status, 429);
    EXPECT_NE(response.headers.get("Retry-After"), "");
    page.peer.cut();
}
TEST(WebChatHostile, photos_count_as_messages_do) { run_chat(many_uploads); }

net::awaitable<void> asks(ChatWorld& world) {
    Client client{world.home};
    co_await client.connect(world.server.listener->port());
    co_await client.send(listener_world::get("/chat/widget.js"));
    auto const script = co_await client.receive();
    EXPECT_EQ(script.status, 200);
    EXPECT_EQ(script.headers.get("Cross-Origin-Resource-Policy"), "cross-origin");
    EXPECT_EQ(script.body.find("innerHTML"), std::string::npos);
    co_await client.send(listener_world::get("/chat/widget.js", "If-None-Match: " + std::string{script.headers.get("ETag")} + "\r\n"));
    EXPECT_EQ((co_await client.receive()).status, 304);
    co_await client.send(listener_world::get("/chat"));
    EXPECT_EQ((co_await client.receive()).status, 404) << "without `page`";
    client.close();
}
TEST(WebChat, serves_its_script_and_a_page_only_where_it_is_wanted) { run_chat(asks); }

net::awaitable<void> own_page(ChatWorld& world) {
    Client client{world.home};
    co_await client.connect(world.server.listener->port());
    co_await client.send(listener_world::get("/chat?lang=%22%3E%3Cscript%3E"));
    auto const page = co_await client.receive();
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.headers.get("Content-Security-Policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ(page.body.find("\"><script>"), std::string::npos);
    EXPECT_THAT(page.body, HasSubstr("A &lt;b&gt; &amp; C"));
    client.close();
}
TEST(WebChat, its_page_holds_no_text_from_outside_as_markup) {
    run_chat(own_page, [](WebChatSettings& settings) {
        settings.page = true;
        settings.title = "A <b> & C";
    });
}

}  // namespace
}  // namespace kefu::web_chat
