// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/strong_id.hpp"
#include "config/base/timestamp.hpp"
#include "config/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <istream>
#include <string>
#include <vector>

/// The dossier of one conversation, for a dispute: a folder with
///   evidence.json   every event, decision, send, change of owner, escalation and audit line, in the journal's order, one entry a line
///   evidence.html   the same for people: who, when, what
///   media/...       the customer's photos and files
/// Entries are a chain: each holds the hash of the one before, and the last ones hold the hashes of the other files. So the hash of the last entry, written
/// down elsewhere, fixes every byte. An entry:
///   {"number":2,"time":"2026-11-22T08:30:00.000Z","kind":"message_received","commitments":{"text":C,...},"previous":P,"hash":H,
///    "fields":{"text":{"salt":S,"value":"..."},...}}
/// C = SHA-256(S + value); H = SHA-256 of the line up to P, closed with a brace; P = the hash of the entry before, of the first one
/// SHA-256("kefud-evidence-1"). All in lower-case hex; a value that is no UTF-8 is written as "base64". A field whose salt and value are taken out is erased:
/// nobody can find it out or change it, and the chain still holds.
namespace kefu {

struct DossierRequest {
    StoreSettings store;          ///< the daemon's; it may be running
    std::filesystem::path media;  ///< the daemon's folder of photos and files
    ConversationId conversation;
    std::filesystem::path out;  ///< the folder to make; whole or not at all
    Timestamp made_at{};
    std::string made_by;
};

struct Dossier {
    std::uint64_t entries = 0;
    std::uint64_t files = 0;  ///< besides evidence.json
    std::string final_hash;
};

/// not_found: no such conversation. conflict: `out` is there already. environment: the store cannot be read, or the folder not written. Blocks.
Result<Dossier> write_dossier(DossierRequest const& request);

/// What became of a dossier since it was written.
struct Verification {
    std::uint64_t entries = 0;
    std::string final_hash;             ///< of the last entry
    std::vector<std::string> erased;    ///< "entry 4: text"
    std::vector<std::string> findings;  ///< what was changed, is missing, was added or moved; empty: nothing
};

/// Checks the folder and every file in it, or the chain in one evidence.json alone. environment: it cannot be read.
Result<Verification> verify_dossier(std::filesystem::path const& folder_or_file);

/// Takes every value and its salt out of a dossier, and its other files away: nobody can find out what was in it, and the chain still holds. The value: how
/// many fields. conflict: it is not as it was written. environment: it cannot be read or written.
Result<std::uint64_t> erase_dossier(std::filesystem::path const& folder);

/// Checks the chain in an evidence.json; files it names are looked for in `folder` unless that is empty.
Verification verify_record(std::istream& json, std::filesystem::path const& folder);

/// A conversation with an escalation for extortion or a threat.
struct Threatened {
    ConversationId conversation;
    std::string reason;
    Timestamp at{};  ///< of the newest such escalation
};

/// Newest first, each conversation once. environment: the store cannot be read.
Result<std::vector<Threatened>> list_threatened(StoreSettings const& store);

}  // namespace kefu
