// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/decide_counted.hpp"

#include <chrono>
#include <string_view>
#include <utility>

namespace kefu {

namespace {

bool is_from_customer(Event const& event) { return std::holds_alternative<MessageReceived>(event) || std::holds_alternative<ButtonPressed>(event); }

bool is_timer(Event const& event, std::string_view name) {
    auto const* fired = std::get_if<TimerFired>(&event);
    return fired != nullptr && fired->name == name;
}

void count_message(Metrics& metrics, ChannelId const& channel, Classification const& meaning) {
    metrics.messages.of(channel.value).Increment();
    for (auto const label : meaning.labels) metrics.labels.of(to_string(label)).Increment();
}

template <class Wanted>
Wanted const* find(std::vector<Effect> const& effects) {
    for (auto const& effect : effects)
        if (auto const* found = std::get_if<Wanted>(&effect)) return found;
    return nullptr;
}

/// What became of the customer's words; empty: nothing yet, the quiet window is open.
std::string_view outcome_of(Decision const& decision, bool drafted) {
    auto const* said = find<Send>(decision.effects);
    if (find<Escalate>(decision.effects) != nullptr) return "escalated";
    if (drafted) return "draft";
    if (said != nullptr) return said->purpose == SendPurpose::holding ? "holding" : "answered";
    auto const& after = decision.conversation;
    if (after.owner == Owner::person || after.owner == Owner::waiting) return "with_person";
    return after.unanswered.empty() ? "silent" : "";
}

void count_guard(Metrics& metrics, Decision const& decision) {
    for (auto const& effect : decision.effects) {
        auto const* audit = std::get_if<Audit>(&effect);
        if (audit != nullptr && (audit->action == "reply_blocked" || audit->action == "draft_blocked")) metrics.guard_blocks.of("agent").Increment();
    }
    if (decision.guarded) metrics.guard_blocks.of("bot").Increment();
}

}  // namespace

Decision decide_counted(Metrics& metrics, Snapshot const& snapshot, ChannelId const& channel_id, Conversation conversation, Event const& event, Timestamp now) {
    auto const started = std::chrono::steady_clock::now();
    int const missed_before = conversation.deadlines_missed;
    auto const draft_before = conversation.draft ? conversation.draft->id : EffectId{""};
    auto handled = handle(snapshot, channel_id, std::move(conversation), event, now);
    Decision& decision = handled.decision;
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - started;
    metrics.decide.of().Observe(took.count());
    if (handled.meaning) count_message(metrics, channel_id, *handled.meaning);

    bool const drafted = decision.conversation.draft && decision.conversation.draft->id != draft_before;
    if (is_from_customer(event) || is_timer(event, "quiet"))
        if (auto const outcome = outcome_of(decision, drafted); !outcome.empty()) metrics.decisions.of(channel_id.value, outcome).Increment();
    for (auto const& effect : decision.effects)
        if (auto const* escalate = std::get_if<Escalate>(&effect)) metrics.escalations.of(escalate->tier, escalate->reason).Increment();
    if (decision.conversation.deadlines_missed > missed_before) metrics.deadlines_missed.of(channel_id.value).Increment();
    count_guard(metrics, decision);
    return std::move(decision);
}

}  // namespace kefu
