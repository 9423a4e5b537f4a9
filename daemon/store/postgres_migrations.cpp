// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/postgres_migrate.hpp"

#include <array>

/// The schema. sqlite_migrations.cpp says what each column means; here is what several daemons and many buckets add.
///
/// Every key begins with the bucket of the conversation (bucket.hpp), so that a database that is spread over machines by `bucket` keeps all of a
/// conversation together. A conversation is rewritten with each message: no index has a column that changes then, so that no index is written (HOT).
namespace kefu {

namespace {

constexpr char const* start = R"sql(
-- Each daemon takes a thousand at once, for one transaction, so they are nearly in the order of time; within a conversation exactly.
CREATE SEQUENCE numbers INCREMENT BY 1000;

CREATE TABLE totals (
    slot          BIGINT PRIMARY KEY,
    journaled     BIGINT NOT NULL,
    conversations BIGINT NOT NULL
) WITH (fillfactor = 50);
INSERT INTO totals VALUES (0, 0, 0);

-- Who is alive. The lease's end is in milliseconds since 1970 by the database's clock.
CREATE TABLE nodes (
    number    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name      TEXT COLLATE "C" NOT NULL,
    lease_end BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE channels (
    number BIGINT PRIMARY KEY,
    name   TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE journal (
    bucket       INTEGER NOT NULL,
    number       BIGINT NOT NULL,
    previous     BIGINT NOT NULL,
    conversation BIGINT NOT NULL,
    kind         SMALLINT NOT NULL,
    state        SMALLINT NOT NULL,
    received_at  BIGINT NOT NULL,
    occurred_at  BIGINT NOT NULL,
    message      TEXT COLLATE "C" NOT NULL,
    why          TEXT NOT NULL,
    event        TEXT NOT NULL,
    raw          BYTEA,
    PRIMARY KEY (bucket, number)
);
CREATE INDEX journal_number ON journal (number);

CREATE TABLE seen (
    bucket  INTEGER NOT NULL,
    channel BIGINT NOT NULL,
    event   TEXT COLLATE "C" NOT NULL,
    journal BIGINT NOT NULL,
    PRIMARY KEY (bucket, channel, event)
);

CREATE TABLE conversations (
    bucket   INTEGER NOT NULL,
    number   BIGINT NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    channel  BIGINT NOT NULL,
    newest   BIGINT NOT NULL,
    updated  BIGINT NOT NULL,
    owner    SMALLINT NOT NULL,
    heat     DOUBLE PRECISION NOT NULL,
    deadline BIGINT NOT NULL,
    agent    TEXT NOT NULL,
    state    TEXT NOT NULL,
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, number)
) WITH (fillfactor = 70);
CREATE INDEX conversations_list ON conversations (owner, heat DESC, deadline);
CREATE INDEX conversations_number ON conversations (number);

CREATE TABLE timers (
    bucket       INTEGER NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    due          BIGINT NOT NULL,
    PRIMARY KEY (bucket, conversation, name)
) WITH (autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX timers_due ON timers (due);

CREATE TABLE outbox (
    bucket       INTEGER NOT NULL,
    number       BIGINT NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    channel      BIGINT NOT NULL,
    kind         SMALLINT NOT NULL,
    state        SMALLINT NOT NULL,
    node         BIGINT NOT NULL DEFAULT 0,  -- in flight: the lease it was claimed under
    lane         BIGINT NOT NULL,
    due          BIGINT,
    bot          SMALLINT NOT NULL,
    attempts     INTEGER NOT NULL,
    maybe_sent   SMALLINT NOT NULL,
    created      BIGINT NOT NULL,
    first_tried  BIGINT NOT NULL,
    escalation   BIGINT NOT NULL,
    recipient    TEXT NOT NULL,
    detail       TEXT NOT NULL,
    payload      TEXT,
    PRIMARY KEY (bucket, number),
    UNIQUE (bucket, id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX outbox_due ON outbox (lane, due, number) WHERE due IS NOT NULL;
CREATE INDEX outbox_unfinished ON outbox (bucket, conversation) WHERE state < 2;
CREATE INDEX outbox_in_flight ON outbox (node) WHERE state = 1;
CREATE INDEX outbox_dead ON outbox (number) WHERE state IN (3, 4);

CREATE TABLE escalations (
    bucket       INTEGER NOT NULL,
    number       BIGINT NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    tier         TEXT NOT NULL,
    what         TEXT NOT NULL,
    opened_at    BIGINT NOT NULL,
    closed_at    BIGINT,
    claimed_by   TEXT NOT NULL,
    PRIMARY KEY (bucket, number)
);
CREATE INDEX escalations_of ON escalations (bucket, conversation);
CREATE INDEX escalations_open ON escalations (bucket, conversation) WHERE closed_at IS NULL;

CREATE TABLE media (
    bucket       INTEGER NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    message      TEXT COLLATE "C" NOT NULL,
    file         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (bucket, conversation, message, file)
);

CREATE TABLE redacted (
    bucket       INTEGER NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    message      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (bucket, conversation, message)
);

CREATE TABLE audit (
    number       BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at           BIGINT NOT NULL,
    conversation TEXT NOT NULL,
    action       TEXT NOT NULL,
    who          TEXT NOT NULL,
    detail       TEXT NOT NULL
);

CREATE TABLE pauses (
    channel TEXT COLLATE "C" PRIMARY KEY,
    who     TEXT NOT NULL,
    since   BIGINT NOT NULL
);

CREATE TABLE bookmarks (
    channel BIGINT NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (channel, name)
);

CREATE TABLE people (
    name         TEXT COLLATE "C" PRIMARY KEY,
    role         SMALLINT NOT NULL,
    password     TEXT NOT NULL,
    totp         BYTEA NOT NULL,
    totp_pending BYTEA NOT NULL,
    totp_step    BIGINT NOT NULL,
    recovery     TEXT NOT NULL,
    disabled     SMALLINT NOT NULL,
    created_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL
);
CREATE TABLE invitations (
    hash       TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT NOT NULL,
    role       SMALLINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE TABLE sessions (
    hash       TEXT COLLATE "C" PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);

CREATE TABLE catalog_versions (
    number BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at     BIGINT NOT NULL,
    who    TEXT NOT NULL,
    why    TEXT NOT NULL,
    hash   TEXT NOT NULL,
    files  TEXT NOT NULL
);
CREATE TABLE catalog_texts (
    hash TEXT COLLATE "C" PRIMARY KEY,
    text TEXT NOT NULL
);
)sql";

constexpr std::array<Migration, 1> all{Migration{1, start}};

}  // namespace

std::span<Migration const> postgres_migrations() { return all; }

}  // namespace kefu
