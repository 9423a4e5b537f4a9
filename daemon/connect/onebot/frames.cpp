// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/frames.hpp"

#include "daemon/connect/payload.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <utility>

namespace kefu::onebot {

namespace json = boost::json;
using payload::integer_of;
using payload::text_of;

namespace {

constexpr std::array<std::string_view, 3> kinds{"private", "group", "channel"};

Reply reply_of(json::object const& object) {
    Reply reply;
    auto const* echo = object.if_contains("echo");
    if (echo != nullptr && echo->is_string()) reply.echo = echo->get_string();
    reply.status = text_of(object, "status");
    reply.code = integer_of(object, "retcode").value_or(0);
    if (auto const* data = object.if_contains("data")) reply.data = *data;
    // NapCat and LLOneBot say it in `wording` and `message`, go-cqhttp in `wording` and `msg`, v12 in `message`.
    for (auto const* key : {"wording", "message", "msg"})
        if (reply.words.empty()) reply.words = text_of(object, key);
    return reply;
}

}  // namespace

std::string to_string(Peer const& peer) {
    std::string text;
    if (!peer.account.empty()) text = peer.platform + '/' + peer.account + '/';
    text += std::string{kinds[static_cast<std::size_t>(peer.kind)]} + ':';
    if (peer.kind == Peer::Kind::channel) return text + peer.group + '/' + peer.id;
    return text + peer.id + (peer.group.empty() ? "" : '@' + peer.group);
}

std::string conversation_of(Peer peer) {
    if (peer.kind == Peer::Kind::person) peer.group.clear();
    return to_string(peer);
}

std::optional<Peer> read_peer(std::string_view text) {
    Peer peer;
    // Ids of v12 may hold anything but what stands before them: the first ':' behind the account ends the kind.
    auto const first = text.find('/');
    auto const colon = text.find(':');
    if (first != std::string_view::npos && first < colon) {
        auto const second = text.find('/', first + 1);
        if (second == std::string_view::npos) return std::nullopt;
        peer.platform = text.substr(0, first);
        peer.account = text.substr(first + 1, second - first - 1);
        text.remove_prefix(second + 1);
    }
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        auto const& kind = kinds[i];
        if (!text.starts_with(kind) || text.size() <= kind.size() + 1 || text[kind.size()] != ':') continue;
        auto const id = text.substr(kind.size() + 1);
        peer.kind = static_cast<Peer::Kind>(i);
        auto const split = peer.kind == Peer::Kind::channel                          ? id.find('/')
                           : peer.kind == Peer::Kind::person && peer.account.empty() ? id.find('@')
                                                                                     : std::string_view::npos;
        if (peer.kind == Peer::Kind::channel) {
            if (split == std::string_view::npos) return std::nullopt;
            peer.group = id.substr(0, split);
            peer.id = id.substr(split + 1);
        } else {
            peer.id = id.substr(0, split);
            if (split != std::string_view::npos) peer.group = id.substr(split + 1);
        }
        return peer;
    }
    return std::nullopt;
}

Result<Frame> read_event(Account const& account, json::object const& event, std::string raw, Timestamp now) {
    auto frame = account.version == OneBotVersion::v11 ? read_v11(account, event, std::move(raw), now) : read_v12(account, event, std::move(raw), now);
    return frame;
}

Result<Frame> read_frame(Account const& account, std::string_view text, Timestamp now) {
    auto const object = payload::read_object(text);
    if (!object) return object.error();
    bool const event = object->contains("post_type") || object->contains("detail_type");
    if (!event && object->contains("retcode")) return Frame{reply_of(*object)};
    return read_event(account, *object, std::string{text}, now);
}

Result<Reply> read_reply(std::string_view body) {
    auto const object = payload::read_object(body);
    if (!object) return object.error();
    if (!object->contains("retcode") && !object->contains("status")) return Error{Errc::bad_payload, "'retcode' is missing"};
    return reply_of(*object);
}

}  // namespace kefu::onebot
