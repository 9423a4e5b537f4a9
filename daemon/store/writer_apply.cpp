// SPDX-License-Identifier: Apache-2.0
#include "daemon/log.hpp"
#include "daemon/store/writer.hpp"
#include "replies/json.hpp"

#include <stdexcept>
#include <utility>

/// Events: journal, decide, carry out, and feed back what the carrying out brings.
namespace kefu {

namespace {

/// A decision may cancel sends, which is an event, whose decision may cancel sends... Nothing sane needs more than two rounds.
constexpr int max_feedback_rounds = 8;

/// What the journal's columns say about an event, so that readers can pick without reading JSON.
struct Described {
    RowKind kind = RowKind::other;
    std::string_view message;
};

Described describe(Event const& event) {
    if (auto const* const received = std::get_if<MessageReceived>(&event)) return {RowKind::message, received->message.id.value};
    if (auto const* const pressed = std::get_if<ButtonPressed>(&event)) return {RowKind::message, pressed->message.id.value};
    if (auto const* const acted = std::get_if<AgentActed>(&event); acted != nullptr) {
        bool const words = acted->action == AgentAction::note || (acted->action == AgentAction::reply && acted->elsewhere);
        if (words) return {RowKind::note, {}};
    }
    return {};
}

/// Why an agent may not do this now; nothing when they may.
std::optional<Error> refusal(Event const& event, Held const* held, Timestamp now) {
    auto const* act = std::get_if<AgentActed>(&event);
    if (held == nullptr && act != nullptr && act->elsewhere) return std::nullopt;  // a person may have written first
    if (held == nullptr) return Error{Errc::not_found, "there is no such conversation", std::nullopt};
    auto why = objection_to(held->state, event, now);
    if (!why) return std::nullopt;
    return Error{Errc::conflict, std::move(*why), std::nullopt};
}

}  // namespace

std::vector<Applied> StoreWriter::apply(std::vector<Arrival> const& batch) {
    std::vector<Applied> all;
    all.reserve(batch.size());
    for (auto const& arrival : batch) all.push_back(apply_one(arrival));
    return all;
}

Applied StoreWriter::apply_one(Arrival const& arrival) {
    Applied applied;
    std::int64_t const bucket = bucket_of(arrival.conversation.value);
    std::int64_t const channel = channel_number(arrival.channel);
    if (database_.shared()) load(arrival.conversation.value);  // locks it, so that the number is above those it has
    std::int64_t const number = next_number();
    if (!arrival.event_id.empty()) {
        if (auto const first = first_delivery(arrival, bucket, channel, number); first != 0) {
            give_back(number);
            applied.duplicate = true;
            applied.journal = static_cast<std::uint64_t>(first);
            return applied;
        }
    }
    if (is_by_agent(arrival.event)) {
        applied.error = refusal(arrival.event, load(arrival.conversation.value), arrival.received_at);
        if (applied.error) {
            forget_delivery(arrival, bucket, channel);
            give_back(number);
            return applied;
        }
    }
    if (auto const* const reported = std::get_if<SendReported>(&arrival.event)) {
        Held const* const about = load(arrival.conversation.value);
        if (about == nullptr || !take_report(*about, *reported)) {
            forget_delivery(arrival, bucket, channel);
            give_back(number);
            applied.duplicate = true;  // it tells nothing new
            return applied;
        }
    }
    Held& held = load_or_create(arrival);
    if (held.state.sender.empty()) held.state.sender = arrival.sender;
    applied.sends = happen(held, {arrival.event, arrival.received_at, arrival.occurred_at, arrival.raw, number});
    applied.journal = static_cast<std::uint64_t>(number);
    return applied;
}

/// Notes the event as delivered with this number. The value: 0, or the number of its first delivery.
std::int64_t StoreWriter::first_delivery(Arrival const& arrival, std::int64_t bucket, std::int64_t channel, std::int64_t number) {
    if (auto const known = events_.find(EventKey{bucket, channel, arrival.event_id}); known != events_.end()) {
        if (known->second != 0) return known->second;
        known->second = number;
        statements_.add_seen.post(bucket, channel, arrival.event_id, number);
        return 0;
    }
    if (statements_.add_seen.run(bucket, channel, arrival.event_id, number) != 0) return 0;
    auto rows = statements_.find_seen.query(bucket, channel, arrival.event_id);
    return rows.next() ? rows.integer(0) : number;
}

/// It changed nothing, so the same may come again when the state allows it.
void StoreWriter::forget_delivery(Arrival const& arrival, std::int64_t bucket, std::int64_t channel) {
    if (arrival.event_id.empty()) return;
    events_.erase(EventKey{bucket, channel, arrival.event_id});
    statements_.forget_seen.run(bucket, channel, arrival.event_id);
}

/// The order that makes "cancel and answer anew" work in one decision: its effects are carried out whole, on the state it returned, and only then its
/// cancelled sends come back as events, oldest first. So the feedback finds the new answer already noted in the state and stored in the outbox, and
/// decide() can tell the send that is being replaced from the one that replaces it. What the feedback asks for comes after what caused it.
std::size_t StoreWriter::happen(Held& held, Happening const& happening) {
    std::size_t items = 0;
    std::vector<Event> feedback;
    decide_one(held, happening, items, feedback);
    for (int round = 0; !feedback.empty(); ++round) {
        if (round == max_feedback_rounds) {
            log_error("feedback_does_not_end", {{"conversation", held.id}, {"events_left_out", feedback.size()}});
            break;
        }
        std::vector<Event> next;
        for (auto const& event : feedback) decide_one(held, {event, happening.now, happening.now, {}, next_number()}, items, next);
        feedback = std::move(next);
    }
    return items;
}

void StoreWriter::decide_one(Held& held, Happening const& happening, std::size_t& items, std::vector<Event>& feedback) {
    touch(held);
    bool const was_with_person = held.state.owner == Owner::person;
    std::string const agent_before = held.state.agent;
    ChannelId const channel = held.state.channel;

    // The state is moved out: when respond() throws it is gone, and so is the touched conversation with the part() it is in.
    Decision decision = respond_(channel, std::move(held.state), happening.event, happening.now);
    held.state = std::move(decision.conversation);
    if (held.state.id.value != held.id) throw std::logic_error("respond() gave back another conversation than it was given: " + held.id);
    held.updated = happening.now;
    journal(held, happening, decision.why);

    if (auto const* const media = std::get_if<MediaStored>(&happening.event)) items += keep_media(held, *media, happening.now);
    carry_out(held, decision.effects, happening.now, items, feedback);

    bool const with_person = held.state.owner == Owner::person;
    if ((was_with_person || with_person) && (was_with_person != with_person || agent_before != held.state.agent))
        statements_.claim_escalations.post(with_person ? held.state.agent : std::string{}, held.bucket, held.id);
}

void StoreWriter::journal(Held& held, Happening const& happening, std::vector<std::string> const& why) {
    auto const [kind, message] = describe(happening.event);
    std::string const json = to_json_text(happening.event);
    why_.clear();
    for (auto const& reason : why) {
        if (!why_.empty()) why_ += '\n';
        why_ += reason;
    }
    statements_.add_journal.post(held.bucket, happening.number, held.newest, held.number, static_cast<int>(kind), 0, happening.now, happening.occurred_at,
                                 message, why_, json, Blob{happening.raw});
    held.newest = happening.number;
    ++totals_.journaled;
}

}  // namespace kefu
