// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "daemon/log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

/// Who may sign in, as what. Nobody ever learns a password of somebody else: a link lets them choose one.
namespace kefu::api {

namespace json = boost::json;

namespace {

json::object person_json(Person const& person, bool invited) {
    json::object object{{"name", person.name},         {"role", to_string(person.role)},
                        {"disabled", person.disabled}, {"totp", !person.totp.empty()},
                        {"invited", invited},          {"created_at", to_rfc3339(person.created_at)}};
    if (person.seen_at != Timestamp{}) object["seen_at"] = to_rfc3339(person.seen_at);
    return object;
}

/// public_url, or what the admin's browser calls us.
std::string base_address(Request const& request, Settings const& settings) {
    if (!settings.public_url.empty()) return settings.public_url;
    return (is_secure(request, settings) ? "https://" : "http://") + std::string{request.headers.get("host")};
}

json::object link_json(ContextPtr const& context, Request const& request, NewLink const& link) {
    auto const services = context->services();
    return {{"name", link.invitation.name},
            {"link", link_address(base_address(request, services->snapshot->settings), link.token)},
            {"expires_at", to_rfc3339(link.invitation.expires_at)}};
}

net::awaitable<Response> list_people(ContextPtr context, Request, std::string) {
    auto const people = co_await context->store.accounts().people();
    if (!people) co_return failure(people.error());
    auto const open = co_await context->store.accounts().invitations(context->clock());
    if (!open) co_return failure(open.error());
    json::array list;
    for (auto const& person : *people) {
        bool const invited = std::any_of(open->begin(), open->end(), [&](auto const& one) { return one.name == person.name; });
        list.push_back(person_json(person, invited && person.password.empty()));
    }
    json::object body{{"people", std::move(list)}};
    co_return json_response(json::serialize(body));
}

Response no_role() { return problem(400, "Unknown 'role'", "'role' is one of agent, operator, owner, admin."); }

net::awaitable<Response> add_person(ContextPtr context, Request request, std::string admin) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto const& body = std::get<json::object>(read);
    Person person;
    person.name = text_in(body, "name");
    person.created_at = context->clock();
    auto const role = role_from_string(text_in(body, "role"));
    if (!is_person_name(person.name)) co_return problem_because(400, "The name cannot be taken", "1 to 40 letters, digits, '.', '_' and '-'.", "name");
    if (!role) co_return no_role();
    person.role = *role;
    NewLink const link = new_link(person.name, *role, context->clock());
    AuditEntry added = audit_entry(context, admin, "person_added", person.name + " as " + std::string{to_string(*role)});
    auto const stored = co_await context->store.accounts().add(std::move(person), std::move(added));
    if (!stored) co_return failure(stored.error());
    AuditEntry invited = audit_entry(context, admin, "link_made", link.invitation.name);
    auto const made = co_await context->store.accounts().invite(link.invitation, std::move(invited));
    if (!made) co_return failure(made.error());
    log_info("person_added", {{"person", link.invitation.name}, {"role", to_string(*role)}, {"by", admin}});
    co_return json_response(json::serialize(link_json(context, request, link)), 201);
}

net::awaitable<Response> change_person(ContextPtr context, Request request, std::string admin) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto const& body = std::get<json::object>(read);
    std::string const name = text_in(body, "name");
    auto const* disabled = body.if_contains("disabled");
    if (disabled != nullptr && !disabled->is_bool()) co_return problem(400, "'disabled' is true or false");
    auto const role = role_from_string(text_in(body, "role"));
    if (body.contains("role") && !role) co_return no_role();
    std::optional<bool> const off = disabled == nullptr ? std::nullopt : std::optional{disabled->get_bool()};
    PersonEdit edit = [role, off](Person& person) -> Result<void> {
        person.role = role.value_or(person.role);
        person.disabled = off.value_or(person.disabled);
        return {};
    };
    std::string what = name;
    if (role) what += " is " + std::string{to_string(*role)};
    if (off) what += *off ? " disabled" : " enabled";
    AuditEntry entry = audit_entry(context, admin, "person_changed", what);
    auto const changed = co_await context->store.accounts().change(name, std::move(edit), std::move(entry));
    if (!changed) co_return failure(changed.error());
    if (changed->disabled) {
        auto const ended = co_await context->store.accounts().end_all(name, {});
        if (!ended) co_return failure(ended.error());
        context->live.end_person(name, {});
    }
    log_info("person_changed", {{"person", name}, {"role", to_string(changed->role)}, {"disabled", changed->disabled}, {"by", admin}});
    co_return json_response(json::serialize(person_json(*changed, false)));
}

net::awaitable<Response> reset_person(ContextPtr context, Request request, std::string admin) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    std::string const name = text_in(std::get<json::object>(read), "name");
    PersonEdit edit = forget_secrets;
    AuditEntry entry = audit_entry(context, admin, "person_reset", name);
    auto const changed = co_await context->store.accounts().change(name, std::move(edit), std::move(entry));
    if (!changed) co_return failure(changed.error());
    auto const ended = co_await context->store.accounts().end_all(name, {});
    if (!ended) co_return failure(ended.error());
    context->live.end_person(name, {});
    NewLink const link = new_link(name, changed->role, context->clock());
    AuditEntry invited = audit_entry(context, admin, "link_made", name);
    auto const made = co_await context->store.accounts().invite(link.invitation, std::move(invited));
    if (!made) co_return failure(made.error());
    log_info("person_reset", {{"person", name}, {"by", admin}});
    co_return json_response(json::serialize(link_json(context, request, link)));
}

}  // namespace

std::vector<Route> people_routes() {
    return {{"GET", "/people", list_people, Role::admin},
            {"POST", "/people", add_person, Role::admin},
            {"POST", "/people/change", change_person, Role::admin},
            {"POST", "/people/reset", reset_person, Role::admin}};
}

}  // namespace kefu::api
