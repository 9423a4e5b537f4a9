// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/database.hpp"

namespace kefu {

/// What a row's `state` means, in the journal and in the outbox.
enum class RowState { pending = 0, in_flight = 1, delivered = 2, refused = 3, unknown = 4, cancelled = 5, unsent = 6, received = 7, read = 8 };

/// What a journal row is, for readers that pick.
enum class RowKind { other = 0, message = 1, send = 2, note = 3 };

/// Every statement the store's thread runs, prepared once. Parameters are named in sqlite_migrations.cpp's words; database.hpp says what [ ] means.
struct StoreStatements {
    Database& database;

    Statement savepoint{database, "SAVEPOINT part"};
    Statement release{database, "RELEASE SAVEPOINT part"};
    Statement undo{database, "ROLLBACK TO SAVEPOINT part"};

    Statement numbers{database, database.shared() ? "SELECT nextval('numbers')" : "SELECT sequence FROM totals"};
    Statement save_totals{database, database.shared()
                                        ? "INSERT INTO totals (slot, journaled, conversations) VALUES (?2, ?3, ?4) ON CONFLICT (slot) DO UPDATE SET "
                                          "journaled = totals.journaled + excluded.journaled, conversations = totals.conversations + excluded.conversations"
                                        : "UPDATE totals SET sequence = ?1, journaled = journaled + ?3, conversations = conversations + ?4"};
    Statement channels{database, "SELECT number, name FROM channels"};
    Statement add_channel{database, "INSERT INTO channels (number, name) VALUES (?, ?) ON CONFLICT DO NOTHING"};

    Statement add_seen{database, "INSERT INTO seen ([bucket,] channel, event, journal) VALUES ([?,] ?, ?, ?) ON CONFLICT DO NOTHING"};
    Statement find_seen{database, "SELECT journal FROM seen WHERE [bucket = ? AND] channel = ? AND event = ?"};
    Statement forget_seen{database, "DELETE FROM seen WHERE [bucket = ? AND] channel = ? AND event = ?"};

