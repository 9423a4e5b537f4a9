// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/chatwoot/chatwoot.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/crypto.hpp"
#include "replies/conversation.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace kefu::chatwoot {

namespace json = boost::json;
using payload::array_of;
using payload::content_kind;
using payload::id_of;
using payload::integer_of;
using payload::is_true;
using payload::object_of;
using payload::text_of;

namespace {

constexpr std::int64_t tolerance = 300;  // seconds
constexpr char const* desk = "chatwoot";

/// The API counts them, webhooks name them.
std::string message_type(json::object const& event) {
    static constexpr std::array<std::string_view, 4> names{"incoming", "outgoing", "activity", "template"};
    auto const* value = event.if_contains("message_type");
    if (value != nullptr && value->is_int64() && value->get_int64() >= 0 && value->get_int64() < 4)
        return std::string{names[static_cast<std::size_t>(value->get_int64())]};
    return text_of(event, "message_type");
}

/// A moment in RFC 3339, or seconds.
Timestamp time_of(json::object const& event, Timestamp now) {
    if (auto const at = from_rfc3339(text_of(event, "created_at"))) return *at;
    auto const seconds = integer_of(event, "created_at");
    return seconds && *seconds > 0 && *seconds < 10'000'000'000 ? from_millis(*seconds * 1000) : now;
}

Message read_message(json::object const& event, json::object const& conversation, Timestamp now) {
    Message into;
    into.id = MessageId{id_of(event, "id")};
    into.text = text_of(event, "content");
    into.sent_at = time_of(event, now);
    into.standby = text_of(conversation, "status") != "pending";
    if (auto const* sender = object_of(event, "sender")) {
        into.sender = id_of(*sender, "id");
        into.sender_name = text_of(*sender, "name");
    }
    if (auto const* list = array_of(event, "attachments"))
        for (auto const& entry : *list)
            if (entry.is_object())
                into.attachments.push_back({.kind = content_kind(text_of(entry.get_object(), "file_type")),
                                            .platform_id = {},
                                            .url = text_of(entry.get_object(), "data_url"),
                                            .file_name = {}});
    return into;
}

/// What an agent wrote to the customer; nothing when it was not an agent.
std::optional<Event> read_outgoing(json::object const& event) {
    auto const* sender = object_of(event, "sender");
    std::string const type = sender == nullptr ? std::string{} : text_of(*sender, "type");
    if (type != "user" && type != "User") return std::nullopt;  // the bot itself, a campaign, an automation
    AgentActed answered;
    answered.agent = text_of(*sender, "name");
    if (answered.agent.empty() || answered.agent.starts_with(team_prefix)) answered.agent = desk;
    answered.text = text_of(event, "content");
    answered.action = answered.text.empty() ? AgentAction::claim : AgentAction::reply;
    answered.elsewhere = true;
    return answered;
}

/// Agents put a conversation back, or close it. Opening is also what we do ourselves when we hand over: messages tell it in time.
std::optional<Event> read_status(std::string_view status) {
    AgentActed moved;
    moved.agent = desk;
    moved.elsewhere = true;
    if (status == "pending") return moved.action = AgentAction::hand_back, moved;
    if (status == "resolved") return moved.action = AgentAction::resolve, moved;
    return std::nullopt;
}

}  // namespace

Result<void> verify(Request const& request, std::vector<Secret> const& secrets, Timestamp now) {
    if (secrets.empty()) return {};
    auto const timestamp = request.headers.get("X-Chatwoot-Timestamp");
    auto const given = request.headers.get("X-Chatwoot-Signature");
    std::int64_t seconds = 0;
    auto const [end, problem] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
    if (timestamp.empty() || problem != std::errc{} || end != timestamp.data() + timestamp.size())
        return Error{Errc::unauthorized, "X-Chatwoot-Timestamp is missing or not a number of seconds"};
    std::int64_t const now_seconds = to_millis(now) / 1000;
    if (seconds < now_seconds - tolerance || seconds > now_seconds + tolerance)
        return Error{Errc::unauthorized, "X-Chatwoot-Timestamp is more than 5 minutes away; check both clocks"};
    std::string const content = std::string{timestamp} + '.' + request.body;
    bool matches = false;
    for (auto const& secret : secrets) matches |= same_secret(given, "sha256=" + hex(hmac_sha256(secret.reveal(), content)));
    if (!matches) return Error{Errc::unauthorized, "X-Chatwoot-Signature does not match"};
    return {};
}

Result<Parsed> parse(Account const& account, std::string_view delivery, std::string_view body, Timestamp now) {
    auto const event = payload::read_object(body);
    if (!event) return event.error();
    std::string const name = text_of(*event, "event");
    if (name.empty()) return Error{Errc::bad_payload, "'event' is missing or not a string"};
    auto const* owner = object_of(*event, "account");
    if (owner != nullptr && id_of(*owner, "id") != account.number) return Error{Errc::not_found, "'account.id' is another account"};

    Parsed parsed;
    InboundEvent inbound;
    std::optional<Event> what;
    std::string conversation;
    inbound.occurred_at = now;
    if (name == "message_created") {
        auto const* about = object_of(*event, "conversation");
        if (about == nullptr) return Error{Errc::bad_payload, "'conversation' is missing or not an object"};
        if (id_of(*event, "id").empty()) return Error{Errc::bad_payload, "'id' is missing"};
        conversation = id_of(*about, "id");
        std::string const type = message_type(*event);
        bool const shown = !is_true(*event, "private");
        inbound.occurred_at = time_of(*event, now);
        // Deliveries are numbered outside of what is signed, messages inside.
        inbound.event_id = name + '/' + id_of(*event, "id");
        if (shown && type == "incoming") what = MessageReceived{.message = read_message(*event, *about, now), .meaning = {}, .stale = false};
        if (shown && type == "outgoing") what = read_outgoing(*event);
        if (!what) parsed.ignored.push_back(shown ? (type == "outgoing" ? "own " : "") + name : "private note");
    } else if (name == "conversation_status_changed" || name == "conversation_resolved") {
        conversation = id_of(*event, "id");
        std::string const status = text_of(*event, "status");
        inbound.event_id = delivery.empty() ? name + '/' + conversation + '/' + hex(sha256(body)) : std::string{delivery};
        what = read_status(status);
        if (!what) parsed.ignored.push_back(name + ' ' + status);
    } else {
        parsed.ignored.push_back(name);
    }
    if (!what || conversation.empty()) return parsed;
    inbound.sender = account.number + '/' + conversation;
    inbound.conversation = ConversationId{account.channel.value + '/' + inbound.sender};
    inbound.event = std::move(*what);
    inbound.raw = std::string{body};
    parsed.events.push_back(std::move(inbound));
    return parsed;
}

}  // namespace kefu::chatwoot
