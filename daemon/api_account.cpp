// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_sign_in.hpp"
#include "daemon/console/totp.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

/// One's own account: signing out, the password, the second factor.
namespace kefu::api {

namespace json = boost::json;

namespace {

/// Somebody who is signed in by cookie, and their session.
struct Signed {
    SignedIn who;
    std::string token;
};
using PersonAction = net::awaitable<Response> (*)(ContextPtr, Request, Signed);

net::awaitable<Response> as_person(ContextPtr context, Request request, PersonAction action) {
    auto const known = co_await identify(context, request);
    if (auto const* refused = std::get_if<Response>(&known)) co_return *refused;
    if (std::get<Caller>(known).session.empty()) co_return problem(403, "Only for people", "A token of kefud.yaml has no password and no session.");
    std::string token = session_token(request, is_secure(request, *settings_of(context)));
    auto const found = co_await by_cookie(context, token);
    if (!found) co_return failure(found.error());
    if (!*found) co_return signed_out();
    Signed caller{**found, std::move(token)};
    co_return co_await action(context, std::move(request), std::move(caller));
}

net::awaitable<Response> sign_out(ContextPtr context, Request request, Signed caller) {
    AuditEntry entry = audit_entry(context, caller.who.person.name, "signed_out");
    auto const ended = co_await context->store.accounts().end(caller.who.session.hash, std::move(entry));
    if (!ended) co_return failure(ended.error());
    context->live.end_session(caller.who.session.hash);
    Response response = json_response("{}");
    response.headers.add("Set-Cookie", session_cookie({}, is_secure(request, *settings_of(context)), std::chrono::milliseconds{0}));
    co_return response;
}

/// The caller's own password, once more; nothing: it is right.
net::awaitable<std::optional<Response>> refuse_password(ContextPtr context, Request const& request, Person const& person, std::string password) {
    std::string const address = address_of(request, settings_of(context)->console.behind_proxy);
    auto const wait = context->sign_in.throttle.try_now(person.name, address, context->clock());
    if (wait.count() > 0) co_return too_often(wait);
    ComparePassword compare{std::move(password), person.password};
    auto const same = co_await compared(context, std::move(compare));
    if (!same) co_return busy();
    if (!*same) co_return problem_because(403, "The password is wrong", {}, "wrong");
    context->sign_in.throttle.succeeded(person.name, address);
    co_return std::nullopt;
}

net::awaitable<Response> change_password(ContextPtr context, Request request, Signed caller) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto const& body = std::get<json::object>(read);
    HashPassword work{text_in(body, "new")};
    if (!is_password_length(work.password)) co_return wrong_length();
    auto refused = co_await refuse_password(context, request, caller.who.person, text_in(body, "old"));
    if (refused) co_return std::move(*refused);
    auto hash = co_await hashed(context, std::move(work));
    if (!hash) co_return busy();
    PersonEdit edit = [hash = *hash](Person& person) -> Result<void> {
        person.password = hash;
        return {};
    };
    AuditEntry entry = audit_entry(context, caller.who.person.name, "password_changed");
    auto const changed = co_await context->store.accounts().change(caller.who.person.name, std::move(edit), std::move(entry));
    if (!changed) co_return failure(changed.error());
    auto const ended = co_await context->store.accounts().end_all(caller.who.person.name, caller.who.session.hash);
    if (!ended) co_return failure(ended.error());
    context->live.end_person(caller.who.person.name, caller.who.session.hash);
    co_return json_response("{}");
}

net::awaitable<Response> begin_totp(ContextPtr context, Request, Signed caller) {
    if (!caller.who.person.totp.empty()) co_return problem(409, "There is a second factor already", "Switch it off first.");
    std::string const secret = new_totp_secret();
    PersonEdit edit = [secret](Person& person) -> Result<void> {
        person.totp_pending = secret;
        return {};
    };
    AuditEntry entry = audit_entry(context, caller.who.person.name, "second_factor_begun");
    auto const changed = co_await context->store.accounts().change(caller.who.person.name, std::move(edit), std::move(entry));
    if (!changed) co_return failure(changed.error());
    std::string const shop = settings_of(context)->shop.name;
    json::object body{{"secret", base32(secret)}, {"uri", totp_uri(secret, shop, caller.who.person.name)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> confirm_totp(ContextPtr context, Request request, Signed caller) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    std::string const code = text_in(std::get<json::object>(read), "code");
    auto const codes = new_recovery_codes();
    PersonEdit edit = [code, codes, now = context->clock()](Person& person) -> Result<void> {
        if (person.totp_pending.empty()) return Error{Errc::conflict, "begin with POST /session/totp"};
        auto const step = totp_step_of(code, person.totp_pending, now, 0);
        if (!step) return Error{Errc::unauthorized, "the code is wrong"};
        person.totp = std::exchange(person.totp_pending, {});
        person.totp_step = *step;
        person.recovery.clear();
        for (auto const& one : codes) person.recovery.push_back(recovery_hash(one));
        return {};
    };
    AuditEntry entry = audit_entry(context, caller.who.person.name, "second_factor_on");
    auto const changed = co_await context->store.accounts().change(caller.who.person.name, std::move(edit), std::move(entry));
    if (!changed && changed.error().code == Errc::unauthorized)
        co_return problem_because(400, "The code is wrong", "Is the phone's clock right?", "code_wrong");
    if (!changed) co_return failure(changed.error());
    json::object body{{"recovery_codes", json::array(codes.begin(), codes.end())}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> end_totp(ContextPtr context, Request request, Signed caller) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto refused = co_await refuse_password(context, request, caller.who.person, text_in(std::get<json::object>(read), "password"));
    if (refused) co_return std::move(*refused);
    PersonEdit edit = forget_second_factor;
    AuditEntry entry = audit_entry(context, caller.who.person.name, "second_factor_off");
    auto const changed = co_await context->store.accounts().change(caller.who.person.name, std::move(edit), std::move(entry));
    if (!changed) co_return failure(changed.error());
    co_return json_response("{}");
}

}  // namespace

void add_account(Router& router, std::string const& base, ContextPtr context) {
    auto const mine = [&](char const* method, char const* path, PersonAction action) {
        router.add(method, base + path, [context, action](Request request) { return as_person(context, std::move(request), action); });
    };
    mine("DELETE", "/session", sign_out);
    mine("POST", "/session/password", change_password);
    mine("POST", "/session/totp", begin_totp);
    mine("POST", "/session/totp/confirm", confirm_totp);
    mine("POST", "/session/totp/off", end_totp);
}

}  // namespace kefu::api
