// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_writer.hpp"

#include "daemon/log.hpp"
#include "replies/json.hpp"

#include <boost/json/parse.hpp>

#include <limits>
#include <utility>

/// The transaction around the calls, and the conversations in it.
///
/// Invariant: a conversation in the cache that is not `touched` equals its committed row. What a transaction changes is touched first, so that rolling
/// back means dropping the touched ones.
namespace kefu {

namespace {

constexpr std::int64_t no_deadline = std::numeric_limits<std::int64_t>::max();  // sorts behind every deadline

Held::Listed listed_of(Conversation const& state) {
    std::int64_t const deadline = to_millis(state.answer_by);
    return {state.owner, state.heat, deadline == 0 ? no_deadline : deadline, state.agent};
}

Conversation parse_state(std::string_view id, std::string_view json) {
    boost::system::error_code broken;
    auto const value = boost::json::parse(boost::json::string_view{json.data(), json.size()}, broken);
    if (broken) throw std::runtime_error("the stored state of " + std::string{id} + " is no JSON: " + broken.message());
    auto state = conversation_from_json(value);
    if (!state) throw std::runtime_error("the stored state of " + std::string{id} + " cannot be read: " + state.error().message);
    return std::move(*state);
}

}  // namespace

bool ends_transaction(std::exception const& error) {
    auto const* const sqlite = dynamic_cast<SqliteError const*>(&error);
    return sqlite != nullptr && !sqlite->local();
}

SqliteWriter::SqliteWriter(Database& database, std::size_t cache_conversations, Respond respond, NotifyRoute route)
    : database_(database), statements_{database}, respond_(std::move(respond)), route_(std::move(route)), cache_(cache_conversations) {
    {
        auto rows = statements_.totals.query();
        if (rows.next()) totals_ = {rows.integer(0), rows.integer(1), rows.integer(2)};
    }
    stored_totals_ = committed_totals_ = totals_;
    read_channels();
}

void SqliteWriter::begin(bool careful) {
    careful_ = careful;
    made_work_ = false;
    statements_.begin.run();
}

void SqliteWriter::commit() {
    write_dirty();
    statements_.commit.run();
    committed_totals_ = totals_;
    for (Held* const held : touched_) held->touched = false;
    touched_.clear();
    cache_.trim();
}

void SqliteWriter::roll_back() noexcept {
    // SQLite has already rolled back after some errors (disk full, I/O).
    if (database_.in_transaction()) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    forget_uncommitted();
}

void SqliteWriter::forget_uncommitted() noexcept {
    for (Held* const held : touched_) cache_.drop(held->id);
    touched_.clear();
    dirty_.clear();
    changes_.clear();
    totals_ = stored_totals_ = committed_totals_;
    channels_.clear();  // read again when first needed
    made_work_ = false;
}

void SqliteWriter::log_failure(std::string_view log_event, std::exception const& error) { log_error(log_event, {{"why", error.what()}}); }

SqliteWriter::Totals SqliteWriter::start_part() {
    write_dirty();  // so that what is dirty at an exception is what this part changed
    statements_.savepoint.run();
    return totals_;
}

void SqliteWriter::end_part() {
    write_dirty();
    statements_.release.run();
}

void SqliteWriter::undo_part(Totals const& before) {
    for (Held* const held : dirty_) {
        std::erase(touched_, held);
        cache_.drop(held->id);
    }
    dirty_.clear();
    totals_ = stored_totals_ = before;
    channels_.clear();
    if (!database_.in_transaction()) throw SqliteError{SQLITE_IOERR, "the transaction was lost"};  // nothing may run outside of one
    statements_.undo.run();
    statements_.release.run();
}

void SqliteWriter::write_dirty() {
    for (Held* const held : dirty_) write(*held);
    dirty_.clear();
    if (totals_ == stored_totals_) return;
    statements_.save_totals.run(totals_.sequence, totals_.journaled, totals_.conversations);
    stored_totals_ = totals_;
}

void SqliteWriter::write(Held& held) {
    std::string const json = to_json_text(held.state);
    Held::Listed listed = listed_of(held.state);
    auto const owner = static_cast<int>(listed.owner);
    changes_.push_back({held.state.id, held.state.channel, held.state.owner, held.state.agent, held.state.heat, held.state.answer_by, !held.stored,
                        !held.stored || listed != held.listed});
    if (!held.stored) {
        statements_.add_conversation.run(held.newest, held.updated, json, owner, listed.heat, listed.deadline, listed.agent, held.number, held.id,
                                         channel_number(held.state.channel));
    } else if (listed == held.listed) {
        statements_.save_conversation.run(held.newest, held.updated, json, held.number);
    } else {
        statements_.save_listed_conversation.run(held.newest, held.updated, json, owner, listed.heat, listed.deadline, listed.agent, held.number);
    }
    held.stored = true;
    held.dirty = false;
    held.listed = std::move(listed);
}

void SqliteWriter::touch(Held& held) {
    if (!held.touched) {
        held.touched = true;
        touched_.push_back(&held);
    }
    if (!held.dirty) {
        held.dirty = true;
        dirty_.push_back(&held);
    }
}

Held* SqliteWriter::load(std::string_view id) {
    if (Held* const held = cache_.find(id)) return held;
    Held held;
    {
        auto rows = statements_.load_conversation.query(id);
        if (!rows.next()) return nullptr;
        held.number = rows.integer(0);
        held.newest = rows.integer(1);
        held.state = parse_state(id, rows.text(2));
    }
    held.id = id;
    held.stored = true;
    held.listed = listed_of(held.state);
    Held& kept = cache_.add(std::move(held));
    if (careful_) {
        // An undone part() may have dropped it; the row it came from now may be this transaction's own.
        kept.touched = true;
        touched_.push_back(&kept);
    }
    return &kept;
}

Held& SqliteWriter::load_or_create(Arrival const& arrival) {
    if (Held* const held = load(arrival.conversation.value)) return *held;
    Held held;
    held.id = arrival.conversation.value;
    held.state.id = arrival.conversation;
    held.state.channel = arrival.channel;
    held.state.sender = arrival.sender;
    held.number = next_number();
    ++totals_.conversations;
    Held& kept = cache_.add(std::move(held));
    touch(kept);
    return kept;
}

void SqliteWriter::read_channels() {
    auto rows = statements_.channels.query();
    while (rows.next()) channels_.emplace(rows.text(1), rows.integer(0));
}

std::int64_t SqliteWriter::channel_number(ChannelId const& channel) {
    if (channels_.empty()) read_channels();
    if (auto const found = channels_.find(channel.value); found != channels_.end()) return found->second;
    auto const number = static_cast<std::int64_t>(channels_.size()) + 1;  // channels are never deleted; 0 is no channel
    statements_.add_channel.run(number, channel.value);
    channels_.emplace(channel.value, number);
    return number;
}

std::string SqliteWriter::channel_name(std::int64_t number) {
    if (channels_.empty()) read_channels();
    for (auto const& [name, known] : channels_)
        if (known == number) return name;
    return {};
}

}  // namespace kefu
