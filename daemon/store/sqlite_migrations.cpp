// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_migrate.hpp"

#include <array>

/// The schema. Times are milliseconds since 1970 (UTC), 0 for "none". Numbers come from one sequence (totals.sequence): rows of the journal, outbox items,
/// conversations and escalations never share one, and none is used twice.
///
/// Made for 10 million rows of journal and 25,000 messages a second: what grows for ever (journal, seen) is written in the order of time, so that a commit
/// touches few pages however big the file is. Only `conversations` is written all over; its index for lists changes only when a listed column does.
/// No foreign keys: each would cost a look-up per insert, and one writer keeps the references right.
namespace kefu {

namespace {

constexpr char const* start = R"sql(
CREATE TABLE totals (
    only          INTEGER PRIMARY KEY CHECK (only = 1),
    sequence      INTEGER NOT NULL,   -- the newest number given out
    journaled     INTEGER NOT NULL,   -- events in the journal since the beginning
    conversations INTEGER NOT NULL
);
INSERT INTO totals VALUES (1, 0, 0, 0);

CREATE TABLE channels (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
);

-- Everything that happened, in order: events and, between them, our sends. Rows of one conversation are a chain (previous), newest first
-- from conversations.newest: an index for it would cost a page per message.
CREATE TABLE journal (
    number       INTEGER PRIMARY KEY,
    previous     INTEGER NOT NULL,    -- the conversation's row before this one; 0: none
    conversation INTEGER NOT NULL,
    kind         INTEGER NOT NULL,    -- 0 other, 1 message, 2 send, 3 an agent's note
    state        INTEGER NOT NULL,    -- of a send when it is over: 2 delivered, 3 refused, 4 unknown, 5 cancelled, 7 received, 8 read; of a message: 6 taken back
    received_at  INTEGER NOT NULL,
    occurred_at  INTEGER NOT NULL,
    message      TEXT NOT NULL,       -- the platform's id of it; empty: none
    why          TEXT NOT NULL,       -- the decision's reasons, a line each
    event        TEXT NOT NULL,       -- JSON: the event, or the Send
    raw          BLOB                 -- as the platform sent it
);

-- Which platform events we know. Platforms number theirs by time, so inserts go to the end of the channel.
CREATE TABLE seen (
    channel INTEGER NOT NULL,
    event   TEXT NOT NULL,
    journal INTEGER NOT NULL,
    PRIMARY KEY (channel, event)
) WITHOUT ROWID;

CREATE TABLE conversations (
    number   INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    channel  INTEGER NOT NULL,
    newest   INTEGER NOT NULL,        -- the newest row of its journal
    updated  INTEGER NOT NULL,
    owner    INTEGER NOT NULL,        -- 0 bot, 1 waiting, 2 person, 3 closed
    heat     REAL NOT NULL,
    deadline INTEGER NOT NULL,        -- 9223372036854775807: none
    agent    TEXT NOT NULL,
    state    TEXT NOT NULL            -- JSON: all of it
);
CREATE INDEX conversations_list ON conversations (owner, heat DESC, deadline);

CREATE TABLE timers (
    conversation TEXT NOT NULL,
    name         TEXT NOT NULL,
    due          INTEGER NOT NULL,
    PRIMARY KEY (conversation, name)
) WITHOUT ROWID;
CREATE INDEX timers_due ON timers (due);

-- What still has to happen, and dead letters. What is done leaves.
CREATE TABLE outbox (
    number       INTEGER PRIMARY KEY, -- a send's is its row in the journal, which holds its words
    id           TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL,
    channel      INTEGER NOT NULL,
    kind         INTEGER NOT NULL,    -- 0 send, 1 fetch_media, 2 fetch_profile, 3 notify, 4 delete_media, 5 look_up_order, 6 assign
    state        INTEGER NOT NULL,    -- 0 pending, 1 in flight, 3 refused, 4 unknown
    lane         INTEGER NOT NULL,    -- a send's channel, which can be paused; 0 for all else
    due          INTEGER,             -- NULL: not to be claimed: in flight, dead, or a send behind an older one of its conversation
    bot          INTEGER NOT NULL,    -- 1: the bot said it, so the bot may take it back
    attempts     INTEGER NOT NULL,
    maybe_sent   INTEGER NOT NULL,
    created      INTEGER NOT NULL,
    first_tried  INTEGER NOT NULL,
    escalation   INTEGER NOT NULL,
    recipient    TEXT NOT NULL,
    detail       TEXT NOT NULL,       -- how a dead letter died
    payload      TEXT                 -- JSON of the effect; NULL: in the journal (send) or in escalations (notify)
);
CREATE INDEX outbox_due ON outbox (lane, due) WHERE due IS NOT NULL;
CREATE INDEX outbox_unfinished ON outbox (conversation, kind) WHERE state < 2;

CREATE TABLE escalations (
    number       INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL,
    tier         TEXT NOT NULL,
    what         TEXT NOT NULL,       -- JSON
    opened_at    INTEGER NOT NULL,
    closed_at    INTEGER,
    claimed_by   TEXT NOT NULL
);
CREATE INDEX escalations_of ON escalations (conversation);
CREATE INDEX escalations_open ON escalations (conversation) WHERE closed_at IS NULL;

CREATE TABLE media (
    conversation TEXT NOT NULL,
    message      TEXT NOT NULL,
    file         TEXT NOT NULL,       -- relative to the media folder
    PRIMARY KEY (conversation, message, file)
) WITHOUT ROWID;

-- Messages whose files must go also when they arrive later.
CREATE TABLE redacted (
    conversation TEXT NOT NULL,
    message      TEXT NOT NULL,
    PRIMARY KEY (conversation, message)
) WITHOUT ROWID;

CREATE TABLE audit (
    number       INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    conversation TEXT NOT NULL,
    action       TEXT NOT NULL,
    who          TEXT NOT NULL,
    detail       TEXT NOT NULL
);

-- Written by `kefud pause` too, from its own process.
CREATE TABLE pauses (
    channel TEXT PRIMARY KEY,         -- '*': all
    who     TEXT NOT NULL,
    since   INTEGER NOT NULL
) WITHOUT ROWID;
)sql";

constexpr char const* bookmarks = R"sql(
-- What connectors find again after a restart.
CREATE TABLE bookmarks (
    channel INTEGER NOT NULL,
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (channel, name)
) WITHOUT ROWID;
)sql";

