// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_sign_in.hpp"
#include "daemon/console/totp.hpp"
#include "daemon/crypto.hpp"
#include "daemon/log.hpp"
#include "daemon/version.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

/// Signing in: password, second factor, cookie; and the one-time links with which passwords are chosen.
namespace kefu::api {

namespace json = boost::json;

namespace {

constexpr int most_waiting = 32;  // passwords to be hashed: half a second's worth

/// One in the queue for the passwords' pool, until it is over.
class Waiting {
  public:
    explicit Waiting(SignIn& sign_in) : sign_in_(sign_in), count_(++sign_in.waiting) {}
    ~Waiting() { --sign_in_.waiting; }
    Waiting(Waiting const&) = delete;
    Waiting& operator=(Waiting const&) = delete;
    int count() const { return count_; }

  private:
    SignIn& sign_in_;
    int count_;
};

template <class Work>
net::awaitable<std::optional<decltype(std::declval<Work>()())>> on_passwords_pool(ContextPtr context, Work work) {
    Waiting const waiting{context->sign_in};
    if (waiting.count() > most_waiting) co_return std::nullopt;
    co_return co_await on_pool(context->sign_in.passwords, std::move(work));
}

json::object session_json(ContextPtr const& context, SignedIn const& who, std::string const& token) {
    ServicesPtr const services = context->services();
    Settings const& settings = services->snapshot->settings;
    json::object body{{"name", who.person.name},
                      {"role", to_string(who.person.role)},
                      {"csrf", csrf_token(token)},
                      {"totp", !who.person.totp.empty()},
                      {"recovery_codes_left", who.person.recovery.size()},
                      {"expires_at", to_rfc3339(expiry(who.session, settings.console))},
                      {"shop", json::object{{"name", settings.shop.name},
                                            {"locale", settings.shop.locale},
                                            {"time_zone", settings.shop.time_zone},
                                            {"currency", services->snapshot->catalog.policy.currency}}},
                      {"version", program_version()},
                      {"agent", nullptr}};
    for (auto const& agent : settings.agents)
        if (agent.name == who.person.name)
            body["agent"] = json::object{{"tiers", json::array(agent.tiers.begin(), agent.tiers.end())},
                                         {"languages", json::array(agent.languages.begin(), agent.languages.end())},
                                         {"capacity", agent.capacity}};
    return body;
}

/// Starts a session and answers with its cookie.
net::awaitable<Response> let_in(ContextPtr context, Request const& request, Person person, std::string how) {
    std::string const token = new_session_token();
    Timestamp const now = context->clock();
    SignedIn who{{token_hash(token), person.name, now, now}, std::move(person)};
    Session session = who.session;
    AuditEntry entry = audit_entry(context, who.person.name, "signed_in", std::move(how));
    auto const started = co_await context->store.accounts().start(std::move(session), std::move(entry));
    if (!started) co_return failure(started.error());
    auto const settings = settings_of(context);
    log_info("signed_in", {{"person", who.person.name}, {"role", to_string(who.person.role)}, {"remote", address_of(request, settings->console.behind_proxy)}});
    Response response = json_response(json::serialize(session_json(context, who, token)));
    response.headers.add("Set-Cookie", session_cookie(token, is_secure(request, *settings), settings->console.longest));
    co_return response;
}

net::awaitable<Response> who_am_i(ContextPtr context, Request request) {
    std::string const token = session_token(request, is_secure(request, *settings_of(context)));
    auto const known = co_await by_cookie(context, token);
    if (!known) co_return failure(known.error());
    if (*known) co_return json_response(json::serialize(session_json(context, **known, token)));
    auto const people = co_await context->store.accounts().people();
    if (!people) co_return failure(people.error());
    if (!people->empty()) co_return signed_out();
    co_return problem_because(401, "Nobody can sign in yet", "Open the link that the daemon prints at its start, or 'kefud user add NAME --role admin'.",
                              "setup");
}

/// Takes note of the second factor's code as used; nothing: it is wrong, or was used.
PersonEdit use_code(std::string code, Timestamp now) {
    return [code = std::move(code), now](Person& person) -> Result<void> {
        if (auto const step = totp_step_of(code, person.totp, now, person.totp_step)) {
            person.totp_step = *step;
            return {};
        }
        if (std::erase(person.recovery, recovery_hash(code)) > 0) return {};
        return Error{Errc::unauthorized, "the code is wrong"};
    };
}

net::awaitable<Response> sign_in(ContextPtr context, Request request) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto const& body = std::get<json::object>(read);
    std::string const name = text_in(body, "name");
    std::string const password = text_in(body, "password");
    std::string const code = text_in(body, "code");
    if (name.empty() || name.size() > 64 || password.empty() || password.size() > longest_password) co_return problem(400, "'name' and 'password' are needed");
    std::string const address = address_of(request, settings_of(context)->console.behind_proxy);
    auto const wait = context->sign_in.throttle.try_now(name, address, context->clock());
    if (wait.count() > 0) {
        context->services()->metrics->sign_ins_throttled.of().Increment();
        log_warn("sign_in_throttled", {{"remote", address}});
        co_return too_often(wait);
    }
    auto const found = co_await context->store.accounts().person(name);
    if (!found) co_return failure(found.error());
    Person person = found->value_or(Person{});
    ComparePassword compare{password, person.password};
    auto const same = co_await compared(context, std::move(compare));
    if (!same) co_return busy();
    if (!*same || person.disabled) {
        log_warn("sign_in_failed", {{"known", !person.name.empty()}, {"remote", address}});
        if (!person.name.empty()) {
            AuditEntry entry = audit_entry(context, person.name, "sign_in_failed", "from " + address);
            (void)co_await context->store.accounts().record(std::move(entry));
        }
        co_return problem_because(401, "Not signed in", "The name or the password is wrong.", "wrong");
    }
    if (!person.totp.empty()) {
        if (code.empty()) co_return problem_because(401, "Not signed in", "Now the code of the authenticator.", "code_needed");
        PersonEdit edit = use_code(code, context->clock());
        AuditEntry entry = audit_entry(context, person.name, "second_factor", code.size() == 6 ? "code" : "recovery code");
        auto const used = co_await context->store.accounts().change(person.name, std::move(edit), std::move(entry));
        if (!used && used.error().code == Errc::unauthorized)
            co_return problem_because(401, "Not signed in", "The code is wrong, or was used already.", "code_wrong");
        if (!used) co_return failure(used.error());
        person = *used;
    }
    context->sign_in.throttle.succeeded(name, address);
    co_return co_await let_in(context, request, std::move(person), "from " + address);
}

/// What a link is for, when it may be looked at.
net::awaitable<std::variant<Invitation, Response>> invited(ContextPtr context, Request const& request, std::string token) {
    std::string const hash = token_hash(token);
    std::string const address = address_of(request, settings_of(context)->console.behind_proxy);
    auto const wait = context->sign_in.throttle.try_now("link " + hash, address, context->clock());
    if (wait.count() > 0) co_return too_often(wait);
    auto const found = co_await context->store.accounts().invitation(hash, context->clock());
    if (!found) co_return failure(found.error());
    if (!*found) co_return problem(404, "This link does not work any more", "It was used, or is too old. An admin can make a new one.");
    context->sign_in.throttle.succeeded("link " + hash, address);
    co_return **found;
}

net::awaitable<Response> show_invitation(ContextPtr context, Request request) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto found = co_await invited(context, request, text_in(std::get<json::object>(read), "token"));
    if (auto* refused = std::get_if<Response>(&found)) co_return std::move(*refused);
    auto const& invitation = std::get<Invitation>(found);
    json::object body{{"role", to_string(invitation.role)}, {"name", nullptr}, {"expires_at", to_rfc3339(invitation.expires_at)}};
    if (!invitation.name.empty()) body["name"] = invitation.name;
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> set_up(ContextPtr context, Request request) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto const& body = std::get<json::object>(read);
    std::string const token = text_in(body, "token");
    auto found = co_await invited(context, request, token);
    if (auto* refused = std::get_if<Response>(&found)) co_return std::move(*refused);
    auto const& invitation = std::get<Invitation>(found);
    std::string name = invitation.name.empty() ? text_in(body, "name") : invitation.name;
    if (!is_person_name(name)) co_return problem_because(400, "The name cannot be taken", "1 to 40 letters, digits, '.', '_' and '-'.", "name");
    HashPassword work{text_in(body, "password")};
    if (!is_password_length(work.password)) co_return wrong_length();
    auto hash = co_await hashed(context, std::move(work));
    if (!hash) co_return busy();
    auto made = co_await context->store.accounts().accept(invitation.hash, std::move(name), std::move(*hash), context->clock());
    if (!made) co_return failure(made.error());
    co_return co_await let_in(context, request, std::move(*made), "by a one-time link");
}

