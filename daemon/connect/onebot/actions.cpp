// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/actions.hpp"

#include "daemon/connect/payload.hpp"
#include "daemon/connect/text_split.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <utility>

namespace kefu::onebot {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_text = 2000;  // UTF-16 units; no standard says one, the platforms take some thousand

/// v11 has numbers; an id that is none is left as it is.
json::value id_value(OneBotVersion version, std::string const& id) {
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    bool const is_number = error == std::errc{} && end == id.data() + id.size();
    return version == OneBotVersion::v11 && is_number ? json::value(number) : json::value(id);
}

json::object segment_of(std::string_view type, json::object data) { return {{"type", type}, {"data", std::move(data)}}; }

bool mentions_time(std::string const& words) {
    return words.find("imeout") != std::string::npos || words.find("imed out") != std::string::npos || words.find("超时") != std::string::npos;
}

}  // namespace

std::string write_action(Account const& account, Action const& action, std::string const& echo) {
    json::object frame{{"action", action.name}, {"params", action.params}};
    if (!echo.empty()) frame["echo"] = echo;
    if (account.version == OneBotVersion::v12 && !account.platform.empty())
        frame["self"] = json::object{{"platform", account.platform}, {"user_id", account.id}};
    return json::serialize(frame);
}

std::vector<Part> to_parts(std::vector<OutboundMessage> const& messages, std::string const& reply_to) {
    std::vector<Part> parts;
    for (auto const& message : messages) {
        for (auto& text : split_text(message.text, longest_text)) parts.push_back({.text = std::move(text), .image = {}, .reply_to = {}});
        if (message.image) parts.push_back({.text = {}, .image = message.image->url, .reply_to = {}});
    }
    if (!parts.empty()) parts.front().reply_to = reply_to;
    return parts;
}

Action send_action(Account const& account, Peer const& peer, Part const& part, std::string const& file, bool plain) {
    bool const v11 = account.version == OneBotVersion::v11;
    json::array message;
    if (!part.reply_to.empty() && !plain) message.push_back(segment_of("reply", {{v11 ? "id" : "message_id", part.reply_to}}));
    if (part.image.empty() || plain)
        message.push_back(segment_of("text", {{"text", part.image.empty() ? part.text : part.image}}));
    else
        message.push_back(segment_of("image", {{v11 ? "file" : "file_id", v11 ? part.image : file}}));

    Action action;
    action.params["message"] = std::move(message);
    if (!v11) {
        constexpr std::string_view kinds[] = {"private", "group", "channel"};
        action.name = "send_message";
        action.params["detail_type"] = kinds[static_cast<std::size_t>(peer.kind)];
        if (peer.kind == Peer::Kind::channel) action.params["guild_id"] = peer.group;
        constexpr std::string_view ids[] = {"user_id", "group_id", "channel_id"};
        action.params[ids[static_cast<std::size_t>(peer.kind)]] = peer.id;
        return action;
    }
    // Never send_msg: with both ids NapCat would put a private answer into the group.
    bool const group = peer.kind == Peer::Kind::group;
    action.name = group ? "send_group_msg" : "send_private_msg";
    action.params[group ? "group_id" : "user_id"] = id_value(account.version, peer.id);
    if (!group && !peer.group.empty()) action.params["group_id"] = id_value(account.version, peer.group);
    return action;
}

Action upload_action(Part const& part) {
    auto name = part.image.substr(0, part.image.find_first_of("?#"));
    name.erase(0, name.rfind('/') + 1);
    Action action;
    action.name = "upload_file";
    action.params = {{"type", "url"}, {"url", part.image}, {"name", name.empty() ? "image" : name}};
    return action;
}

SendResult outcome_of(OneBotVersion version, Reply const& reply) {
    using Kind = SendResult::Kind;
    SendResult result;
    if (reply.ok()) {
        if (auto const* data = reply.data.if_object())
            if (auto id = payload::id_of(*data, "message_id"); !id.empty()) result.platform_ids.push_back(std::move(id));
        return result;
    }
    auto const code = reply.code;
    result.kind = Kind::refused;
    result.detail = "the implementation answered " + std::to_string(code) + (reply.words.empty() ? "" : ": " + reply.words);
    auto const put_off = [&](Kind kind, std::chrono::milliseconds after) { result.kind = kind, result.after = after; };
    if (version == OneBotVersion::v11) {
        if (reply.status == "async" || code == 1 || reply.status == "ok") result.kind = Kind::unknown;  // queued: nobody will say
        if (code == 1401 || code == 1403) put_off(Kind::hold, 60s);
        // "Timeout: NTEvent ... sendMsg": the client has it and did not say.
        if (code != 1400 && code != 1404 && mentions_time(reply.words)) result.kind = Kind::unknown;
        return result;
    }
    if (code >= 20'000 && code < 34'000) result.kind = Kind::unknown;
    if (code >= 36'000 && code < 37'000) put_off(Kind::retry, 60s);  // "tired": it has not begun
    if (reply.status != "failed") result.kind = Kind::unknown;
    return result;
}

bool wants_plain_text(OneBotVersion version, Reply const& reply) {
    return version == OneBotVersion::v12 && reply.status == "failed" && reply.code >= 10'005 && reply.code <= 10'007;
}

bool is_unknown_action(Reply const& reply) { return reply.code == 1404 || reply.code == 404 || reply.code == 10'002; }

bool is_token_refused(Reply const& reply) { return reply.echo.empty() && (reply.code == 1403 || reply.code == 1401); }

}  // namespace kefu::onebot
