// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "daemon/export_person.hpp"
#include "daemon/log.hpp"
#include "daemon/net/on_pool.hpp"
#include "daemon/retention.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

/// What admins do to the daemon itself: one person's data, the log.
namespace kefu::api {

namespace json = boost::json;

namespace {

/// Reads the database beside the daemon's own connections.
struct ExportPerson {
    StoreSettings store;
    ConversationId id;
    Result<std::string> operator()() const { return person_json(store, id); }
};

Response nobody() { return problem(404, "No such conversation", "Give its id as the list shows it: CHANNEL/CUSTOMER."); }

net::awaitable<Response> forget(ContextPtr context, Request request, std::string admin) {
    auto const asked = read_asked(request);
    if (auto const* wrong = std::get_if<Response>(&asked)) co_return *wrong;
    auto const& [body, conversation] = std::get<Asked>(asked);
    auto const* dry = body.if_contains("dry_run");
    if (dry != nullptr && !dry->is_bool()) co_return problem(400, "'dry_run' is true or false");
    bool const only_look = dry != nullptr && dry->get_bool();
    Keeper const keeper{context->store, context->services, context->pool, context->clock};
    auto const erased = co_await forget_person(keeper, conversation, admin, only_look);
    if (!erased && erased.error().code == Errc::not_found) co_return nobody();
    if (!erased) co_return failure(erased.error());
    json::object receipt{{"conversation", conversation.value}, {"forgotten", !only_look}, {"at", to_rfc3339(context->clock())}, {"by", admin}};
    receipt["counts"] = json::parse(erased_json(*erased));
    co_return json_response(json::serialize(receipt));
}

net::awaitable<Response> export_one(ContextPtr context, Request request, std::string admin) {
    auto const found = request.query.find("id");
    if (found == request.query.end() || found->second.empty()) co_return problem(400, "'id' is missing", "Give a conversation: ?id=CHANNEL/CUSTOMER.");
    auto const services = context->services();
    ExportPerson work{services->snapshot->settings.store, ConversationId{found->second}};
    auto const all = co_await on_pool(context->pool, std::move(work));
    if (!all && all.error().code == Errc::not_found) co_return nobody();
    if (!all) co_return failure(all.error());
    AuditEntry entry = audit_entry(context, admin, "exported", found->second);
    auto const recorded = co_await context->store.accounts().record(std::move(entry));
    if (!recorded) co_return failure(recorded.error());
    co_return json_response(*all);
}

net::awaitable<Response> change_log_level(ContextPtr context, Request request, std::string admin) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    std::string const wanted = text_in(std::get<json::object>(read), "level");
    auto const known = names(LogLevel{});
    auto const level = std::find(known.begin(), known.end(), wanted);
    if (level == known.end()) co_return problem(400, "Unknown 'level'", "'level' is one of debug, info, warning, error.");
    set_log_level(static_cast<LogLevel>(level - known.begin()));
    log_info("log_level", {{"level", wanted}, {"by", admin}});
    AuditEntry entry = audit_entry(context, admin, "log_level", wanted);
    auto const recorded = co_await context->store.accounts().record(std::move(entry));
    if (!recorded) co_return failure(recorded.error());
    json::object body{{"level", wanted}};
    co_return json_response(json::serialize(body));
}

}  // namespace

std::vector<Route> operate_routes() {
    return {{"POST", "/person/forget", forget, Role::admin},
            {"GET", "/person/export", export_one, Role::admin},
            {"POST", "/log-level", change_log_level, Role::admin}};
}

}  // namespace kefu::api
