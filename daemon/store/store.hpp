// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/net/net.hpp"
#include "daemon/store/privacy.hpp"
#include "daemon/store/watch_page.hpp"
#include "replies/decide.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kefu {

/// One event on its way into the store.
struct Arrival {
    ChannelId channel;
    ConversationId conversation;
    std::string sender;    ///< where answers go; set on the conversation when it is new
    std::string event_id;  ///< the platform's; empty for our own events, which are never duplicates
    Event event;
    Timestamp occurred_at{};
    Timestamp received_at{};  ///< `now` for decide()
    std::string raw;
};

/// What became of one arrival, in the batch's order.
struct Applied {
    bool duplicate = false;
    std::uint64_t journal = 0;   ///< its number in the journal; of the first delivery when it is a duplicate
    std::size_t sends = 0;       ///< effects it put into the outbox
    std::optional<Error> error;  ///< an agent's action that the state does not allow (conflict)
};

/// decide + render + guard with the catalog of the moment. Pure apart from which catalog that is; called on the store's thread, inside the transaction.
using Respond = std::function<Decision(ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now)>;

/// The ids of the notifiers that must hear about something of a channel for a tier.
using NotifyRoute = std::function<std::vector<std::string>(ChannelId const& channel, std::string_view tier)>;

/// Work for the dispatcher. `payload` is a Send, FetchMedia, FetchProfile, LookUpOrder, Assign as an Effect, or a notice.
struct OutboxItem {
    enum class Kind { send, fetch_media, fetch_profile, notify, delete_media, look_up_order, assign };
    EffectId id;
    Kind kind = Kind::send;
    ChannelId channel;
    ConversationId conversation;
    std::string to;                ///< the sender (send, fetch_profile, look_up_order), the notifier's id (notify), the file (delete_media), the tier (assign)
    Effect effect;                 ///< send, fetch_*, look_up_order, assign; TellAgents, Escalate or CloseEscalation for notify
    std::uint64_t escalation = 0;  ///< notify: which one; 0: none
    int attempts = 0;              ///< tries before this one
    bool maybe_sent = false;       ///< it was in flight when the daemon died, or timed out
    Timestamp first_tried{};
    std::uint64_t lease = 0;  ///< under which it was claimed; its result names it too
};

/// How the dispatcher's work on an item ended.
struct OutboxResult {
    enum class Kind { done, refused, unknown, retry };
    Kind kind = Kind::done;
    std::string detail;
    Timestamp retry_at{};
    bool maybe_sent = false;  ///< with retry: the next try must know
    std::optional<Event>
        consequence;            ///< ProfileLearned, MediaStored, OrderLookedUp, Assigned: applied in the same transaction. Sends get SendFinished by themselves
    bool handle_spent = false;  ///< with retry of a send: it goes without its reply handle from now on
    std::uint64_t lease = 0;    ///< the item's; 0: the store's own
};

struct EscalationRow {
    std::uint64_t id = 0;
    ConversationId conversation;
    Escalate what;
    Timestamp opened_at{};
    std::optional<Timestamp> closed_at;
    std::string claimed_by;
};

/// One line of a conversation's history, oldest first.
struct HistoryLine {
    enum class Who { customer, bot, agent, note };
    Who who = Who::customer;
    std::string id;                  ///< the customer's message as the platform names it, or our send
    std::string name;                ///< the agent's
    std::string text;                ///< empty when redacted
    std::string state;               ///< of our sends: pending, in_flight, delivered, refused, unknown, cancelled, received, read; of theirs: "" or "unsent"
    std::vector<std::string> media;  ///< files relative to the media folder
    std::vector<ContentKind> attachments;
    std::vector<OutboundMessage> sent;  ///< of our sends: as they went out
    Timestamp at{};
};

/// Where a page of a list ended: the next one begins behind it.
struct ListPlace {
    double heat = 0;
    std::int64_t deadline = 0;  ///< milliseconds since 1970; the largest number: none
    std::int64_t number = 0;
};

struct ConversationView {
    Conversation conversation;
    std::vector<HistoryLine> history;
    std::vector<EscalationRow> escalations;  ///< open ones first
    ListPlace place;                         ///< from list()
};

