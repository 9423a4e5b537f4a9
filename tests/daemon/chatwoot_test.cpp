// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/chatwoot/chatwoot.hpp"

#include "daemon/crypto.hpp"
#include "tests/support/channel_accounts.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace kefu::chatwoot {
namespace {

namespace json = boost::json;
using Kind = SendResult::Kind;

Timestamp const now = from_millis(1'764'000'000'000);
Account const account{ChannelId{"desk"}, "1"};

std::string created(std::string const& rest, std::string const& status = "pending") {
    return R"({"event":"message_created","id":42,"account":{"id":1},"conversation":{"id":7,"status":")" + status + "\"}," + rest + "}";
}
Parsed read(std::string const& body) { return parse(account, "delivery-1", body, now).value(); }

TEST(ChatwootParse, only_pending_conversations_are_the_bots) {
    auto const message = [](std::string const& status) {
        return std::get<MessageReceived>(
                   read(created(R"("content":"hi","message_type":"incoming","created_at":1763999000,"sender":{"id":9,"name":"Ming"})", status))
                       .events.at(0)
                       .event)
            .message;
    };
    EXPECT_FALSE(message("pending").standby);
    for (auto const* status : {"open", "snoozed", "resolved", ""}) EXPECT_TRUE(message(status).standby) << status;
    EXPECT_EQ(message("pending").sender_name, "Ming");
    EXPECT_EQ(to_millis(message("pending").sent_at), 1'763'999'000'000);
}

TEST(ChatwootParse, an_agents_words_are_a_takeover_whatever_the_status) {
    auto const event = read(created(R"("content":"Dobrý den","message_type":1,"sender":{"id":2,"name":"Eva","type":"user"})")).events.at(0);
    auto const& acted = std::get<AgentActed>(event.event);
    EXPECT_EQ(acted.agent, "Eva");
    EXPECT_EQ(acted.text, "Dobrý den");
    EXPECT_TRUE(acted.elsewhere);
    EXPECT_EQ(event.sender, "1/7");
    auto const team = read(created(R"("content":"x","message_type":"outgoing","sender":{"name":"team:aftersale","type":"user"})")).events.at(0);
    EXPECT_EQ(std::get<AgentActed>(team.event).agent, "chatwoot");
}

TEST(ChatwootParse, putting_back_and_resolving_have_happened) {
    auto const status = [](std::string const& name) { return read(R"({"event":"conversation_status_changed","id":7,"status":")" + name + "\"}"); };
    EXPECT_EQ(std::get<AgentActed>(status("pending").events.at(0).event).action, AgentAction::hand_back);
    EXPECT_EQ(std::get<AgentActed>(status("resolved").events.at(0).event).action, AgentAction::resolve);
    EXPECT_EQ(status("resolved").events.at(0).event_id, "delivery-1");
    EXPECT_TRUE(status("open").events.empty());
}

TEST(ChatwootParse, a_broken_body_is_named) {
    EXPECT_EQ(parse(account, "", "[", now).error().code, Errc::bad_payload);
    EXPECT_EQ(parse(account, "", "{}", now).error().message, "'event' is missing or not a string");
    EXPECT_EQ(parse(account, "", R"({"event":"message_created"})", now).error().message, "'conversation' is missing or not an object");
    EXPECT_EQ(parse(account, "", R"({"event":"message_created","account":{"id":2}})", now).error().code, Errc::not_found);
}

TEST(ChatwootSignature, holds_for_the_time_and_the_bytes) {
    Request request;
    request.body = created(R"("content":"hi")");
    std::vector<Secret> const secrets{Secret{"old"}, Secret{"new"}};
    auto const sign = [&](std::string const& seconds) {
        request.headers.set("X-Chatwoot-Timestamp", seconds);
        request.headers.set("X-Chatwoot-Signature", "sha256=" + hex(hmac_sha256("new", seconds + '.' + request.body)));
    };
    sign("1763999700");
    EXPECT_TRUE(verify(request, secrets, now));
    for (auto const* seconds : {"1763999699", "1764000301", "", "99999999999999999999", "1764000000x"}) {
        sign(seconds);
        EXPECT_FALSE(verify(request, secrets, now)) << seconds;
    }
    sign("1764000000");
    request.body += ' ';
    EXPECT_FALSE(verify(request, secrets, now));
    EXPECT_TRUE(verify(request, {}, now));
}

net::awaitable<std::vector<Request>> hand_over(std::vector<Notice> notices) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    for (int i = 0; i < 8; ++i) platform.answers.push_back(json_response(R"({"id":1})"));
    HttpClient http{executor};
    auto const desk = make_desk(channel_accounts::settings_for(ChannelType::chatwoot, platform.url()), "desk:chatwoot", http);
    for (auto& notice : notices) {
        SendAttempt const first;
        SendResult const result = co_await desk->notify(std::move(notice), first);
        EXPECT_EQ(result.kind, Kind::delivered) << result.detail;
    }
    http.close_idle();
    co_await platform.stop();
    co_return std::move(platform.seen);
}

TEST(ChatwootDesk, an_escalation_opens_the_conversation_with_a_private_note) {
    Notice escalated;
    escalated.view.conversation.sender = "1/7";
    Notice back = escalated;
    back.kind = Notice::Kind::resolved;
    back.what = "handed back";
    Notice done = back;
    done.what = "resolved";
    auto const seen = run(hand_over({escalated, back, done}));
    ASSERT_EQ(seen.size(), 4U);
    EXPECT_EQ(seen[0].path, "/api/v1/accounts/1/conversations/7/toggle_status");
    EXPECT_EQ(seen[0].headers.get("api_access_token"), channel_accounts::chatwoot_token);
    EXPECT_EQ(json::parse(seen[0].body).at("status").as_string(), "open");
    EXPECT_TRUE(json::parse(seen[1].body).at("private").as_bool());
    EXPECT_EQ(json::parse(seen[2].body).at("status").as_string(), "pending");
    EXPECT_EQ(json::parse(seen[3].body).at("status").as_string(), "resolved");
}

}  // namespace
}  // namespace kefu::chatwoot
