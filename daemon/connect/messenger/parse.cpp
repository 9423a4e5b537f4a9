// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/messenger/messenger.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/connect/send_parts.hpp"
#include "daemon/crypto.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace kefu::messenger {

namespace json = boost::json;
using payload::array_of;
using payload::content_kind;
using payload::id_of;
using payload::integer_of;
using payload::is_true;
using payload::object_of;
using payload::text_of;

namespace {

constexpr char const* inbox = "page-inbox";  // Meta does not say which person answered

void read_attachments(json::object const& message, Message& into) {
    auto const* list = array_of(message, "attachments");
    if (list == nullptr) return;
    for (auto const& entry : *list) {
        if (!entry.is_object()) continue;
        auto const* details = object_of(entry.get_object(), "payload");
        Attachment attachment;
        attachment.kind = content_kind(text_of(entry.get_object(), "type"));
        // Until August 2026 a sticker came as an image that has a sticker_id.
        if (details != nullptr && details->contains("sticker_id")) attachment.kind = ContentKind::sticker;
        if (details != nullptr) attachment.url = text_of(*details, "url");
        into.attachments.push_back(std::move(attachment));
    }
}

struct Reading {
    std::optional<Event> event;
    std::string event_id;
    std::string customer;
    std::string ignored;  ///< what it was, when there is no event
};

/// A message that the page sent: ours, or a person's.
Reading read_echo(Account const& account, json::object const& message, std::string customer) {
    Reading reading;
    reading.customer = std::move(customer);
    reading.event_id = text_of(message, "mid");
    if (id_of(message, "app_id") != account.app_id) {
        AgentActed answered;
        answered.action = AgentAction::reply;
        answered.agent = inbox;
        answered.text = text_of(message, "text");
        answered.elsewhere = true;
        if (answered.text.empty()) answered.action = AgentAction::claim;  // a photo, a sticker
        reading.event = std::move(answered);
        return reading;
    }
    std::string const effect = text_of(message, "metadata");
    if (effect.starts_with(account.channel.value + '/' + reading.customer + '#')) {
        reading.event = SendReported{EffectId{effect}, DeliveryReport::out, {}};
        reading.event_id += "/echo";
    } else {
        reading.ignored = "echo";
    }
    return reading;
}

Reading read_message(Account const& account, json::object const& event, json::object const& message, Message into) {
    Reading reading;
    auto const* recipient = object_of(event, "recipient");
    if (is_true(message, "is_echo")) return read_echo(account, message, recipient == nullptr ? std::string{} : id_of(*recipient, "id"));
    reading.customer = into.sender;
    into.id = MessageId{text_of(message, "mid")};
    reading.event_id = into.id.value;
    if (is_true(message, "is_deleted")) {
        reading.event_id += "/deleted";
        reading.event = MessageUnsent{into.id};
        return reading;
    }
    into.text = text_of(message, "text");
    if (auto const* quick = object_of(message, "quick_reply"); quick != nullptr)
        if (auto words = words_of_button(text_of(*quick, "payload"))) into.text = *std::move(words);
    read_attachments(message, into);
    if (into.text.empty() && into.attachments.empty()) into.attachments.push_back({});  // is_unsupported: something we cannot see
    reading.event = MessageReceived{.message = std::move(into), .meaning = {}, .stale = false};
    return reading;
}

/// "Handover protocol": the thread changes hands between this app and the page's inbox or another app.
Reading read_handover(Account const& account, json::object const& event, std::string_view kind, std::string customer, Timestamp at) {
    auto const* change = object_of(event, kind);
    bool const ours = change != nullptr && kind == "pass_thread_control" && id_of(*change, "new_owner_app_id") == account.app_id;
    Reading reading;
    AgentActed moved;
    moved.action = ours ? AgentAction::hand_back : AgentAction::claim;
    moved.agent = inbox;
    moved.elsewhere = true;
    reading.event = std::move(moved);
    reading.event_id = std::string{kind} + '/' + customer + '/' + std::to_string(to_millis(at));
    reading.customer = std::move(customer);
    return reading;
}

Reading read_event(Account const& account, json::object const& event, bool standby, Timestamp now) {
    auto const* sender = object_of(event, "sender");
    auto const millis = integer_of(event, "timestamp");
    Message into;
    into.sender = sender == nullptr ? std::string{} : id_of(*sender, "id");
    into.sent_at = millis && *millis > 0 ? from_millis(*millis) : now;
    into.sequence = millis.value_or(0);  // batches and retries come out of order
    into.standby = standby;
    if (auto const* message = object_of(event, "message")) return read_message(account, event, *message, std::move(into));
    Reading reading;
    if (auto const* postback = object_of(event, "postback")) {
        reading.customer = into.sender;
        reading.event_id = text_of(*postback, "mid");
        if (reading.event_id.empty()) reading.event_id = "postback/" + into.sender + '/' + std::to_string(to_millis(into.sent_at));
        into.id = MessageId{reading.event_id};
        ButtonPressed pressed;
        pressed.data = text_of(*postback, "payload");
        into.text = words_of_button(pressed.data).value_or(text_of(*postback, "title"));
        pressed.message = std::move(into);
        reading.event = std::move(pressed);
        return reading;
    }
    for (auto const* kind : {"pass_thread_control", "take_thread_control"})
        if (event.contains(kind)) return read_handover(account, event, kind, into.sender, into.sent_at);
    for (auto const& member : event)
        if (member.key() != "sender" && member.key() != "recipient" && member.key() != "timestamp") reading.ignored = std::string{member.key()};
    return reading;
}

}  // namespace

Result<Parsed> parse(Account const& account, std::string_view body, Timestamp now) {
    auto const root = payload::read_object(body);
    if (!root) return root.error();
    auto const* entries = array_of(*root, "entry");
    if (entries == nullptr) return Error{Errc::bad_payload, "'entry' is missing or not an array"};
    std::string const object = text_of(*root, "object");
    if (object != "page" && object != "instagram") return Error{Errc::not_found, "'object' is neither page nor instagram"};

    Parsed parsed;
    bool ours = false;
    for (auto const& item : *entries) {
        auto const* entry = item.if_object();
        if (entry == nullptr) return Error{Errc::bad_payload, "'entry' holds something that is not an object"};
        if (id_of(*entry, "id") != account.page_id) {
            parsed.for_others_too = true;
            continue;
        }
        ours = true;
        for (auto const* list : {"messaging", "standby"}) {
            auto const* events = array_of(*entry, list);
            if (events == nullptr) continue;
            for (auto const& one : *events) {
                if (!one.is_object()) return Error{Errc::bad_payload, "'entry[]." + std::string{list} + "' holds something that is not an object"};
                Reading reading = read_event(account, one.get_object(), std::string_view{list} == "standby", now);
                if (!reading.event || reading.customer.empty() || reading.event_id.empty()) {
                    parsed.ignored.push_back(reading.ignored.empty() ? "incomplete" : std::move(reading.ignored));
                    continue;
                }
                InboundEvent inbound;
                inbound.conversation = ConversationId{account.channel.value + '/' + reading.customer};
                inbound.sender = std::move(reading.customer);
                inbound.event_id = std::move(reading.event_id);
                inbound.event = std::move(*reading.event);
                auto const millis = integer_of(one.get_object(), "timestamp");
                inbound.occurred_at = millis && *millis > 0 ? from_millis(*millis) : now;
                inbound.raw = json::serialize(one);
                parsed.events.push_back(std::move(inbound));
            }
        }
    }
    if (!ours) return Error{Errc::not_found, "no 'entry[].id' is this page"};
    return parsed;
}

}  // namespace kefu::messenger
