// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/sqlite.hpp"

namespace kefu {

/// What a row's `state` means, in the journal and in the outbox.
enum class RowState { pending = 0, in_flight = 1, delivered = 2, refused = 3, unknown = 4, cancelled = 5, unsent = 6, received = 7, read = 8 };

/// What a journal row is, for readers that pick.
enum class RowKind { other = 0, message = 1, send = 2, note = 3 };

/// Every statement the store's thread runs, prepared once. Parameters are named in migrations.cpp's words.
struct SqliteStatements {
    Database& database;

    Statement begin{database, "BEGIN IMMEDIATE"};  // not deferred: the write lock first, so that a commit cannot find the database changed by `kefud pause`
    Statement commit{database, "COMMIT"};
    Statement savepoint{database, "SAVEPOINT part"};
    Statement release{database, "RELEASE part"};
    Statement undo{database, "ROLLBACK TO part"};

    Statement totals{database, "SELECT sequence, journaled, conversations FROM totals"};
    Statement save_totals{database, "UPDATE totals SET sequence = ?, journaled = ?, conversations = ?"};
    Statement channels{database, "SELECT number, name FROM channels"};
    Statement add_channel{database, "INSERT INTO channels (number, name) VALUES (?, ?)"};

    Statement add_seen{database, "INSERT INTO seen (channel, event, journal) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"};
    Statement find_seen{database, "SELECT journal FROM seen WHERE channel = ? AND event = ?"};
    Statement forget_seen{database, "DELETE FROM seen WHERE channel = ? AND event = ?"};

