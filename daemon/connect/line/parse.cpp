// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/line.hpp"

#include "daemon/connect/payload.hpp"
#include "daemon/connect/text_split.hpp"
#include "daemon/crypto.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace kefu::line {

namespace json = boost::json;
using payload::array_of;
using payload::content_kind;
using payload::is_true;
using payload::object_of;
using payload::text_of;

namespace {

std::size_t size_of(json::object const& object, std::string_view key) {
    return static_cast<std::size_t>(std::max<std::int64_t>(0, payload::integer_of(object, key).value_or(0)));
}

/// Cuts the bot's own mention out of the text: it is an address, not part of the question. Offsets are UTF-16 units, taken from the last to the first.
bool cut_own_mention(json::object const& message, std::string_view destination, std::string& text) {
    auto const* mention = object_of(message, "mention");
    auto const* mentionees = mention == nullptr ? nullptr : array_of(*mention, "mentionees");
    if (mentionees == nullptr) return false;
    std::vector<std::pair<std::size_t, std::size_t>> ours;
    for (auto const& entry : *mentionees) {
        auto const* mentionee = entry.if_object();
        if (mentionee == nullptr) continue;
        if (is_true(*mentionee, "isSelf") || (!destination.empty() && text_of(*mentionee, "userId") == destination))
            ours.emplace_back(size_of(*mentionee, "index"), size_of(*mentionee, "length"));
    }
    std::sort(ours.rbegin(), ours.rend());
    for (auto const& [index, length] : ours) {
        std::size_t const from = byte_of_utf16(text, index);
        std::size_t const to = byte_of_utf16(text, index + length);
        text.erase(from, to - from);
    }
    auto const first = text.find_first_not_of(" \t\n");
    if (!ours.empty() && first != std::string::npos) text.erase(0, first);
    return !ours.empty();
}

/// Stickers carry keywords in English ("Thanks", "Angry"); they are what the sticker says. A message sticker's own text says more.
std::string sticker_text(json::object const& message) {
    if (auto text = text_of(message, "text"); !text.empty()) return text;
    return {};
}

void read_content(json::object const& message, std::string_view destination, Message& into) {
    std::string const type = text_of(message, "type");
    into.id = MessageId{text_of(message, "id")};
    if (type == "text") {
        into.text = text_of(message, "text");
        if (cut_own_mention(message, destination, into.text)) into.addressed = true;
        return;
    }
    Attachment attachment;
    attachment.kind = content_kind(type);
    attachment.file_name = text_of(message, "fileName");
    bool const has_bytes = type == "image" || type == "video" || type == "audio" || type == "file";
    auto const* provider = object_of(message, "contentProvider");
    if (provider != nullptr && text_of(*provider, "type") == "external")
        attachment.url = text_of(*provider, "originalContentUrl");  // the content API does not have these
    else if (has_bytes)
        attachment.platform_id = into.id.value;
    if (type == "sticker") {
        into.text = sticker_text(message);
        attachment.platform_id = text_of(message, "packageId") + '/' + text_of(message, "stickerId");
    }
    into.attachments.push_back(std::move(attachment));
}

struct Source {
    std::string conversation;
    std::string user;
    bool group = false;
};

Source read_source(json::object const& event) {
    Source source;
    auto const* object = object_of(event, "source");
    if (object == nullptr) return source;
    source.user = text_of(*object, "userId");
    for (auto const* key : {"groupId", "roomId"})
        if (auto id = text_of(*object, key); !id.empty()) source.conversation = std::move(id), source.group = true;
    if (source.conversation.empty()) source.conversation = source.user;
    return source;
}

/// Without a source the event is about the account; it still needs a place in the journal.
constexpr std::string_view account_conversation = "account";

std::optional<Event> read_event(Account const& account, json::object const& event, Source const& source, Timestamp at, Timestamp now) {
    std::string const type = text_of(event, "type");
    Message message;
    message.sender = source.user;
    message.sent_at = at;
    message.standby = text_of(event, "mode") != "active";  // also an unknown mode: somebody else may hold the chat
    bool const agents =
        std::find(account.notification_groups.begin(), account.notification_groups.end(), source.conversation) != account.notification_groups.end();
    message.addressed = (!source.group || account.answer_unmentioned) && !agents;
    if (!message.standby) {
        message.reply_handle = text_of(event, "replyToken");
        message.handle_at = now;
    }

    if (type == "message") {
        auto const* content = object_of(event, "message");
        if (content == nullptr) return std::nullopt;
        read_content(*content, account.destination, message);
        if (agents) message.addressed = false;
        return MessageReceived{.message = std::move(message), .meaning = {}, .stale = false};
    }
    if (type == "unsend") {
        auto const* unsend = object_of(event, "unsend");
        return MessageUnsent{MessageId{unsend == nullptr ? std::string{} : text_of(*unsend, "messageId")}};
    }
    if (type == "postback") {
        auto const* postback = object_of(event, "postback");
        message.addressed = !agents;  // a tap on our own button is meant for us, in groups too
        return ButtonPressed{.data = postback == nullptr ? std::string{} : text_of(*postback, "data"), .message = std::move(message)};
    }
    if (type == "follow") {
        auto const* follow = object_of(event, "follow");
        return Followed{.again = follow != nullptr && is_true(*follow, "isUnblocked"), .message = std::move(message)};
    }
    if (type == "unfollow" || type == "leave" || type == "botSuspended") return Unreachable{type};
    static constexpr std::string_view noted[] = {"join",       "memberJoined", "memberLeft", "videoPlayComplete", "beacon",     "accountLink",
                                                 "membership", "module",       "activated",  "deactivated",       "botResumed", "delivery"};
    for (auto const known : noted)
        if (type == known) return Noted{type};
    return std::nullopt;
}

}  // namespace

