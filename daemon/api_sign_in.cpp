// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "daemon/console/password.hpp"
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

/// Of the moment; a reload may replace them at any co_await.
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

Response too_often(std::chrono::milliseconds wait) {
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    Response response = problem_because(429, "Too many tries", "Try again in " + std::to_string(seconds) + " s.", "wait");
    response.headers.set("Retry-After", std::to_string(seconds));
    return response;
}

struct HashPassword {
    std::string password;
    std::string operator()() const { return hash_password(password); }
};

struct ComparePassword {
    std::string password, hash;
    bool operator()() const { return is_password(password, hash); }
};

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

/// On the pool for passwords; nothing when too many wait there.
template <class Work>
net::awaitable<std::optional<decltype(std::declval<Work>()())>> hashed(ContextPtr context, Work work) {
    Waiting const waiting{context->sign_in};
    if (waiting.count() > most_waiting) co_return std::nullopt;
    co_return co_await on_pool(context->sign_in.passwords, std::move(work));
}

Response busy() {
    Response response = problem(503, "Not now", "Many are signing in. Try again in a second.");
    response.headers.set("Retry-After", "1");
    return response;
}

/// Who is signed in by cookie; nothing: nobody, or no longer.
net::awaitable<Result<std::optional<SignedIn>>> by_cookie(ContextPtr context, std::string token) {
    if (token.empty()) co_return std::optional<SignedIn>{};
    auto found = co_await context->store.accounts().signed_in(token_hash(token));
    if (!found || !*found) co_return found;
    SignedIn const& known = **found;
    if (known.person.disabled || context->clock() >= expiry(known.session, settings_of(context)->console)) co_return std::optional<SignedIn>{};
    co_return found;
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
        log_warn("sign_in_throttled", {{"remote", address}});
        co_return too_often(wait);
    }
    auto const found = co_await context->store.accounts().person(name);
    if (!found) co_return failure(found.error());
    Person person = found->value_or(Person{});
    ComparePassword compare{password, person.password};
    auto const same = co_await hashed(context, std::move(compare));
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

bool is_password_length(std::string const& password) { return password.size() >= shortest_password && password.size() <= longest_password; }

Response wrong_length() { return problem_because(400, "The password is too short or too long", "10 to 1,024 bytes.", "password"); }

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
    auto const same = co_await hashed(context, std::move(compare));
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

void add_sign_in(Router& router, std::string const& base, ContextPtr context) {
    if (!settings_of(context)->console.enabled) return;
    auto const open = [&](char const* method, char const* path, OpenAction action) {
        router.add(method, base + path, [context, action](Request request) { return uncached(context, std::move(request), action); });
    };
    auto const mine = [&](char const* method, char const* path, PersonAction action) {
        router.add(method, base + path, [context, action](Request request) { return as_person(context, std::move(request), action); });
    };
    open("GET", "/session", who_am_i);
    open("POST", "/session", sign_in);
    open("POST", "/session/invitation", show_invitation);
    open("POST", "/session/setup", set_up);
    mine("DELETE", "/session", sign_out);
    mine("POST", "/session/password", change_password);
    mine("POST", "/session/totp", begin_totp);
    mine("POST", "/session/totp/confirm", confirm_totp);
    mine("POST", "/session/totp/off", end_totp);
}

}  // namespace kefu::api
