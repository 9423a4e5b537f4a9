// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/account_tables.hpp"
#include "daemon/store/bucket.hpp"
#include "daemon/store/conversation_cache.hpp"
#include "daemon/store/lease.hpp"
#include "daemon/store/privacy_tables.hpp"
#include "daemon/store/statements.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/version_tables.hpp"

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace kefu {

/// True for errors that end the whole transaction, not one caller's part of it.
bool ends_transaction(std::exception const& error);

/// What a writer is given.
struct WriterOptions {
    std::size_t cache_conversations = 50'000;
    Respond respond;
    NotifyRoute route;
    Lease const* lease = nullptr;  ///< of a shared database: who we are; outlives the writer
};

/// Whose it is: effects are numbered within their conversation, "line/U12#3".
ConversationId conversation_of(EffectId const& effect);

/// Everything that changes the database, on the store's thread, inside a transaction that the caller opens and ends. Parts:
/// writer.cpp (transaction, conversations), writer_locks.cpp (other daemons on the same database), writer_apply.cpp (events), writer_effects.cpp (what a
/// decision asks for), writer_outbox.cpp (the dispatcher's calls and timers), writer_reports.cpp, writer_redact.cpp,
/// writer_forget.cpp.
///
/// A returned Error means that nothing was written. An exception means that the transaction, or the part() around it, must be undone.
class StoreWriter {
  public:
    StoreWriter(Database& database, WriterOptions options);
    ~StoreWriter();

    /// `careful`: part() makes savepoints. Slower; for the second try after somebody's work threw.
    void begin(bool careful);
    void commit();
    void roll_back() noexcept;

    /// Before the work of a batch: what it will touch. lock() then takes all of it, in the one order that all daemons take it in, so that none waits for
    /// another in a circle. What was not named is locked when it is first touched. Without effect on a database of our own.
    void expect(ConversationId const& conversation);
    void expect(std::vector<Arrival> const& batch);
    void lock();

    /// Runs `work`; when it throws in a careful transaction, what it did is undone before the exception goes on and the rest of the transaction is sound.
    template <class Work>
    void part(Work&& work);

    /// Writes the changed conversations, so that a read on the same connection sees them.
    void write_out() { write_dirty(); }

    /// Since begin(): is there more for the dispatcher to do, or at another time, than before?
    bool made_work() const { return made_work_; }

    /// The conversations that were written since the last call; call it after the commit.
    std::vector<Changed> take_changes() { return std::exchange(changes_, {}); }

    std::vector<Applied> apply(std::vector<Arrival> const& batch);
    std::size_t fire_timers(Timestamp now, std::size_t limit);
    std::vector<OutboxItem> claim(Timestamp now, std::size_t limit, std::map<ChannelId, std::size_t> room = {});
    Result<void> finish(EffectId const& id, OutboxResult const& result, Timestamp now);
    std::optional<Timestamp> next_due();
    void make_due(Timestamp now);
    void set_pause(Pause const& pause);
    void clear_pause(std::string const& channel);
    std::vector<Pause> pauses();
    void keep(Bookmark const& bookmark);
    std::string bookmark(ChannelId const& channel, std::string const& name);
    Result<void> repeat(std::uint64_t number, std::string const& who, Timestamp now);
    Result<void> drop(std::uint64_t number, std::string const& who, Timestamp now);
    Result<Expired> expire(Expiry const& before, std::size_t limit);
    Result<Erased> forget(ConversationId const& id, std::string const& who, Timestamp now, bool dry);
    AccountTables& accounts() { return accounts_; }
    VersionTables& versions() { return versions_; }

  private:
    struct Totals {
        std::int64_t sequence = 0;
        std::int64_t journaled = 0;
        std::int64_t conversations = 0;
    };

    /// An event and where it comes from.
    struct Happening {
        Event const& event;
        Timestamp now;
        Timestamp occurred_at;
        std::string_view raw;
        std::int64_t number;  ///< of its row in the journal
    };

    /// A row for the outbox, before it has an id.
    struct NewItem {
        OutboxItem::Kind kind = OutboxItem::Kind::notify;
        std::string_view recipient;
        std::int64_t escalation = 0;
        std::string_view payload;  ///< empty: it is in `escalations`
    };

    struct OpenEscalation {
        std::int64_t number;
        std::string tier;
    };

    /// part() for work whose failure must not stop the work beside it: false when it threw and was undone. Only in a careful transaction; else it throws.
    template <class Work>
    bool survives(std::string_view log_event, Work&& work);

    // writer_locks.cpp
    static std::unique_ptr<SharedStatements> share(Database& database);
    void lock_conversations(std::vector<std::string> ids);
    std::vector<std::string> read_locked(std::vector<std::string> const& ids);
    void look_up_events();
    void take_numbers();
    void forget_locks() noexcept;

    // writer.cpp
    static void log_failure(std::string_view log_event, std::exception const& error);
    Totals start_part();
    void end_part();
    void undo_part(Totals const& before);
    void write_dirty();
    void write(Held& held);
    void forget_uncommitted() noexcept;
    void read_channels();
    std::int64_t channel_number(ChannelId const& channel);
    std::string channel_name(std::int64_t number);
    Held* load(std::string_view id);
    Held& keep(std::string id, std::int64_t number, std::int64_t newest, std::string_view state);
    Held& load_or_create(Arrival const& arrival);
    void touch(Held& held);
    std::int64_t next_number() {
        if (totals_.sequence == last_number_) take_numbers();
        return ++totals_.sequence;
    }
    /// It was not used after all.
    void give_back(std::int64_t number) {
        if (totals_.sequence == number) totals_.sequence = number - 1;
    }
    std::int64_t lease_number() const { return lease_ == nullptr ? 0 : lease_->number(); }

    // writer_apply.cpp
    // `items` counts what goes into the outbox; `feedback` collects the events that follow.
    Applied apply_one(Arrival const& arrival);
    std::int64_t first_delivery(Arrival const& arrival, std::int64_t bucket, std::int64_t channel, std::int64_t number);
    void forget_delivery(Arrival const& arrival, std::int64_t bucket, std::int64_t channel);
    std::size_t happen(Held& held, Happening const& happening);
    void decide_one(Held& held, Happening const& happening, std::size_t& items, std::vector<Event>& feedback);
    void journal(Held& held, Happening const& happening, std::vector<std::string> const& why);

    // writer_effects.cpp
    void carry_out(Held& held, std::vector<Effect> const& effects, Timestamp now, std::size_t& items, std::vector<Event>& feedback);
    void send(Held& held, Send const& send, std::string_view json, Timestamp now);
    void cancel_sends(Held& held, std::string const& why, Timestamp now, std::vector<Event>& feedback);
    SendFinished take_back(std::int64_t bucket, std::int64_t number, std::string const& id, bool maybe_sent, std::string const& why);
    void promote(std::string const& conversation, Timestamp now);
    void add_item(Held const& held, NewItem const& item, Timestamp now);
    std::size_t notify(Held const& held, std::string_view tier, std::int64_t escalation, std::string_view payload, Timestamp now);
    std::vector<OpenEscalation> open_escalations(Held const& held);

    // writer_outbox.cpp
    struct Due {
        std::int64_t due;
        std::int64_t number;
        std::string conversation;
        bool is_send;
    };
    std::vector<Due> due_items(Timestamp now, std::size_t limit, std::map<ChannelId, std::size_t> const& room);
    std::vector<std::int64_t> open_lanes();
    std::optional<OutboxItem> take(Due const& due, Timestamp now);
    void bury(std::int64_t bucket, std::int64_t number, RowState state, std::string const& detail);
    std::optional<std::pair<std::string, OutboxItem::Kind>> dead_letter(std::int64_t number);
    void tell(std::string const& conversation, Event const& event, Timestamp now);
    void forget_handle(std::int64_t bucket, std::int64_t number);

    // writer_reports.cpp
    bool take_report(Held const& held, SendReported const& report);
    std::int64_t find_send(Held const& held, EffectId const& id);
    RowState journal_state(std::int64_t bucket, std::int64_t number);

    // writer_forget.cpp
    void let_go(std::string const& id);

    // writer_redact.cpp
    std::size_t redact(Held& held, MessageId const& message, Timestamp now);
    void redact_row(Held const& held, std::int64_t number);
    std::size_t keep_media(Held const& held, MediaStored const& media, Timestamp now);
    void delete_media(Held const& held, MessageId const& message, std::string const& file, Timestamp now);

    Database& database_;
    AccountTables accounts_{database_};
    VersionTables versions_{database_};
    PrivacyTables privacy_{database_};
    StoreStatements statements_;
    Respond respond_;
    NotifyRoute route_;
    ConversationCache cache_;
    std::vector<Held*> touched_;  ///< in this transaction; dropped from the cache when it is rolled back
    std::vector<Changed> changes_;
    std::vector<Held*> dirty_;  ///< of these, what is not yet written: each is written once, however many events it had
    std::map<std::string, std::int64_t, std::less<>> channels_;
    Totals totals_;         ///< counted since the store was opened; the sequence as it is
    Totals stored_totals_;  ///< as in the database, within this transaction
    Totals committed_totals_;
    std::int64_t last_number_ = 0;  ///< of those that are ours
    Lease const* lease_;
    std::uint64_t transaction_ = 0;

    std::unique_ptr<SharedStatements> shared_;  ///< null on a database of our own
    std::set<std::string> expected_;
    std::vector<Arrival const*> expected_events_;
    std::set<std::string, std::less<>> absent_;                            ///< locked, and not there
    using EventKey = std::tuple<std::int64_t, std::int64_t, std::string>;  ///< bucket, channel, the platform's id
    std::map<EventKey, std::int64_t> events_;                              ///< that were looked up: their row in the journal; 0: new
    bool careful_ = false;
    bool made_work_ = false;
    std::string why_;  ///< reused
};

template <class Work>
void StoreWriter::part(Work&& work) {
    if (!careful_) return work();
    Totals const before = start_part();
    try {
        work();
        end_part();
    } catch (...) {
        undo_part(before);
        throw;
    }
}

template <class Work>
bool StoreWriter::survives(std::string_view log_event, Work&& work) {
    try {
        part(work);
        return true;
    } catch (std::exception const& error) {
        if (!careful_ || ends_transaction(error)) throw;
        log_failure(log_event, error);
        return false;
    }
}

}  // namespace kefu
