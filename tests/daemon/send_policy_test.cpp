// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/bridge.hpp"
#include "daemon/connect/line/line.hpp"
#include "daemon/connect/onebot/onebot.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/connect/webhooks/webhooks.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/channel_accounts.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>

/// Every connector does with a send what its traits, and so docs/channels.md, declare.
namespace kefu {
namespace {

using namespace std::chrono_literals;
using Kind = SendResult::Kind;

Timestamp const now = from_millis(1'764'000'000'000);

ChannelSettings account(ChannelType type, std::string const& url) {
    ChannelSettings settings = channel_accounts::settings_for(type, url);
    settings.send.timeout = 2s;
    settings.line.api_base = settings.line.data_base = url;
    settings.line.access_token = Secret{"token"};
    settings.line.channel_secrets = {Secret{"secret"}};
    settings.webhooks.secrets = {Secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}};
    settings.webhooks.send_to = settings.bridge.callback = settings.onebot.api = url;
    settings.webhooks.allow_private_addresses = settings.bridge.allow_private_addresses = true;
    settings.bridge.accounts = {"shop"};
    settings.bridge.secrets = settings.webhooks.secrets;
    settings.onebot.account = "10001000";
    settings.onebot.tokens = {Secret{"onebot"}};
    settings.onebot.pause = 0ms;
    return settings;
}

std::unique_ptr<Connector> make(ChannelSettings const& settings, HttpClient& http) {
    auto const clock = [] { return now; };
    switch (settings.type) {
        case ChannelType::line:
            return line::make_connector({settings, ChannelPolicy{}, http, clock});
        case ChannelType::webhooks:
            return webhooks::make_connector({settings, ChannelPolicy{}, http, clock});
        case ChannelType::bridge:
            return bridge::make_connector({settings, ChannelPolicy{}, http, clock});
        case ChannelType::onebot:
            return onebot::make_connector({settings, ChannelPolicy{}, http, clock});
        default:
            return channel_accounts::make(settings, http, clock);
    }
}

/// Where a customer is on each platform.
std::string customer_of(ChannelType type) {
    switch (type) {
        case ChannelType::line:
            return "U4af4980629d1c5b7e3f2a1908c7d6e5f";
        case ChannelType::bridge:
            return "shop/2200000000001";
        case ChannelType::chatwoot:
            return "1/7";
        case ChannelType::onebot:
            return "private:20002000";
        default:
            return "1234567";
    }
}

Response in_its_words(ChannelType type, int status) {
    bool const fast = status == 429;
    switch (type) {
        case ChannelType::telegram:
            return json_response(fast ? R"({"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}})"
                                      : R"({"ok":false,"error_code":400,"description":"Bad Request: message text is empty"})",
                                 status);
        case ChannelType::messenger:
            return json_response(fast ? R"({"error":{"code":613,"message":"Calls to this API have exceeded the rate limit"}})"
                                      : R"({"error":{"code":100,"message":"Invalid parameter"}})",
                                 400);
        case ChannelType::whatsapp:
            return json_response(fast ? R"({"error":{"code":130429,"message":"Rate limit hit"}})" : R"({"error":{"code":100,"message":"Invalid parameter"}})",
                                 status);
        case ChannelType::line:
            return json_response(
                fast ? R"({"message":"The API rate limit has been exceeded. Try again later."})" : R"({"message":"The request body has errors"})", status);
        case ChannelType::onebot:
            return json_response(R"({"status":"failed","retcode":1400,"data":null,"message":"bad parameters"})", fast ? 429 : 200);
        default:
            return json_response(R"({"error":"no"})", status);
    }
}

Send a_send() {
    Send send;
    send.id = EffectId{"c#1"};
    send.by = "bot";
    send.customer_wrote_at = now;
    send.messages.emplace_back().text = "Hello!";
    return send;
}

net::awaitable<SendResult> send_once(ChannelType type, std::string url) {
    HttpClient http{co_await this_coro::executor};
    auto const connector = make(account(type, url), http);
    std::string to = customer_of(type);
    Send send = a_send();
    SendAttempt attempt;
    attempt.first_tried = now;
    SendResult result = co_await connector->send(std::move(to), std::move(send), attempt);
    http.close_idle();
    co_return result;
}

