// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/frames.hpp"
#include "daemon/connect/text_split.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace kefu::bridge {

namespace json = boost::json;

namespace {

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

json::object send_object(SendFrame const& send) {
    json::array parts;
    for (auto const& part : send.parts) {
        if (part.url.empty())
            parts.push_back(json::object{{"type", "text"}, {"text", part.text}});
        else
            parts.push_back(json::object{{"type", "image"}, {"url", part.url}});
    }
    json::object object{{"type", "send"}, {"id", send.id}, {"account", send.account}, {"conversation", send.conversation}};
    if (!send.in_reply_to.empty()) object["in_reply_to"] = send.in_reply_to;
    object["parts"] = std::move(parts);
    object["deadline"] = to_millis(send.deadline);
    object["attempt"] = send.attempt;
    if (!send.in_reply_to.empty()) object["guard"] = json::object{{"last_message", send.in_reply_to}};
    return object;
}

}  // namespace

std::string write_welcome(Welcome const& welcome) {
    json::array accounts;
    for (auto const& account : welcome.accounts) {
        json::object entry{{"id", account.id}, {"accepted", account.accepted}};
        if (!account.accepted) entry["code"] = "unknown_account";
        accounts.push_back(std::move(entry));
    }
    return json::serialize(json::object{{"type", "welcome"},
                                        {"protocol", protocol_version},
                                        {"session", welcome.session},
                                        {"resumed", welcome.resumed},
                                        {"last_seq", welcome.last_seq},
                                        {"heartbeat_ms", welcome.heartbeat.count()},
                                        {"max_inflight", welcome.max_inflight},
                                        {"max_frame_bytes", welcome.max_frame_bytes},
                                        {"server_time", to_millis(welcome.now)},
                                        {"accounts", std::move(accounts)}});
}

std::string write_ack(std::int64_t seq) { return json::serialize(json::object{{"type", "ack"}, {"seq", seq}}); }

std::string write_nack(std::int64_t seq, std::string_view code, std::string_view message) {
    return json::serialize(json::object{{"type", "nack"}, {"seq", seq}, {"code", view(code)}, {"message", view(message)}});
}

std::string write_pong(Ping const& ping) {
    json::object object{{"type", "pong"}};
    if (ping.ts) object["ts"] = *ping.ts;
    return json::serialize(object);
}

std::string write_flow(bool pause) { return json::serialize(json::object{{"type", "flow"}, {"state", pause ? "pause" : "resume"}}); }

std::string write_typing(std::string_view account, std::string_view conversation) {
    return json::serialize(
        json::object{{"type", "typing"}, {"account", view(account)}, {"conversation", view(conversation)}, {"state", "on"}, {"role", "agent"}});
}

std::string write_cancel(std::string_view id, std::string_view code) {
    return json::serialize(json::object{{"type", "cancel"}, {"id", view(id)}, {"code", view(code)}});
}

std::string write_error(std::string_view code, std::string_view message, std::chrono::milliseconds retry_after) {
    json::object object{{"type", "error"}, {"code", view(code)}, {"message", view(message)}, {"fatal", true}};
    if (retry_after.count() > 0) object["retry_after_ms"] = retry_after.count();
    return json::serialize(object);
}

std::string write_bye(std::string_view code, std::chrono::milliseconds retry_after) {
    return json::serialize(json::object{{"type", "bye"}, {"code", view(code)}, {"retry_after_ms", retry_after.count()}});
}

std::string write_send(SendFrame const& send) { return json::serialize(send_object(send)); }

std::string write_sends(std::vector<SendFrame> const& sends, bool callback) {
    json::array frames;
    for (auto const& send : sends) frames.push_back(send_object(send));
    json::object object;
    if (callback) object["protocol"] = protocol_version;
    object["frames"] = std::move(frames);
    return json::serialize(object);
}

std::vector<SendFrame::Part> parts_for(std::vector<OutboundMessage> const& messages, Capabilities const& capabilities) {
    bool const images = std::find(capabilities.send.begin(), capabilities.send.end(), "image") != capabilities.send.end();
    std::vector<SendFrame::Part> parts;
    for (auto const& message : messages) {
        if (message.image && images) parts.push_back({{}, message.image->url});
        auto const& text = message.image && !images ? message.image->url : message.text;
        for (auto& piece : split_text(text, capabilities.max_text_units)) parts.push_back({std::move(piece), {}});
    }
    return parts;
}

}  // namespace kefu::bridge