using OpenAction = net::awaitable<Response> (*)(ContextPtr, Request);

/// Nobody is made to sign in by another site, as somebody else.
net::awaitable<Response> uncached(ContextPtr context, Request request, OpenAction action) {
    if (request.method == "POST" && request.headers.has("origin") && !is_our_page(request, *settings_of(context)))
        co_return problem_because(403, "Not from this page", "Origin is not this daemon's; is public_url right?", "origin");
    Response response = co_await action(std::move(context), std::move(request));
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

}  // namespace

Response too_often(std::chrono::milliseconds wait) {
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    Response response = problem_because(429, "Too many tries", "Try again in " + std::to_string(seconds) + " s.", "wait");
    response.headers.set("Retry-After", std::to_string(seconds));
    return response;
}

Response busy() {
    Response response = problem(503, "Not now", "Many are signing in. Try again in a second.");
    response.headers.set("Retry-After", "1");
    return response;
}

bool is_password_length(std::string const& password) { return password.size() >= shortest_password && password.size() <= longest_password; }

Response wrong_length() { return problem_because(400, "The password is too short or too long", "12 to 1,024 bytes.", "password"); }

net::awaitable<std::optional<std::string>> hashed(ContextPtr context, HashPassword work) {
    co_return co_await on_passwords_pool(std::move(context), std::move(work));
}
net::awaitable<std::optional<bool>> compared(ContextPtr context, ComparePassword work) {
    co_return co_await on_passwords_pool(std::move(context), std::move(work));
}

void add_sign_in(Router& router, std::string const& base, ContextPtr context) {
    if (!settings_of(context)->console.enabled) return;
    auto const open = [&](char const* method, char const* path, OpenAction action) {
        router.add(method, base + path, [context, action](Request request) { return uncached(context, std::move(request), action); });
    };
    open("GET", "/session", who_am_i);
    open("POST", "/session", sign_in);
    open("POST", "/session/invitation", show_invitation);
    open("POST", "/session/setup", set_up);
    add_account(router, base, context);
}

}  // namespace kefu::api
