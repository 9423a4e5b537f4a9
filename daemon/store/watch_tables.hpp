// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/watch_page.hpp"

#include <optional>

namespace kefu {

/// Reads for the self-watch. Costs what is new in the journal, however large it is: each look-up has its index, and of a conversation in which nothing is open
/// not even the state is read.
class WatchTables {
  public:
    explicit WatchTables(Database& database) : database_(database) {}

    /// A database that several daemons share is numbered by all of them at once, so that there is no place to go on behind: of such a one only what is late.
    WatchPage look(WatchQuery const& query);

  private:
    void add_conversations(WatchPage& page, WatchQuery const& query);
    std::optional<Watched> watched(std::int64_t number, bool suspicious);
    std::size_t sends_lost(std::int64_t newest);

    Database& database_;
    Statement newest_{database_, "SELECT coalesce(max(number), 0) FROM journal"};
    Statement rows_{database_,
                    "SELECT j.number, j.conversation, j.kind, j.received_at, CASE WHEN j.kind = 2 AND j.state = 0 AND o.number IS NULL THEN 1 ELSE 0 END "
                    "FROM journal j LEFT JOIN outbox o ON o.number = j.number WHERE j.number > ? ORDER BY j.number LIMIT ?"};
    Statement number_{database_, "SELECT number FROM conversations WHERE id = ?"};
    Statement conversation_{database_, "SELECT id, owner, newest, state FROM conversations WHERE number = ?"};
    Statement timers_{database_, "SELECT name FROM timers WHERE conversation = ?"};
    Statement work_{database_, "SELECT kind, id FROM outbox WHERE conversation = ? AND state < 2"};
    Statement calls_{database_, "SELECT count(*) FROM escalations WHERE conversation = ? AND closed_at IS NULL"};
    Statement link_{database_,
                    "SELECT j.previous, CASE WHEN j.kind = 2 AND j.state = 0 AND o.number IS NULL THEN 1 ELSE 0 END FROM journal j LEFT JOIN outbox o ON "
                    "o.number = j.number "
                    "WHERE j.number = ?"};
    Statement late_items_{database_,
                          "SELECT count(*) FROM outbox o WHERE o.due IS NOT NULL AND o.due < ? AND (o.lane = 0 OR NOT EXISTS "
                          "(SELECT 1 FROM pauses p LEFT JOIN channels c ON c.name = p.channel WHERE p.channel = '*' OR c.number = o.lane))"};
    Statement late_timers_{database_, "SELECT count(*) FROM timers WHERE due < ?"};
};

}  // namespace kefu
