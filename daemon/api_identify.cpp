// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_sign_in.hpp"
#include "daemon/crypto.hpp"

#include <utility>

/// Who asks: an agent of kefud.yaml by token, or a person of the console by cookie.
namespace kefu::api {

std::shared_ptr<Settings const> settings_of(ContextPtr const& context) {
    auto const services = context->services();
    return {services, &services->snapshot->settings};
}

Response signed_out() {
    Response response =
        problem_because(401, "Sign in", "With the cookie of POST /session, or 'Authorization: Bearer TOKEN' of an agent in kefud.yaml.", "signed_out");
    response.headers.set("WWW-Authenticate", "Bearer");
    return response;
}

net::awaitable<Result<std::optional<SignedIn>>> by_cookie(ContextPtr context, std::string token) {
    if (token.empty()) co_return std::optional<SignedIn>{};
    auto found = co_await context->store.accounts().signed_in(token_hash(token));
    if (!found || !*found) co_return found;
    SignedIn const& known = **found;
    if (known.person.disabled || context->clock() >= expiry(known.session, settings_of(context)->console)) co_return std::optional<SignedIn>{};
    co_return found;
}

net::awaitable<std::variant<Caller, Response>> identify(ContextPtr context, Request const& request) {
    auto const settings = settings_of(context);
    if (request.headers.has("authorization")) {
        auto agent = agent_by_token(request, *settings);
        if (!agent) co_return signed_out();
        co_return Caller{std::move(*agent), Role::agent, {}};
    }
    if (!settings->console.enabled) co_return signed_out();
    std::string const token = session_token(request, is_secure(request, *settings));
    auto const found = co_await by_cookie(context, token);
    if (!found) co_return failure(found.error());
    if (!*found) co_return signed_out();
    bool const changes = request.method != "GET" && request.method != "HEAD";
    if (changes && !same_secret(request.headers.get("x-csrf-token"), csrf_token(token)))
        co_return problem_because(403, "Not from this page", "Send the session's csrf as X-CSRF-Token.", "csrf");
    SignedIn const& known = **found;
    Timestamp const now = context->clock();
    if (now - known.session.seen_at >= std::chrono::minutes{1}) (void)co_await context->store.accounts().seen(known.session.hash, now);
    co_return Caller{known.person.name, known.person.role, known.session.hash};
}

}  // namespace kefu::api