net::awaitable<SendResult> answered(ChannelType type, Response answer) {
    ScriptedPeer platform{co_await this_coro::executor};
    for (int i = 0; i < 4; ++i) platform.answers.push_back(answer);
    SendResult result = co_await send_once(type, platform.url());
    co_await platform.stop();
    EXPECT_FALSE(platform.seen.empty());
    co_return result;
}

net::awaitable<void> read_and_close(net::ip::tcp::acceptor& acceptor) {
    while (true) {
        net::ip::tcp::socket socket{acceptor.get_executor()};
        error_code error;
        co_await acceptor.async_accept(socket, net::redirect_error(net::use_awaitable, error));
        if (error) co_return;
        std::array<char, 4096> bytes{};
        co_await socket.async_read_some(net::buffer(bytes), net::redirect_error(net::use_awaitable, error));
    }
}

net::awaitable<SendResult> cut_off(ChannelType type) {
    auto const executor = co_await this_coro::executor;
    net::ip::tcp::acceptor acceptor{executor, {net::ip::address_v4::loopback(), 0}};
    TaskGroup tasks{executor};
    tasks.spawn("read and close", read_and_close(acceptor));
    SendResult result = co_await send_once(type, "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
    acceptor.close();
    tasks.cancel();
    co_await tasks.join(1s);
    co_return result;
}

net::awaitable<SendResult> nobody_there(ChannelType type) {
    auto const executor = co_await this_coro::executor;
    net::ip::tcp::acceptor acceptor{executor, {net::ip::address_v4::loopback(), 0}};
    std::string url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    acceptor.close();
    SendResult result = co_await send_once(type, std::move(url));
    co_return result;
}

SendEnd end_of(SendResult const& result) {
    switch (result.kind) {
        case Kind::retry:
        case Kind::hold:
            return SendEnd::again;
        case Kind::unknown:
            return SendEnd::unknown;
        case Kind::refused:
            return SendEnd::refused;
        case Kind::delivered:
            break;
    }
    return SendEnd::never;
}

class SendPolicyOf : public testing::TestWithParam<ChannelType> {
  protected:
    ChannelType type = GetParam();
    SendPolicy const& policy = traits_of(type).policy;
};

TEST_P(SendPolicyOf, a_server_error_is_as_declared) {
    auto const result = run(answered(type, text_response("<html>Internal Server Error</html>", 500)));
    EXPECT_EQ(end_of(result), policy.server_error) << result.detail;
}

TEST_P(SendPolicyOf, silence_after_the_request_was_received_is_as_declared) {
    auto const result = run(cut_off(type));
    EXPECT_EQ(end_of(result), policy.no_answer) << result.detail;
    if (policy.no_answer == SendEnd::again) {
        EXPECT_TRUE(result.maybe_sent) << "the next try has to know";
    }
}

TEST_P(SendPolicyOf, too_fast_is_as_declared) {
    Response answer = in_its_words(type, 429);
    answer.headers.set("Retry-After", "7");
    auto const result = run(answered(type, std::move(answer)));
    EXPECT_EQ(end_of(result), policy.too_fast) << result.detail;
    EXPECT_FALSE(result.maybe_sent);
    if (policy.waits_as_told) {
        EXPECT_EQ(result.after, 7s);
    }
}

TEST_P(SendPolicyOf, no_connection_is_as_declared_and_certainly_not_out) {
    auto const result = run(nobody_there(type));
    EXPECT_EQ(end_of(result), policy.no_connection) << result.detail;
    EXPECT_FALSE(result.maybe_sent);
}

TEST_P(SendPolicyOf, a_bad_request_is_as_declared) {
    auto const result = run(answered(type, in_its_words(type, 400)));
    EXPECT_EQ(end_of(result), policy.bad_request) << result.detail;
}

INSTANTIATE_TEST_SUITE_P(Connectors, SendPolicyOf,
                         testing::Values(ChannelType::line, ChannelType::webhooks, ChannelType::bridge, ChannelType::telegram, ChannelType::messenger,
                                         ChannelType::whatsapp, ChannelType::chatwoot, ChannelType::onebot),
                         [](auto const& test) { return std::string{name_of(test.param)}; });

}  // namespace
}  // namespace kefu
