// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/conversation_cache.hpp"
#include "daemon/store/sqlite_accounts.hpp"
#include "daemon/store/sqlite_statements.hpp"
#include "daemon/store/sqlite_versions.hpp"
#include "daemon/store/store.hpp"

#include <cstdint>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kefu {

/// True for errors that end the whole transaction, not one caller's part of it.
bool ends_transaction(std::exception const& error);

/// Everything that changes the database, on the store's thread, inside a transaction that the caller opens and ends. Parts:
/// sqlite_writer.cpp (transaction, conversations), sqlite_apply.cpp (events), sqlite_effects.cpp (what a decision asks for), sqlite_outbox.cpp (the
/// dispatcher's calls and timers), sqlite_reports.cpp, sqlite_redact.cpp.
///
/// A returned Error means that nothing was written. An exception means that the transaction, or the part() around it, must be undone.
class SqliteWriter {
  public:
    SqliteWriter(Database& database, std::size_t cache_conversations, Respond respond, NotifyRoute route);

    /// `careful`: part() makes savepoints. Slower; for the second try after somebody's work threw.
    void begin(bool careful);
    void commit();
    void roll_back() noexcept;

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
    void set_pause(Pause const& pause);
    void clear_pause(std::string const& channel);
    std::vector<Pause> pauses();
    void keep(Bookmark const& bookmark);
    std::string bookmark(ChannelId const& channel, std::string const& name);
    Result<void> repeat(std::uint64_t number, std::string const& who, Timestamp now);
    Result<void> drop(std::uint64_t number, std::string const& who, Timestamp now);
    SqliteAccounts& accounts() { return accounts_; }
    SqliteVersions& versions() { return versions_; }

  private:
    struct Totals {
        std::int64_t sequence = 0;
        std::int64_t journaled = 0;
        std::int64_t conversations = 0;
        friend bool operator==(Totals const&, Totals const&) = default;
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

    // sqlite_writer.cpp
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
    Held& load_or_create(Arrival const& arrival);
    void touch(Held& held);
    std::int64_t next_number() { return ++totals_.sequence; }
    void give_back(std::int64_t number) { totals_.sequence = number - 1; }  ///< the newest one, not used after all

    // sqlite_apply.cpp
    // `items` counts what goes into the outbox; `feedback` collects the events that follow.
    Applied apply_one(Arrival const& arrival);
    std::size_t happen(Held& held, Happening const& happening);
    void decide_one(Held& held, Happening const& happening, std::size_t& items, std::vector<Event>& feedback);
    void journal(Held& held, Happening const& happening, std::vector<std::string> const& why);

    // sqlite_effects.cpp
    void carry_out(Held& held, std::vector<Effect> const& effects, Timestamp now, std::size_t& items, std::vector<Event>& feedback);
    void send(Held& held, Send const& send, std::string_view json, Timestamp now);
    void cancel_sends(Held& held, std::string const& why, Timestamp now, std::vector<Event>& feedback);
    SendFinished take_back(std::int64_t number, std::string const& id, bool maybe_sent, std::string const& why);
    void promote(std::string const& conversation, Timestamp now);
    void add_item(Held const& held, NewItem const& item, Timestamp now);
    std::size_t notify(Held const& held, std::string_view tier, std::int64_t escalation, std::string_view payload, Timestamp now);
    std::vector<OpenEscalation> open_escalations(Held const& held);

    // sqlite_outbox.cpp
    std::vector<std::int64_t> due_items(Timestamp now, std::size_t limit, std::map<ChannelId, std::size_t> const& room);
    std::vector<std::int64_t> open_lanes();
    std::optional<OutboxItem> take(std::int64_t number, Timestamp now);
    void bury(std::int64_t number, RowState state, std::string const& detail);
    std::string conversation_of(std::int64_t outbox_number);
    void tell(std::string const& conversation, Event const& event, Timestamp now);
    void forget_handle(std::int64_t number);

    // sqlite_reports.cpp
    bool take_report(Held const& held, SendReported const& report);
    std::int64_t find_send(Held const& held, EffectId const& id);
    RowState journal_state(std::int64_t number);

    // sqlite_redact.cpp
    std::size_t redact(Held& held, MessageId const& message, Timestamp now);
    void redact_row(Held const& held, std::int64_t number);
    std::size_t keep_media(Held const& held, MediaStored const& media, Timestamp now);
    void delete_media(Held const& held, MessageId const& message, std::string const& file, Timestamp now);

    Database& database_;
    SqliteAccounts accounts_{database_};
    SqliteVersions versions_{database_};
    SqliteStatements statements_;
    Respond respond_;
    NotifyRoute route_;
    ConversationCache cache_;
    std::vector<Held*> touched_;  ///< in this transaction; dropped from the cache when it is rolled back
    std::vector<Changed> changes_;
    std::vector<Held*> dirty_;  ///< of these, what is not yet written: each is written once, however many events it had
    std::map<std::string, std::int64_t, std::less<>> channels_;
    Totals totals_;
    Totals stored_totals_;  ///< as in the database, within this transaction
    Totals committed_totals_;
    bool careful_ = false;
    bool made_work_ = false;
    std::string why_;  ///< reused
};

template <class Work>
void SqliteWriter::part(Work&& work) {
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
bool SqliteWriter::survives(std::string_view log_event, Work&& work) {
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
