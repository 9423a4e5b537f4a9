// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/meta/meta.hpp"
#include "daemon/http/target.hpp"
#include "tests/support/channel_accounts.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

/// Recorded requests of Telegram, Messenger, WhatsApp and Chatwoot, each with what it means.
namespace kefu::channel_accounts {
namespace {

namespace json = boost::json;

ChannelType type_named(std::string_view name) {
    auto const all = names(ChannelType{});
    auto const found = std::find(all.begin(), all.end(), name == "meta" ? "messenger" : name);
    return static_cast<ChannelType>(found - all.begin());
}

Request request_of(json::object const& sample) {
    Request request;
    request.method = sample.at("method").as_string();
    request.target = sample.at("path").as_string();
    EXPECT_TRUE(read_target(request));
    request.body = sample.at("body").as_string();
    for (auto const& [name, value] : sample.at("headers").as_object()) request.headers.set(std::string{name}, std::string{value.as_string()});
    return request;
}

/// What an event is in the words of the samples.
struct Meaning {
    std::string kind = "ignored";
    bool answer = false;
    bool takeover = false;
    Message const* message = nullptr;
};

Meaning meaning_of(Parsed const& parsed) {
    Meaning meaning;
    if (parsed.events.empty()) {
        for (auto const& ignored : parsed.ignored)
            if (ignored.starts_with("own ") || ignored == "echo") meaning.kind = "echo";
        return meaning;
    }
    Event const& event = parsed.events.front().event;
    if (auto const* received = std::get_if<MessageReceived>(&event)) meaning.kind = "message", meaning.message = &received->message;
    if (auto const* pressed = std::get_if<ButtonPressed>(&event)) meaning.kind = "postback", meaning.message = &pressed->message;
    if (std::holds_alternative<Unreachable>(event)) meaning.kind = "conversation_closed";
    if (std::holds_alternative<SendReported>(event)) meaning.kind = "status";
    if (auto const* noted = std::get_if<Noted>(&event); noted != nullptr && noted->kind.starts_with("message_edited/")) meaning.kind = "edit";
    if (auto const* acted = std::get_if<AgentActed>(&event); acted != nullptr && acted->elsewhere) meaning.kind = "agent_message", meaning.takeover = true;
    meaning.answer = meaning.message != nullptr && meaning.message->addressed && !meaning.message->standby;
    return meaning;
}

void expect_details(json::object const& expected, Parsed const& parsed, Meaning const& meaning) {
    for (auto const& [key, value] : expected) {
        if (key == "status") continue;
        if (key == "count") {
            EXPECT_EQ(parsed.events.size(), static_cast<std::size_t>(value.as_int64()));
            continue;
        }
        if (key == "kind") {
            EXPECT_EQ(meaning.kind, value.as_string());
        }
        if (key == "answer") {
            EXPECT_EQ(meaning.answer, value.as_bool());
        }
        if (key == "takeover") {
            EXPECT_EQ(meaning.takeover, value.as_bool());
        }
        if (parsed.events.empty()) continue;
        auto const& first = parsed.events.front();
        if (key == "conversation") {
            EXPECT_EQ(first.sender, value.as_string());
        }
        if (key == "dedupe") {
            EXPECT_EQ(first.event_id, value.as_string());
        }
        if (key == "time_ms") {
            EXPECT_EQ(to_millis(first.occurred_at), value.as_int64());
        }
        if (key == "target") {
            EXPECT_EQ(std::get<Noted>(first.event).kind, "message_edited/" + std::string{value.as_string()});
        }
        if (key == "data") {
            EXPECT_EQ(std::get<ButtonPressed>(first.event).data, value.as_string());
        }
        if (key == "failed") {
            EXPECT_NE(std::get<SendReported>(first.event).detail.find(std::to_string(value.as_int64())), std::string::npos);
        }
        if (key == "final") {
            auto furthest = DeliveryReport::out;
            for (auto const& event : parsed.events) furthest = std::max(furthest, std::get<SendReported>(event.event).report);
            EXPECT_EQ(delivery_report_names[static_cast<std::size_t>(furthest)], value.as_string());
        }
        if (meaning.message == nullptr) continue;
        if (key == "text") {
            EXPECT_EQ(meaning.message->text, value.as_string());
        }
        if (key == "file_id") {
            EXPECT_EQ(meaning.message->attachments.front().platform_id, value.as_string());
        }
        if (key == "attachments") {
            json::array kinds;
            for (auto const& attachment : meaning.message->attachments) kinds.emplace_back(content_kind_names[static_cast<std::size_t>(attachment.kind)]);
            EXPECT_EQ(kinds, value.as_array());
        }
    }
}

TEST(ChannelSamples, are_read_as_they_are_meant) {
    KEFUD_NEEDS_SHARED_DATA();
    net::io_context io;
    HttpClient http{io.get_executor()};
    std::set<std::string> seen;  // as the store would
    int count = 0;
    for (auto const& sample : json_lines(shared_data() / "specs" / "other-channel-samples.jsonl")) {
        std::string const channel{sample.at("channel").as_string()};
        SCOPED_TRACE(channel + ' ' + std::string{sample.at("name").as_string()});
        Timestamp const now = from_millis((sample.contains("now") ? sample.at("now").as_int64() : 1764000060) * 1000);
        auto const connector = make(settings_for(type_named(channel), "http://127.0.0.1:1"), http, [now] { return now; });
        auto const& expected = sample.at("expect").as_object();
        auto const status = expected.at("status").as_int64();
        Request const request = request_of(sample);
        ++count;
        if (request.method == "GET") {
            auto const answer = meta::handshake(request, {Secret{verify_token}});
            EXPECT_EQ(answer.status, status);
            if (expected.contains("response")) {
                EXPECT_EQ(answer.body, expected.at("response").as_string());
            }
            continue;
        }
        auto const parsed = connector->parse(request, now);
        if (status == 401) {
            ASSERT_FALSE(parsed);
            EXPECT_EQ(parsed.error().code, Errc::unauthorized);
            continue;
        }
        ASSERT_TRUE(parsed) << parsed.error().message;
        Meaning meaning = meaning_of(*parsed);
        if (!parsed->events.empty() && !seen.insert(channel + '/' + parsed->events.front().event_id).second) meaning = {"duplicate", false, false, nullptr};
        expect_details(expected, *parsed, meaning);
    }
    EXPECT_EQ(count, 30);
}

TEST(ChannelSamples, signatures_match_the_vectors) {
    KEFUD_NEEDS_SHARED_DATA();
    net::io_context io;
    HttpClient http{io.get_executor()};
    auto const vectors = json::parse(read_text(shared_data() / "specs" / "signature-vectors.json"));
    for (auto const& vector : vectors.at("vectors").as_array()) {
        std::string const scheme{vector.at("scheme").as_string()};
        SCOPED_TRACE(scheme + ' ' + std::string{vector.at("name").as_string()});
        if (scheme != "meta-x-hub-signature-256" && scheme != "chatwoot-x-chatwoot-signature") continue;
        Request request;
        request.method = "POST";
        request.body = vector.at("body").as_string();
        for (auto const& [name, value] : vector.at("header").as_object()) request.headers.set(std::string{name}, std::string{value.as_string()});
        Timestamp const now = from_millis(1'764'000'000'000);
        ChannelType const type = scheme.starts_with("chatwoot")                       ? ChannelType::chatwoot
                                 : request.body.find("whatsapp") == std::string::npos ? ChannelType::messenger
                                                                                      : ChannelType::whatsapp;
        auto const connector = make(settings_for(type, "http://127.0.0.1:1"), http, [now] { return now; });
        auto const parsed = connector->parse(request, now);
        EXPECT_TRUE(parsed || parsed.error().code != Errc::unauthorized);
        request.body += ' ';
        EXPECT_EQ(connector->parse(request, now).error().code, Errc::unauthorized);
    }
}

}  // namespace
}  // namespace kefu::channel_accounts