struct ConversationFilter {
    std::optional<Owner> owner;
    std::string channel;
    std::string agent;
    std::size_t limit = 100;
    bool newest_first = false;  ///< by when something happened last, whoever has it; else the angriest and nearest deadline first. Needs `channel`
    bool with_people = false;   ///< instead of `owner`: those that wait and those that a person has
    std::optional<ListPlace> after = std::nullopt;  ///< only what comes behind; with one owner, or with_people
};

/// Counts for health pages and the continuous reconciliation (promise 10).
struct StoreCounts {
    std::uint64_t journaled = 0;
    std::uint64_t conversations = 0;
    std::uint64_t outbox_pending = 0;
    std::uint64_t outbox_in_flight = 0;
    std::uint64_t outbox_dead = 0;  ///< refused or unknown, not looked at yet
    std::uint64_t escalations_open = 0;
    std::optional<Timestamp> oldest_pending;
    std::optional<Timestamp> oldest_escalation;  ///< of those that are open
};

/// Agent → conversations they have, or whose turn it is in.
using AgentLoads = std::map<std::string, std::size_t, std::less<>>;

/// Something a connector has to find again after a restart: which session its peer was in, how far a stream is stored.
struct Bookmark {
    ChannelId channel;
    std::string name;
    std::string value;
};

struct Pause {
    std::string channel;  ///< "*": all
    std::string by;
    Timestamp since{};
};

/// A conversation that a commit changed, as it is then.
struct Changed {
    ConversationId conversation;
    ChannelId channel;
    Owner owner = Owner::bot;
    std::string agent;
    double heat = 0;
    Timestamp answer_by{};
    bool is_new = false;
    bool moved = false;  ///< another owner, agent, heat or deadline: its place in lists
};

/// Conversations by owner; `mine`: those of one agent that wait or that a person has.
struct QueueCounts {
    std::array<std::uint64_t, 4> by_owner{};
    std::uint64_t mine = 0;
};

/// Where something was found: in what is known of the customer, or in a line of the conversation.
struct SearchHit {
    ConversationView view;  ///< as from list()
    std::optional<HistoryLine> line;
};
struct SearchResult {
    std::vector<SearchHit> hits;  ///< newest first
    bool complete = true;         ///< false: older conversations or lines were not looked through
};

/// Work that was given up: refused, or nobody knows whether it is out.
struct DeadLetter {
    std::uint64_t number = 0;
    OutboxItem::Kind kind = OutboxItem::Kind::send;
    bool unknown = false;  ///< else refused
    ChannelId channel;
    ConversationId conversation;
    std::string to;
    std::string detail;
    int attempts = 0;
    Timestamp created_at{};
    std::string text;  ///< of a send: its words
};

/// What was published at a time. `files`: path → SHA-256 of its text.
struct CatalogVersion {
    std::uint64_t number = 0;
    Timestamp at{};
    std::string by;  ///< "file": somebody edited the folder
    std::string why;
    std::string hash;
    std::map<std::string, std::string> files;
};

class Accounts;

/// What survives a restart. Every implementation passes tests/daemon/store_contract_test.cpp. Calls may come from any executor and resume there;
/// the work happens on the store's own thread, one transaction per batch, everything that waits meanwhile joins the next batch.
/// A value means: it is on disk. unavailable: nothing happened (queue full, disk full, closed), try again. environment: the store is broken; the message says
/// how to mend it.
class Store {
  public:
    virtual ~Store() = default;

    /// Journals each event not seen before (channel + event id), decides, saves the state, appends the outbox, sets timers; all in one transaction.
    virtual net::awaitable<Result<std::vector<Applied>>> apply(std::vector<Arrival> batch) = 0;

    /// Applies TimerFired for up to `limit` timers that are due. The value: how many.
    virtual net::awaitable<Result<std::size_t>> fire_timers(Timestamp now, std::size_t limit) = 0;

    /// Takes up to `limit` due items and marks them in flight. For sends, in the same transaction: nothing while the channel is paused, one at a time and in
    /// order per conversation, and the owner and newest message are checked again; what may not go any more becomes SendFinished{cancelled}.
    /// `room`: how many of the sends of a channel (without one: of all else) may be among them; not named: any number.
    virtual net::awaitable<Result<std::vector<OutboxItem>>> claim(Timestamp now, std::size_t limit, std::map<ChannelId, std::size_t> room = {}) = 0;

    /// May a send begin now? False when another daemon might have taken over what was claimed before the send is surely over.
    virtual bool may_send() const = 0;

