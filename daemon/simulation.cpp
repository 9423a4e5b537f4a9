// SPDX-License-Identifier: Apache-2.0
#include "daemon/simulation.hpp"

#include <algorithm>
#include <utility>

namespace kefu {

Simulation::Simulation(SnapshotPtr snapshot, ChannelId channel, Timestamp start) : snapshot_(std::move(snapshot)), channel_(std::move(channel)), now_(start) {
    conversation_.id = ConversationId{channel_.value + "/simulated"};
    conversation_.channel = channel_;
    conversation_.sender = "simulated";
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
    received = understand(*snapshot_, snapshot_->channel(channel_), conversation_, std::move(received), now_);
    outcome_.meaning = received.meaning;
    apply(std::move(received));
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
        Decision decision = respond(snapshot_->catalog, snapshot_->channel(channel_), std::move(conversation_), current, now_);
        conversation_ = std::move(decision.conversation);
        outcome_.why.insert(outcome_.why.end(), decision.why.begin(), decision.why.end());
        for (auto& effect : decision.effects) {
            if (auto const* timer = std::get_if<SetTimer>(&effect)) timers_[timer->name] = timer->due;
            if (auto const* timer = std::get_if<CancelTimer>(&effect)) timers_.erase(timer->name);
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
