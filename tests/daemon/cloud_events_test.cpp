// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/webhooks/cloud_events.hpp"

#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/connect/webhooks/webhooks.hpp"
#include "daemon/crypto.hpp"

#include <gtest/gtest.h>

/// CloudEvents on the channel for Standard Webhooks.
namespace kefu::webhooks {
namespace {

Secret const secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"};
Timestamp const now = from_millis(1'764'000'000'000);
std::string const data = R"({"conversation":"c1","id":"m1","text":"kde je balík","name":"Jana","language":"cs"})";

Result<Parsed> posted(std::string const& body, Headers headers, bool with_signature = true) {
    net::io_context io;
    HttpClient http{io.get_executor()};
    ChannelSettings settings;
    settings.id = ChannelId{"web"};
    settings.webhooks.secrets = {secret};
    auto const connector = make_connector({settings, ChannelPolicy{}, http, [] { return now; }});
    Request request;
    request.method = "POST";
    request.headers = std::move(headers);
    request.body = body;
    if (with_signature) sign(request.headers, "msg_1", body, secret, now);
    return connector->parse(request, now);
}

Headers structured() {
    Headers headers;
    headers.set("Content-Type", "application/cloudevents+json; charset=utf-8");
    return headers;
}
Headers binary(std::string const& type = "com.example.chat.message.received") {
    Headers headers;
    headers.set("Content-Type", "application/json");
    headers.set("ce-specversion", "1.0");
    headers.set("ce-id", "A%20234");
    headers.set("ce-source", "/shop");
    headers.set("ce-type", type);
    headers.set("ce-time", "2025-11-24T16:00:00Z");
    return headers;
}
std::string event(std::string const& more) {
    return R"({"specversion":"1.0","id":"A 234","source":"/shop","type":"com.example.message.received",)" + more + "}";
}

TEST(CloudEvents, in_structured_mode_are_told_apart_by_source_and_id) {
    auto const parsed = posted(event(R"("time":"2025-11-24T15:59:00Z","data":)" + data), structured());
    ASSERT_TRUE(parsed) << parsed.error().message;
    auto const& inbound = parsed->events.at(0);
    EXPECT_EQ(inbound.event_id, "/shop A 234");
    EXPECT_EQ(inbound.conversation.value, "web/c1");
    EXPECT_EQ(to_millis(inbound.occurred_at), 1'763'999'940'000);
    auto const& message = std::get<MessageReceived>(inbound.event).message;
    EXPECT_EQ(message.text, "kde je balík");
    EXPECT_EQ(message.sender_name, "Jana");
    EXPECT_EQ(message.sender_language, "cs");
    auto const encoded = posted(event(R"("data_base64":")" + base64(data) + "\""), structured());
    EXPECT_EQ(std::get<MessageReceived>(encoded.value().events.at(0).event).message.text, "kde je balík");
}

TEST(CloudEvents, in_binary_mode_are_told_apart_by_the_signed_id) {
    auto const parsed = posted(data, binary());
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->events.at(0).event_id, "msg_1");
    EXPECT_EQ(posted(data, binary("com.example.something.else")).value().ignored, std::vector<std::string>{"something.else"});
}

TEST(CloudEvents, are_signed_like_any_webhook) {
    EXPECT_EQ(posted(data, binary(), false).error().code, Errc::unauthorized);
    EXPECT_EQ(posted(event(R"("data":)" + data), structured(), false).error().code, Errc::unauthorized);
}

TEST(CloudEvents, that_are_broken_are_named) {
    auto const why = [](std::string const& body) { return posted(body, structured()).error().message; };
    EXPECT_EQ(why("[]"), "the body is not a JSON object");
    EXPECT_EQ(why(R"({"id":"1"})"), "'specversion' is not 1.0");
    EXPECT_EQ(why(R"({"specversion":"1.0","id":5})"), "'id' is not a string");
    EXPECT_EQ(why(R"({"specversion":"1.0","id":"5","source":"s","type":"t"})"), "'data' is missing or not an object");
    EXPECT_EQ(why(R"({"specversion":"1.0","id":"5","type":"t","data":{}})"), "'source' is missing or not a string");
    EXPECT_EQ(why(event(R"("time":"yesterday","data":)" + data)), "'time' is not an RFC 3339 time");
    Headers batch;
    batch.set("Content-Type", "application/cloudevents-batch+json");
    EXPECT_EQ(posted("[]", batch).error().message, "batches of CloudEvents are not taken; send them one by one");
}

TEST(CloudEvents, senders_may_ask_whether_they_are_welcome) {
    Request request;
    request.method = "OPTIONS";
    EXPECT_EQ(allow_cloud_events(request).status, 405);
    request.headers.set("WebHook-Request-Origin", "eventemitter.example.com");
    request.headers.set("WebHook-Request-Rate", "120");
    auto const answer = allow_cloud_events(request);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.get("WebHook-Allowed-Origin"), "eventemitter.example.com");
    EXPECT_EQ(answer.headers.get("WebHook-Allowed-Rate"), "*");
}

}  // namespace
}  // namespace kefu::webhooks
