// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/record.hpp"

#include "daemon/store/bucket.hpp"

#include <algorithm>
#include <utility>

namespace kefu {

namespace {

RecordedEscalation escalation_in(Rows const& rows) {
    RecordedEscalation one;
    one.number = rows.integer(0);
    one.conversation = ConversationId{std::string{rows.text(1)}};
    one.what = rows.text(2);
    one.opened_at = rows.time(3);
    if (!rows.null(4)) one.closed_at = rows.time(4);
    one.claimed_by = rows.text(5);
    return one;
}

}  // namespace

StoreRecord::StoreRecord(Database& database) : database_(database) { database_.begin(Access::read); }

StoreRecord::~StoreRecord() { database_.roll_back(); }

std::optional<std::string> StoreRecord::state(ConversationId const& id) {
    Statement statement{database_, "SELECT state FROM conversations WHERE [bucket = ? AND] id = ?"};
    auto rows = statement.query(bucket_of(id.value), id.value);
    if (!rows.next()) return std::nullopt;
    return std::string{rows.text(0)};
}

/// The journal's chain leads from the newest row back; the numbers fit into memory, the rows need not.
std::vector<std::int64_t> StoreRecord::rows_of(ConversationId const& id, Timestamp since) {
    Statement newest{database_, "SELECT newest FROM conversations WHERE [bucket = ? AND] id = ?"};
    Statement link{database_, "SELECT previous, received_at FROM journal WHERE [bucket = ? AND] number = ?"};
    std::vector<std::int64_t> numbers;
    std::int64_t number = 0;
    {
        auto rows = newest.query(bucket_of(id.value), id.value);
        if (rows.next()) number = rows.integer(0);
    }
    while (number != 0) {
        auto rows = link.query(bucket_of(id.value), number);
        if (!rows.next() || rows.time(1) < since) break;  // what is older may have been let go
        numbers.push_back(number);
        number = rows.integer(0);
    }
    std::reverse(numbers.begin(), numbers.end());
    return numbers;
}

void StoreRecord::journal(ConversationId const& id, Timestamp since, std::function<void(RecordedRow)> const& each) {
    Statement statement{database_,
                        "SELECT j.number, j.kind, j.state, j.received_at, j.occurred_at, j.message, j.why, j.event, j.raw, o.state, o.attempts, o.detail "
                        "FROM journal j LEFT JOIN outbox o ON [o.bucket = j.bucket AND] o.number = j.number WHERE [j.bucket = ? AND] j.number = ?"};
    for (auto const number : rows_of(id, since)) {
        RecordedRow row;
        {
            auto rows = statement.query(bucket_of(id.value), number);
            if (!rows.next()) continue;
            row.number = rows.integer(0);
            row.kind = static_cast<RowKind>(rows.integer(1));
            row.state = static_cast<RowState>(rows.integer(rows.null(9) ? 2 : 9));
            row.received_at = rows.time(3);
            row.occurred_at = rows.time(4);
            row.message = rows.text(5);
            row.why = rows.text(6);
            row.event = rows.text(7);
            row.raw = rows.text(8);
            row.attempts = static_cast<int>(rows.integer(10));
            row.detail = rows.text(11);
        }
        each(std::move(row));
    }
}

std::vector<RecordedEscalation> StoreRecord::escalations(ConversationId const& id) {
    Statement statement{database_,
                        "SELECT number, conversation, what, opened_at, closed_at, claimed_by FROM escalations WHERE [bucket = ? AND] conversation = ? "
                        "ORDER BY number"};
    std::vector<RecordedEscalation> all;
    auto rows = statement.query(bucket_of(id.value), id.value);
    while (rows.next()) all.push_back(escalation_in(rows));
    return all;
}

void StoreRecord::all_escalations(std::function<void(RecordedEscalation)> const& each) {
    Statement statement{database_, "SELECT number, conversation, what, opened_at, closed_at, claimed_by FROM escalations ORDER BY number DESC"};
    auto rows = statement.query();
    while (rows.next()) each(escalation_in(rows));
}

std::vector<StoreRecord::Found> StoreRecord::conversations_since(Timestamp since) {
    Statement statement{database_, "SELECT c.id, n.name FROM conversations c JOIN channels n ON n.number = c.channel WHERE c.updated >= ? ORDER BY c.number"};
    std::vector<Found> all;
    auto rows = statement.query(since);
    while (rows.next()) all.push_back({ConversationId{std::string{rows.text(0)}}, ChannelId{std::string{rows.text(1)}}});
    return all;
}

std::vector<RecordedAudit> StoreRecord::audit(ConversationId const& id) {
    Statement statement{database_, "SELECT at, action, who, detail FROM audit WHERE conversation = ? ORDER BY number"};
    std::vector<RecordedAudit> all;
    auto rows = statement.query(id.value);
    while (rows.next()) all.push_back({rows.time(0), std::string{rows.text(1)}, std::string{rows.text(2)}, std::string{rows.text(3)}});
    return all;
}

std::vector<RecordedFile> StoreRecord::files(ConversationId const& id) {
    Statement statement{database_, "SELECT message, file FROM media WHERE [bucket = ? AND] conversation = ? ORDER BY message, file"};
    std::vector<RecordedFile> all;
    auto rows = statement.query(bucket_of(id.value), id.value);
    while (rows.next()) all.push_back({std::string{rows.text(0)}, std::string{rows.text(1)}});
    return all;
}

}  // namespace kefu
