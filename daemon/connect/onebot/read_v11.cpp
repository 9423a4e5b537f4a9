// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/content.hpp"
#include "daemon/connect/onebot/frames.hpp"
#include "daemon/connect/payload.hpp"

#include <algorithm>
#include <utility>

/// Events of OneBot 11 (onebot-11 `event/`). There is no event id: what an event is about stands for it.
namespace kefu::onebot {

namespace json = boost::json;
using payload::id_of;
using payload::integer_of;
using payload::object_of;
using payload::text_of;

namespace {

bool contains(std::vector<std::string> const& list, std::string const& one) { return std::find(list.begin(), list.end(), one) != list.end(); }

Timestamp time_of(json::object const& event, Timestamp now) {
    auto const seconds = integer_of(event, "time");
    return seconds && *seconds > 0 && *seconds < 10'000'000'000 ? from_millis(*seconds * 1000) : now;
}

/// What all events of one conversation have in common.
InboundEvent inbound(Account const& account, Peer const& peer, std::string event_id, Event event, Timestamp at, std::string raw) {
    InboundEvent one;
    one.conversation = ConversationId{account.channel.value + '/' + conversation_of(peer)};
    one.sender = to_string(peer);
    one.event_id = std::move(event_id);
    one.event = std::move(event);
    one.occurred_at = at;
    one.raw = std::move(raw);
    return one;
}

/// The customer or group a message belongs to; no id: it does not say.
Peer peer_of(Account const& account, json::object const& event) {
    Peer peer;
    if (text_of(event, "message_type") == "group") {
        peer.kind = Peer::Kind::group;
        peer.id = id_of(event, "group_id");
        return peer;
    }
    peer.id = id_of(event, "user_id");
    if (peer.id == account.id) peer.id = id_of(event, "target_id");
    auto const* sender = object_of(event, "sender");
    if (text_of(event, "sub_type") == "group" && sender != nullptr) peer.group = id_of(*sender, "group_id");
    return peer;
}

std::string display_name(json::object const& event) {
    auto const* sender = object_of(event, "sender");
    if (sender == nullptr) return {};
    auto card = text_of(*sender, "card");
    return card.empty() ? text_of(*sender, "nickname") : card;
}

Message message_of(Account const& account, json::object const& event, Content content, bool group, Timestamp now) {
    Message message;
    message.id = MessageId{id_of(event, "message_id")};
    message.sender = id_of(event, "user_id");
    if (!group) message.sender_name = display_name(event);  // the conversation is the group's, not theirs
    message.text = std::move(content.text);
    message.attachments = std::move(content.attachments);
    message.sent_at = time_of(event, now);
    std::string const sub_type = text_of(event, "sub_type");
    message.only_context = sub_type == "notice" || sub_type == "anonymous" || contains(account.other_bots, message.sender);
    bool const answers_us = account.sent_by_us && !content.reply_to.empty() && account.sent_by_us(content.reply_to);
    message.addressed = !group || account.answer_unmentioned || content.mentioned || answers_us;
    if (group) {
        message.reply_handle = message.id.value;
        message.handle_at = now;
    }
    return message;
}

Result<Frame> read_message(Account const& account, json::object const& event, std::string raw, Timestamp now) {
    std::string const type = text_of(event, "message_type");
    if (type != "private" && type != "group") return Frame{Ignored{"message/" + type}};
    std::string const id = id_of(event, "message_id");
    if (id.empty()) return Error{Errc::bad_payload, "'message_id' is missing"};
    if (id_of(event, "user_id").empty()) return Error{Errc::bad_payload, "'user_id' is missing"};
    auto const* value = event.if_contains("message");
    if (value == nullptr) return Error{Errc::bad_payload, "'message' is missing"};
    auto content = read_content(account.version, *value, account.id);
    Peer const peer = peer_of(account, event);
    bool const own = text_of(event, "post_type") == "message_sent" || id_of(event, "user_id") == account.id;
    if (peer.id.empty()) return own ? Result<Frame>{Frame{Ignored{"echo"}}} : Error{Errc::bad_payload, "'group_id' is missing"};

    Timestamp const at = time_of(event, now);
    std::string key = conversation_of(peer) + '/' + id + '/' + std::to_string(to_millis(at) / 1000);
    if (own) {
        OwnMessage mine;
        mine.text = content.text;
        mine.message = id;
        AgentActed acted;
        acted.action = AgentAction::reply;
        acted.agent = "on the platform";
        acted.text = std::move(content.text);
        acted.elsewhere = true;
        mine.inbound = inbound(account, peer, std::move(key), std::move(acted), at, std::move(raw));
        return Frame{std::move(mine)};
    }
    MessageReceived received{.message = message_of(account, event, std::move(content), peer.kind == Peer::Kind::group, now), .meaning = {}, .stale = false};
    return Frame{inbound(account, peer, std::move(key), std::move(received), at, std::move(raw))};
}

/// What a notice means; nothing: nobody needs it.
std::optional<Event> event_of_notice(Account const& account, json::object const& event, std::string const& type, Timestamp now) {
    std::string const user = id_of(event, "user_id");
    if (type == "friend_recall" || type == "group_recall") {
        if (user == account.id) return Noted{"recall of an own message"};
        return MessageUnsent{MessageId{id_of(event, "message_id")}};
    }
    if (type == "group_decrease" && user == account.id) return Unreachable{"the account was put out of the group"};
    if (type == "friend_add") {
        Followed followed;
        followed.message.sender = user;
        followed.message.sent_at = time_of(event, now);
        return followed;
    }
    if (type == "group_increase" || type == "group_decrease" || type == "group_ban" || type == "group_upload") return Noted{type};
    return std::nullopt;
}

Result<Frame> read_notice(Account const& account, json::object const& event, std::string raw, Timestamp now) {
    std::string const type = text_of(event, "notice_type");
    auto what = event_of_notice(account, event, type, now);
    if (!what) return Frame{Ignored{"notice/" + type}};
    Peer peer;
    bool const in_group = type.starts_with("group_");
    peer.kind = in_group ? Peer::Kind::group : Peer::Kind::person;
    peer.id = id_of(event, in_group ? "group_id" : "user_id");
    std::string const message = id_of(event, "message_id");
    if (peer.id.empty()) return Error{Errc::bad_payload, in_group ? "'group_id' is missing" : "'user_id' is missing"};
    if (type.ends_with("_recall") && message.empty()) return Error{Errc::bad_payload, "'message_id' is missing"};
    Timestamp const at = time_of(event, now);
    auto key = type + '/' + to_string(peer) + '/' + id_of(event, "user_id") + '/' + message + '/' + std::to_string(to_millis(at) / 1000);
    return Frame{inbound(account, peer, std::move(key), std::move(*what), at, std::move(raw))};
}

/// Somebody wants to be a friend: never agreed to by itself. Their words are for people to read.
Result<Frame> read_request(Account const& account, json::object const& event, std::string raw, Timestamp now) {
    std::string const type = text_of(event, "request_type");
    Peer peer;
    peer.id = id_of(event, "user_id");
    if (type != "friend" || peer.id.empty()) return Frame{Ignored{"request/" + type}};
    Message message;
    message.id = MessageId{"request/" + text_of(event, "flag")};
    message.sender = peer.id;
    message.text = text_of(event, "comment");
    message.sent_at = time_of(event, now);
    message.only_context = true;
    auto key = message.id.value;
    MessageReceived received{.message = std::move(message), .meaning = {}, .stale = false};
    return Frame{inbound(account, peer, std::move(key), std::move(received), time_of(event, now), std::move(raw))};
}

Health read_meta(json::object const& event) {
    Health health;
    health.connected = text_of(event, "meta_event_type") == "lifecycle" && text_of(event, "sub_type") == "connect";
    if (auto const interval = integer_of(event, "interval"); interval && *interval > 0) health.interval = std::chrono::milliseconds{*interval};
    auto const* status = object_of(event, "status");
    if (status == nullptr) return health;
    auto const flag = [&](char const* key) -> std::optional<bool> {
        auto const* value = status->if_contains(key);
        return value != nullptr && value->is_bool() ? std::optional{value->get_bool()} : std::nullopt;
    };
    health.online = flag("online");
    health.good = flag("good");
    return health;
}

}  // namespace

Result<Frame> read_v11(Account const& account, json::object const& event, std::string raw, Timestamp now) {
    std::string const type = event.contains("post_type") ? text_of(event, "post_type") : event.contains("message_id") ? "message" : "";
    if (auto const self = id_of(event, "self_id"); !self.empty() && self != account.id) return Frame{Ignored{"another account"}};
    if (type == "message" || type == "message_sent") return read_message(account, event, std::move(raw), now);
    if (type == "notice") return read_notice(account, event, std::move(raw), now);
    if (type == "request") return read_request(account, event, std::move(raw), now);
    if (type == "meta_event") return Frame{read_meta(event)};
    if (type.empty()) return Error{Errc::bad_payload, "'post_type' is missing"};
    return Frame{Ignored{type}};
}

}  // namespace kefu::onebot
