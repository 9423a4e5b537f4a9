// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/conversation.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

/// What the store shows the self-watch (daemon/watch/): promise 10, accepted = decided = sent or explained.
namespace kefu {

struct WatchQuery {
    std::uint64_t after = 0;            ///< of the journal, only what is behind this number; 0: its newest 100,000 rows
    Timestamp before;                   ///< only what is older, and what was due before
    std::size_t limit = 2000;           ///< rows of the journal
    std::vector<ConversationId> again;  ///< to look at in any case
};

/// A conversation with what waits for it.
struct Watched {
    Conversation conversation;
    std::set<std::string> timers;  ///< names
    std::set<std::string> sends;   ///< ids of sends that are pending or in flight
    bool other_work = false;       ///< a look-up, an assignment, ... is pending or in flight
    std::size_t calls = 0;         ///< open escalations
    std::size_t sends_lost = 0;    ///< sends of its newest 200 rows that are neither over nor in the outbox
};

struct WatchPage {
    std::uint64_t until = 0;             ///< the number to go on behind
    std::uint64_t newest = 0;            ///< of the journal
    bool more = false;                   ///< `limit` cut it
    std::vector<Watched> conversations;  ///< each once
    std::uint64_t late_items = 0;        ///< of the outbox: due, not paused and not taken
    std::uint64_t late_timers = 0;
};

}  // namespace kefu