constexpr char const* console = R"sql(
-- Who may sign in to the console. Passwords are argon2id, the tokens of links and sessions SHA-256: nothing here signs anybody in.
CREATE TABLE people (
    name         TEXT PRIMARY KEY,
    role         INTEGER NOT NULL,    -- 0 agent, 1 operator, 2 owner, 3 admin
    password     TEXT NOT NULL,       -- '': not chosen yet
    totp         BLOB NOT NULL,       -- the second factor's secret; empty: none
    totp_pending BLOB NOT NULL,
    totp_step    INTEGER NOT NULL,
    recovery     TEXT NOT NULL,       -- hashes of the codes that are left
    disabled     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE invitations (
    hash       TEXT PRIMARY KEY,
    name       TEXT NOT NULL,         -- '': the person chooses it
    role       INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    person     TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) WITHOUT ROWID;

-- What was published. A version names the hashes of its files; each text is kept once.
CREATE TABLE catalog_versions (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    who    TEXT NOT NULL,
    why    TEXT NOT NULL,
    hash   TEXT NOT NULL,             -- of the whole catalog
    files  TEXT NOT NULL              -- JSON: path -> hash
);
CREATE TABLE catalog_texts (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL
) WITHOUT ROWID;
)sql";

constexpr std::array<Migration, 3> all{Migration{1, start}, Migration{2, bookmarks}, Migration{3, console}};

}  // namespace

std::span<Migration const> store_migrations() { return all; }

}  // namespace kefu
