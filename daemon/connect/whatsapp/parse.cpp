// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/payload.hpp"
#include "daemon/connect/send_parts.hpp"
#include "daemon/connect/whatsapp/whatsapp.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace kefu::whatsapp {

namespace json = boost::json;
using payload::array_of;
using payload::id_of;
using payload::integer_of;
using payload::object_of;
using payload::text_of;

namespace {

/// Seconds, in digits.
Timestamp time_of(json::object const& object, Timestamp now) {
    auto const seconds = integer_of(object, "timestamp");
    return seconds && *seconds > 0 && *seconds < 10'000'000'000 ? from_millis(*seconds * 1000) : now;
}

std::string first_of(json::object const& object, std::string_view key, std::string_view otherwise) {
    auto id = id_of(object, key);
    return id.empty() ? id_of(object, otherwise) : id;
}

/// The name of who wrote, from the contacts beside the messages.
std::string name_of_customer(json::object const& value, json::object const& message) {
    auto const* contacts = array_of(value, "contacts");
    if (contacts == nullptr) return {};
    for (auto const& entry : *contacts) {
        auto const* contact = entry.if_object();
        if (contact == nullptr) continue;
        bool const same_user = !id_of(message, "from_user_id").empty() && id_of(*contact, "user_id") == id_of(message, "from_user_id");
        bool const same_phone = !id_of(message, "from").empty() && id_of(*contact, "wa_id") == id_of(message, "from");
        auto const* profile = object_of(*contact, "profile");
        if ((same_user || same_phone) && profile != nullptr) return text_of(*profile, "name");
    }
    return {};
}

/// What pressing a button or choosing from a list says.
std::string words_of_choice(json::object const& interactive) {
    for (auto const* kind : {"button_reply", "list_reply"})
        if (auto const* choice = object_of(interactive, kind)) return words_of_button(text_of(*choice, "id")).value_or(text_of(*choice, "title"));
    return {};
}

void read_content(json::object const& message, std::string const& type, Message& into) {
    static constexpr std::pair<std::string_view, ContentKind> files[] = {{"image", ContentKind::image},
                                                                         {"video", ContentKind::video},
                                                                         {"audio", ContentKind::audio},
                                                                         {"document", ContentKind::file},
                                                                         {"sticker", ContentKind::sticker}};
    auto const* content = object_of(message, type);
    if (content == nullptr) {
        into.attachments.push_back({.kind = ContentKind::other, .platform_id = {}, .url = {}, .file_name = {}});
        return;
    }
    if (type == "text") into.text = text_of(*content, "body");
    if (type == "interactive") into.text = words_of_choice(*content);
    if (type == "button") into.text = words_of_button(text_of(*content, "payload")).value_or(text_of(*content, "text"));
    for (auto const& [name, kind] : files) {
        if (name != type) continue;
        into.text = text_of(*content, "caption");
        into.attachments.push_back({.kind = kind, .platform_id = id_of(*content, "id"), .url = {}, .file_name = text_of(*content, "filename")});
    }
    if (!into.text.empty() || !into.attachments.empty()) return;
    auto const kind = type == "location" ? ContentKind::location : ContentKind::other;
    into.attachments.push_back({.kind = kind, .platform_id = {}, .url = {}, .file_name = {}});
}

std::optional<Event> read_message(json::object const& value, json::object const& message, std::string const& customer, Timestamp now) {
    std::string const type = text_of(message, "type");
    if (type == "reaction" || type == "system" || type == "edit") return Noted{type};
    if (type == "revoke") {
        auto const* revoked = object_of(message, "revoke");
        return MessageUnsent{MessageId{revoked == nullptr ? std::string{} : first_of(*revoked, "original_message_id", "message_id")}};
    }
    Message into;
    into.id = MessageId{text_of(message, "id")};
    into.sender = customer;
    into.sender_name = name_of_customer(value, message);
    into.sent_at = time_of(message, now);
    into.sequence = to_millis(into.sent_at);
    // People without letters in `type` would have no message: it is one all the same.
    read_content(message, type, into);
    return MessageReceived{.message = std::move(into), .meaning = {}, .stale = false};
}

std::string why_failed(json::object const& status) {
    auto const* errors = array_of(status, "errors");
    if (errors == nullptr || errors->empty() || !errors->front().is_object()) return "WhatsApp does not say why";
    auto const& error = errors->front().get_object();
    std::string why = "error " + id_of(error, "code") + ' ' + text_of(error, "title");
    if (auto const* data = object_of(error, "error_data")) why += ": " + text_of(*data, "details");
    return why;
}

std::optional<DeliveryReport> report_of(std::string_view status) {
    if (status == "sent") return DeliveryReport::out;
    if (status == "delivered") return DeliveryReport::received;
    if (status == "read" || status == "played") return DeliveryReport::read;
    if (status == "failed") return DeliveryReport::failed;
    return std::nullopt;
}

/// Where what was read goes.
class Collector {
  public:
    Collector(Account const& account, Timestamp now, Parsed& into) : account_(account), now_(now), into_(into) {}

