// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/writer.hpp"
#include "intents/utf8.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

/// Several daemons on one database. A transaction locks each conversation before it looks at it; the cache then only saves the reading of states that
/// nobody else has changed, which the newest row of the journal tells: every change has one.
///
/// All waiting is done in lock(), on rows in order of bucket and id, and then on those that are not there yet, each under an advisory lock on its hash. So
/// two daemons never wait for each other. What is found to do (sends, timers) is taken with SKIP LOCKED, which waits for nobody.
namespace kefu {

namespace {

constexpr std::int64_t numbers_at_once = 1000;  // as the sequence counts

/// What PostgreSQL takes as text. Anything else is left to fail alone, with the call that brings it.
bool is_text(std::string const& text) { return is_utf8(text) && text.find('\0') == std::string::npos; }

}  // namespace

std::unique_ptr<SharedStatements> StoreWriter::share(Database& database) {
    return database.shared() ? std::unique_ptr<SharedStatements>{new SharedStatements{database}} : nullptr;
}

StoreWriter::~StoreWriter() = default;

ConversationId conversation_of(EffectId const& effect) { return ConversationId{effect.value.substr(0, effect.value.rfind('#'))}; }

void StoreWriter::expect(ConversationId const& conversation) {
    if (shared_ && is_text(conversation.value)) expected_.insert(conversation.value);
}

void StoreWriter::expect(std::vector<Arrival> const& batch) {
    if (!shared_) return;
    for (auto const& arrival : batch) {
        if (!is_text(arrival.conversation.value) || !is_text(arrival.event_id) || !is_text(arrival.channel.value)) continue;
        expected_.insert(arrival.conversation.value);
        if (!arrival.event_id.empty()) expected_events_.push_back(&arrival);
    }
}

void StoreWriter::lock() {
    if (!shared_) return;
    std::vector<std::string> ids;
    for (auto const& id : expected_)
        if (Held const* const held = cache_.find(id); (held == nullptr || held->locked != transaction_) && !absent_.contains(id)) ids.push_back(id);
    expected_.clear();
    lock_conversations(std::move(ids));
    look_up_events();
}

void StoreWriter::lock_conversations(std::vector<std::string> ids) {
    if (ids.empty()) return;
    auto missing = read_locked(ids);
    if (missing.empty()) return;
    std::vector<std::int64_t> hashes;
    for (auto const& id : missing) hashes.push_back(static_cast<std::int64_t>(stable_hash(id)));
    std::sort(hashes.begin(), hashes.end());
    for (auto const hash : hashes) shared_->lock_absent.post(hash);
    // Somebody may have made them before we had the lock.
    for (auto& id : read_locked(missing)) absent_.insert(std::move(id));
}

/// Locks those that are there, and brings the cache up to date with them. The value: the others.
std::vector<std::string> StoreWriter::read_locked(std::vector<std::string> const& ids) {
    boost::json::array wanted;
    for (auto const& id : ids) {
        Held const* const held = cache_.find(id);
        wanted.push_back(boost::json::object{{"bucket", bucket_of(id)}, {"id", id}, {"newest", held == nullptr ? 0 : held->newest}});
    }
    std::set<std::string, std::less<>> missing{ids.begin(), ids.end()};
    auto rows = shared_->lock_conversations.query(boost::json::serialize(wanted));
    while (rows.next()) {
        std::string id{rows.text(0)};
        missing.erase(id);
        std::int64_t const newest = rows.integer(2);
        Held* held = cache_.find(id);
        if (!rows.null(3)) {
            if (held != nullptr) cache_.drop(id);
            held = &keep(std::move(id), rows.integer(1), newest, rows.text(3));
        }
        held->locked = transaction_;
        if (newest > totals_.sequence) last_number_ = totals_.sequence;  // another daemon's came after ours: the next must be above it
    }
    for (auto const& id : missing) cache_.drop(id);
    return {std::make_move_iterator(missing.begin()), std::make_move_iterator(missing.end())};
}

/// After the locks, so that no other daemon stores one of them in between.
void StoreWriter::look_up_events() {
    if (expected_events_.empty()) return;
    boost::json::array wanted;
    for (auto const* const arrival : expected_events_) {
        std::int64_t const channel = channel_number(arrival->channel);
        wanted.push_back(boost::json::object{{"bucket", bucket_of(arrival->conversation.value)}, {"channel", channel}, {"event", arrival->event_id}});
        events_.emplace(EventKey{bucket_of(arrival->conversation.value), channel, arrival->event_id}, 0);
    }
    expected_events_.clear();
    auto rows = shared_->find_events.query(boost::json::serialize(wanted));
    while (rows.next()) events_.insert_or_assign(EventKey{rows.integer(0), rows.integer(1), std::string{rows.text(2)}}, rows.integer(3));
}

void StoreWriter::take_numbers() {
    auto rows = statements_.numbers.query();
    if (!rows.next()) throw std::runtime_error("the database gives no numbers");
    totals_.sequence = rows.integer(0) - 1;
    last_number_ = totals_.sequence + numbers_at_once;
}

/// The next transaction takes numbers of its own: so they are, nearly, in the order of time over all daemons.
void StoreWriter::forget_locks() noexcept {
    if (!shared_) return;
    last_number_ = totals_.sequence;
    expected_.clear();
    expected_events_.clear();
    absent_.clear();
    events_.clear();
}

}  // namespace kefu
