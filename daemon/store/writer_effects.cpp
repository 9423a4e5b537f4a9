// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/writer.hpp"
#include "replies/json.hpp"

#include <stdexcept>
#include <utility>

/// What a decision asks for, written down.
///
/// Invariant of the sends in the outbox: of one conversation's unfinished sends only the oldest has a `due` (or is in flight); the others get theirs from
/// promote() when it is their turn. So claim() needs to look at nothing else to keep the order.
namespace kefu {

namespace {

/// Text of sends by people may not be taken back by the bot.
bool by_bot(Send const& send) { return send.purpose != SendPurpose::agent; }

template <class... Cases>
struct Choose : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Choose(Cases...) -> Choose<Cases...>;

}  // namespace

void StoreWriter::carry_out(Held& held, std::vector<Effect> const& effects, Timestamp now, std::size_t& items, std::vector<Event>& feedback) {
    // Cancels first, wherever they stand in the list: a decision takes back what was there before it, never its own answer.
    for (auto const& effect : effects)
        if (auto const* const cancel = std::get_if<CancelSends>(&effect)) cancel_sends(held, cancel->why, now, feedback);

    for (auto const& effect : effects) {
        std::visit(Choose{
                       [&](Send const& one) {
                           send(held, one, to_json_text(effect), now);
                           ++items;
                       },
                       [&](Escalate const& escalate) {
                           std::int64_t const number = next_number();
                           statements_.add_escalation.post(held.bucket, number, held.id, escalate.tier, to_json_text(effect), now,
                                                           held.state.owner == Owner::person ? held.state.agent : std::string{});
                           items += notify(held, escalate.tier, number, {}, now);
                       },
                       [&](CloseEscalation const&) {
                           std::string const json = to_json_text(effect);
                           for (auto const& [number, tier] : open_escalations(held)) items += notify(held, tier, number, json, now);
                           statements_.close_escalations.post(now, held.bucket, held.id);
                       },
                       [&](TellAgents const&) {
                           // To those who know of it already; else to whom the case would go.
                           auto const open = open_escalations(held);
                           std::int64_t const number = open.empty() ? 0 : open.back().number;
                           items += notify(held, open.empty() ? held.state.open.tier : open.back().tier, number, to_json_text(effect), now);
                       },
                       [&](SetTimer const& timer) {
                           statements_.set_timer.post(held.bucket, held.id, timer.name, timer.due);
                           made_work_ = true;
                       },
                       [&](CancelTimer const& timer) { statements_.cancel_timer.post(held.bucket, held.id, timer.name); },
                       [&](RedactMessage const& redacted) { items += redact(held, redacted.message, now); },
                       [&](FetchProfile const& fetch) {
                           add_item(held, {OutboxItem::Kind::fetch_profile, fetch.sender, 0, to_json_text(effect)}, now);
                           ++items;
                       },
                       [&](FetchMedia const& fetch) {
                           add_item(held, {OutboxItem::Kind::fetch_media, fetch.message.value, 0, to_json_text(effect)}, now);
                           ++items;
                       },
                       [&](LookUpOrder const& lookup) {
                           add_item(held, {OutboxItem::Kind::look_up_order, lookup.customer, 0, to_json_text(effect)}, now);
                           ++items;
                       },
                       [&](Assign const& assign) {
                           add_item(held, {OutboxItem::Kind::assign, assign.tier, 0, to_json_text(effect)}, now);
                           ++items;
                       },
                       [&](Concede const& given) {
                           statements_.add_audit.post(now, held.id, "concession", given.by,
                                                      given.kind + ' ' + std::to_string(given.amount) + ' ' + given.currency + ": " + given.why);
                       },
                       [&](Audit const& audit) { statements_.add_audit.post(now, held.id, audit.action, audit.by, audit.detail); },
                       [](CancelSends const&) {},  // done above
                       [](Reply const& reply) { throw std::logic_error("respond() left a Reply that nobody rendered: " + reply.template_id); },
                   },
                   effect);
    }
}

void StoreWriter::send(Held& held, Send const& send, std::string_view json, Timestamp now) {
    if (send.id.empty()) throw std::logic_error("respond() gave a Send without an id: " + held.id);
    std::int64_t const number = next_number();
    bool const first_in_line = [&] {
        auto rows = statements_.has_unfinished_send.query(held.bucket, held.id);
        return !rows.next();
    }();
    statements_.add_journal.post(held.bucket, number, held.newest, held.number, static_cast<int>(RowKind::send), static_cast<int>(RowState::pending), now, now,
                                 "", "", json, nullptr);
    held.newest = number;
    std::int64_t const channel = channel_number(held.state.channel);
    auto const kind = static_cast<int>(OutboxItem::Kind::send);
    if (first_in_line) {
        statements_.add_outbox.post(held.bucket, number, send.id.value, held.id, channel, kind, channel, now, by_bot(send), now, 0, held.state.sender, nullptr);
        made_work_ = true;
    } else {
        statements_.add_outbox.post(held.bucket, number, send.id.value, held.id, channel, kind, channel, nullptr, by_bot(send), now, 0, held.state.sender,
                                    nullptr);
    }
}

void StoreWriter::cancel_sends(Held& held, std::string const& why, Timestamp now, std::vector<Event>& feedback) {
    struct Found {
        std::int64_t number;
        std::string id;
        bool maybe_sent;
    };
    std::vector<Found> found;
    {
        auto rows = statements_.pending_bot_sends.query(held.bucket, held.id);
        while (rows.next()) found.push_back({rows.integer(0), std::string{rows.text(1)}, rows.boolean(2)});
    }
    for (auto const& one : found) feedback.emplace_back(take_back(held.bucket, one.number, one.id, one.maybe_sent, why));
    if (!found.empty()) promote(held.id, now);
}

/// A send that may have left in an earlier try cannot be called cancelled: the customer may have it, and decide() would answer twice. It becomes unknown.
SendFinished StoreWriter::take_back(std::int64_t bucket, std::int64_t number, std::string const& id, bool maybe_sent, std::string const& why) {
    SendFinished event{EffectId{id}, maybe_sent ? SendOutcome::unknown : SendOutcome::cancelled, why};
    if (maybe_sent) {
        event.detail += "; an earlier try may have arrived";
        bury(bucket, number, RowState::unknown, event.detail);
    } else {
        statements_.set_journal_state.post(static_cast<int>(RowState::cancelled), bucket, number);
        statements_.remove_outbox.post(bucket, number);
    }
    return event;
}

void StoreWriter::promote(std::string const& conversation, Timestamp now) {
    std::int64_t const bucket = bucket_of(conversation);
    std::int64_t number = 0;
    {
        auto rows = statements_.oldest_unfinished_send.query(bucket, conversation);
        if (!rows.next() || rows.integer(1) != static_cast<int>(RowState::pending)) return;
        number = rows.integer(0);
    }
    if (statements_.set_due.run(now, bucket, number) != 0) made_work_ = true;
}

void StoreWriter::add_item(Held const& held, NewItem const& item, Timestamp now) {
    std::int64_t const number = next_number();
    std::string const id = held.id + "#j" + std::to_string(number);
    std::int64_t const channel = channel_number(held.state.channel);
    auto const kind = static_cast<int>(item.kind);
    constexpr int lane = 0;
    if (item.payload.empty()) {
        statements_.add_outbox.post(held.bucket, number, id, held.id, channel, kind, lane, now, false, now, item.escalation, item.recipient, nullptr);
    } else {
        statements_.add_outbox.post(held.bucket, number, id, held.id, channel, kind, lane, now, false, now, item.escalation, item.recipient, item.payload);
    }
    made_work_ = true;
}

std::size_t StoreWriter::notify(Held const& held, std::string_view tier, std::int64_t escalation, std::string_view payload, Timestamp now) {
    auto const notifiers = route_(held.state.channel, tier);
    for (auto const& notifier : notifiers) add_item(held, {OutboxItem::Kind::notify, notifier, escalation, payload}, now);
    return notifiers.size();
}

std::vector<StoreWriter::OpenEscalation> StoreWriter::open_escalations(Held const& held) {
    std::vector<OpenEscalation> open;
    auto rows = statements_.open_escalations.query(held.bucket, held.id);
    while (rows.next()) open.push_back({rows.integer(0), std::string{rows.text(1)}});
    return open;
}

}  // namespace kefu
