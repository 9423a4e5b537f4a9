// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/conversation.hpp"

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kefu {

/// A conversation as the store's thread holds it: the state, and what its row says.
struct Held {
    std::string id;  ///< the same as state.id, which is away while the state is being decided on
    Conversation state;
    std::int64_t bucket = 0;  ///< bucket.hpp
    std::int64_t number = 0;
    std::int64_t newest = 0;   ///< the newest row of its journal
    Timestamp updated{};       ///< when something last happened to it
    bool stored = false;       ///< its row exists
    bool touched = false;      ///< changed in this transaction: gone with it when it is rolled back
    bool dirty = false;        ///< changed and not yet written
    std::uint64_t locked = 0;  ///< of a shared database: the transaction that has its row locked, so that this is what it says

    /// The columns for lists as the row has them: their index is written only when one of them changes.
    struct Listed {
        Owner owner = Owner::bot;
        double heat = 0;
        std::int64_t deadline = 0;
        std::string agent;
        friend bool operator==(Listed const&, Listed const&) = default;
    } listed;
};

/// The conversations used last. Between transactions it holds committed values only; of a shared database they may be old ones. Addresses stay valid
/// until trim() or drop().
class ConversationCache {
  public:
    explicit ConversationCache(std::size_t limit) : limit_(limit) {}

    /// Null when it is not here; else it becomes the newest.
    Held* find(std::string_view id);

    /// It must not be here yet.
    Held& add(Held held);

    void drop(std::string_view id);

    /// Lets go of the oldest beyond the limit; call it between transactions.
    void trim();

    std::size_t size() const { return by_use_.size(); }

  private:
    std::size_t limit_;
    std::list<Held> by_use_;                                                 ///< newest first
    std::unordered_map<std::string_view, std::list<Held>::iterator> by_id_;  ///< keys point into Held::id
};

}  // namespace kefu
