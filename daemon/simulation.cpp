// SPDX-License-Identifier: Apache-2.0
#include "daemon/simulation.hpp"

#include <algorithm>
#include <utility>

namespace kefu {

namespace {

/// "2026-11-20" is the beginning of that day in the shop's time zone.
std::optional<Timestamp> moment_of(std::string_view text, std::string const& time_zone) {
    if (text.size() != 10) return from_rfc3339(text);
    auto const midnight = from_rfc3339(std::string{text} + "T00:00:00Z");
    return midnight ? std::optional{from_local(*midnight, time_zone)} : std::nullopt;
}

Result<OrderLookedUp> read_order(std::string const& number, boost::json::object const& order, std::string const& time_zone) {
    OrderLookedUp found;
    found.found = number;
    found.outcome = LookupOutcome::found;
    found.linked = true;
    auto const wrong = [&](std::string_view name, std::string_view wanted) {
        return Error{Errc::bad_payload, "order " + number + ": '" + std::string{name} + "' is not " + std::string{wanted}};
    };
    for (auto const& [key, value] : order) {
        std::string_view const name{key.data(), key.size()};
        if (name == "linked" && value.is_bool()) {
            found.linked = value.get_bool();
        } else if (name == "phone" || name == "postcode") {
            if (!value.is_string()) return wrong(name, "text");
            std::string_view const proof{value.get_string()};
            found.proofs.emplace_back(name == "phone" && proof.size() > 3 ? proof.substr(proof.size() - 3) : proof);
            found.linked = false;
        } else {
            auto const field = std::find_if(order_fields.begin(), order_fields.end(), [&](auto const& known) { return known.first == name; });
            if (field == order_fields.end()) return wrong(name, "known");
            if (field->second == OrderField::number) {
                if (!value.is_number()) return wrong(name, "a number");
                found.facts.emplace(name, value.to_number<double>());
                continue;
            }
            if (!value.is_string()) return wrong(name, "text");
            std::string text{value.get_string()};
            if (field->second == OrderField::text) {
                found.facts.emplace(name, std::move(text));
                continue;
            }
            auto const moment = moment_of(text, time_zone);
            if (!moment) return wrong(name, "a date or an RFC 3339 time");
            found.facts.emplace(name, *moment);
        }
    }
    return found;
}

}  // namespace

Result<PlayedOrders> read_orders(boost::json::value const& orders, std::string const& time_zone) {
    if (!orders.is_object()) return Error{Errc::bad_payload, "'orders' is not an object"};
    PlayedOrders all;
    for (auto const& [key, value] : orders.get_object()) {
        std::string const number{key.data(), key.size()};
        if (!value.is_object()) return Error{Errc::bad_payload, "order " + number + " is not an object"};
        auto order = read_order(number, value.get_object(), time_zone);
        if (!order) return order.error();
        all.emplace(number, *std::move(order));
    }
    return all;
}

Simulation::Simulation(SnapshotPtr snapshot, ChannelId channel, Timestamp start, std::optional<PlayedOrders> orders)
    : snapshot_(std::move(snapshot)), channel_policy_(snapshot_->channel(channel)), orders_(std::move(orders)), now_(start) {
    bool const foreign = orders_ && std::any_of(orders_->begin(), orders_->end(), [](auto const& entry) { return !entry.second.linked; });
    if (channel_policy_.default_locale.empty()) channel_policy_.default_locale = market_locale(channel.value);
    channel_policy_.names_agents = false;  // nobody is online here
    channel_policy_.orders = {orders_.has_value(), true, foreign};
    conversation_.id = ConversationId{channel.value + "/simulated"};
    conversation_.channel = std::move(channel);
    conversation_.sender = "simulated";
}

OrderLookedUp Simulation::look_up(std::string const& order) const {
    OrderLookedUp result;
    result.outcome = LookupOutcome::not_found;
    if (!orders_) {
        result.outcome = LookupOutcome::failed;
        result.why = "the shop has no order system";
    } else if (order.empty()) {
        auto const linked = [](auto const& entry) { return entry.second.linked; };
        if (std::count_if(orders_->begin(), orders_->end(), linked) == 1) result = std::find_if(orders_->begin(), orders_->end(), linked)->second;
    } else if (auto const known = orders_->find(order); known != orders_->end()) {
        result = known->second;
    }
    result.order = order;
    return result;
}

std::optional<Timestamp> Simulation::next_timer() const {
    std::optional<Timestamp> next;
    for (auto const& [name, due] : timers_)
        if (!next || due < *next) next = due;
    return next;
}

void Simulation::run_until(Timestamp at) {
    for (auto next = next_timer(); next && *next <= at; next = next_timer()) {
        auto const timer = std::min_element(timers_.begin(), timers_.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
        now_ = std::max(now_, timer->second);
        std::string const name = timer->first;
        timers_.erase(timer);
        apply(TimerFired{name});
    }
    now_ = std::max(now_, at);
}

void Simulation::customer_says(std::string text, std::vector<ContentKind> const& attachments) {
    MessageReceived received;
    Message& message = received.message;
    message.id = MessageId{std::to_string(++messages_)};
    message.sender = conversation_.sender;
    message.text = std::move(text);
    message.sent_at = now_;
    message.handle_at = now_;
    for (auto const kind : attachments) message.attachments.push_back({.kind = kind, .platform_id = {}, .url = {}, .file_name = {}});
    happens(std::move(received));
}

void Simulation::happens(Event event) {
    if (auto* const received = std::get_if<MessageReceived>(&event)) {
        *received = understand(*snapshot_, channel_policy_, conversation_, std::move(*received), now_);
        outcome_.meaning = received->meaning;
    }
    apply(event);
}

void Simulation::person_joins(std::string name) {
    AgentActed acted;
    acted.action = AgentAction::claim;
    acted.agent = std::move(name);
    apply(std::move(acted));
}

void Simulation::person_leaves(std::string name) {
    AgentActed acted;
    acted.action = AgentAction::hand_back;
    acted.agent = std::move(name);
    apply(std::move(acted));
}

void Simulation::apply(Event const& event) {
    std::vector<Event> waiting{event};
    // Each send gives one more event; decide() answers a delivery with silence, so this ends. The bound is for a decide() that does not.
    for (int rounds = 0; !waiting.empty() && rounds < 16; ++rounds) {
        Event const current = std::move(waiting.front());
        waiting.erase(waiting.begin());
        Decision decision = respond(snapshot_->catalog, channel_policy_, std::move(conversation_), current, now_);
        conversation_ = std::move(decision.conversation);
        outcome_.why.insert(outcome_.why.end(), decision.why.begin(), decision.why.end());
        for (auto& effect : decision.effects) {
            if (auto const* timer = std::get_if<SetTimer>(&effect)) timers_[timer->name] = timer->due;
            if (auto const* timer = std::get_if<CancelTimer>(&effect)) timers_.erase(timer->name);
            if (auto const* lookup = std::get_if<LookUpOrder>(&effect)) waiting.emplace_back(look_up(lookup->order));
            if (auto const* escalate = std::get_if<Escalate>(&effect)) outcome_.escalations.push_back(*escalate);
            if (auto const* send = std::get_if<Send>(&effect)) {
                outcome_.sends.push_back(*send);
                waiting.emplace_back(SendFinished{.effect = send->id, .outcome = SendOutcome::delivered, .detail = {}});
            }
            outcome_.effects.push_back(std::move(effect));
        }
    }
}

Simulation::Outcome Simulation::take() { return std::exchange(outcome_, {}); }

}  // namespace kefu
