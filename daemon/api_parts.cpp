// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"

#include "daemon/log.hpp"
#include "daemon/net/deadline.hpp"
#include "daemon/notify/notifiers.hpp"
#include "replies/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace kefu::api {

namespace json = boost::json;

namespace {

constexpr std::chrono::seconds still_typing{6};
constexpr std::chrono::seconds longest_on_the_wire{10};
constexpr std::chrono::milliseconds look_again{20};  // then twice as long each time ...
constexpr std::chrono::milliseconds look_again_at_last{320};
constexpr std::size_t newest_lines = 20;

json::object draft_json(Send const& draft) {
    json::array messages;
    std::string text;
    for (auto const& message : draft.messages) {
        messages.push_back(to_json(message));
        if (!message.text.empty()) text += (text.empty() ? "" : "\n\n") + message.text;
    }
    json::array templates(draft.templates.begin(), draft.templates.end());
    return {{"id", draft.id.value},
            {"text", std::move(text)},
            {"templates", std::move(templates)},
            {"language", draft.language},
            {"written_at", to_rfc3339(draft.decided_at)},
            {"messages", std::move(messages)}};
}

bool bot_is_sending(ConversationView const& view) {
    auto const& lines = view.history;
    return std::any_of(lines.begin(), lines.end(), [](HistoryLine const& line) { return line.who == HistoryLine::Who::bot && line.state == "in_flight"; });
}

/// What is on the wire cannot be stopped, only waited for; a platform that takes longer shows as "in_flight".
net::awaitable<void> until_bot_is_silent(ContextPtr context, ConversationId conversation) {
    auto const give_up = std::chrono::steady_clock::now() + longest_on_the_wire;
    bool waiting = true;
    for (auto wait = look_again; waiting; wait = std::min(2 * wait, look_again_at_last)) {
        auto const view = co_await context->store.view(conversation, newest_lines);
        waiting = view && *view && bot_is_sending(**view) && std::chrono::steady_clock::now() < give_up;
        if (waiting) waiting = co_await sleep_for(wait);
    }
}

}  // namespace

Response failure(Error const& error) {
    switch (error.code) {
        case Errc::conflict:
            return problem(409, "Not possible now", error.message);
        case Errc::not_found:
            return problem(404, "Not found", error.message);
        case Errc::unavailable:
            return problem(503, "Not now", error.message);
        default:
            return problem(500, "Failed", error.message);
    }
}

