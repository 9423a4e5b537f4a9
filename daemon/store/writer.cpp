// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/writer.hpp"

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

constexpr std::int64_t total_slots = 64;  // daemons count in rows of their own, so that none waits for another

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

class TransactionLost final : public DatabaseError {
  public:
    TransactionLost() : DatabaseError("the transaction was lost") {}
    bool local() const override { return false; }
    Error to_error(std::string const& name) const override { return {Errc::unavailable, name + ": " + what() + "; nothing was stored", std::nullopt}; }
};

}  // namespace

bool ends_transaction(std::exception const& error) {
    auto const* const failure = dynamic_cast<DatabaseError const*>(&error);
    return failure != nullptr && !failure->local();
}

StoreWriter::StoreWriter(Database& database, WriterOptions options)
    : database_(database),
      statements_{database},
      respond_(std::move(options.respond)),
      route_(std::move(options.route)),
      cache_(options.cache_conversations),
      lease_(options.lease) {
    if (database_.shared()) {
        shared_ = share(database_);
    } else {
        auto rows = statements_.numbers.query();
        if (rows.next()) totals_.sequence = rows.integer(0);
        last_number_ = std::numeric_limits<std::int64_t>::max();
    }
    stored_totals_ = committed_totals_ = totals_;
}

void StoreWriter::begin(bool careful) {
    careful_ = careful;
    made_work_ = false;
    ++transaction_;
    database_.begin(Access::write);
}

void StoreWriter::commit() {
    write_dirty();
    database_.commit();
    committed_totals_ = totals_;
    for (Held* const held : touched_) held->touched = false;
    touched_.clear();
    forget_locks();
    cache_.trim();
}

void StoreWriter::roll_back() noexcept {
    database_.roll_back();
    forget_uncommitted();
    forget_locks();
}

void StoreWriter::forget_uncommitted() noexcept {
    for (Held* const held : touched_) cache_.drop(held->id);
    touched_.clear();
    dirty_.clear();
    changes_.clear();
    totals_ = stored_totals_ = committed_totals_;
    channels_.clear();  // read again when first needed
    made_work_ = false;
}

void StoreWriter::log_failure(std::string_view log_event, std::exception const& error) { log_error(log_event, {{"why", error.what()}}); }

StoreWriter::Totals StoreWriter::start_part() {
    write_dirty();  // so that what is dirty at an exception is what this part changed
    statements_.savepoint.run();
    return totals_;
}

void StoreWriter::end_part() {
    write_dirty();
    statements_.release.run();
}

void StoreWriter::undo_part(Totals const& before) {
    for (Held* const held : dirty_) {
        std::erase(touched_, held);
        cache_.drop(held->id);
    }
    dirty_.clear();
    std::int64_t const newest = totals_.sequence;
    totals_ = stored_totals_ = before;
    if (database_.shared()) totals_.sequence = newest;  // numbers may have come in between that others' are below
    channels_.clear();
    events_.clear();
    if (!database_.in_transaction()) throw TransactionLost{};  // nothing may run outside of one
    statements_.undo.run();
    statements_.release.run();
}

void StoreWriter::write_dirty() {
    for (Held* const held : dirty_) write(*held);
    dirty_.clear();
    bool const counted = totals_.journaled != stored_totals_.journaled || totals_.conversations != stored_totals_.conversations;
    if (!counted && (database_.shared() || totals_.sequence == stored_totals_.sequence)) return;
    statements_.save_totals.post(totals_.sequence, lease_number() % total_slots, totals_.journaled - stored_totals_.journaled,
                                 totals_.conversations - stored_totals_.conversations);
    stored_totals_ = totals_;
}

void StoreWriter::write(Held& held) {
    std::string const json = to_json_text(held.state);
    Held::Listed listed = listed_of(held.state);
    auto const owner = static_cast<int>(listed.owner);
    changes_.push_back({held.state.id, held.state.channel, held.state.owner, held.state.agent, held.state.heat, held.state.answer_by, !held.stored,
                        !held.stored || listed != held.listed});
    if (!held.stored) {
        statements_.add_conversation.post(held.newest, held.updated, json, owner, listed.heat, listed.deadline, listed.agent, held.bucket, held.number, held.id,
                                          channel_number(held.state.channel));
    } else if (listed == held.listed) {
        statements_.save_conversation.post(held.newest, held.updated, json, held.bucket, held.number);
    } else {
        statements_.save_listed_conversation.post(held.newest, held.updated, json, owner, listed.heat, listed.deadline, listed.agent, held.bucket, held.number);
    }
    held.stored = true;
    held.dirty = false;
    held.listed = std::move(listed);
}

void StoreWriter::touch(Held& held) {
    if (!held.touched) {
        held.touched = true;
        touched_.push_back(&held);
    }
    if (!held.dirty) {
        held.dirty = true;
        dirty_.push_back(&held);
    }
}

Held* StoreWriter::load(std::string_view id) {
    Held* const known = cache_.find(id);
    if (known != nullptr && (known->locked == transaction_ || !database_.shared())) return known;
    if (database_.shared()) {
        if (absent_.contains(id)) return nullptr;
        lock_conversations({std::string{id}});
        return cache_.find(id);
    }
    auto rows = statements_.load_conversation.query(bucket_of(id), id);
    return rows.next() ? &keep(std::string{id}, rows.integer(0), rows.integer(1), rows.text(2)) : nullptr;
}

/// What a row says, as the newest of the cache.
Held& StoreWriter::keep(std::string id, std::int64_t number, std::int64_t newest, std::string_view state) {
    Held held;
    held.bucket = bucket_of(id);
    held.number = number;
    held.newest = newest;
    held.state = parse_state(id, state);
    held.id = std::move(id);
    held.stored = true;
    held.listed = listed_of(held.state);
    Held& kept = cache_.add(std::move(held));
    if (careful_) {
        // An undone part() may have dropped it; the row it came from now may be this transaction's own.
        kept.touched = true;
        touched_.push_back(&kept);
    }
    return kept;
}

Held& StoreWriter::load_or_create(Arrival const& arrival) {
    if (Held* const held = load(arrival.conversation.value)) return *held;
    Held held;
    held.id = arrival.conversation.value;
    held.state.id = arrival.conversation;
    held.state.channel = arrival.channel;
    held.state.sender = arrival.sender;
    held.bucket = bucket_of(held.id);
    held.number = next_number();
    held.locked = transaction_;
    absent_.erase(held.id);
    ++totals_.conversations;
    Held& kept = cache_.add(std::move(held));
    touch(kept);
    return kept;
}

void StoreWriter::read_channels() {
    auto rows = statements_.channels.query();
    while (rows.next()) channels_.emplace(rows.text(1), rows.integer(0));
}

std::int64_t StoreWriter::channel_number(ChannelId const& channel) {
    for (;;) {
        if (auto const found = channels_.find(channel.value); found != channels_.end()) return found->second;
        read_channels();
        if (channels_.contains(channel.value)) continue;
        // Channels are never deleted; 0 is no channel. Another daemon may take that number first: then we look again.
        statements_.add_channel.run(static_cast<std::int64_t>(channels_.size()) + 1, channel.value);
    }
}

std::string StoreWriter::channel_name(std::int64_t number) {
    if (number == 0) return {};  // no channel
    auto const name = [&]() -> std::string {
        for (auto const& [channel, known] : channels_)
            if (known == number) return channel;
        return {};
    };
    std::string found = name();
    if (!found.empty()) return found;
    read_channels();
    return name();
}

}  // namespace kefu