    Statement add_journal{database,
                          "INSERT INTO journal ([bucket,] number, previous, conversation, kind, state, received_at, occurred_at, message, why, event, raw) "
                          "VALUES ([?,] ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
    Statement set_journal_state{database, "UPDATE journal SET state = ? WHERE [bucket = ? AND] number = ?"};
    Statement journal_link{database, "SELECT previous, message FROM journal WHERE [bucket = ? AND] number = ?"};
    Statement journal_row{database, "SELECT previous, kind, state, event FROM journal WHERE [bucket = ? AND] number = ?"};
    Statement journal_event{database, "SELECT event FROM journal WHERE [bucket = ? AND] number = ?"};
    Statement redact_journal{database, "UPDATE journal SET event = ?, raw = NULL, state = 6 WHERE [bucket = ? AND] number = ?"};

    Statement load_conversation{database, "SELECT number, newest, state FROM conversations WHERE [bucket = ? AND] id = ? [FOR UPDATE]"};
    Statement add_conversation{database,
                               "INSERT INTO conversations (newest, updated, state, owner, heat, deadline, agent, [bucket,] number, id, channel) "
                               "VALUES (?, ?, ?, ?, ?, ?, ?, [?,] ?, ?, ?)"};
    Statement save_conversation{database, "UPDATE conversations SET newest = ?, updated = ?, state = ? WHERE [bucket = ? AND] number = ?"};
    Statement save_listed_conversation{database,
                                       "UPDATE conversations SET newest = ?, updated = ?, state = ?, owner = ?, heat = ?, deadline = ?, agent = ? "
                                       "WHERE [bucket = ? AND] number = ?"};

    Statement set_timer{database,
                        "INSERT INTO timers ([bucket,] conversation, name, due) VALUES ([?,] ?, ?, ?) "
                        "ON CONFLICT ([bucket,] conversation, name) DO UPDATE SET due = excluded.due WHERE timers.due <> excluded.due"};
    Statement cancel_timer{database, "DELETE FROM timers WHERE [bucket = ? AND] conversation = ? AND name = ?"};
    Statement take_timer{database, "DELETE FROM timers WHERE [bucket = ? AND] conversation = ? AND name = ? AND due <= ?"};
    Statement due_timers{database,
                         "SELECT t.conversation, t.name FROM timers t [JOIN conversations c ON c.bucket = t.bucket AND c.id = t.conversation] "
                         "WHERE t.due <= ? ORDER BY t.due LIMIT ? [FOR UPDATE SKIP LOCKED]"};
    Statement hurry_quiet{database,
                          "UPDATE timers SET due = ? WHERE [(bucket, conversation, name) IN (SELECT bucket, conversation, name FROM timers WHERE] "
                          "name = 'quiet' AND due > ? [FOR UPDATE SKIP LOCKED)]"};
    Statement next_timer{database, "SELECT due FROM timers ORDER BY due LIMIT 1"};

    Statement add_outbox{
        database,
        "INSERT INTO outbox ([bucket,] number, id, conversation, channel, kind, state, lane, due, bot, attempts, maybe_sent, created, first_tried, "
        "escalation, recipient, detail, payload) VALUES ([?,] ?, ?, ?, ?, ?, 0, ?, ?, ?, 0, 0, ?, 0, ?, ?, '', ?)"};
    Statement has_unfinished_send{database, "SELECT 1 FROM outbox WHERE [bucket = ? AND] conversation = ? AND kind = 0 AND state < 2 LIMIT 1"};
    Statement pending_bot_sends{database,
                                "SELECT number, id, maybe_sent FROM outbox WHERE [bucket = ? AND] conversation = ? AND kind = 0 AND state < 2 AND state = 0 "
                                "AND bot = 1 ORDER BY number"};
    Statement pending_fetches{database,
                              "SELECT number FROM outbox WHERE [bucket = ? AND] conversation = ? AND kind = 1 AND state < 2 AND state = 0 AND recipient = ?"};
    Statement oldest_unfinished_send{
        database, "SELECT number, state FROM outbox WHERE [bucket = ? AND] conversation = ? AND kind = 0 AND state < 2 ORDER BY number LIMIT 1"};
    Statement set_due{database, "UPDATE outbox SET due = ? WHERE [bucket = ? AND] number = ? AND due IS NULL"};
    Statement remove_outbox{database, "DELETE FROM outbox WHERE [bucket = ? AND] number = ?"};
    Statement bury_outbox{database, "UPDATE outbox SET state = ?, due = NULL, detail = ? WHERE [bucket = ? AND] number = ?"};
    Statement retry_outbox{database, "UPDATE outbox SET state = 0, due = ?, maybe_sent = maybe_sent | ?, detail = ? WHERE [bucket = ? AND] number = ?"};
    Statement hurry_outbox{database,
                           "UPDATE outbox SET due = ? WHERE [(bucket, number) IN (SELECT bucket, number FROM outbox WHERE] "
                           "state = 0 AND due > ? [FOR UPDATE SKIP LOCKED)]"};
    Statement set_payload{database, "UPDATE outbox SET payload = ? WHERE [bucket = ? AND] number = ?"};
    Statement start_outbox{database,
                           "UPDATE outbox SET state = 1, due = NULL, attempts = attempts + 1, [node = ?,] "
                           "first_tried = CASE first_tried WHEN 0 THEN ? ELSE first_tried END WHERE [bucket = ? AND] number = ?"};
    // A send only together with its conversation, so that no other daemon changes it meanwhile.
    Statement due_sends{database,
                        "SELECT o.due, o.number, o.conversation FROM outbox o [JOIN conversations c ON c.bucket = o.bucket AND c.id = o.conversation] "
                        "WHERE o.lane = ? AND o.due <= ? ORDER BY o.due, o.number LIMIT ? [FOR UPDATE SKIP LOCKED]"};
    Statement due_work{database,
                       "SELECT due, number, conversation FROM outbox WHERE lane = ? AND due <= ? ORDER BY due, number LIMIT ? [FOR UPDATE SKIP LOCKED]"};
    Statement next_outbox{database, "SELECT due FROM outbox WHERE lane = ? AND due IS NOT NULL ORDER BY due LIMIT 1"};
    Statement load_outbox{database,
                          "SELECT o.id, o.conversation, o.channel, o.kind, o.recipient, o.escalation, o.attempts, o.maybe_sent, o.first_tried, o.created, "
                          "coalesce(o.payload, j.event, e.what) FROM outbox o LEFT JOIN journal j ON [j.bucket = o.bucket AND] j.number = o.number "
                          "LEFT JOIN escalations e ON [e.bucket = o.bucket AND] e.number = o.escalation WHERE [o.bucket = ? AND] o.number = ? AND o.due <= ?"};
    Statement revive_outbox{database,
                            "UPDATE outbox SET state = 0, due = NULL, attempts = 0, maybe_sent = 0, first_tried = 0, created = ?, detail = '' "
                            "WHERE [bucket = ? AND] number = ? AND state IN (3, 4)"};
    Statement drop_dead{database, "DELETE FROM outbox WHERE [bucket = ? AND] number = ? AND state IN (3, 4)"};
    Statement find_dead{database, "SELECT conversation, kind FROM outbox WHERE number = ? AND state IN (3, 4)"};
    Statement find_in_flight{database, "SELECT number, kind, conversation FROM outbox WHERE [bucket = ? AND node = ? AND] id = ? AND state = 1"};

    Statement add_escalation{
        database,
        "INSERT INTO escalations ([bucket,] number, conversation, tier, what, opened_at, closed_at, claimed_by) VALUES ([?,] ?, ?, ?, ?, ?, NULL, ?)"};
    Statement open_escalations{database, "SELECT number, tier FROM escalations WHERE [bucket = ? AND] conversation = ? AND closed_at IS NULL ORDER BY number"};
    Statement close_escalations{database, "UPDATE escalations SET closed_at = ? WHERE [bucket = ? AND] conversation = ? AND closed_at IS NULL"};
    Statement claim_escalations{database, "UPDATE escalations SET claimed_by = ? WHERE [bucket = ? AND] conversation = ? AND closed_at IS NULL"};
    Statement escalations_of{database, "SELECT number, what FROM escalations WHERE [bucket = ? AND] conversation = ?"};
    Statement rewrite_escalation{database, "UPDATE escalations SET what = ? WHERE [bucket = ? AND] number = ?"};

    Statement add_media{database, "INSERT INTO media ([bucket,] conversation, message, file) VALUES ([?,] ?, ?, ?) ON CONFLICT DO NOTHING"};
    Statement media_of{database, "SELECT file FROM media WHERE [bucket = ? AND] conversation = ? AND message = ?"};
    Statement remove_media{database, "DELETE FROM media WHERE [bucket = ? AND] conversation = ? AND message = ?"};
    Statement add_redacted{database, "INSERT INTO redacted ([bucket,] conversation, message) VALUES ([?,] ?, ?) ON CONFLICT DO NOTHING"};
    Statement is_redacted{database, "SELECT 1 FROM redacted WHERE [bucket = ? AND] conversation = ? AND message = ?"};

    Statement add_audit{database, "INSERT INTO audit (at, conversation, action, who, detail) VALUES (?, ?, ?, ?, ?)"};

    Statement keep_bookmark{database,
                            "INSERT INTO bookmarks (channel, name, value) VALUES (?, ?, ?) ON CONFLICT (channel, name) DO UPDATE SET value = excluded.value"};
    Statement bookmark{database, "SELECT value FROM bookmarks WHERE channel = ? AND name = ?"};

    Statement pauses{database, "SELECT channel, who, since FROM pauses ORDER BY channel"};
    Statement set_pause{
        database, "INSERT INTO pauses (channel, who, since) VALUES (?, ?, ?) ON CONFLICT (channel) DO UPDATE SET who = excluded.who, since = excluded.since"};
    Statement clear_pause{database, "DELETE FROM pauses WHERE channel = ?"};
};

/// Those that only a shared database needs. Parameters are JSON, so that one statement serves any number of rows.
struct SharedStatements {
    Database& database;

    Statement lock_conversations{database,
                                 "SELECT c.id, c.number, c.newest, CASE WHEN c.newest = k.newest THEN NULL ELSE c.state END FROM conversations c "
                                 "JOIN jsonb_to_recordset(CAST(? AS jsonb)) AS k (bucket BIGINT, id TEXT, newest BIGINT) "
                                 "ON c.bucket = k.bucket AND c.id = k.id ORDER BY c.bucket, c.id FOR UPDATE OF c"};
    Statement lock_absent{database, "SELECT pg_advisory_xact_lock(?)"};
    Statement find_events{
        database,
        "SELECT s.bucket, s.channel, s.event, s.journal FROM seen s JOIN jsonb_to_recordset(CAST(? AS jsonb)) AS k (bucket BIGINT, channel BIGINT, "
        "event TEXT) ON s.bucket = k.bucket AND s.channel = k.channel AND s.event = k.event"};
};

}  // namespace kefu
