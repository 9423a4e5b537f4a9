// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/account_tables.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/version_tables.hpp"
#include "daemon/store/watch_tables.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace kefu {

/// Reads for people: conversations, lists, counts. On a connection of its own it sees the last commit and holds up nobody.
class StoreReader {
  public:
    explicit StoreReader(Database& database) : database_(database) {}

    std::optional<ConversationView> view(ConversationId const& id, std::size_t history);
    std::vector<ConversationView> list(ConversationFilter const& filter);
    StoreCounts counts();
    AgentLoads loads();
    SearchResult search(std::string const& text, std::size_t limit);
    QueueCounts queues(std::string const& agent);
    std::vector<DeadLetter> dead_letters(std::size_t limit);
    AccountTables& accounts() { return accounts_; }
    VersionTables& versions() { return versions_; }
    WatchPage watch(WatchQuery const& query) { return watch_.look(query); }

  private:
    /// One conversation of a list.
    struct Found {
        ListPlace place;
        std::string id;
        std::string state;
    };
    std::vector<ConversationView> views_of(std::vector<Found> const& found);

    std::vector<HistoryLine> history(std::string const& conversation, std::int64_t newest, std::size_t limit);
    std::optional<HistoryLine> line_in(Rows const& rows);
    std::vector<std::string> media(std::string const& conversation, std::string const& message);
    std::vector<EscalationRow> escalations(std::string const& conversation, bool open_only);
    std::int64_t channel_number(std::string const& name);

    Database& database_;
    AccountTables accounts_{database_};
    VersionTables versions_{database_};
    WatchTables watch_{database_};
    Statement conversation_{database_, "SELECT newest, state FROM conversations WHERE [bucket = ? AND] id = ?"};
    Statement journal_{database_,
                       "SELECT j.previous, j.kind, j.state, j.received_at, j.occurred_at, j.event, o.state FROM journal j "
                       "LEFT JOIN outbox o ON [o.bucket = j.bucket AND] o.number = j.number WHERE [j.bucket = ? AND] j.number = ?"};
    Statement media_{database_, "SELECT file FROM media WHERE [bucket = ? AND] conversation = ? AND message = ?"};
    Statement escalations_{database_,
                           "SELECT number, what, opened_at, closed_at, claimed_by FROM escalations WHERE [bucket = ? AND] conversation = ? "
                           "ORDER BY closed_at IS NOT NULL, number DESC"};
    Statement open_escalations_{database_,
                                "SELECT number, what, opened_at, closed_at, claimed_by FROM escalations WHERE [bucket = ? AND] conversation = ? "
                                "AND closed_at IS NULL ORDER BY number DESC"};
    Statement newest_{database_, "SELECT id, state FROM conversations WHERE channel = ? ORDER BY newest DESC LIMIT ?"};
    Statement list_{database_,
                    "SELECT heat, deadline, number, id, state FROM conversations WHERE owner = ?1 AND (?2 = 0 OR channel = ?2) AND (?3 = '' OR agent = ?3) "
                    "AND heat <= ?5 AND (heat, -deadline, -number) < (?5, ?6, ?7) ORDER BY heat DESC, deadline, number LIMIT ?4"};
    Statement channel_{database_, "SELECT number FROM channels WHERE name = ?"};
    Statement totals_{database_, "SELECT CAST(sum(journaled) AS BIGINT), CAST(sum(conversations) AS BIGINT) FROM totals"};
    Statement outbox_counts_{database_, "SELECT state, count(*), min(created) FROM outbox GROUP BY state"};
    Statement loads_{database_, "SELECT agent, count(*) FROM conversations WHERE owner IN (1, 2) AND agent <> '' GROUP BY agent"};
    Statement search_conversations_{database_,
                                    "SELECT id, state FROM (SELECT number, id, state FROM conversations ORDER BY number DESC LIMIT ?2) newest "
                                    "WHERE state [I]LIKE ?1 ESCAPE '!' ORDER BY number DESC"};
    Statement search_lines_{
        database_,
        "SELECT j.previous, j.kind, j.state, j.received_at, j.occurred_at, j.event, NULL, c.id, c.state FROM "
        "(SELECT * FROM journal ORDER BY number DESC LIMIT ?2) j JOIN conversations c ON [c.bucket = j.bucket AND] c.number = j.conversation "
        "WHERE j.kind <> 0 AND j.event [I]LIKE ?1 ESCAPE '!' ORDER BY j.number DESC"};
    Statement owner_counts_{database_, "SELECT owner, count(*) FROM conversations GROUP BY owner"};
    Statement mine_{database_, "SELECT count(*) FROM conversations WHERE owner IN (1, 2) AND agent = ?"};
    Statement dead_letters_{database_,
                            "SELECT o.number, o.kind, o.state, c.name, o.conversation, o.recipient, o.detail, o.attempts, o.created, j.event FROM outbox o "
                            "LEFT JOIN channels c ON c.number = o.channel LEFT JOIN journal j ON [j.bucket = o.bucket AND] j.number = o.number "
                            "WHERE o.state IN (3, 4) ORDER BY o.number DESC LIMIT ?"};
    Statement open_escalation_count_{database_, "SELECT count(*), min(opened_at) FROM escalations WHERE closed_at IS NULL"};
};

}  // namespace kefu