    /// Records how it ended. not_found: it is not in flight under that lease (any more).
    virtual net::awaitable<Result<void>> finish(EffectId id, OutboxResult result, Timestamp now) = 0;

    /// When the next timer or outbox item is due; nothing when there is none.
    virtual net::awaitable<Result<std::optional<Timestamp>>> next_due() = 0;

    /// Everything that waits for another try, or for the customer to finish writing, is due now. For a clock that was ahead when it was told to wait, and was
    /// set back: it would wait for all of that time. Other timers are times that were promised, and stay.
    virtual net::awaitable<Result<void>> make_due(Timestamp now) = 0;

    virtual net::awaitable<Result<std::optional<ConversationView>>> view(ConversationId id, std::size_t history) = 0;
    virtual net::awaitable<Result<std::vector<ConversationView>>> list(ConversationFilter filter) = 0;  ///< angriest and nearest deadline first; no history
    virtual net::awaitable<Result<StoreCounts>> counts() = 0;
    virtual net::awaitable<Result<AgentLoads>> loads() = 0;
    virtual net::awaitable<Result<QueueCounts>> queues(std::string agent) = 0;

    /// By id, name, order, tag or words, upper and lower case of a to z alike, in the newest 20,000 conversations and 50,000 lines; no more than `limit` hits.
    virtual net::awaitable<Result<SearchResult>> search(std::string text, std::size_t limit) = 0;

    virtual net::awaitable<Result<std::vector<DeadLetter>>> dead_letters(std::size_t limit) = 0;  ///< newest first
    /// Puts it back into the outbox, due at once, for whoever asks. not_found: it is no dead letter (any more).
    virtual net::awaitable<Result<void>> repeat(std::uint64_t number, std::string who, Timestamp now) = 0;
    virtual net::awaitable<Result<void>> drop(std::uint64_t number, std::string who, Timestamp now) = 0;

    virtual net::awaitable<Result<void>> set_pause(Pause pause) = 0;
    virtual net::awaitable<Result<void>> clear_pause(std::string channel) = 0;
    virtual net::awaitable<Result<std::vector<Pause>>> pauses() = 0;

    virtual net::awaitable<Result<void>> keep(Bookmark bookmark) = 0;                               ///< in place of the one of that name
    virtual net::awaitable<Result<std::string>> bookmark(ChannelId channel, std::string name) = 0;  ///< its value; empty: none

    /// Records a version with those of its texts that are new (SHA-256 → text). The value: its number.
    virtual net::awaitable<Result<std::uint64_t>> keep(CatalogVersion version, std::map<std::string, std::string> texts) = 0;
    virtual net::awaitable<Result<std::vector<CatalogVersion>>> versions(std::size_t limit) = 0;  ///< newest first
    /// Texts by their hash; those that are not there are left out.
    virtual net::awaitable<Result<std::map<std::string, std::string>>> texts(std::vector<std::string> hashes) = 0;

    /// For the self-watch; costs what is new in the journal.
    virtual net::awaitable<Result<WatchPage>> watch(WatchQuery query) = 0;

    /// Lets go of what is old enough, at most `limit` rows of each kind in one transaction. Files of the media folder go through the outbox.
    virtual net::awaitable<Result<Expired>> expire(Expiry before, std::size_t limit) = 0;
    /// Erases everything of one conversation but that its events are known; the audit says who did it and how much it was, not whose it was. `dry`: only what
    /// there is. The files in the answer are the caller's to delete. not_found: there is no such conversation.
    virtual net::awaitable<Result<Erased>> forget(ConversationId id, std::string who, Timestamp now, bool dry) = 0;

    virtual Accounts& accounts() = 0;  ///< people, sessions and the audit (accounts.hpp)

    /// Called on the store's thread after a commit that made work for the dispatcher.
    virtual void on_work(std::function<void()> wake) = 0;

    /// Called on the store's thread after each commit that changed conversations, with each of them once.
    virtual void on_change(std::function<void(std::vector<Changed>)> tell) = 0;

    /// Called on the store's thread after each transaction that is on disk: how many calls shared it, and how long it took.
    virtual void on_commit(std::function<void(std::size_t calls, std::chrono::nanoseconds took)> tell) = 0;

    /// Finishes what is queued, checkpoints, closes. Nothing may be called afterwards. Blocks; call it last.
    virtual void close() = 0;
};

}  // namespace kefu
