// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/privacy_tables.hpp"

#include "daemon/store/bucket.hpp"
#include "daemon/store/statements.hpp"
#include "replies/json.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace kefu {

namespace {

/// Files that a page uploaded and this event names.
void add_uploads(std::vector<std::string>& all, std::string_view json) {
    boost::system::error_code broken;
    auto const value = boost::json::parse(boost::json::string_view{json.data(), json.size()}, broken);
    auto const event = broken ? Result<Event>{Error{Errc::bad_payload, broken.message(), std::nullopt}} : event_from_json(value);
    auto const* received = event ? std::get_if<MessageReceived>(&*event) : nullptr;
    if (received == nullptr) return;
    for (auto const& attachment : received->message.attachments)
        if (!attachment.platform_id.empty()) all.push_back(attachment.platform_id);
}

}  // namespace

PrivacyTables::Let PrivacyTables::expire(Expiry const& before, std::size_t limit) {
    Let let;
    if (before.raw != Timestamp{}) expire_raw(let, before.raw, limit);
    if (before.media != Timestamp{}) expire_media(let, before.media, limit);
    if (before.texts != Timestamp{}) expire_texts(let, before.texts, limit);
    if (before.cases != Timestamp{}) expire_cases(let, before.cases, limit);
    if (before.audit != Timestamp{}) {
        // Numbers follow time: the oldest are looked at, not all.
        Statement drop{database_, "DELETE FROM audit WHERE number IN (SELECT number FROM audit ORDER BY number LIMIT ?) AND at < ?"};
        let.count.audit = static_cast<std::size_t>(drop.run(static_cast<std::int64_t>(limit), before.audit));
        let.count.more = let.count.more || let.count.audit == limit;
    }
    return let;
}

/// How far each kind has come is a bookmark of no channel: a restart goes on there.
std::int64_t PrivacyTables::mark(std::string const& name) {
    Statement read{database_, "SELECT value FROM bookmarks WHERE channel = 0 AND name = ?"};
    auto rows = read.query(name);
    return rows.next() ? rows.integer(0) : 0;
}

void PrivacyTables::set_mark(std::string const& name, std::int64_t number) {
    Statement write{database_,
                    "INSERT INTO bookmarks (channel, name, value) VALUES (0, ?, ?) ON CONFLICT (channel, name) DO UPDATE SET value = excluded.value"};
    write.run(name, std::to_string(number));
}

void PrivacyTables::expire_raw(Let& let, Timestamp before, std::size_t limit) {
    Statement rows_behind{database_, "SELECT number, received_at FROM journal WHERE number > ? ORDER BY number LIMIT ?"};
    Statement drop{database_, "UPDATE journal SET raw = NULL WHERE number > ? AND number <= ? AND raw IS NOT NULL AND length(raw) > 0"};
    auto const from = mark("expired raw");
    auto until = from;
    std::size_t seen = 0;
    {
        auto rows = rows_behind.query(from, static_cast<std::int64_t>(limit));
        for (; rows.next() && rows.time(1) < before; ++seen) until = rows.integer(0);
    }
    if (until == from) return;
    let.count.raw = static_cast<std::size_t>(drop.run(from, until));
    set_mark("expired raw", until);
    let.count.more = let.count.more || seen == limit;
}

void PrivacyTables::take_media(Let& let, std::string const& conversation, std::string const& message) {
    Statement files{database_, "SELECT file FROM media WHERE conversation = ? AND message = ?"};
    Statement drop{database_, "DELETE FROM media WHERE conversation = ? AND message = ?"};
    {
        auto rows = files.query(conversation, message);
        while (rows.next()) let.files.emplace_back(rows.text(0));
    }
    let.count.media += static_cast<std::size_t>(drop.run(conversation, message));
}

