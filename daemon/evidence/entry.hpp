// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kefu {

/// Something that happened, on its way into a dossier.
struct EvidenceEntry {
    Timestamp time{};
    std::string kind;                                         ///< an event's name, or dossier, send, escalation, owner, audit, state, file
    std::vector<std::pair<std::string, std::string>> fields;  ///< name, value; add() leaves out empty ones

    void add(std::string_view name, std::string_view value) {
        if (!value.empty()) fields.emplace_back(name, value);
    }
};

/// A field as it is in the chain.
struct SealedField {
    std::string name;
    std::string commitment;
    std::string salt;                  ///< 26 characters
    std::optional<std::string> value;  ///< nothing: erased
};

/// An entry as it is in the chain; see evidence.hpp.
struct SealedEntry {
    std::uint64_t number = 0;
    std::string time;
    std::string kind;
    std::vector<SealedField> fields;
    std::string previous;
    std::string hash;

    /// The field's value; empty when it has none.
    std::string_view value(std::string_view name) const;
};

/// What the first entry has as `previous`.
std::string chain_start();

SealedEntry seal(EvidenceEntry entry, std::uint64_t number, std::string previous);

std::string commitment_of(SealedField const& field);
std::string hash_of(SealedEntry const& entry);

/// The one way to write an entry: what reads as the same but is spelled differently was changed.
std::string to_line(SealedEntry const& entry);
/// bad_payload: this is no entry.
Result<SealedEntry> from_line(std::string_view line);

/// Around the lines of the entries, which have a comma between them.
inline constexpr std::string_view evidence_begin = R"({"format":"kefud-evidence-1","entries":[)";
std::string evidence_end(std::string const& final_hash);

}  // namespace kefu
