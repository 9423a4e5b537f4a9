// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/console/throttle.hpp"
#include "daemon/http/message.hpp"
#include "daemon/net/on_pool.hpp"
#include "daemon/store/accounts.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

/// The cookie that says who is signed in, and what protects it. The token is 32 random bytes; the store knows its hash only.
namespace kefu {

/// What signing in works with: one for the daemon.
struct SignIn {
    net::thread_pool passwords{1};  ///< one hash at a time: each takes 19 MiB
    std::atomic<int> waiting{0};
    SignInThrottle throttle;
};

std::string new_session_token();

/// What is kept of a token, of a session or of a link.
std::string token_hash(std::string_view token);

/// What a page must send along with everything it changes: another site can make a browser send the cookie, but cannot read this.
std::string csrf_token(std::string_view session_token);

/// Does the browser talk TLS to us, or to a proxy of ours?
bool is_secure(Request const& request, Settings const& settings);

/// HttpOnly and SameSite=Strict; behind TLS also Secure and named __Host-kefud, which no other host and no plain HTTP can set (RFC 6265bis, section 4.1.3).
std::string session_cookie(std::string_view token, bool secure, std::chrono::milliseconds lives);

/// The token in the request's cookie; empty: there is none.
std::string session_token(Request const& request, bool secure);

/// True when the page that asks is ours: Origin names this host, or public_url.
bool is_our_page(Request const& request, Settings const& settings);

/// Until when the session counts: idle for too long, or too old.
Timestamp expiry(Session const& session, ConsoleSettings const& settings);

/// A one-time link; what is kept of it is in `invitation`, the token only in the link.
struct NewLink {
    Invitation invitation;
    std::string token;
};
/// Good for three days: a weekend, but not until somebody finds it in old mail.
NewLink new_link(std::string name, Role role, Timestamp now);

/// Where it leads. What is behind the '#' never reaches a server's log. `base`: https://kefud.example.com
std::string link_address(std::string const& base, std::string_view token);

/// How the daemon is reached when nobody said so in public_url.
std::string local_address(ListenSettings const& listen, std::uint16_t port);

/// Who asks.
struct Caller {
    std::string name;
    Role role = Role::agent;
    std::string session;  ///< its hash; empty: by a token of kefud.yaml
};

/// Whose token of kefud.yaml it is. Every agent's token is compared, so the time says nothing about which one was nearly right.
std::optional<std::string> agent_by_token(Request const& request, Settings const& settings);

}  // namespace kefu
