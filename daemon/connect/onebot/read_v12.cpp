// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/content.hpp"
#include "daemon/connect/onebot/frames.hpp"
#include "daemon/connect/payload.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

/// Events of OneBot 12 (onebot-12 `interface/`).
namespace kefu::onebot {

namespace json = boost::json;
using payload::id_of;
using payload::integer_of;
using payload::object_of;
using payload::text_of;

namespace {

/// Seconds with a fraction; some write them whole.
Timestamp exact_time_of(json::object const& event, Timestamp now) {
    auto const* value = event.if_contains("time");
    double seconds = 0;
    if (value != nullptr && value->is_double()) seconds = value->get_double();
    if (auto const whole = integer_of(event, "time")) seconds = static_cast<double>(*whole);
    bool const plausible = std::isfinite(seconds) && seconds > 0 && seconds < 1e10;
    return plausible ? from_millis(std::llround(seconds * 1000)) : now;
}

/// Whose event it is; nothing: not this account's.
std::optional<Peer> self_of(Account const& account, json::object const& event) {
    auto const* self = object_of(event, "self");
    if (self == nullptr) return std::nullopt;
    Peer peer;
    peer.account = id_of(*self, "user_id");
    peer.platform = text_of(*self, "platform");
    bool const addressable = peer.platform.find_first_of("/:") == std::string::npos;
    bool const ours = addressable && peer.account == account.id && (account.platform.empty() || account.platform == peer.platform);
    return ours ? std::optional{std::move(peer)} : std::nullopt;
}

/// The missing member's name; empty: all is there.
std::string_view complete_peer(Peer& peer, json::object const& event, std::string_view where) {
    if (where == "private") return peer.id = id_of(event, "user_id"), peer.id.empty() ? "user_id" : "";
    if (where == "group") return peer.kind = Peer::Kind::group, peer.id = id_of(event, "group_id"), peer.id.empty() ? "group_id" : "";
    peer.kind = Peer::Kind::channel;
    peer.group = id_of(event, "guild_id");
    peer.id = id_of(event, "channel_id");
    return peer.group.empty() ? "guild_id" : peer.id.empty() ? "channel_id" : "";
}

InboundEvent inbound(Account const& account, Peer const& peer, json::object const& event, Event what, Timestamp now, std::string raw) {
    InboundEvent one;
    one.sender = to_string(peer);
    one.conversation = ConversationId{account.channel.value + '/' + one.sender};
    one.event_id = id_of(event, "id");
    one.event = std::move(what);
    one.occurred_at = exact_time_of(event, now);
    one.raw = std::move(raw);
    return one;
}

Error missing(std::string_view member) { return {Errc::bad_payload, '\'' + std::string{member} + "' is missing"}; }

Result<Frame> read_message(Account const& account, json::object const& event, std::string const& where, Peer peer, std::string raw, Timestamp now) {
    if (where != "private" && where != "group" && where != "channel") return Frame{Ignored{"message/" + where}};
    if (auto const member = complete_peer(peer, event, where); !member.empty()) return missing(member);
    auto const* value = event.if_contains("message");
    if (value == nullptr || !value->is_array()) return Error{Errc::bad_payload, "'message' is not an array"};
    std::string const id = id_of(event, "message_id");
    if (id.empty()) return missing("message_id");
    auto content = read_content(account.version, *value, account.id);
    std::string const user = id_of(event, "user_id");
    if (user == account.id) {
        if (peer.kind == Peer::Kind::person) return Frame{Ignored{"echo"}};  // it names ourselves, not the customer
        AgentActed acted;
        acted.action = AgentAction::reply;
        acted.agent = "on the platform";
        acted.text = content.text;
        acted.elsewhere = true;
        return Frame{OwnMessage{inbound(account, peer, event, std::move(acted), now, std::move(raw)), std::move(content.text), id}};
    }
    bool const group = peer.kind != Peer::Kind::person;
    bool const answers_us = !content.reply_to.empty() && (content.reply_to_user == account.id ||
                                                          (content.reply_to_user.empty() && account.sent_by_us && account.sent_by_us(content.reply_to)));
    Message message;
    message.id = MessageId{id};
    message.sender = user;
    message.text = std::move(content.text);
    message.attachments = std::move(content.attachments);
    message.sent_at = exact_time_of(event, now);
    message.only_context = std::find(account.other_bots.begin(), account.other_bots.end(), user) != account.other_bots.end();
    message.addressed = !group || account.answer_unmentioned || content.mentioned || answers_us;
    if (group) {
        message.reply_handle = id;
        message.handle_at = now;
    } else {
        // Extensions carry the implementation's name: "qq.nickname".
        for (auto const& member : event)
            if (std::string_view{member.key()}.ends_with(".nickname") && member.value().is_string()) message.sender_name = member.value().get_string();
    }
    MessageReceived received{.message = std::move(message), .meaning = {}, .stale = false};
    return Frame{inbound(account, peer, event, std::move(received), now, std::move(raw))};
}

Result<Frame> read_notice(Account const& account, json::object const& event, std::string const& type, Peer peer, std::string raw, Timestamp now) {
    std::optional<Event> what;
    std::string_view where = "private";
    std::string const user = id_of(event, "user_id");
    for (std::string_view const place : {"private", "group", "channel"}) {
        if (type != std::string{place} + "_message_delete") continue;
        where = place;
        std::string const id = id_of(event, "message_id");
        if (id.empty()) return missing("message_id");
        what = user == account.id ? Event{Noted{"recall of an own message"}} : Event{MessageUnsent{MessageId{id}}};
    }
    if (type == "friend_increase") {
        Followed followed;
        followed.message.sender = user;
        followed.message.sent_at = exact_time_of(event, now);
        what = std::move(followed);
    }
    if (type == "friend_decrease") what = Unreachable{"the customer is not a friend any more"};
    if (type == "group_member_decrease" && user == account.id) {
        where = "group";
        what = Unreachable{"the account was put out of the group"};
    }
    if (!what) return Frame{Ignored{"notice/" + type}};
    if (auto const member = complete_peer(peer, event, where); !member.empty()) return missing(member);
    return Frame{inbound(account, peer, event, std::move(*what), now, std::move(raw))};
}

std::optional<bool> flag_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value != nullptr && value->is_bool() ? std::optional{value->get_bool()} : std::nullopt;
}

Health read_meta(Account const& account, json::object const& event, std::string const& type) {
    Health health;
    health.connected = type == "connect";
    if (auto const* version = object_of(event, "version")) health.implementation = text_of(*version, "impl") + ' ' + text_of(*version, "version");
    if (auto const interval = integer_of(event, "interval"); interval && *interval > 0) health.interval = std::chrono::milliseconds{*interval};
    auto const* status = object_of(event, "status");
    auto const* bots = status == nullptr ? nullptr : payload::array_of(*status, "bots");
    if (bots == nullptr) return health;
    health.good = flag_of(*status, "good");
    for (auto const& bot : *bots)
        if (auto const* one = bot.if_object(); one != nullptr && self_of(account, *one)) health.online = flag_of(*one, "online");
    return health;
}

}  // namespace

Result<Frame> read_v12(Account const& account, json::object const& event, std::string raw, Timestamp now) {
    std::string const type = text_of(event, "type");
    std::string const detail = text_of(event, "detail_type");
    if (type.empty()) return missing("type");
    if (type == "meta") return Frame{read_meta(account, event, detail)};
    if (id_of(event, "id").empty()) return missing("id");
    auto self = self_of(account, event);
    if (!self) return Frame{Ignored{"another account"}};
    if (type == "message") return read_message(account, event, detail, std::move(*self), std::move(raw), now);
    if (type == "notice") return read_notice(account, event, detail, std::move(*self), std::move(raw), now);
    return Frame{Ignored{type + '/' + detail}};
}

}  // namespace kefu::onebot
