// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/webhooks/webhooks.hpp"

#include "daemon/connect/fetch_content.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/connect/webhooks/cloud_events.hpp"
#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/http/router.hpp"
#include "daemon/net/backoff.hpp"
#include "replies/json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace kefu::webhooks {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr auto give_up_after = 24h;  // words of a person; a bot's answer is too old long before

Result<std::string> text_of(json::object const& data, std::string_view key) { return payload::checked_text(data, key, "data."); }

Result<std::vector<Attachment>> read_attachments(json::object const& data) {
    std::vector<Attachment> attachments;
    auto const* list = data.if_contains("attachments");
    if (list == nullptr || list->is_null()) return attachments;
    if (!list->is_array()) return payload::bad("'data.attachments' is not an array");
    for (auto const& entry : list->get_array()) {
        auto const* object = entry.if_object();
        if (object == nullptr) return payload::bad("'data.attachments[]' is not an object");
        auto kind = text_of(*object, "kind");
        auto url = text_of(*object, "url");
        auto name = text_of(*object, "name");
        if (!kind) return kind.error();
        if (!url) return url.error();
        if (!name) return name.error();
        attachments.push_back({.kind = payload::content_kind(*kind), .platform_id = {}, .url = *url, .file_name = *name});
    }
    return attachments;
}

Result<Message> read_message(json::object const& data, Timestamp now) {
    Message message;
    for (auto const& [key, into] : {std::pair{"id", &message.id.value},
                                    {"text", &message.text},
                                    {"sender", &message.sender},
                                    {"name", &message.sender_name},
                                    {"language", &message.sender_language}}) {
        auto value = text_of(data, key);
        if (!value) return value.error();
        *into = std::move(*value);
    }
    auto sent = text_of(data, "sent_at");
    if (!sent) return sent.error();
    message.sent_at = now;
    if (!sent->empty()) {
        auto const at = from_rfc3339(*sent);
        if (!at) return payload::bad("'data.sent_at' is not an RFC 3339 time");
        message.sent_at = *at;
    }
    auto attachments = read_attachments(data);
    if (!attachments) return attachments.error();
    message.attachments = std::move(*attachments);
    return message;
}

Result<std::optional<Event>> read_event(std::string const& type, json::object const& data, Timestamp now) {
    auto message = read_message(data, now);
    if (!message) return message.error();
    if (type == "message.received") {
        if (message->id.empty()) return payload::bad("'data.id' is missing");
        if (message->text.empty() && message->attachments.empty()) return payload::bad("'data.text' or 'data.attachments' is missing");
        return Event{MessageReceived{.message = std::move(*message), .meaning = {}, .stale = false}};
    }
    if (type == "message.unsent") return Event{MessageUnsent{message->id}};
    if (type == "customer.followed") return Event{Followed{.again = false, .message = std::move(*message)}};
    if (type == "customer.left") return Event{Unreachable{"left"}};
    if (type == "button.pressed") {
        auto pressed = text_of(data, "data");
        if (!pressed) return pressed.error();
        return Event{ButtonPressed{.data = std::move(*pressed), .message = std::move(*message)}};
    }
    return std::optional<Event>{};
}

class WebhooksConnector final : public Connector {
  public:
    explicit WebhooksConnector(ChannelSetup setup)
        : Connector(std::move(setup.settings), std::move(setup.policy)), http_(setup.http), clock_(std::move(setup.clock)) {}

    Result<Parsed> parse(Request const& request, Timestamp now) const override {
        auto const id = verify(request.headers, request.body, settings().webhooks.secrets, now, settings().webhooks.accept_svix_prefix);
        if (!id) return id.error();
        if (!is_cloud_event(request.headers)) return webhooks::parse(channel(), *id, request.body, now);
        auto const event = read_cloud_event(request.headers, *id, request.body);
        if (!event) return event.error();
        return webhooks::parse(channel(), *event, request.body, now);
    }