void PrivacyTables::expire_media(Let& let, Timestamp before, std::size_t limit) {
    Statement rows_behind{database_,
                          "SELECT j.number, j.received_at, j.message, c.id FROM journal j LEFT JOIN conversations c ON c.number = j.conversation "
                          "WHERE j.number > ? ORDER BY j.number LIMIT ?"};
    auto const from = mark("expired media");
    auto until = from;
    std::size_t seen = 0;
    std::vector<std::pair<std::string, std::string>> messages;
    {
        auto rows = rows_behind.query(from, static_cast<std::int64_t>(limit));
        for (; rows.next() && rows.time(1) < before; ++seen) {
            until = rows.integer(0);
            if (!rows.text(2).empty() && !rows.null(3)) messages.emplace_back(rows.text(3), rows.text(2));
        }
    }
    if (until == from) return;
    for (auto const& [conversation, message] : messages) take_media(let, conversation, message);
    set_mark("expired media", until);
    let.count.more = let.count.more || seen == limit;
}

void PrivacyTables::expire_texts(Let& let, Timestamp before, std::size_t limit) {
    struct Row {
        std::int64_t number;
        std::string conversation;
        std::string message;
    };
    // Work that is not finished keeps its row; a dead letter does not.
    Statement oldest{database_,
                     "SELECT j.number, j.received_at, c.id, j.message, o.state FROM journal j LEFT JOIN conversations c ON c.number = j.conversation "
                     "LEFT JOIN outbox o ON o.number = j.number ORDER BY j.number LIMIT ?"};
    Statement drop{database_, "DELETE FROM journal WHERE number = ?"};
    Statement drop_letter{database_, "DELETE FROM outbox WHERE number = ?"};
    Statement drop_redacted{database_, "DELETE FROM redacted WHERE conversation = ? AND message = ?"};
    std::vector<Row> rows_to_drop;
    std::size_t seen = 0;
    {
        auto rows = oldest.query(static_cast<std::int64_t>(limit));
        for (; rows.next() && rows.time(1) < before; ++seen)
            if (rows.null(4) || rows.integer(4) >= static_cast<int>(RowState::refused))
                rows_to_drop.push_back({rows.integer(0), std::string{rows.text(2)}, std::string{rows.text(3)}});
    }
    for (auto const& row : rows_to_drop) {
        if (!row.message.empty()) {
            take_media(let, row.conversation, row.message);
            drop_redacted.run(row.conversation, row.message);
        }
        drop_letter.run(row.number);
        drop.run(row.number);
    }
    let.count.texts += rows_to_drop.size();
    let.count.more = let.count.more || (seen == limit && !rows_to_drop.empty());
}

void PrivacyTables::expire_cases(Let& let, Timestamp before, std::size_t limit) {
    auto const most = static_cast<std::int64_t>(limit);
    Statement drop{database_, "DELETE FROM escalations WHERE number IN (SELECT number FROM escalations ORDER BY number LIMIT ?) AND closed_at < ?"};
    let.count.cases = static_cast<std::size_t>(drop.run(most, before));
    let.count.more = let.count.more || let.count.cases == limit;
    Statement rows_behind{database_,
                          "SELECT c.number, c.id, c.updated < ?3 AND c.owner IN (0, 3) AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.conversation = c.id) "
                          "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.conversation = c.id AND o.state < 2) "
                          "AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.number = c.newest) "
                          "FROM conversations c WHERE c.number > ?1 ORDER BY c.number LIMIT ?2"};
    auto const from = mark("expired conversations");
    auto until = from;
    std::size_t seen = 0;
    {
        auto rows = rows_behind.query(from, most, before);
        for (; rows.next(); ++seen) {
            until = rows.integer(0);
            if (rows.boolean(2)) let.conversations.emplace_back(rows.text(1));
        }
    }
    Statement drop_conversation{database_, "DELETE FROM conversations WHERE id = ?"};
    for (auto const& id : let.conversations) drop_conversation.run(id);
    let.count.cases += let.conversations.size();
    set_mark("expired conversations", seen < limit ? 0 : until);  // around again: what was young then is not for ever
    let.count.more = let.count.more || seen == limit;
}

