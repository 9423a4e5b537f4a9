// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/line/line.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <deque>
#include <regex>

/// LINE's platform on the loopback address, which answers as told. Section numbers are those of the Messaging API reference.
namespace kefu::line {

namespace json = boost::json;
using namespace std::chrono_literals;
using Kind = SendResult::Kind;
using Answers = std::deque<Response>;

constexpr char const* access_token = "access-token-that-nobody-may-see";
constexpr char const* channel_secret = "0123456789abcdef0123456789abcdef";
constexpr char const* reply_token = "757913772c4646b784d4b7ce46d12671";
constexpr char const* customer = "U4af4980629d1c5b7e3f2a1908c7d6e5f";

inline Response says(int status, std::string const& message) {
    Response response = json_response(R"({"message":")" + message + "\"}", status);
    response.headers.set("X-Line-Request-Id", "request-1");
    return response;
}
inline Response ok() { return json_response(R"({"sentMessages":[{"id":"461230966842064897"}]})"); }
inline Response silence() { return Response{.status = 0, .headers = {}, .body = {}}; }
inline Response server_error() { return says(500, "Internal server error"); }
inline Response invalid_token() { return says(400, "Invalid reply token"); }
inline Response invalid_object() { return says(400, "The request body has 1 error(s)"); }
inline Response bad_destination() { return says(400, "Failed to send messages"); }
inline Response rate_limit() { return says(429, "The API rate limit has been exceeded. Try again later."); }
inline Response monthly_limit() { return says(429, "You have reached your monthly limit."); }
inline Response accepted_before() {
    return json_response(R"({"message":"The retry key is already accepted","sentMessages":[{"id":"461230966842064897"}]})", 409);
}

inline OutboundMessage text(std::string words) {
    OutboundMessage message;
    message.text = std::move(words);
    return message;
}

inline OutboundMessage sticker() {
    OutboundMessage message;
    message.sticker = Sticker{"11537", "52002734"};
    return message;
}

inline Timestamp const received = from_millis(1'764'000'000'000);

/// The customer's reply token came at `received`.
inline Send with_token(std::vector<OutboundMessage> messages = {text("Your parcel is on its way.")}) {
    Send send;
    send.id = EffectId{"line-main/U4af#1"};
    send.messages = std::move(messages);
    send.by = "bot";
    send.reply_handle = reply_token;
    send.handle_at = received;
    return send;
}
inline Send without_token(std::vector<OutboundMessage> messages = {text("Your parcel is on its way.")}) {
    Send send = with_token(std::move(messages));
    send.reply_handle.clear();
    send.handle_at = {};
    return send;
}

/// One call of send().
struct Try {
    std::chrono::milliseconds at{5s};  ///< after the message was received
    int number = 1;
    bool maybe_sent = false;
    std::chrono::milliseconds first_tried{5s};
};

struct Script {
    Send send;
    Answers answers;
    std::vector<Try> tries{Try{}};
    std::chrono::milliseconds timeout{10s};
};

struct Outcome {
    std::vector<SendResult> results;
    std::vector<Request> seen;

    SendResult const& last() const { return results.back(); }
    /// "reply" or "push", in order.
    std::vector<std::string> calls() const {
        std::vector<std::string> names;
        for (auto const& request : seen) names.push_back(request.path.substr(request.path.rfind('/') + 1));
        return names;
    }
    std::string key(std::size_t call) const { return std::string{seen.at(call).headers.get("X-Line-Retry-Key")}; }
    json::array messages(std::size_t call) const { return json::parse(seen.at(call).body).at("messages").as_array(); }
};

inline ChannelSettings settings_for(std::string const& url) {
    ChannelSettings settings;
    settings.id = ChannelId{"line-main"};
    settings.line.api_base = url;
    settings.line.data_base = url;
    settings.line.access_token = Secret{access_token};
    settings.line.channel_secrets = {Secret{channel_secret}};
    return settings;
}

inline net::awaitable<Outcome> play(Script script) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers = std::move(script.answers);
    HttpClient http{executor};
    Timestamp now = received;
    ChannelSettings settings = settings_for(platform.url());
    settings.send.timeout = script.timeout;
    Clock const clock = [&now] { return now; };
    Outcome outcome;
    for (auto const& one : script.tries) {
        auto const line = make_connector({settings, ChannelPolicy{}, http, clock});  // a new one: what a try leaves must outlast a restart
        now = received + one.at;
        SendAttempt attempt;
        attempt.number = one.number;
        attempt.maybe_sent = one.maybe_sent;
        attempt.first_tried = received + one.first_tried;
        std::string to = customer;
        Send send = script.send;
        if (!outcome.results.empty() && outcome.last().handle_spent) send.reply_handle.clear();  // as the store does
        SendResult result = co_await line->send(std::move(to), std::move(send), attempt);
        outcome.results.push_back(std::move(result));
    }
    http.close_idle();
    co_await platform.stop();
    outcome.seen = std::move(platform.seen);
    co_return outcome;
}

/// Whatever happened: what people and logs get to see holds no token, no secret and no words of the conversation.
inline Outcome sent(Script script) {
    auto outcome = run(play(std::move(script)));
    for (auto const& result : outcome.results)
        for (auto const* hidden : {access_token, channel_secret, reply_token, "parcel"})
            EXPECT_EQ(result.detail.find(hidden), std::string::npos) << result.detail;
    for (auto const& request : outcome.seen) {
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.headers.get("Authorization"), std::string{"Bearer "} + access_token);
        EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
        // Reply refuses the header, push is never without it ("Retry a failed API request").
        static std::regex const uuid{"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"};
        bool const reply = request.path == "/v2/bot/message/reply";
        std::string const key{request.headers.get("X-Line-Retry-Key")};
        EXPECT_EQ(std::regex_match(key, uuid), !reply) << request.path << ' ' << key;
        EXPECT_EQ(json::parse(request.body).as_object().contains("to"), !reply);
        EXPECT_EQ(json::parse(request.body).as_object().contains("replyToken"), reply);
    }
    return outcome;
}

}  // namespace kefu::line