    bool add_routes(Router& router, std::string const& path, Inlet const&) override {
        router.add("OPTIONS", path, [](Request request) { return at_once(allow_cloud_events(request)); });
        return false;
    }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        json::array messages;
        for (auto const& message : send.messages) messages.push_back(to_json(message));
        Timestamp const now = clock_();
        json::object data{{"id", send.id.value}, {"conversation", to},        {"to", to},
                          {"by", send.by},       {"language", send.language}, {"messages", std::move(messages)}};
        json::object body{{"type", "message.send"}, {"timestamp", to_rfc3339(now)}, {"data", std::move(data)}};
        ClientRequest request;
        request.url = settings().webhooks.send_to;
        request.body = json::serialize(body);
        request.connect_timeout = settings().send.connect;
        request.timeout = settings().send.timeout;
        request.public_addresses_only = !settings().webhooks.allow_private_addresses;
        SendResult result = co_await post(http_, std::move(request), send.id.value, settings().webhooks.send_secret, now);
        if (result.kind != SendResult::Kind::retry) co_return result;
        if (now - attempt.first_tried > give_up_after) {
            result.kind = SendResult::Kind::refused;
            result.detail += "; given up after a day";
        } else if (result.after == 0ms) {
            result.after = backoff_after(attempt.number, random_share(), {settings().send.first_retry, settings().send.longest_retry});
        }
        co_return result;
    }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        ClientRequest request = content_request(std::move(attachment.url), settings().webhooks.allow_private_addresses);
        auto content = co_await fetch_content(http_, std::move(request));
        co_return content;
    }

  private:
    HttpClient& http_;
    Clock clock_;
};

}  // namespace

Result<Parsed> parse(ChannelId const& channel, std::string_view webhook_id, std::string_view body, Timestamp now) {
    auto root = payload::read_object(body);
    if (!root) return root.error();
    auto const* type = root->if_contains("type");
    if (type == nullptr || !type->is_string()) return payload::bad("'type' is missing or not a string");
    auto* data = root->if_contains("data");
    if (data == nullptr || !data->is_object()) return payload::bad("'data' is missing or not an object");
    CloudEvent event;
    event.type = std::string{type->get_string()};
    event.id = std::string{webhook_id};
    event.data = std::move(data->get_object());
    return parse(channel, event, body, now);
}

Result<Parsed> parse(ChannelId const& channel, CloudEvent const& given, std::string_view body, Timestamp now) {
    auto event = read_event(given.type, given.data, given.time.value_or(now));
    if (!event) return event.error();
    Parsed parsed;
    if (!*event) {
        parsed.ignored.push_back(given.type);
        return parsed;
    }
    auto conversation = text_of(given.data, "conversation");
    if (!conversation) return conversation.error();
    if (conversation->empty()) return payload::bad("'data.conversation' is missing");
    InboundEvent inbound;
    inbound.conversation = ConversationId{channel.value + '/' + *conversation};
    inbound.sender = std::move(*conversation);
    inbound.event_id = given.id;
    inbound.event = std::move(**event);
    inbound.occurred_at = given.time.value_or(now);
    if (auto const* message = std::get_if<MessageReceived>(&inbound.event)) inbound.occurred_at = message->message.sent_at;
    inbound.raw = std::string{body};
    parsed.events.push_back(std::move(inbound));
    return parsed;
}

std::unique_ptr<Connector> make_connector(ChannelSetup setup) { return std::make_unique<WebhooksConnector>(std::move(setup)); }

net::awaitable<SendResult> post(HttpClient& http, ClientRequest request, std::string id, Secret secret, Timestamp now) {
    request.method = "POST";
    request.headers.set("Content-Type", "application/json");
    if (secret.empty())
        request.headers.set("webhook-id", id);
    else
        sign(request.headers, id, request.body, secret, now);
    auto const response = co_await http.fetch(std::move(request));
    SendResult result;
    if (response && response->status >= 200 && response->status < 300) co_return result;
    if (response && response->status == 410) {
        result = {SendResult::Kind::refused, "the receiver answered 410: it wants no more webhooks", {}, {}};
        co_return result;
    }
    result.detail = response ? "the receiver answered " + std::to_string(response->status) : response.error().message;
    result.kind = SendResult::Kind::retry;
    result.maybe_sent = !response && (response.error().code == Errc::timed_out || response.error().code == Errc::bad_payload);
    if (response) {
        auto const wait = response->headers.get("retry-after");
        int seconds = 0;
        auto const [end, problem] = std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
        if (problem == std::errc{} && end == wait.data() + wait.size() && seconds > 0) result.after = std::chrono::seconds{std::min(seconds, 86400)};
    }
    co_return result;
}

}  // namespace kefu::webhooks
