// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/simulation.hpp"
#include "replies/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <iostream>

namespace kefu::cli {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

std::string_view text_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}

/// "90s", "5m", "2h", "1d"; nothing otherwise.
std::optional<std::chrono::milliseconds> gap_of(std::string_view text) {
    long count = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (problem != std::errc{} || count < 0 || count > 1'000'000) return std::nullopt;
    std::string_view const unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
    if (unit == "ms") return std::chrono::milliseconds{count};
    if (unit == "s") return std::chrono::seconds{count};
    if (unit == "m") return std::chrono::minutes{count};
    if (unit == "h") return std::chrono::hours{count};
    if (unit == "d") return std::chrono::hours{24 * count};
    return std::nullopt;
}

std::vector<ContentKind> attachments_of(json::object const& turn) {
    static constexpr std::string_view kinds[] = {"text", "image", "video", "audio", "file", "location", "sticker", "other"};
    std::vector<ContentKind> attachments;
    auto const* list = turn.if_contains("attachments");
    if (list == nullptr || !list->is_array()) return attachments;
    for (auto const& entry : list->get_array()) {
        std::string_view name = entry.is_string()   ? std::string_view{entry.get_string()}
                                : entry.is_object() ? text_of(entry.get_object(), "type")
                                                    : std::string_view{};
        ContentKind kind = ContentKind::other;
        for (std::size_t i = 0; i < std::size(kinds); ++i)
            if (kinds[i] == name) kind = static_cast<ContentKind>(i);
        attachments.push_back(kind);
    }
    return attachments;
}

/// Tuesday, 10:00 in the shop's time zone: a moment when people are there.
Timestamp default_start(Policy const& policy) {
    Schedule morning;
    morning.time_zone = policy.time_zone;
    morning.week[1] = {{.from = 10h, .to = 11h}};
    return next_opening(morning, from_millis(1'767'225'600'000));  // 2026-01-01
}

json::value reply_of(Send const& send, std::size_t which, OutboundMessage const& message) {
    return json::object{{"template", which < send.templates.size() ? send.templates[which] : std::string{}}, {"text", message.text}};
}

json::object facts_json(Arguments const& facts) {
    json::object result;
    for (auto const& [name, value] : facts) {
        if (auto const* text = std::get_if<std::string>(&value)) result[name] = *text;
        if (auto const* number = std::get_if<double>(&value)) result[name] = *number;
        if (auto const* moment = std::get_if<Timestamp>(&value)) result[name] = to_rfc3339(*moment);
    }
    return result;
}

json::object turn_result(Simulation::Outcome const& outcome, Conversation const& conversation) {
    json::array labels;
    for (auto const label : outcome.meaning.labels) labels.emplace_back(to_string(label));
    json::array replies;
    for (auto const& send : outcome.sends) {
        std::size_t which = 0;
        for (auto const& message : send.messages)
            if (!message.text.empty()) replies.push_back(reply_of(send, which++, message));
    }
    json::array effects;
    for (auto const& effect : outcome.effects) effects.push_back(to_json(effect));
    json::object result{{"labels", std::move(labels)}, {"language", outcome.meaning.language}, {"replies", std::move(replies)}};
    if (auto const& open = conversation.open; !open.topic.empty()) {
        json::object one{{"topic", open.topic}, {"order", open.order}, {"tier", open.tier}, {"photos", open.photos.size()}};
        if (!open.asking.empty()) one["asking"] = open.asking;
        if (!open.order_state.lookup.empty()) one["lookup"] = open.order_state.lookup;
        if (!open.facts.empty()) one["facts"] = facts_json(open.facts);
        result["case"] = std::move(one);
    }
    result["owner"] = to_string(conversation.owner);
    result["escalated"] = !outcome.escalations.empty();
    if (!outcome.escalations.empty()) {
        result["tier"] = outcome.escalations.front().tier;
        result["reason"] = outcome.escalations.front().reason;
    }
    result["effects"] = std::move(effects);
    return result;
}

/// Plays one conversation; the error names what is wrong with it.
Result<json::object> play(SnapshotPtr const& snapshot, json::object const& script) {
    auto const* turns = script.if_contains("turns");
    if (turns == nullptr || !turns->is_array()) return Error{Errc::bad_payload, "'turns' is missing or not an array"};
    std::string_view const channel = text_of(script, "channel");
    std::optional<PlayedOrders> orders;
    if (auto const* known = script.if_contains("orders"); known != nullptr && !(known->is_object() && known->get_object().empty())) {
        auto read = read_orders(*known, snapshot->catalog.policy.time_zone);
        if (!read) return read.error();
        orders = *std::move(read);
    }
    ChannelId const channel_id{std::string{channel.empty() ? "simulate" : channel}};
    Simulation simulation{snapshot, channel_id, default_start(snapshot->catalog.policy), orders};
    json::array results;
    bool first = true;
    for (auto const& entry : turns->get_array()) {
        auto const* turn = entry.if_object();
        if (turn == nullptr) return Error{Errc::bad_payload, "'turns[]' is not an object"};
        Timestamp at = first ? simulation.now() : simulation.now() + 1min;
        if (auto const gap = text_of(*turn, "gap"); !gap.empty()) {
            auto const pause = gap_of(gap);
            if (!pause) return Error{Errc::bad_payload, "'gap' is not like 90s, 5m, 2h or 1d"};
            at = simulation.now() + *pause;
        }
        if (auto const when = text_of(*turn, "at"); !when.empty()) {
            auto const exact = from_rfc3339(when);
            if (!exact) return Error{Errc::bad_payload, "'at' is not an RFC 3339 time"};
            if (first) simulation = Simulation{snapshot, channel_id, *exact, orders};
            at = *exact;
        }
        // What timers send on the way belongs to the turn before.
        if (!first) {
            simulation.run_until(at);
            results.push_back(turn_result(simulation.take(), simulation.conversation()));
        }
        first = false;
        auto const event = text_of(*turn, "event");
        if (event == "human_joined")
            simulation.person_joins("person");
        else if (event == "human_left")
            simulation.person_leaves("person");
        else if (!event.empty())
            return Error{Errc::bad_payload, "'event' is human_joined or human_left"};
        else
            simulation.customer_says(std::string{text_of(*turn, "text")}, attachments_of(*turn));
    }
    if (!first) {
        simulation.run_until(simulation.now() + 60s);
        results.push_back(turn_result(simulation.take(), simulation.conversation()));
    }
    json::object result;
    if (auto const* id = script.if_contains("id")) result["id"] = *id;
    result["turns"] = std::move(results);
    return result;
}

}  // namespace

int simulate(ConfigFile const& config) {
    auto const snapshot = load_snapshot(config);
    if (!snapshot) return check(config);
    std::ios::sync_with_stdio(false);
    bool every_line_played = true;
    std::size_t number = 0;
    for (std::string line; std::getline(std::cin, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        json::error_code error;
        json::value const document = json::parse(line, error);
        Result<json::object> result = Error{Errc::bad_payload, error ? error.message() : "not a JSON object"};
        if (!error && document.is_object()) result = play(*snapshot, document.get_object());
        if (!result) {
            std::cerr << "standard input:" << number << ": " << result.error().message << '\n';
            every_line_played = false;
            continue;
        }
        std::cout << json::serialize(*result) << std::endl;
    }
    return every_line_played ? ok : findings;
}

}  // namespace kefu::cli