std::optional<PrivacyTables::JournalRows> PrivacyTables::find(ConversationId const& id) {
    JournalRows journal_rows;
    std::int64_t row = 0;
    {
        Statement conversation{database_, "SELECT newest FROM conversations WHERE [bucket = ? AND] id = ?"};
        auto rows = conversation.query(bucket_of(id.value), id.value);
        if (!rows.next()) return std::nullopt;
        row = rows.integer(0);
    }
    Statement link{database_, "SELECT previous FROM journal WHERE [bucket = ? AND] number = ?"};
    while (row != 0) {
        auto rows = link.query(bucket_of(id.value), row);
        if (!rows.next()) break;  // what is older has been let go
        journal_rows.push_back(row);
        row = rows.integer(0);
    }
    return journal_rows;
}

Erased PrivacyTables::count(ConversationId const& id, JournalRows const& journal_rows) {
    Erased erased;
    erased.events = journal_rows.size();
    auto const counted = [&](char const* sql) {
        Statement statement{database_, sql};
        auto rows = statement.query(bucket_of(id.value), id.value);
        return rows.next() ? static_cast<std::size_t>(rows.integer(0)) : 0;
    };
    erased.escalations = counted("SELECT count(*) FROM escalations WHERE [bucket = ? AND] conversation = ?");
    erased.outbox = counted("SELECT count(*) FROM outbox WHERE [bucket = ? AND] conversation = ?");
    erased.timers = counted("SELECT count(*) FROM timers WHERE [bucket = ? AND] conversation = ?");
    {
        Statement audit{database_, "SELECT count(*) FROM audit WHERE conversation = ?"};
        auto rows = audit.query(id.value);
        if (rows.next()) erased.audit = static_cast<std::size_t>(rows.integer(0));
    }
    {
        // Also what was about to be deleted: that goes with the outbox.
        Statement media{database_,
                        "SELECT file FROM media WHERE [bucket = ? AND] conversation = ? "
                        "UNION SELECT recipient FROM outbox WHERE [bucket = ? AND] conversation = ? AND kind = ? ORDER BY 1"};
        auto const bucket = bucket_of(id.value);
        auto rows = media.query(bucket, id.value, bucket, id.value, static_cast<int>(OutboxItem::Kind::delete_media));
        while (rows.next()) erased.files.emplace_back(rows.text(0));
    }
    Statement event{database_, "SELECT event FROM journal WHERE [bucket = ? AND] number = ? AND kind = 1"};
    for (auto const number : journal_rows) {
        auto rows = event.query(bucket_of(id.value), number);
        if (rows.next()) add_uploads(erased.uploads, rows.text(0));
    }
    return erased;
}

std::optional<Erased> PrivacyTables::look(ConversationId const& id) {
    auto const journal_rows = find(id);
    if (!journal_rows) return std::nullopt;
    return count(id, *journal_rows);
}

std::optional<Erased> PrivacyTables::erase(ConversationId const& id) {
    auto const journal_rows = find(id);
    if (!journal_rows) return std::nullopt;
    Erased erased = count(id, *journal_rows);
    Statement drop_row{database_, "DELETE FROM journal WHERE [bucket = ? AND] number = ?"};
    for (auto const number : *journal_rows) drop_row.run(bucket_of(id.value), number);
    for (auto const* table : {"escalations", "outbox", "timers", "media", "redacted"}) {
        Statement drop{database_, std::string{"DELETE FROM "} + table + " WHERE [bucket = ? AND] conversation = ?"};
        drop.run(bucket_of(id.value), id.value);
    }
    Statement drop_audit{database_, "DELETE FROM audit WHERE conversation = ?"};
    drop_audit.run(id.value);
    Statement drop_conversation{database_, "DELETE FROM conversations WHERE [bucket = ? AND] id = ?"};
    drop_conversation.run(bucket_of(id.value), id.value);
    return erased;
}

}  // namespace kefu
