// SPDX-License-Identifier: Apache-2.0
#include "daemon/replay.hpp"

#include "daemon/simulation.hpp"
#include "daemon/store/open_store.hpp"
#include "daemon/store/record.hpp"
#include "replies/json.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace kefu {

namespace {

/// As `simulate`: what the last message leads to within this time belongs to it.
constexpr std::chrono::seconds after_the_last{60};

struct Happened {
    Event event;
    Timestamp at;
};

std::optional<Event> read_event(std::string const& text) {
    boost::system::error_code broken;
    auto const value = boost::json::parse(text, broken);
    if (broken) return std::nullopt;
    auto event = event_from_json(value);
    if (!event) return std::nullopt;
    return std::move(*event);
}

/// What came from outside and does not depend on what the bot had said. Drafts that agents approved or threw away were the published catalog's own.
bool is_played(Event const& event) {
    if (auto const* const act = std::get_if<AgentActed>(&event)) return act->action != AgentAction::approve && act->action != AgentAction::discard;
    if (is_by_agent(event)) return true;
    return std::holds_alternative<MessageReceived>(event) || std::holds_alternative<ButtonPressed>(event) || std::holds_alternative<MessageUnsent>(event) ||
           std::holds_alternative<Followed>(event) || std::holds_alternative<Unreachable>(event) || std::holds_alternative<ProfileLearned>(event);
}

struct Journal {
    std::vector<Happened> events;
    std::optional<PlayedOrders> orders;
};

Journal read_journal(StoreRecord& record, ConversationId const& id, Timestamp since) {
    Journal journal;
    record.journal(id, since, [&](RecordedRow const& row) {
        if (row.kind == RowKind::send || row.state == RowState::unsent) return;
        auto event = read_event(row.event);
        if (!event) return;
        if (auto const* const order = std::get_if<OrderLookedUp>(&*event)) {
            if (!journal.orders) journal.orders.emplace();
            if (order->outcome == LookupOutcome::found) journal.orders->insert_or_assign(order->found.empty() ? order->order : order->found, *order);
        } else if (is_played(*event)) {
            journal.events.push_back({std::move(*event), row.received_at});
        }
    });
    return journal;
}

/// What one catalog made of a message.
using Verdict = std::array<std::string, replay_kind_names.size()>;

void append_word(std::string& text, std::string_view word) {
    if (!text.empty()) text += ' ';
    text += word;
}

Verdict take_verdict(Simulation& simulation) {
    auto const outcome = simulation.take();
    Verdict verdict;
    for (auto const label : outcome.meaning.labels) append_word(verdict[static_cast<std::size_t>(ReplayKind::label)], to_string(label));
    for (auto const& send : outcome.sends)
        for (auto const& id : send.templates) append_word(verdict[static_cast<std::size_t>(ReplayKind::reply)], id);
    verdict[static_cast<std::size_t>(ReplayKind::owner)] = to_string(simulation.conversation().owner);
    return verdict;
}

/// One conversation through both catalogs, side by side.
class Comparison {
  public:
    Comparison(ReplayRequest const& request, ConversationId id, ChannelId const& channel, Journal const& journal)
        : id_(std::move(id)),
          published_(request.published, channel, journal.events.front().at, journal.orders),
          draft_(request.draft, channel, journal.events.front().at, journal.orders) {}

    void play(Journal const& journal, ReplayTotals& totals, std::function<void(ReplayChange const&)> const& each) {
        for (auto const& [event, at] : journal.events) {
            run_until(at);
            auto const* const received = std::get_if<MessageReceived>(&event);
            if (received != nullptr) {
                compare(totals, each);
                ++totals.messages;
                text_ = received->message.text;
                said_at_ = at;
            }
            published_.happens(event);
            draft_.happens(event);
        }
        run_until(journal.events.back().at + after_the_last);
        compare(totals, each);
        ++totals.conversations;
    }

  private:
    void run_until(Timestamp at) {
        published_.run_until(at);
        draft_.run_until(at);
    }

    void compare(ReplayTotals& totals, std::function<void(ReplayChange const&)> const& each) {
        auto const before = take_verdict(published_);
        auto const after = take_verdict(draft_);
        for (std::size_t kind = 0; kind < before.size(); ++kind) {
            // An owner who differs ever since is one change, not one a message.
            bool const is_news = kind != static_cast<std::size_t>(ReplayKind::owner) || before[kind] + after[kind] != owners_;
            if (before[kind] == after[kind] || !is_news) continue;
            ++totals.changed[kind];
            each({static_cast<ReplayKind>(kind), id_, said_at_, text_, before[kind], after[kind]});
        }
        owners_ = before.back() + after.back();
    }

    ConversationId id_;
    Simulation published_;
    Simulation draft_;
    std::string text_;
    Timestamp said_at_{};
    std::string owners_;
};

}  // namespace

Result<ReplayTotals> replay(ReplayRequest const& request, std::function<void(ReplayChange const&)> const& each) {
    auto database = open_beside(request.store, Access::read);
    if (!database) return database.error();
    try {
        StoreRecord record{**database};
        ReplayTotals totals;
        for (auto const& [id, channel] : record.conversations_since(request.since)) {
            auto const journal = read_journal(record, id, request.since);
            if (!journal.events.empty()) Comparison{request, id, channel, journal}.play(journal, totals, each);
        }
        return totals;
    } catch (DatabaseError const& error) {
        return error.to_error(name_of(request.store));
    }
}

}  // namespace kefu
