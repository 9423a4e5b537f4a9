// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/evidence/entry.hpp"
#include "daemon/store/record.hpp"

#include <functional>
#include <vector>

namespace kefu {

/// Gives everything that happened in the conversation, oldest first: the journal, with escalations where they were raised and audit lines after what they are
/// about. `files` are the conversation's: messages name theirs. Throws DatabaseError.
void collect_history(StoreRecord& record, ConversationId const& id, std::vector<RecordedFile> const& files, std::function<void(EvidenceEntry)> const& each);

/// How things stand: the owner, the case and its facts, what was conceded. `state`: the conversation as stored.
EvidenceEntry describe_state(std::string const& state, Timestamp at);

}  // namespace kefu
