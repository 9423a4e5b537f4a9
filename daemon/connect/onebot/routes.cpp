// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/routes.hpp"

#include "daemon/connect/onebot/connection.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/intake.hpp"
#include "daemon/log.hpp"

#include <algorithm>
#include <utility>

namespace kefu::onebot {

using namespace std::chrono_literals;

namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

/// "Bearer T", in whatever case, go-cqhttp's "Token T", or ?access_token=T. Many send an empty "Bearer " when they have none.
std::string token_of(Request const& request) {
    auto const header = request.headers.get("authorization");
    for (std::string_view const scheme : {"bearer ", "token "})
        if (lower(header.substr(0, scheme.size())) == scheme && header.size() > scheme.size()) return std::string{header.substr(scheme.size())};
    auto const found = request.query.find("access_token");
    return found == request.query.end() ? std::string{} : found->second;
}

/// Every one is compared, so that the time says nothing.
bool is_known(std::vector<Secret> const& secrets, std::string const& given) {
    bool known = false;
    for (auto const& secret : secrets) known |= same_secret(given, secret.reveal());
    return known && !given.empty();
}

std::optional<Response> objection_to_token(ChannelSettings const& settings, Request const& request) {
    auto const token = token_of(request);
    if (token.empty()) return problem(401, "Token missing", "Send 'Authorization: Bearer TOKEN' with one of the channel's tokens.");
    if (!is_known(settings.onebot.tokens, token)) return problem(403, "Token not known", "It is not one of the channel's tokens.");
    return std::nullopt;
}

/// The v12 subprotocol that is offered, as it is written; empty: none.
std::string v12_protocol(Request const& request) {
    std::string_view offered = request.headers.get("Sec-WebSocket-Protocol");
    while (!offered.empty()) {
        auto const comma = std::min(offered.find(','), offered.size());
        auto one = offered.substr(0, comma);
        while (one.starts_with(' ')) one.remove_prefix(1);
        while (one.ends_with(' ')) one.remove_suffix(1);
        if (one.starts_with("12.")) return std::string{one};
        offered.remove_prefix(std::min(comma + 1, offered.size()));
    }
    return {};
}

Role role_of(Request const& request) {
    auto const role = lower(request.headers.get("X-Client-Role"));
    return role == "api" ? Role::actions : role == "event" ? Role::events : Role::both;
}

Response gone() { return problem(404, "No such channel", "A reload has just taken this path away."); }

Response refuse(Inlet const& inlet, ChannelId const& channel, Request const& request, Response response) {
    note_refused(*inlet.services(), inlet.counts, channel, Trouble::signature, "answered " + std::to_string(response.status), inlet.clock());
    log_warn("onebot_refused", {{"path", request.path}, {"remote", request.remote}, {"status", response.status}});
    return response;
}

Response upgrade(Inlet const& inlet, std::optional<Door> const& door, Request const& request) {
    if (!door) return gone();
    if (auto refused = refuse_upgrade(request)) return std::move(*refused);
    if (auto objection = objection_to_upgrade(door->settings, request)) return refuse(inlet, door->settings.id, request, std::move(*objection));
    WebSocketLimits limits;
    limits.max_message = door->settings.onebot.max_frame;
    limits.max_unread = most_unread;
    limits.max_unsent = door->settings.onebot.max_frame;
    limits.heartbeat = 30s;  // implementations need not ping
    auto serving = [link = door->link, inlet, role = role_of(request)](std::shared_ptr<WebSocket> socket) {
        return serve(link, inlet, role, std::move(socket));
    };
    return upgrade_response(request, v12_protocol(request), {limits, inlet.home, std::move(serving)});
}

/// v11 has no second delivery after a 500, so this answers 204 only when the event is on disk, and 503 otherwise.
net::awaitable<Response> take(Inlet inlet, std::shared_ptr<Link> link, Request request) {
    if (link->retired()) co_return gone();
    std::vector<Arrival> arrivals;
    auto const taken = link->take(request.body, nullptr, arrivals);
    if (!taken) {
        note_unreadable(inlet, *link, taken.error());
        log_warn("onebot_event_unreadable", {{"channel", link->settings().id.value}, {"remote", request.remote}, {"why", taken.error().message}});
        co_return problem(400, "The event cannot be read", taken.error().message);
    }
    if (!arrivals.empty()) {
        auto const stored = co_await store(inlet, link->settings().id, std::move(arrivals));
        if (!stored) co_return problem(503, "Not stored", "The message is not on disk; send it again later.");
    }
    Response done;
    done.status = 204;
    co_return done;
}

/// The link lives on the io thread; this request may have come in on another.
net::awaitable<Response> post(Inlet inlet, std::optional<Door> door, Request request) {
    ++inlet.counts.requests;
    if (!door) co_return gone();
    if (auto objection = objection_to_post(door->settings, request)) co_return refuse(inlet, door->settings.id, request, std::move(*objection));
    auto work = take(inlet, door->link, std::move(request));
    auto const home = inlet.home;
    Response response = co_await on_home(home, std::move(work));
    co_return response;
}

}  // namespace

std::optional<Response> objection_to_upgrade(ChannelSettings const& settings, Request const& request) {
    if (auto objection = objection_to_token(settings, request)) return objection;
    bool const v12 = !v12_protocol(request).empty();
    if (v12 != (settings.onebot.version == OneBotVersion::v12))
        return problem(400, "Another version of OneBot", v12 ? "This channel speaks OneBot 11." : "Offer the subprotocol 12.<implementation>.");
    auto const self = request.headers.get("X-Self-ID");
    if (!self.empty() && self != settings.onebot.account) return problem(403, "Another account", "X-Self-ID is not this channel's account.");
    return std::nullopt;
}

std::optional<Response> objection_to_post(ChannelSettings const& settings, Request const& request) {
    auto const& onebot = settings.onebot;
    if (onebot.version == OneBotVersion::v12) return objection_to_token(settings, request);
    auto const given = request.headers.get("X-Signature");
    bool signed_by_us = false;
    for (auto const& secret : onebot.secrets) signed_by_us |= same_secret(given, "sha1=" + hex(hmac_sha1(secret.reveal(), request.body)));
    if (given.empty()) return problem(401, "Signature missing", "Set one of the channel's secrets in the implementation.");
    if (!signed_by_us) return problem(403, "Signature wrong", "X-Signature was not made with one of the channel's secrets.");
    auto const self = request.headers.get("X-Self-ID");
    if (!self.empty() && self != onebot.account) return problem(403, "Another account", "X-Self-ID is not this channel's account.");
    return std::nullopt;
}

void add_routes(Router& router, std::string const& path, Inlet const& inlet, std::function<std::optional<Door>()> door) {
    router.add("GET", path, [inlet, door](Request request) { return at_once(upgrade(inlet, door(), request)); });
    router.add("POST", path, [inlet, door](Request request) { return post(inlet, door(), std::move(request)); });
}

}  // namespace kefu::onebot
