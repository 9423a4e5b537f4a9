// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "config/base/timestamp.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/statements.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Everything the store holds of one conversation, as it is written there.
namespace kefu {

struct RecordedRow {
    std::int64_t number = 0;
    RowKind kind = RowKind::other;
    RowState state = RowState::pending;
    Timestamp received_at{};
    Timestamp occurred_at{};
    std::string message;  ///< the platform's id
    std::string why;
    std::string event;  ///< JSON of the event, or of the Send
    std::string raw;
    int attempts = 0;  ///< a send's that is not out yet, or died
    std::string detail;
};

struct RecordedEscalation {
    std::int64_t number = 0;
    ConversationId conversation;
    std::string what;  ///< JSON
    Timestamp opened_at{};
    std::optional<Timestamp> closed_at;
    std::string claimed_by;
};

struct RecordedAudit {
    Timestamp at{};
    std::string action;
    std::string who;
    std::string detail;
};

struct RecordedFile {
    std::string message;
    std::string file;  ///< relative to the media folder
};

/// Reads as one moment, however long it takes: what is committed after it was made is not seen, and no writer waits for it.
/// `database`: open for reading, used by nobody else. Throws DatabaseError.
class StoreRecord {
  public:
    explicit StoreRecord(Database& database);
    ~StoreRecord();
    StoreRecord(StoreRecord const&) = delete;
    StoreRecord& operator=(StoreRecord const&) = delete;

    /// The conversation's state, JSON; nothing when there is none.
    std::optional<std::string> state(ConversationId const& id);

    /// Its journal since then, oldest first, a row at a time.
    void journal(ConversationId const& id, Timestamp since, std::function<void(RecordedRow)> const& each);

    std::vector<RecordedEscalation> escalations(ConversationId const& id);  ///< oldest first
    std::vector<RecordedAudit> audit(ConversationId const& id);             ///< oldest first
    std::vector<RecordedFile> files(ConversationId const& id);

    struct Found {
        ConversationId id;
        ChannelId channel;
    };
    /// Those in which something happened since then.
    std::vector<Found> conversations_since(Timestamp since);

    /// Of all conversations, newest first, one at a time.
    void all_escalations(std::function<void(RecordedEscalation)> const& each);

  private:
    std::vector<std::int64_t> rows_of(ConversationId const& id, Timestamp since);

    Database& database_;
};

}  // namespace kefu
