// SPDX-License-Identifier: Apache-2.0
#include "daemon/trace.hpp"

#include "daemon/evidence/collect.hpp"
#include "daemon/log.hpp"
#include "daemon/store/open_store.hpp"
#include "daemon/store/version_tables.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>

namespace kefu {

namespace {

constexpr std::int64_t newest_rows = 1'000'000;
constexpr std::size_t most_steps = 100;

/// Where the id leads.
struct Place {
    std::string found_as;
    ConversationId conversation;
    std::string journal;  ///< the row; empty: none in particular
    std::string send;     ///< likewise
};

std::optional<std::string> text_of(Rows rows) {
    if (!rows.next()) return std::nullopt;
    return std::string{rows.text(0)};
}

std::optional<Place> place_of_row(Database& database, std::string found_as, std::int64_t number) {
    Statement owner{database, "SELECT c.id FROM journal j JOIN conversations c ON c.number = j.conversation WHERE j.number = ?"};
    auto const conversation = text_of(owner.query(number));
    if (!conversation) return std::nullopt;
    return Place{std::move(found_as), ConversationId{*conversation}, std::to_string(number), {}};
}

std::optional<Place> find_conversation(Database& database, std::string const& id, std::string found_as, std::string send) {
    Statement statement{database, "SELECT id FROM conversations WHERE id = ?"};
    auto const found = text_of(statement.query(id));
    if (!found) return std::nullopt;
    return Place{std::move(found_as), ConversationId{*found}, {}, std::move(send)};
}

std::optional<Place> find_event(Database& database, std::string const& id) {
    Statement channels{database, "SELECT number FROM channels"};
    Statement seen{database, "SELECT journal FROM seen WHERE channel = ? AND event = ?"};
    auto all = channels.query();
    while (all.next()) {
        auto rows = seen.query(all.integer(0), id);
        if (rows.next()) return place_of_row(database, "event", rows.integer(0));
    }
    return std::nullopt;
}

std::optional<Place> find_message(Database& database, std::string const& id) {
    Statement statement{database, "SELECT max(number) FROM journal WHERE message = ? AND number > (SELECT max(number) FROM journal) - ?"};
    auto rows = statement.query(id, newest_rows);
    if (!rows.next() || rows.null(0)) return std::nullopt;
    return place_of_row(database, "message", rows.integer(0));
}

std::optional<Place> find(Database& database, std::string const& id) {
    if (auto place = find_conversation(database, id, "conversation", {})) return place;
    if (auto const mark = id.rfind('#'); mark != std::string::npos)
        if (auto place = find_conversation(database, id.substr(0, mark), "send", id)) return place;
    if (auto place = find_event(database, id)) return place;
    if (auto place = find_message(database, id)) return place;
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error == std::errc{} && end == id.data() + id.size()) return place_of_row(database, "journal", number);
    return std::nullopt;
}

std::string_view value_of(EvidenceEntry const& entry, std::string_view name) {
    for (auto const& [key, value] : entry.fields)
        if (key == name) return value;
    return {};
}

bool is_from_customer(EvidenceEntry const& entry) { return entry.kind == "message_received" || entry.kind == "button_pressed"; }
bool ends_something(EvidenceEntry const& entry) { return entry.kind == "send_finished" || entry.kind == "escalation"; }

/// The part of a conversation that the id is about: from the customer's words to the next ones that came after they were seen to.
void keep_window(std::vector<EvidenceEntry>& entries, Place const& place) {
    auto const at = std::find_if(entries.begin(), entries.end(), [&](auto const& entry) {
        return place.send.empty() ? value_of(entry, "journal") == place.journal && entry.kind != "escalation"
                                  : entry.kind == "send" && value_of(entry, "send") == place.send;
    });
    if (at == entries.end()) return;
    auto first = at;
    if (!place.send.empty())
        while (first != entries.begin() && !is_from_customer(*first)) --first;
    bool done = false;
    auto last = at;
    for (++last; last != entries.end(); ++last) {
        if (done && is_from_customer(*last)) break;
        done = done || (ends_something(*last) && (place.send.empty() || value_of(*last, "send") == place.send));
    }
    entries.erase(last, entries.end());
    entries.erase(entries.begin(), first);
}

/// What is published at a time, in words.
class Published {
  public:
    explicit Published(Database& database) : versions_(VersionTables{database}.newest(10'000)) {}
    std::string at(Timestamp when) const {
        for (auto const& version : versions_)
            if (version.at <= when)
                return "version " + std::to_string(version.number) + " of " + to_rfc3339(version.at) + " by " + version.by + " (" + version.hash.substr(0, 12) +
                       ")";
        return "as installed, nothing published yet";
    }

  private:
    std::vector<CatalogVersion> versions_;
};

TraceStep step_of(EvidenceEntry const& entry, Published const& published, bool plain) {
    static constexpr std::array<std::string_view, 3> too_much{"event", "raw", "sender"};
    static constexpr std::array<std::string_view, 4> words{"text", "quote", "name", "attachments"};
    TraceStep step{entry.time, entry.kind, {}};
    auto const is_in = [](auto const& list, std::string_view name) { return std::find(list.begin(), list.end(), name) != list.end(); };
    for (auto const& [name, value] : entry.fields) {
        if (is_in(too_much, name)) continue;
        if (!plain && is_in(words, name)) continue;
        // Ids lead on: masked they would lead nowhere, and the log has them too.
        bool const is_id = name == "send" || name == "journal" || name == "message";
        step.facts.emplace_back(name, plain || is_id ? value : mask_personal(value));
    }
    if (!value_of(entry, "decision").empty() && is_from_customer(entry)) step.facts.emplace_back("catalog", published.at(entry.time));
    return step;
}

}  // namespace

Result<Trace> read_trace(StoreSettings const& store, std::string const& id, bool plain) {
    auto database = open_beside(store, Access::read);
    if (!database) return database.error();
    try {
        StoreRecord record{**database};
        auto const place = find(**database, id);
        if (!place) return Error{Errc::not_found, "nothing in " + name_of(store) + " is called '" + id + "'", std::nullopt};
        std::vector<EvidenceEntry> entries;
        collect_history(record, place->conversation, {}, [&](EvidenceEntry entry) { entries.push_back(std::move(entry)); });
        Trace trace{place->conversation, place->found_as, {}, 0};
        if (place->found_as != "conversation") keep_window(entries, *place);
        if (entries.size() > most_steps) {
            trace.left_out = entries.size() - most_steps;
            bool const newest = place->found_as == "conversation";
            if (newest)
                entries.erase(entries.begin(), entries.end() - most_steps);
            else
                entries.resize(most_steps);
        }
        Published const published{**database};
        for (auto const& entry : entries) trace.steps.push_back(step_of(entry, published, plain));
        // Nothing else in the journal has the event's id.
        if (place->found_as == "event" && !trace.steps.empty()) trace.steps.front().facts.emplace_back("event_id", id);
        return trace;
    } catch (DatabaseError const& error) {
        Error broken = error.to_error(name_of(store));
        broken.code = Errc::environment;
        return broken;
    }
}

}  // namespace kefu
