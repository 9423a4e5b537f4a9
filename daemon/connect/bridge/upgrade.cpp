// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/connection.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/intake.hpp"
#include "daemon/log.hpp"

#include <boost/asio/ip/address.hpp>

#include <utility>

/// Who may connect, and to which channel they belong.
namespace kefu::bridge {

namespace {

bool is_loopback(std::string const& remote) {
    error_code error;
    auto const address = net::ip::make_address(remote, error);
    return !error && address.is_loopback();
}

Response upgrade(Desk const& desk, Request const& request) {
    if (auto refused = refuse_upgrade(request)) return std::move(*refused);
    if (!offers_protocol(request, subprotocol)) return problem(400, "Subprotocol missing", "Offer the WebSocket subprotocol kefud.bridge.v1.");
    bool const private_way = request.over_tls || is_loopback(request.remote) || request.headers.get("x-forwarded-proto") == "https";
    if (!private_way) return problem(403, "TLS needed", "Connect with wss://; ws:// is for this machine only.");
    Caller caller;
    caller.token = std::string{bearer_token(request)};
    caller.origin = std::string{request.headers.get("origin")};
    if (!caller.token.empty() && !desk.hub_of(caller.token)) {
        log_warn("bridge_refused", {{"remote", request.remote}, {"code", "auth_failed"}});
        return problem(401, "Token not known", "Send 'Authorization: Bearer TOKEN' with a token of a channel of type bridge, or the token in hello.");
    }
    WebSocketLimits limits;
    limits.max_message = max_frame_bytes;
    limits.max_unread = 2 * most_unacked;
    auto serving = [desk, caller = std::move(caller)](std::shared_ptr<WebSocket> socket) { return serve(desk, caller, std::move(socket)); };
    return upgrade_response(request, std::string{subprotocol}, {limits, desk.inlet.home, std::move(serving)});
}

}  // namespace

std::shared_ptr<Hub> Desk::hub_of(std::string_view token) const {
    auto const given = hex(sha256(token));
    std::shared_ptr<Hub> found;
    for (auto const& hub : hubs()) {
        auto const settings = hub->settings();
        for (auto const& secret : settings->bridge.tokens) {
            // A token may be configured as its hash alone.
            auto const& known = secret.reveal();
            constexpr std::string_view hashed = "sha256:";
            if (same_secret(given, known.starts_with(hashed) ? known.substr(hashed.size()) : hex(sha256(known))) && !token.empty()) found = hub;
        }
    }
    return found;
}

Arrival arrival_of(ChannelSettings const& channel, EventFrame const& frame, Event event, std::string raw, Timestamp now) {
    InboundEvent inbound;
    inbound.sender = frame.account + '/' + frame.conversation;
    inbound.conversation = ConversationId{channel.id.value + '/' + inbound.sender};
    inbound.event_id = frame.account + '/' + frame.id;
    inbound.event = std::move(event);
    inbound.occurred_at = frame.time;
    inbound.raw = std::move(raw);
    return kefu::arrival_of(channel.id, std::move(inbound), now);
}

void add_websocket(Router& router, std::string const& base, Desk desk) {
    router.add("GET", base + "/ws", [desk = std::move(desk)](Request request) { return at_once(upgrade(desk, request)); });
}

}  // namespace kefu::bridge