    Result<void> take(json::object const& value) {
        for (auto const* list : {"messages", "statuses"}) {
            auto const* entries = array_of(value, list);
            if (entries == nullptr) continue;
            for (auto const& entry : *entries) {
                if (!entry.is_object()) return Error{Errc::bad_payload, "'value." + std::string{list} + "' holds something that is not an object"};
                if (std::string_view{list} == "messages")
                    take_message(value, entry.get_object());
                else
                    take_status(entry.get_object());
            }
        }
        if (value.contains("errors")) into_.ignored.emplace_back("errors");
        return {};
    }

  private:
    void take_message(json::object const& value, json::object const& message) {
        std::string const customer = first_of(message, "from_user_id", "from");
        std::string const id = text_of(message, "id");
        auto event = read_message(value, message, customer, now_);
        if (customer.empty() || id.empty() || !event) return into_.ignored.emplace_back("incomplete"), void();
        add(customer, id, std::move(*event), message);
    }

    /// Statuses of what others sent with this number have no id of ours; only their failures matter.
    void take_status(json::object const& status) {
        std::string const name = text_of(status, "status");
        auto const report = report_of(name);
        std::string const customer = first_of(status, "recipient_user_id", "recipient_id");
        std::string const effect = text_of(status, "biz_opaque_callback_data");
        bool const ours = effect.starts_with(account_.channel.value + '/') && effect.find('#') != std::string::npos;
        if (!report || customer.empty()) return into_.ignored.push_back("status " + name), void();
        SendReported reported{EffectId{ours ? effect : std::string{}}, *report, {}};
        if (*report == DeliveryReport::failed) reported.detail = why_failed(status);
        add(customer, text_of(status, "id") + '/' + name, std::move(reported), status);
        // The conversation is in the send's own name: the customer may have another id by now.
        if (ours) into_.events.back().conversation = ConversationId{effect.substr(0, effect.rfind('#'))};
    }

    void add(std::string const& customer, std::string id, Event event, json::object const& raw) {
        InboundEvent inbound;
        inbound.conversation = ConversationId{account_.channel.value + '/' + customer};
        inbound.sender = customer;
        inbound.event_id = std::move(id);
        inbound.event = std::move(event);
        inbound.occurred_at = time_of(raw, now_);
        inbound.raw = json::serialize(raw);
        into_.events.push_back(std::move(inbound));
    }

    Account const& account_;
    Timestamp now_;
    Parsed& into_;
};

}  // namespace

Result<Parsed> parse(Account const& account, std::string_view body, Timestamp now) {
    auto const root = payload::read_object(body);
    if (!root) return root.error();
    auto const* entries = array_of(*root, "entry");
    if (entries == nullptr) return Error{Errc::bad_payload, "'entry' is missing or not an array"};
    if (text_of(*root, "object") != "whatsapp_business_account") return Error{Errc::not_found, "'object' is not whatsapp_business_account"};

    Parsed parsed;
    Collector collector{account, now, parsed};
    bool ours = false;
    for (auto const& item : *entries) {
        auto const* changes = item.is_object() ? array_of(item.get_object(), "changes") : nullptr;
        if (changes == nullptr) return Error{Errc::bad_payload, "'entry[].changes' is missing or not an array"};
        for (auto const& entry : *changes) {
            auto const* change = entry.if_object();
            auto const* value = change == nullptr ? nullptr : object_of(*change, "value");
            if (value == nullptr) return Error{Errc::bad_payload, "'entry[].changes[].value' is missing or not an object"};
            auto const* metadata = object_of(*value, "metadata");
            bool const for_us = metadata != nullptr && id_of(*metadata, "phone_number_id") == account.phone_number_id;
            if (metadata != nullptr && !for_us) {
                parsed.for_others_too = true;
                continue;
            }
            ours = true;
            if (!for_us || text_of(*change, "field") != "messages") {
                parsed.ignored.push_back(text_of(*change, "field"));
                continue;
            }
            if (auto const taken = collector.take(*value); !taken) return taken.error();
        }
    }
    if (!ours && parsed.for_others_too) return Error{Errc::not_found, "no 'metadata.phone_number_id' is this number"};
    return parsed;
}

}  // namespace kefu::whatsapp