std::string text_in(json::object const& body, std::string_view name) {
    auto const* value = body.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

AuditEntry audit_entry(ContextPtr const& context, std::string who, std::string action, std::string detail) {
    return {0, context->clock(), std::move(who), std::move(action), std::move(detail), {}};
}

Response problem_with(int status, std::string_view title, std::string_view detail, json::object more) {
    json::object body{{"type", "about:blank"}, {"title", title}, {"status", status}};
    if (!detail.empty()) body["detail"] = detail;
    for (auto& member : more) body[member.key()] = std::move(member.value());
    Response response = json_response(json::serialize(body), status);
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

Response problem_because(int status, std::string_view title, std::string_view detail, std::string_view reason) {
    return problem_with(status, title, detail, {{"reason", reason}});
}

std::size_t number_of(Request const& request, std::string const& name, std::size_t otherwise, std::size_t most) {
    auto const found = request.query.find(name);
    if (found == request.query.end()) return otherwise;
    std::string const& text = found->second;
    std::size_t value = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || value == 0) return otherwise;
    return std::min(value, most);
}

std::variant<json::object, Response> read_object(Request const& request) {
    error_code error;
    json::value document = json::parse(request.body, error);
    if (error || !document.is_object()) return problem(400, "The body is not a JSON object");
    return std::move(document.get_object());
}

std::variant<Asked, Response> read_asked(Request const& request) {
    error_code error;
    json::value document = json::parse(request.body, error);
    if (error || !document.is_object()) return problem(400, "The body is not a JSON object", "Send {\"conversation\": ID, ...}.");
    Asked asked{std::move(document.get_object()), ConversationId{}};
    asked.conversation.value = text_in(asked.body, "conversation");
    if (asked.conversation.empty()) return problem(400, "'conversation' is missing", "Give its id as the list shows it.");
    return asked;
}

json::object conversation_json(ContextPtr const& context, ConversationView const& view, std::string const& agent) {
    Notice notice;
    notice.view = view;
    json::object object = notice_json(notice);
    Conversation const& conversation = view.conversation;
    object["owner_reason"] = conversation.owner_reason;
    object["agent"] = conversation.agent;
    object["reachable"] = conversation.reachable;
    object["last_message_at"] = to_rfc3339(conversation.last_message_at);
    if (conversation.answer_by != Timestamp{}) object["answer_by"] = to_rfc3339(conversation.answer_by);
    auto const& assignment = conversation.assignment;
    if (!assignment.tier.empty()) {
        json::object turn{{"tier", assignment.tier}, {"did_not_react", json::array(assignment.passed.begin(), assignment.passed.end())}};
        if (!conversation.agent.empty()) turn["until"] = to_rfc3339(assignment.acknowledge_by);
        object["assignment"] = std::move(turn);
    }
    auto const services = context->services();
    auto const connector = services->connectors.find(conversation.channel.value);
    if (connector != services->connectors.end()) object["typing"] = context->clock() - connector->second->typed_at(conversation.sender) < still_typing;
    object["tags"] = json::array(conversation.tags.begin(), conversation.tags.end());
    add_concessions(object, conversation, tier_of(services->snapshot->settings, services->snapshot->catalog.policy, agent), context->clock());
    if (conversation.draft) object["draft"] = draft_json(*conversation.draft);
    json::array escalations;
    for (auto const& row : view.escalations) {
        json::object entry = escalation_json(row.what);
        entry["id"] = row.id;
        entry["opened_at"] = to_rfc3339(row.opened_at);
        if (row.closed_at) entry["closed_at"] = to_rfc3339(*row.closed_at);
        if (!row.claimed_by.empty()) entry["claimed_by"] = row.claimed_by;
        escalations.push_back(std::move(entry));
    }
    object["escalations"] = std::move(escalations);
    if (connector != services->connectors.end()) object["channel_type"] = connector->second->policy().type;
    auto const others = context->live.lookers(conversation.id.value, agent);
    object["people"] = json::object{{"looking", json::array(others.looking.begin(), others.looking.end())},
                                    {"typing", json::array(others.typing.begin(), others.typing.end())}};
    add_meaning(object, context, view);
    return object;
}

net::awaitable<Result<Applied>> apply_act(ContextPtr context, Arrival arrival) {
    auto const* acted = std::get_if<AgentActed>(&arrival.event);
    bool const takes_over = acted != nullptr && (acted->action == AgentAction::claim || acted->action == AgentAction::reply);
    std::string const channel = arrival.channel.value;
    std::string const customer = arrival.sender;
    ConversationId const conversation = arrival.conversation;
    std::vector<Arrival> batch;
    batch.push_back(std::move(arrival));
    auto const applied = co_await context->store.apply(std::move(batch));
    if (!applied) co_return applied.error();
    Applied const& one = applied->front();
    if (takes_over && !one.error && !one.duplicate) {
        ServicesPtr const services = context->services();
        auto const connector = services->connectors.find(channel);
        if (connector != services->connectors.end()) connector->second->withdraw(customer);
        co_await until_bot_is_silent(context, conversation);
    }
    co_return one;
}

net::awaitable<Response> happen(ContextPtr context, ConversationId conversation, Event event, std::string agent, std::string_view action) {
    auto before = co_await context->store.view(conversation, 1);
    if (!before) co_return failure(before.error());
    if (!*before) co_return problem(404, "No such conversation", "Give its id as the list shows it.");
    Arrival arrival = arrival_in((*before)->conversation, std::move(event), context->clock());
    auto const applied = co_await apply_act(context, std::move(arrival));
    if (!applied) co_return failure(applied.error());
    if (applied->error) co_return failure(*applied->error);
    auto const after = co_await context->store.view(conversation, newest_lines);
    if (!after || !*after) co_return json_response("{}");
    log_info("agent_acted", {{"agent", agent}, {"action", action}, {"conversation", conversation.value}});
    co_return json_response(json::serialize(conversation_json(context, **after, agent)));
}

}  // namespace kefu::api
