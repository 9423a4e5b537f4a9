// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "daemon/log.hpp"
#include "daemon/version.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace kefu {

namespace json = boost::json;
using namespace api;

json::array api::pauses_json(std::vector<Pause> const& pauses) {
    json::array list;
    for (auto const& pause : pauses) list.push_back(json::object{{"channel", pause.channel}, {"by", pause.by}, {"since", to_rfc3339(pause.since)}});
    return list;
}

net::awaitable<void> api::tell_pauses(ContextPtr context) {
    auto const pauses = co_await context->store.pauses();
    if (!pauses) co_return;  // who opens a page reads them anyway
    json::object const frame{{"type", "paused"}, {"paused", pauses_json(*pauses)}};
    context->live.tell(frame);
}

namespace {

constexpr std::size_t longest_reply = 20'000;  // bytes; more is a mistake, no answer

std::string query(Request const& request, std::string const& name) {
    auto const found = request.query.find(name);
    return found == request.query.end() ? std::string{} : found->second;
}

/// The guard found something in an agent's words.
Response warning(std::string_view text, GuardFinding const& finding) {
    return problem_with(409, "The shop may not promise this",
                        "Rule " + finding.rule + ". Change the words, or send it with \"override\": true; that is logged.", finding_json(text, finding));
}

net::awaitable<Response> list(ContextPtr context, Request request, std::string caller) {
    if (request.query.contains("queue")) co_return co_await list_queue(context, std::move(request), std::move(caller));
    ConversationFilter filter;
    filter.limit = number_of(request, "limit", 100, 1000);
    filter.channel = query(request, "channel");
    filter.agent = query(request, "agent");
    std::string const owner = query(request, "owner");
    if (!owner.empty()) {
        filter.owner = owner_from_string(owner);
        if (!filter.owner) co_return problem(400, "Unknown owner", "'owner' is one of bot, waiting, person, closed.");
    }
    auto const views = co_await context->store.list(std::move(filter));
    if (!views) co_return failure(views.error());
    json::array list;
    for (auto const& view : *views) {
        auto object = conversation_json(context, view, caller);
        object.erase("history");
        list.push_back(std::move(object));
    }
    json::object body{{"conversations", std::move(list)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> show(ContextPtr context, Request request, std::string caller) {
    ConversationId id{query(request, "id")};
    std::size_t const history = number_of(request, "history", 50, 1000);
    auto const view = co_await context->store.view(std::move(id), history);
    if (!view) co_return failure(view.error());
    if (!*view) co_return problem(404, "No such conversation", "Give its id as the list shows it: ?id=CHANNEL/CUSTOMER.");
    co_return json_response(json::serialize(conversation_json(context, **view, caller)));
}

/// The agent is writing: the customer sees it, where the platform can show it.
net::awaitable<Response> show_typing(ContextPtr context, Request request, std::string) {
    auto const asked = read_asked(request);
    if (auto const* wrong = std::get_if<Response>(&asked)) co_return *wrong;
    auto const view = co_await context->store.view(std::get<Asked>(asked).conversation, 1);
    if (!view) co_return failure(view.error());
    if (!*view) co_return problem(404, "No such conversation", "Give its id as the list shows it.");
    auto const& conversation = (*view)->conversation;
    ServicesPtr const services = context->services();
    auto const connector = services->connectors.find(conversation.channel.value);
    if (connector != services->connectors.end()) connector->second->show_typing(conversation.sender);
    co_return json_response("{}");
}

net::awaitable<Response> act(ContextPtr context, Request request, std::string agent, AgentAction action) {
    auto const asked = read_asked(request);
    if (auto const* wrong = std::get_if<Response>(&asked)) co_return *wrong;
    auto const& [body, conversation] = std::get<Asked>(asked);
    AgentActed acted;
    acted.action = action;
    acted.agent = agent;
    acted.text = text_in(body, "text");
    if (auto const* override_guard = body.if_contains("override"); override_guard != nullptr && override_guard->is_bool())
        acted.override_guard = override_guard->get_bool();
    acted.draft = EffectId{text_in(body, "draft")};
    bool const needs_text = action == AgentAction::reply || action == AgentAction::note;
    if (needs_text && acted.text.empty()) co_return problem(400, "'text' is missing", "What shall be said?");
    if (acted.text.size() > longest_reply) co_return problem(400, "'text' is too long", "At most 20,000 bytes.");

    ServicesPtr const services = context->services();
    bool const guarded = action == AgentAction::reply || action == AgentAction::approve;
    if (guarded && !acted.override_guard)
        if (auto const finding = services->snapshot->catalog.guard.check(acted.text)) co_return warning(acted.text, *finding);

    Event event = std::move(acted);
    Response response = co_await happen(context, conversation, std::move(event), agent, agent_action_names[static_cast<std::size_t>(action)]);
    bool const gives_away = action == AgentAction::hand_back || action == AgentAction::resolve;
    if (gives_away && response.status == 200) co_await give_waiting_to(context, agent);
    co_return response;
}

net::awaitable<Response> status(ContextPtr context, Request, std::string) {
    auto const counts = co_await context->store.counts();
    if (!counts) co_return failure(counts.error());
    auto const pauses = co_await context->store.pauses();
    if (!pauses) co_return failure(pauses.error());
    json::object store{{"journaled", counts->journaled},           {"conversations", counts->conversations},
                       {"outbox_pending", counts->outbox_pending}, {"outbox_in_flight", counts->outbox_in_flight},
                       {"outbox_dead", counts->outbox_dead},       {"escalations_open", counts->escalations_open}};
    if (counts->oldest_pending) store["oldest_pending"] = to_rfc3339(*counts->oldest_pending);
    json::object intake{{"requests", context->intake.requests.load()},     {"events", context->intake.events.load()},
                        {"duplicates", context->intake.duplicates.load()}, {"ignored", context->intake.ignored.load()},
                        {"refused", context->intake.refused.load()},       {"unavailable", context->intake.unavailable.load()}};
    json::object dispatch{{"delivered", context->dispatch.delivered.load()},
                          {"refused", context->dispatch.refused.load()},
                          {"unknown", context->dispatch.unknown.load()},
                          {"retried", context->dispatch.retried.load()}};
    ServicesPtr const services = context->services();
    auto const& http_counts = *services->http;
    json::object http{{"requests", http_counts.requests.load()},      {"answers", http_counts.answers.load()}, {"unsent", http_counts.unsent.load()},
                      {"timeouts", http_counts.timeouts.load()},      {"refused", http_counts.refused.load()}, {"left_alone", http_counts.left_alone.load()},
                      {"connections", http_counts.connections.load()}};
    json::array channels;
    for (auto const& [id, connector] : services->connectors) channels.push_back(json::object{{"id", id}, {"type", connector->policy().type}});
    json::object body{{"version", program_version()},   {"store", std::move(store)},       {"intake", std::move(intake)}, {"dispatch", std::move(dispatch)},
                      {"paused", pauses_json(*pauses)}, {"channels", std::move(channels)}, {"http", std::move(http)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<void> record(ContextPtr context, std::string who, std::string action, std::string detail) {
    AuditEntry entry = audit_entry(context, std::move(who), std::move(action), std::move(detail));
    (void)co_await context->store.accounts().record(std::move(entry));
}

/// "*" for all, or the channel the body names. A body that says something else stops and starts nothing.
Result<std::string> channel_of(Request const& request) {
    error_code error;
    json::value const document = json::parse(request.body.empty() ? "{}" : request.body, error);
    if (error || !document.is_object()) return Error{Errc::bad_payload, "Send {} for all channels, or {\"channel\": ID}."};
    auto const* channel = document.get_object().if_contains("channel");
    if (channel == nullptr) return std::string{"*"};
    if (!channel->is_string()) return Error{Errc::bad_payload, "'channel' is the id of a channel."};
    return std::string{channel->get_string()};
}

Response no_such_channel(std::string const& channel, Services const& services) {
    std::string known;
    for (auto const& [id, connector] : services.connectors) known += (known.empty() ? "" : ", ") + id;
    return problem(404, "No such channel", "There is no channel '" + channel + "'; there is: " + known + ".");
}

net::awaitable<Response> pause(ContextPtr context, Request request, std::string agent) {
    auto const channel = channel_of(request);
    if (!channel) co_return problem(400, "The body cannot be read", channel.error().message);
    ServicesPtr const services = context->services();
    if (*channel != "*" && !services->connectors.contains(*channel)) co_return no_such_channel(*channel, *services);
    Pause pause;
    pause.channel = *channel;
    pause.by = agent;
    pause.since = context->clock();
    log_warn("sending_paused", {{"channel", pause.channel}, {"by", agent}});
    auto const done = co_await context->store.set_pause(std::move(pause));
    if (!done) co_return failure(done.error());
    co_await record(context, agent, "paused", *channel);
    co_await tell_pauses(context);
    co_return json_response("{\"paused\":true}");
}

net::awaitable<Response> resume(ContextPtr context, Request request, std::string agent) {
    auto const channel = channel_of(request);
    if (!channel) co_return problem(400, "The body cannot be read", channel.error().message);
    log_warn("sending_resumed", {{"channel", *channel}, {"by", agent}});
    auto const done = co_await context->store.clear_pause(*channel);
    if (!done) co_return failure(done.error());
    co_await record(context, agent, "resumed", *channel);
    co_await tell_pauses(context);
    co_return json_response("{\"paused\":false}");
}

net::awaitable<Response> as_caller(ContextPtr context, Action action, Role least, Request request) {
    auto known = co_await identify(context, request);
    if (auto* refused = std::get_if<Response>(&known)) co_return std::move(*refused);
    Caller caller = std::get<Caller>(std::move(known));
    if (!reaches(caller.role, least)) co_return problem(403, "Not for your role", "It takes the role " + std::string{to_string(least)} + ".");
    Timestamp const now = context->clock();
    context->roster.seen(caller.name, now, now + context->services()->snapshot->settings.api.online_for);
    Response response = co_await action(context, std::move(request), std::move(caller.name));
    if (!response.headers.has("cache-control")) response.headers.set("Cache-Control", "no-store");
    co_return response;
}

net::awaitable<Response> ready(ContextPtr context, Request) {
    if (context->stopping()) co_return problem(503, "Stopping", "The daemon is shutting down.");
    auto const counts = co_await context->store.counts();
    if (!counts) co_return problem(503, "The store does not work", counts.error().message);
    auto const pauses = co_await context->store.pauses();
    json::object body{{"status", "ready"}, {"outbox_pending", counts->outbox_pending}, {"escalations_open", counts->escalations_open}};
    if (pauses) body["paused"] = pauses_json(*pauses);
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> healthy(Request) { co_return text_response("ok\n"); }

}  // namespace

void add_api(Router& router, std::string const& base, ApiContext context) {
    auto const shared = std::make_shared<ApiContext const>(std::move(context));
    auto const add = [&](char const* method, char const* path, Action action, Role least = Role::agent) {
        router.add(method, base + path,
                   [shared, action = std::move(action), least](Request request) { return as_caller(shared, action, least, std::move(request)); });
    };
    auto const acts = [](AgentAction action) {
        return [action](ContextPtr where, Request request, std::string agent) { return act(std::move(where), std::move(request), std::move(agent), action); };
    };
    add("GET", "/conversations", list);
    add("GET", "/conversation", show);
    add("POST", "/claim", acts(AgentAction::claim));
    add("POST", "/reply", acts(AgentAction::reply));
    add("POST", "/hand-back", acts(AgentAction::hand_back));
    add("POST", "/resolve", acts(AgentAction::resolve));
    add("POST", "/note", acts(AgentAction::note));
    add("POST", "/draft/approve", acts(AgentAction::approve));
    add("POST", "/draft/discard", acts(AgentAction::discard));
    for (auto const& routes : {team_routes(), case_routes(), channel_routes(), inbox_routes(), people_routes(), desk_routes(), version_routes(),
                               preview_routes(), report_routes(), operate_routes()})
        for (auto const& [method, path, action, least] : routes) add(method, path, action, least);
    add("POST", "/typing", show_typing);
    add("GET", "/status", status);
    add("POST", "/pause", pause);
    add("POST", "/resume", resume);
    add_sign_in(router, base, shared);
    add_live(router, base, shared);
}

void add_health(Router& router, ApiContext context) {
    auto const shared = std::make_shared<ApiContext const>(std::move(context));
    router.add("GET", "/healthz", healthy);
    router.add("GET", "/readyz", [shared](Request request) { return ready(shared, std::move(request)); });
}

}  // namespace kefu
