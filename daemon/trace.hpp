// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/strong_id.hpp"
#include "config/base/timestamp.hpp"
#include "config/settings.hpp"

#include <string>
#include <utility>
#include <vector>

/// The way of one message through the daemon, read from the store: webhook, journal, how it was read, what was decided and why, sends with their tries and
/// ends, reports, hand-overs. `kefud trace`.
namespace kefu {

struct TraceStep {
    Timestamp at{};
    std::string kind;                                        ///< an event's name, or send, escalation, owner, audit
    std::vector<std::pair<std::string, std::string>> facts;  ///< name, value; a value may have several lines
};

struct Trace {
    ConversationId conversation;
    std::string found_as;  ///< event, message, send, journal, conversation
    std::vector<TraceStep> steps;
    std::size_t left_out = 0;  ///< older ones of a conversation
};

/// `id`: an event's or a message's as the platform names it, a send of ours (CONVERSATION#3), a number of the journal, or a conversation. Messages are looked
/// for in the newest million rows. `plain`: with the words that were said; else without them, and what looks like a phone, an address, an order masked as in
/// the log. not_found; environment: the store cannot be read. The daemon may be running. Blocks.
Result<Trace> read_trace(StoreSettings const& store, std::string const& id, bool plain);

}  // namespace kefu
