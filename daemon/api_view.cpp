// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "daemon/console/spans.hpp"
#include "replies/schedule.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

/// What people see of a conversation beyond what is stored: what its lines mean, the words that said so, and a summary in facts.
namespace kefu::api {

namespace json = boost::json;

namespace {

constexpr std::size_t lines_that_want = 3;  // customers say what they want in their last few

json::value argument_json(Argument const& argument) {
    if (auto const* text = std::get_if<std::string>(&argument)) return json::value(*text);
    if (auto const* number = std::get_if<double>(&argument)) return json::value(*number);
    return json::value(to_rfc3339(std::get<Timestamp>(argument)));
}

json::object arguments_json(Arguments const& arguments) {
    json::object object;
    for (auto const& [name, value] : arguments) object[name] = argument_json(value);
    return object;
}

json::object anger_json(double level, std::set<AngerKind> const& kinds) {
    json::array list;
    for (auto const kind : kinds) list.emplace_back(to_string(kind));
    return {{"level", level}, {"kinds", std::move(list)}};
}

json::array marks_json(std::string_view text, Classification const& meaning) {
    json::array marks;
    for (auto const& evidence : meaning.evidence) {
        auto mark = span_json(text, evidence.start_byte, evidence.end_byte);
        mark["topic"] = evidence.topic;
        mark["rule"] = evidence.rule;
        mark["insult"] = evidence.topic == "insult" || evidence.topic == "profanity";
        marks.push_back(std::move(mark));
    }
    return marks;
}

json::array labels_json(std::set<Label> const& labels) {
    json::array list;
    for (auto const label : labels) list.emplace_back(to_string(label));  // anger first: in the order of the enumeration
    return list;
}

}  // namespace

json::object finding_json(std::string_view text, GuardFinding const& finding) {
    auto object = span_json(text, finding.start_byte, finding.end_byte);
    object["rule"] = finding.rule;
    object["why"] = finding.why;
    return object;
}

void add_meaning(json::object& object, ContextPtr const& context, ConversationView const& view) {
    auto const services = context->services();
    auto const& catalog = services->snapshot->catalog;
    Conversation const& conversation = view.conversation;
    std::string const prior = language_prior(catalog, services->snapshot->channel(conversation.channel), conversation);
    std::set<AngerKind> kinds;
    std::set<Label> wants;
    std::size_t newest = 0;
    auto& lines = object["history"].as_array();
    for (std::size_t i = view.history.size(); i-- > 0;) {
        auto const& line = view.history[i];
        if (!line.id.empty()) lines[i].as_object()["id"] = line.id;
        if (line.who != HistoryLine::Who::customer || line.text.empty()) continue;
        auto const meaning = catalog.classifier.classify(line.text, prior);
        auto& shown = lines[i].as_object();
        shown["marks"] = marks_json(line.text, meaning);
        std::set<Label> const labels(meaning.labels.begin(), meaning.labels.end());
        shown["labels"] = labels_json(labels);
        shown["anger"] = anger_json(meaning.anger.level, {meaning.anger.kinds.begin(), meaning.anger.kinds.end()});
        shown["language"] = meaning.language;
        kinds.insert(meaning.anger.kinds.begin(), meaning.anger.kinds.end());
        if (newest++ < lines_that_want) wants.insert(labels.begin(), labels.end());
    }
    wants.erase(Label::anger);
    auto const& open = conversation.open;
    json::object summary{{"anger", anger_json(conversation.heat, kinds)},
                         {"wants", labels_json(wants)},
                         {"topic", open.topic},
                         {"language", conversation.language},
                         {"order", open.order},
                         {"facts", arguments_json(open.facts)},
                         {"case_name", case_name(conversation)},
                         {"hours", is_open(catalog.policy.hours_of(open.tier), context->clock()) ? "open" : "closed"}};
    if (open.order_state.lookup == "found") summary["order_facts"] = arguments_json(open.order_state.facts);
    object["summary"] = std::move(summary);
}

json::object line_json(ConversationView const& view) {
    Conversation const& conversation = view.conversation;
    json::object object{{"conversation", conversation.id.value},
                        {"channel", conversation.channel.value},
                        {"customer", conversation.sender},
                        {"name", conversation.display_name},
                        {"language", conversation.language},
                        {"owner", to_string(conversation.owner)},
                        {"agent", conversation.agent},
                        {"anger", conversation.heat},
                        {"topic", conversation.open.topic},
                        {"order", conversation.open.order},
                        {"tier", conversation.assignment.tier.empty() ? conversation.open.tier : conversation.assignment.tier},
                        {"last_message_at", to_rfc3339(conversation.last_message_at)},
                        {"tags", json::array(conversation.tags.begin(), conversation.tags.end())},
                        {"draft", conversation.draft.has_value()}};
    if (conversation.answer_by != Timestamp{}) object["answer_by"] = to_rfc3339(conversation.answer_by);
    if (conversation.owner == Owner::waiting) object["waiting_since"] = to_rfc3339(conversation.owner_since);
    if (!conversation.assignment.tier.empty() && !conversation.agent.empty()) object["turn_until"] = to_rfc3339(conversation.assignment.acknowledge_by);
    if (!view.escalations.empty()) {
        Escalate const& what = view.escalations.front().what;
        object["reason"] = what.reason;
        object["summary"] = what.summary;
        object["quote"] = what.quote;
        object["urgent"] = what.urgent;
    }
    return object;
}

}  // namespace kefu::api
