// SPDX-License-Identifier: Apache-2.0
#include "daemon/log.hpp"
#include "daemon/store/writer.hpp"
#include "replies/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

/// The dispatcher's side: what is due, how it ended; and timers.
///
/// Invariant: an item is in flight from the commit of the claim() that gave it out to the commit of its finish(). So what is found in flight when the
/// database is opened may have been sent, and everything else was not.
namespace kefu {

namespace {

/// A dropped send may lead to another one that is due at once; so often at most in one claim().
constexpr int max_claim_rounds = 8;
/// Work that failed by a fault of ours is not tried again at once.
constexpr std::chrono::minutes postponed{1};

/// Why a send may not go any more; empty when it may. A person's words go whoever has the conversation. The bot's go while it has it, or while the customer
/// waits for a person (the lines that say so), or with the decision that closed it.
std::string_view objection(Send const& send, Conversation const& state, Timestamp created) {
    if (!state.reachable) return "the customer cannot be reached any more";
    if (send.purpose == SendPurpose::agent) return {};
    if (state.owner == Owner::person) return "a person has the conversation";
    if (state.owner == Owner::closed && (!state.agent.empty() || created < state.owner_since)) return "the conversation was closed";
    if (state.standby) return "somebody else holds this chat";
    bool const answers = send.purpose == SendPurpose::answer || send.purpose == SendPurpose::reask;
    if (answers && send.knows_message < state.received) return "a newer message arrived";
    return {};
}

Error no_dead_letter() { return {Errc::not_found, "there is no dead letter of that number", std::nullopt}; }

Effect parse_effect(std::string_view json) {
    boost::system::error_code broken;
    auto const value = boost::json::parse(boost::json::string_view{json.data(), json.size()}, broken);
    if (broken) throw std::runtime_error("a stored effect is no JSON: " + broken.message());
    auto effect = effect_from_json(value);
    if (!effect) throw std::runtime_error("a stored effect cannot be read: " + effect.error().message);
    return std::move(*effect);
}

}  // namespace

std::vector<OutboxItem> StoreWriter::claim(Timestamp now, std::size_t limit, std::map<ChannelId, std::size_t> room) {
    std::vector<OutboxItem> items;
    for (int round = 0; round < max_claim_rounds && items.size() < limit; ++round) {
        auto const due = due_items(now, limit - items.size(), room);
        if (due.empty()) break;
        for (auto const& one : due) {
            std::optional<OutboxItem> item;
            bool const fine = survives("claiming_failed", [&] { item = take(one, now); });
            if (!fine) {
                bury(bucket_of(one.conversation), one.number, RowState::refused, "it cannot be read, or deciding on it failed; the log says more");
                promote(one.conversation, now);
            } else if (item) {
                auto const share = room.find(item->kind == OutboxItem::Kind::send ? item->channel : ChannelId{""});
                if (share != room.end()) --share->second;
                items.push_back(std::move(*item));
            }
        }
    }
    return items;
}

/// The oldest first, over all lanes that are open, from each no more than there is room for.
std::vector<StoreWriter::Due> StoreWriter::due_items(Timestamp now, std::size_t limit, std::map<ChannelId, std::size_t> const& room) {
    std::vector<Due> due;
    for (auto const lane : open_lanes()) {
        auto const share = room.find(ChannelId{lane == 0 ? std::string{} : channel_name(lane)});
        std::size_t const most = share == room.end() ? limit : std::min(limit, share->second);
        if (most == 0) continue;
        auto rows = (lane == 0 ? statements_.due_work : statements_.due_sends).query(lane, now, static_cast<std::int64_t>(most));
        while (rows.next()) due.push_back({rows.integer(0), rows.integer(1), std::string{rows.text(2)}, lane != 0});
    }
    std::sort(due.begin(), due.end(), [](Due const& a, Due const& b) { return std::pair{a.due, a.number} < std::pair{b.due, b.number}; });
    if (due.size() > limit) due.resize(limit);
    if (database_.shared()) {
        for (auto const& one : due)
            if (one.is_send) expected_.insert(one.conversation);
        lock();  // they are already: this reads them, all at once
    }
    return due;
}

/// 0 and every channel that may send now. Reads the pauses each time: another process writes them.
std::vector<std::int64_t> StoreWriter::open_lanes() {
    std::vector<std::int64_t> lanes{0};
    std::set<std::string> paused;
    for (auto const& pause : pauses()) paused.insert(pause.channel);
    if (paused.contains("*")) return lanes;
    if (channels_.empty() || database_.shared()) read_channels();
    for (auto const& [name, number] : channels_)
        if (!paused.contains(name)) lanes.push_back(number);
    return lanes;
}

/// Marks an item in flight. Nothing when it is not due any more: what was done for the items before it may have taken it back, or it may not go.
std::optional<OutboxItem> StoreWriter::take(Due const& due, Timestamp now) {
    std::int64_t const number = due.number;
    std::int64_t const bucket = bucket_of(due.conversation);
    OutboxItem item;
    Timestamp created;
    {
        auto rows = statements_.load_outbox.query(bucket, number, now);
        if (!rows.next()) return std::nullopt;
        item.id = EffectId{std::string{rows.text(0)}};
        item.conversation = ConversationId{std::string{rows.text(1)}};
        item.channel = ChannelId{channel_name(rows.integer(2))};
        item.kind = static_cast<OutboxItem::Kind>(rows.integer(3));
        item.to = rows.text(4);
        item.escalation = static_cast<std::uint64_t>(rows.integer(5));
        item.attempts = static_cast<int>(rows.integer(6));
        item.maybe_sent = rows.boolean(7);
        item.first_tried = rows.time(8);
        created = rows.time(9);
        item.effect = parse_effect(rows.text(10));
    }
    if (item.kind == OutboxItem::Kind::send) {
        Held* const held = load(item.conversation.value);
        if (held == nullptr) throw std::runtime_error("a send without its conversation: " + item.id.value);
        if (auto const why = objection(std::get<Send>(item.effect), held->state, created); !why.empty()) {
            Event const event = take_back(bucket, number, item.id.value, item.maybe_sent, std::string{why});
            promote(held->id, now);
            happen(*held, {event, now, now, {}, next_number()});
            return std::nullopt;
        }
    }
    item.lease = static_cast<std::uint64_t>(lease_number());
    statements_.start_outbox.post(static_cast<std::int64_t>(item.lease), now, bucket, number);
    if (to_millis(item.first_tried) == 0) item.first_tried = now;
    return item;
}

Result<void> StoreWriter::finish(EffectId const& id, OutboxResult const& result, Timestamp now) {
    std::int64_t const bucket = bucket_of(conversation_of(id).value);
    std::int64_t const holder = result.lease != 0 ? static_cast<std::int64_t>(result.lease) : lease_number();
    std::int64_t number = 0;
    bool is_send = false;
    std::string conversation;
    {
        auto rows = statements_.find_in_flight.query(bucket, holder, id.value);
        if (!rows.next()) return Error{Errc::not_found, "nothing called " + id.value + " is in flight", std::nullopt};
        number = rows.integer(0);
        is_send = rows.integer(1) == static_cast<int>(OutboxItem::Kind::send);
        conversation = rows.text(2);
    }
    SendOutcome outcome = SendOutcome::delivered;
    OutboxResult::Kind kind = result.kind;
    RowState const reported = is_send ? journal_state(bucket, number) : RowState::pending;
    // The platform's own report came before its answer, or instead of it: it knows better.
    if (reported == RowState::refused) kind = OutboxResult::Kind::refused;
    bool const is_out = reported == RowState::delivered || reported == RowState::received || reported == RowState::read;
    if (is_out) kind = OutboxResult::Kind::done;
    switch (kind) {
        case OutboxResult::Kind::retry:
            // It stays the oldest unfinished send of its conversation, so those behind it wait for it.
            statements_.retry_outbox.post(result.retry_at, result.maybe_sent, result.detail, bucket, number);
            if (is_send && result.handle_spent) forget_handle(bucket, number);
            made_work_ = true;
            if (result.consequence) tell(conversation, *result.consequence, now);
            return {};
        case OutboxResult::Kind::done:
            if (!is_out) statements_.set_journal_state.post(static_cast<int>(RowState::delivered), bucket, number);
            statements_.remove_outbox.post(bucket, number);
            break;
        case OutboxResult::Kind::refused:
            outcome = SendOutcome::refused;
            bury(bucket, number, RowState::refused, result.detail);
            break;
        case OutboxResult::Kind::unknown:
            outcome = SendOutcome::unknown;
            bury(bucket, number, RowState::unknown, result.detail);
            break;
    }
    if (is_send) {
        promote(conversation, now);
        tell(conversation, SendFinished{id, outcome, result.detail}, now);
    }
    if (result.consequence) tell(conversation, *result.consequence, now);
    return {};
}

/// The journal keeps the send as it was decided; what is tried from now on stands in the outbox.
void StoreWriter::forget_handle(std::int64_t bucket, std::int64_t number) {
    auto effect = [&] {
        auto rows = statements_.journal_event.query(bucket, number);
        if (!rows.next()) throw std::runtime_error("a send without its row in the journal");
        return parse_effect(rows.text(0));
    }();
    std::get<Send>(effect).reply_handle.clear();
    statements_.set_payload.post(boost::json::serialize(to_json(effect)), bucket, number);
}

/// An event of our own. It has happened: when deciding on it fails, it is journaled all the same.
void StoreWriter::tell(std::string const& conversation, Event const& event, Timestamp now) {
    bool const fine = survives("deciding_failed", [&] {
        if (Held* const held = load(conversation)) happen(*held, {event, now, now, {}, next_number()});
    });
    if (fine) return;
    if (Held* const held = load(conversation)) {
        touch(*held);
        held->updated = now;
        journal(*held, {event, now, now, {}, next_number()}, {"deciding on this failed; the log says more"});
    }
}

/// Kept for people to look at. Numbers are unique over journal and outbox: what is no send has no row in the journal.
void StoreWriter::bury(std::int64_t bucket, std::int64_t number, RowState state, std::string const& detail) {
    statements_.bury_outbox.post(static_cast<int>(state), detail, bucket, number);
    statements_.set_journal_state.post(static_cast<int>(state), bucket, number);
}

/// As if it were new: a person looked at it and wants it, also where it may be out already. What may not go any more, claim() takes back.
Result<void> StoreWriter::repeat(std::uint64_t number, std::string const& who, Timestamp now) {
    auto const row = static_cast<std::int64_t>(number);
    auto const dead = dead_letter(row);
    if (!dead) return no_dead_letter();
    auto const& [conversation, kind] = *dead;
    std::int64_t const bucket = bucket_of(conversation);
    if (statements_.revive_outbox.run(now, bucket, row) == 0) return no_dead_letter();
    statements_.set_journal_state.post(static_cast<int>(RowState::pending), bucket, row);
    if (kind == OutboxItem::Kind::send) {
        forget_handle(bucket, row);
        promote(conversation, now);
    } else {
        statements_.set_due.run(now, bucket, row);
    }
    statements_.add_audit.post(now, conversation, "dead_letter_repeated", who, std::to_string(number));
    made_work_ = true;
    return {};
}

Result<void> StoreWriter::drop(std::uint64_t number, std::string const& who, Timestamp now) {
    auto const row = static_cast<std::int64_t>(number);
    auto const dead = dead_letter(row);
    if (!dead || statements_.drop_dead.run(bucket_of(dead->first), row) == 0) return no_dead_letter();
    statements_.add_audit.post(now, dead->first, "dead_letter_dropped", who, std::to_string(number));
    return {};
}

/// Whose it is, with that conversation locked, and what; nothing when it is no dead letter.
std::optional<std::pair<std::string, OutboxItem::Kind>> StoreWriter::dead_letter(std::int64_t number) {
    std::pair<std::string, OutboxItem::Kind> found;
    {
        auto rows = statements_.find_dead.query(number);
        if (!rows.next()) return std::nullopt;
        found = {std::string{rows.text(0)}, static_cast<OutboxItem::Kind>(rows.integer(1))};
    }
    load(found.first);
    return found;
}

std::size_t StoreWriter::fire_timers(Timestamp now, std::size_t limit) {
    struct Timer {
        std::string conversation;
        std::string name;
    };
    std::vector<Timer> due;
    {
        auto rows = statements_.due_timers.query(now, static_cast<std::int64_t>(limit));
        while (rows.next()) due.push_back({std::string{rows.text(0)}, std::string{rows.text(1)}});
    }
    if (database_.shared()) {
        for (auto const& timer : due) expected_.insert(timer.conversation);
        lock();  // they are already: this reads them, all at once
    }
    std::size_t fired = 0;
    for (auto const& timer : due) {
        bool const fine = survives("timer_failed", [&] {
            // An earlier one of this round may have cancelled or moved it.
            if (statements_.take_timer.run(bucket_of(timer.conversation), timer.conversation, timer.name, now) == 0) return;
            Event const event = TimerFired{timer.name};
            if (Held* const held = load(timer.conversation)) happen(*held, {event, now, now, {}, next_number()});
            ++fired;
        });
        if (!fine) statements_.set_timer.post(bucket_of(timer.conversation), timer.conversation, timer.name, now + postponed);
    }
    return fired;
}

std::optional<Timestamp> StoreWriter::next_due() {
    std::optional<Timestamp> soonest;
    auto const consider = [&](Rows rows) {
        if (rows.next() && (!soonest || rows.time(0) < *soonest)) soonest = rows.time(0);
    };
    consider(statements_.next_timer.query());
    for (auto const lane : open_lanes()) consider(statements_.next_outbox.query(lane));
    return soonest;
}

void StoreWriter::make_due(Timestamp now) {
    statements_.hurry_outbox.post(now, now);
    statements_.hurry_quiet.post(now, now);
}

void StoreWriter::set_pause(Pause const& pause) { statements_.set_pause.post(pause.channel, pause.by, pause.since); }

void StoreWriter::clear_pause(std::string const& channel) {
    if (statements_.clear_pause.run(channel) != 0) made_work_ = true;
}

std::vector<Pause> StoreWriter::pauses() {
    std::vector<Pause> all;
    auto rows = statements_.pauses.query();
    while (rows.next()) all.push_back({std::string{rows.text(0)}, std::string{rows.text(1)}, rows.time(2)});
    return all;
}

void StoreWriter::keep(Bookmark const& bookmark) { statements_.keep_bookmark.post(channel_number(bookmark.channel), bookmark.name, bookmark.value); }

std::string StoreWriter::bookmark(ChannelId const& channel, std::string const& name) {
    auto rows = statements_.bookmark.query(channel_number(channel), name);
    return rows.next() ? std::string{rows.text(0)} : std::string{};
}

}  // namespace kefu
