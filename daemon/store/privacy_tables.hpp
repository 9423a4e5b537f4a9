// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/privacy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kefu {

/// Lets go of what is old, and of one person's data. On the connection that writes, inside a transaction; secure_delete overwrites what was there.
/// Throws DatabaseError.
class PrivacyTables {
  public:
    explicit PrivacyTables(Database& database) : database_(database) {}

    struct Let {
        Expired count;
        std::vector<std::string> conversations;  ///< whose rows are gone: whoever holds them must drop them
        std::vector<std::string> files;          ///< to be deleted from the media folder
    };
    /// At most `limit` rows of each kind, the oldest first. What is not finished stays: work of the outbox with its rows, conversations somebody waits in.
    Let expire(Expiry const& before, std::size_t limit);

    /// Nothing: there is no such conversation.
    std::optional<Erased> look(ConversationId const& id);
    /// Event ids stay known, so that a redelivery is not taken for a new message; the ids of journal rows say nothing of anybody.
    std::optional<Erased> erase(ConversationId const& id);

  private:
    using JournalRows = std::vector<std::int64_t>;
    /// Nothing: nobody is called that.
    std::optional<JournalRows> find(ConversationId const& id);
    Erased count(ConversationId const& id, JournalRows const& journal_rows);
    void expire_raw(Let& let, Timestamp before, std::size_t limit);
    void expire_media(Let& let, Timestamp before, std::size_t limit);
    void expire_texts(Let& let, Timestamp before, std::size_t limit);
    void expire_cases(Let& let, Timestamp before, std::size_t limit);
    std::int64_t mark(std::string const& name);
    void set_mark(std::string const& name, std::int64_t number);
    void take_media(Let& let, std::string const& conversation, std::string const& message);

    Database& database_;
};

}  // namespace kefu