bool verify(std::string_view body, std::string_view signature, std::vector<Secret> const& secrets) {
    auto const given = from_base64(signature);
    if (!given || given->size() != std::tuple_size_v<Digest>) return false;
    bool matches = false;
    for (auto const& secret : secrets) {
        Digest const digest = hmac_sha256(secret.reveal(), body);
        matches |= same_secret(*given, {reinterpret_cast<char const*>(digest.data()), digest.size()});
    }
    return matches;
}

Result<Parsed> parse(Account const& account, std::string_view body, Timestamp now) {
    auto const root = payload::read_object(body);
    if (!root) return root.error();
    auto const* events = array_of(*root, "events");
    if (events == nullptr) return Error{Errc::bad_payload, "'events' is missing or not an array"};
    if (!account.destination.empty() && text_of(*root, "destination") != account.destination) return Error{Errc::not_found, "'destination' is another account"};

    Parsed parsed;
    for (auto const& entry : *events) {
        auto const* event = entry.if_object();
        if (event == nullptr) return Error{Errc::bad_payload, "'events' holds something that is not an object"};
        std::string const event_id = text_of(*event, "webhookEventId");
        if (event_id.empty()) return Error{Errc::bad_payload, "'events[].webhookEventId' is missing"};
        auto const* timestamp = event->if_contains("timestamp");
        Timestamp const at = timestamp != nullptr && timestamp->is_int64() ? from_millis(timestamp->get_int64()) : now;
        Source const source = read_source(*event);
        auto what = read_event(account, *event, source, at, now);
        if (!what) {
            parsed.ignored.push_back(text_of(*event, "type"));
            continue;
        }
        InboundEvent inbound;
        inbound.sender = source.conversation;
        std::string const place = source.conversation.empty() ? std::string{account_conversation} : source.conversation;
        inbound.conversation = ConversationId{account.channel.value + '/' + place};
        inbound.event_id = event_id;
        inbound.event = std::move(*what);
        inbound.occurred_at = at;
        inbound.raw = json::serialize(entry);
        parsed.events.push_back(std::move(inbound));
    }
    return parsed;
}

}  // namespace kefu::line
