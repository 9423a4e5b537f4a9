// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "daemon/log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

/// Who is there, and giving a conversation to a colleague.
namespace kefu::api {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_reason = 1'000;  // bytes

json::array array_of(std::vector<std::string> const& texts) { return json::array(texts.begin(), texts.end()); }

json::object agent_json(AgentSettings const& agent, bool online, std::size_t load) {
    return {{"name", agent.name}, {"tiers", array_of(agent.tiers)}, {"languages", array_of(agent.languages)}, {"state", online ? "online" : "away"},
            {"load", load},       {"capacity", agent.capacity}};
}

/// The agents of kefud.yaml, and the people of the console who are none of them.
std::vector<AgentSettings> everybody(Settings const& settings, std::vector<Person> const& people) {
    auto all = settings.agents;
    for (auto const& person : people) {
        bool const listed = std::any_of(all.begin(), all.end(), [&](auto const& agent) { return agent.name == person.name; });
        if (!listed && !person.disabled) all.push_back(agent_called(settings.agents, person.name));
    }
    return all;
}

net::awaitable<Response> agents(ContextPtr context, Request, std::string) {
    auto const loads = co_await context->store.loads();
    if (!loads) co_return failure(loads.error());
    ServicesPtr const services = context->services();
    Timestamp const now = context->clock();
    auto const people = co_await context->store.accounts().people();
    if (!people) co_return failure(people.error());
    json::array list;
    for (auto const& agent : everybody(services->snapshot->settings, *people)) {
        auto const load = loads->find(agent.name);
        list.push_back(agent_json(agent, context->roster.is_online(agent.name, now), load == loads->end() ? 0 : load->second));
    }
    json::object body{{"agents", std::move(list)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> presence(ContextPtr context, Request request, std::string agent) {
    error_code error;
    json::value const document = json::parse(request.body, error);
    std::string const state = error || !document.is_object() ? std::string{} : text_in(document.get_object(), "state");
    if (state != "online" && state != "away") co_return problem(400, "'state' is missing", "Send {\"state\": \"online\"} or {\"state\": \"away\"}.");
    ServicesPtr const services = context->services();
    Timestamp const now = context->clock();
    if (state == "away") {
        context->roster.leaves(agent);
        log_info("agent_away", {{"agent", agent}});
        context->live.tell({{"type", "agents"}});
        co_return json_response("{\"state\":\"away\"}");
    }
    Timestamp const until = now + services->snapshot->settings.api.online_for;
    auto const& agents = services->snapshot->settings.agents;
    bool const is_guest = std::none_of(agents.begin(), agents.end(), [&](auto const& one) { return one.name == agent; });
    if (context->roster.comes(agent, now, until, is_guest)) {
        log_info("agent_online", {{"agent", agent}});
        context->live.tell({{"type", "agents"}});
        co_await give_waiting_to(context, agent);
    }
    json::object body{{"state", "online"}, {"until", to_rfc3339(until)}};
    co_return json_response(json::serialize(body));
}

Response no_such_agent(std::string const& name, std::vector<AgentSettings> const& all) {
    std::string known;
    for (auto const& agent : all) known += (known.empty() ? "" : ", ") + agent.name;
    return problem(404, "No such agent", "There is no agent '" + name + "'; there is: " + known + ".");
}

net::awaitable<Response> assign(ContextPtr context, Request request, std::string agent) {
    auto const asked = read_asked(request);
    if (auto const* wrong = std::get_if<Response>(&asked)) co_return *wrong;
    auto const& [body, conversation] = std::get<Asked>(asked);
    AgentAssigned given;
    given.agent = agent;
    given.to = text_in(body, "to");
    given.why = text_in(body, "why");
    if (given.to.empty()) co_return problem(400, "'to' is missing", "Which agent shall have it?");
    if (given.why.size() > longest_reason) co_return problem(400, "'why' is too long", "At most 1,000 bytes.");
    ServicesPtr const services = context->services();
    auto const people = co_await context->store.accounts().people();
    if (!people) co_return failure(people.error());
    auto const all = everybody(services->snapshot->settings, *people);
    bool const is_there = std::any_of(all.begin(), all.end(), [&](auto const& one) { return one.name == given.to; });
    if (!is_there) co_return no_such_agent(given.to, all);
    // What waits goes on to others when they do not react; what a person has would be forgotten.
    auto const view = co_await context->store.view(conversation, 1);
    if (!view) co_return failure(view.error());
    bool const with_person = *view && (*view)->conversation.owner == Owner::person;
    if (with_person && !context->roster.is_online(given.to, context->clock()))
        co_return problem(409, "Not possible now", given.to + " is away, and nobody would answer the customer.");
    Event event = std::move(given);
    Response response = co_await happen(context, conversation, std::move(event), agent, "assign");
    co_return response;
}

}  // namespace

std::vector<Route> team_routes() { return {{"GET", "/agents", agents}, {"POST", "/presence", presence}, {"POST", "/assign", assign}}; }

net::awaitable<void> give_waiting_to(ContextPtr context, std::string agent) {
    ServicesPtr const services = context->services();
    Snapshot const& snapshot = *services->snapshot;
    Timestamp const now = context->clock();
    if (!context->roster.is_online(agent, now)) co_return;
    AgentSettings const settings = agent_called(snapshot.settings.agents, agent);
    auto const loads = co_await context->store.loads();
    if (!loads) co_return;  // they see in the list who waits
    auto const load = loads->find(agent);
    auto const capacity = static_cast<std::size_t>(settings.capacity);
    std::size_t const room = capacity - std::min(capacity, load == loads->end() ? 0 : load->second);
    ConversationFilter filter;
    filter.owner = Owner::waiting;
    filter.limit = 1000;
    auto const waiting = co_await context->store.list(std::move(filter));
    if (!waiting) co_return;
    std::vector<Arrival> batch;
    for (auto const& view : *waiting) {
        Conversation const& conversation = view.conversation;
        auto const language = language_prior(snapshot.catalog, snapshot.channel(conversation.channel), conversation);
        bool const looked_for = !conversation.assignment.tier.empty() && conversation.agent.empty();
        if (batch.size() == room || !looked_for || !fits(settings, conversation.assignment.tier, language)) continue;
        batch.push_back(arrival_in(conversation, AgentCame{agent}, now));
    }
    if (batch.empty()) co_return;
    auto const applied = co_await context->store.apply(std::move(batch));
    if (!applied) log_warn("waiting_not_given", {{"agent", agent}, {"why", applied.error().message}});
}

}  // namespace kefu::api