    Statement add_journal{database,
                          "INSERT INTO journal (number, previous, conversation, kind, state, received_at, occurred_at, message, why, event, raw) "
                          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
    Statement set_journal_state{database, "UPDATE journal SET state = ? WHERE number = ?"};
    Statement journal_link{database, "SELECT previous, message FROM journal WHERE number = ?"};
    Statement journal_row{database, "SELECT previous, kind, state, event FROM journal WHERE number = ?"};
    Statement journal_event{database, "SELECT event FROM journal WHERE number = ?"};
    Statement redact_journal{database, "UPDATE journal SET event = ?, raw = NULL, state = 6 WHERE number = ?"};

    Statement load_conversation{database, "SELECT number, newest, state FROM conversations WHERE id = ?"};
    Statement add_conversation{database,
                               "INSERT INTO conversations (newest, updated, state, owner, heat, deadline, agent, number, id, channel) "
                               "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
    Statement save_conversation{database, "UPDATE conversations SET newest = ?, updated = ?, state = ? WHERE number = ?"};
    Statement save_listed_conversation{
        database, "UPDATE conversations SET newest = ?, updated = ?, state = ?, owner = ?, heat = ?, deadline = ?, agent = ? WHERE number = ?"};

    Statement set_timer{database,
                        "INSERT INTO timers (conversation, name, due) VALUES (?, ?, ?) "
                        "ON CONFLICT (conversation, name) DO UPDATE SET due = excluded.due WHERE due <> excluded.due"};
    Statement cancel_timer{database, "DELETE FROM timers WHERE conversation = ? AND name = ?"};
    Statement take_timer{database, "DELETE FROM timers WHERE conversation = ? AND name = ? AND due <= ?"};
    Statement due_timers{database, "SELECT conversation, name FROM timers WHERE due <= ? ORDER BY due LIMIT ?"};
    Statement next_timer{database, "SELECT due FROM timers ORDER BY due LIMIT 1"};

    Statement add_outbox{
        database,
        "INSERT INTO outbox (number, id, conversation, channel, kind, state, lane, due, bot, attempts, maybe_sent, created, first_tried, escalation, "
        "recipient, detail, payload) VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, 0, 0, ?, 0, ?, ?, '', ?)"};
    Statement has_unfinished_send{database, "SELECT 1 FROM outbox WHERE conversation = ? AND kind = 0 AND state < 2 LIMIT 1"};
    Statement pending_bot_sends{database,
                                "SELECT number, id, maybe_sent FROM outbox WHERE conversation = ? AND kind = 0 AND state < 2 AND state = 0 AND bot = 1 "
                                "ORDER BY number"};
    Statement pending_fetches{database, "SELECT number FROM outbox WHERE conversation = ? AND kind = 1 AND state < 2 AND state = 0 AND recipient = ?"};
    Statement oldest_unfinished_send{database, "SELECT number, state FROM outbox WHERE conversation = ? AND kind = 0 AND state < 2 ORDER BY number LIMIT 1"};
    Statement set_due{database, "UPDATE outbox SET due = ? WHERE number = ? AND due IS NULL"};
    Statement remove_outbox{database, "DELETE FROM outbox WHERE number = ?"};
    Statement bury_outbox{database, "UPDATE outbox SET state = ?, due = NULL, detail = ? WHERE number = ?"};
    Statement retry_outbox{database, "UPDATE outbox SET state = 0, due = ?, maybe_sent = maybe_sent | ?, detail = ? WHERE number = ?"};
    Statement set_payload{database, "UPDATE outbox SET payload = ? WHERE number = ?"};
    Statement start_outbox{
        database,
        "UPDATE outbox SET state = 1, due = NULL, attempts = attempts + 1, first_tried = CASE first_tried WHEN 0 THEN ?1 ELSE first_tried END "
        "WHERE number = ?2"};
    Statement due_outbox{database, "SELECT due, number FROM outbox WHERE lane = ? AND due <= ? ORDER BY due, number LIMIT ?"};
    Statement next_outbox{database, "SELECT due FROM outbox WHERE lane = ? AND due IS NOT NULL ORDER BY due LIMIT 1"};
    Statement load_outbox{database,
                          "SELECT o.id, o.conversation, o.channel, o.kind, o.recipient, o.escalation, o.attempts, o.maybe_sent, o.first_tried, o.created, "
                          "coalesce(o.payload, j.event, e.what) FROM outbox o LEFT JOIN journal j ON j.number = o.number "
                          "LEFT JOIN escalations e ON e.number = o.escalation WHERE o.number = ? AND o.due <= ?"};
    Statement revive_outbox{database,
                            "UPDATE outbox SET state = 0, due = NULL, attempts = 0, maybe_sent = 0, first_tried = 0, created = ?, detail = '' WHERE number = ? "
                            "AND state IN (3, 4)"};
    Statement drop_dead{database, "DELETE FROM outbox WHERE number = ? AND state IN (3, 4)"};
    Statement outbox_kind{database, "SELECT kind FROM outbox WHERE number = ?"};
    Statement outbox_conversation{database, "SELECT conversation FROM outbox WHERE number = ?"};
    Statement find_in_flight{database, "SELECT number, kind, conversation FROM outbox WHERE id = ? AND state = 1"};

    Statement add_escalation{database,
                             "INSERT INTO escalations (number, conversation, tier, what, opened_at, closed_at, claimed_by) VALUES (?, ?, ?, ?, ?, NULL, ?)"};
    Statement open_escalations{database, "SELECT number, tier FROM escalations WHERE conversation = ? AND closed_at IS NULL ORDER BY number"};
    Statement close_escalations{database, "UPDATE escalations SET closed_at = ? WHERE conversation = ? AND closed_at IS NULL"};
    Statement claim_escalations{database, "UPDATE escalations SET claimed_by = ? WHERE conversation = ? AND closed_at IS NULL"};
    Statement escalations_of{database, "SELECT number, what FROM escalations WHERE conversation = ?"};
    Statement rewrite_escalation{database, "UPDATE escalations SET what = ? WHERE number = ?"};

    Statement add_media{database, "INSERT INTO media (conversation, message, file) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"};
    Statement media_of{database, "SELECT file FROM media WHERE conversation = ? AND message = ?"};
    Statement remove_media{database, "DELETE FROM media WHERE conversation = ? AND message = ?"};
    Statement add_redacted{database, "INSERT INTO redacted (conversation, message) VALUES (?, ?) ON CONFLICT DO NOTHING"};
    Statement is_redacted{database, "SELECT 1 FROM redacted WHERE conversation = ? AND message = ?"};

    Statement add_audit{database, "INSERT INTO audit (at, conversation, action, who, detail) VALUES (?, ?, ?, ?, ?)"};

    Statement keep_bookmark{database, "INSERT OR REPLACE INTO bookmarks (channel, name, value) VALUES (?, ?, ?)"};
    Statement bookmark{database, "SELECT value FROM bookmarks WHERE channel = ? AND name = ?"};

    Statement pauses{database, "SELECT channel, who, since FROM pauses ORDER BY channel"};
    Statement set_pause{database, "INSERT OR REPLACE INTO pauses (channel, who, since) VALUES (?, ?, ?)"};
    Statement clear_pause{database, "DELETE FROM pauses WHERE channel = ?"};
};

}  // namespace kefu
