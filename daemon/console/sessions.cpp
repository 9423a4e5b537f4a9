// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/sessions.hpp"

#include "daemon/crypto.hpp"

#include <algorithm>
#include <utility>

namespace kefu {

namespace {

std::string cookie_name(bool secure) { return secure ? "__Host-kefud" : "kefud"; }

/// "https://shop.example:8443/x" → "https://shop.example:8443"
std::string_view origin_of(std::string_view url) {
    auto const host = url.find("://");
    if (host == std::string_view::npos) return {};
    auto const slash = url.find('/', host + 3);
    return url.substr(0, slash);
}

std::string_view bytes_of(Digest const& digest) { return {reinterpret_cast<char const*>(digest.data()), digest.size()}; }

}  // namespace

std::string new_session_token() { return base64url(random_bytes(32)); }

std::string token_hash(std::string_view token) { return hex(sha256(token)); }

std::string csrf_token(std::string_view session_token) { return base64url(bytes_of(hmac_sha256(session_token, "csrf"))); }

bool is_secure(Request const& request, Settings const& settings) { return request.over_tls || settings.public_url.starts_with("https://"); }

std::string session_cookie(std::string_view token, bool secure, std::chrono::milliseconds lives) {
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(lives).count();
    std::string cookie = cookie_name(secure) + '=' + std::string{token} + "; Path=/; Max-Age=" + std::to_string(seconds) + "; HttpOnly; SameSite=Strict";
    return secure ? cookie + "; Secure" : cookie;
}

std::string session_token(Request const& request, bool secure) {
    std::string const wanted = cookie_name(secure) + '=';
    auto rest = request.headers.get("cookie");
    while (!rest.empty()) {
        auto const end = rest.find(';');
        auto one = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        while (one.starts_with(' ')) one.remove_prefix(1);
        while (one.ends_with(' ')) one.remove_suffix(1);
        if (one.starts_with(wanted)) return std::string{one.substr(wanted.size())};
    }
    return {};
}

bool is_our_page(Request const& request, Settings const& settings) {
    auto const origin = request.headers.get("origin");
    std::string const host{request.headers.get("host")};
    if (origin.empty() || host.empty()) return false;
    bool const ours = origin == "https://" + host || (origin == "http://" + host && !is_secure(request, settings));
    return ours || origin == origin_of(settings.public_url);
}

Timestamp expiry(Session const& session, ConsoleSettings const& settings) {
    return std::min(session.seen_at + settings.idle, session.started_at + settings.longest);
}

NewLink new_link(std::string name, Role role, Timestamp now) {
    std::string token = new_session_token();
    return {{token_hash(token), std::move(name), role, now + std::chrono::hours{72}}, std::move(token)};
}

std::string link_address(std::string const& base, std::string_view token) {
    return base + (base.ends_with('/') ? "" : "/") + "console/#setup=" + std::string{token};
}

std::string local_address(ListenSettings const& listen, std::uint16_t port) {
    bool const any = listen.address == "0.0.0.0" || listen.address == "::";
    std::string host = any ? "127.0.0.1" : listen.address;
    if (host.find(':') != std::string::npos) host = '[' + host + ']';
    return (listen.tls.enabled() ? "https://" : "http://") + host + ':' + std::to_string(port);
}

std::optional<std::string> agent_by_token(Request const& request, Settings const& settings) {
    auto const token = bearer_token(request);
    if (token.empty()) return std::nullopt;
    Digest const given = sha256(token);
    std::optional<std::string> name;
    for (auto const& agent : settings.agents) {
        Digest const known = sha256(agent.token.reveal());
        if (same_secret(bytes_of(given), bytes_of(known)) && !agent.token.empty()) name = agent.name;
    }
    return name;
}

}  // namespace kefu
