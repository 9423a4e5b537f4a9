// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/strong_id.hpp"
#include "config/base/timestamp.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

/// The link in a notice with which a team takes a case from the phone, without signing in: who has the link is the team.
namespace kefu {

/// What a link says. It works once: as long as its escalation is open and nobody has it.
struct Claim {
    ConversationId conversation;
    std::uint64_t escalation = 0;
    std::string team;    ///< the tier that was called
    std::string locale;  ///< of the page
    Timestamp until{};
    friend bool operator==(Claim const&, Claim const&) = default;
};

inline constexpr std::chrono::hours claim_life{24};

/// Letters, digits, '-' and '_': the claim and an HMAC over it.
std::string claim_token(Claim const& claim, std::string_view key);
/// unauthorized: not ours, changed, or expired.
Result<Claim> read_claim(std::string_view token, std::string_view key, Timestamp now);

/// The key that signs links, from `file`, which is made (mode 0600) when there is none. Whoever deletes it makes all links void. Blocks.
Result<std::string> load_claim_key(std::filesystem::path const& file);

}  // namespace kefu
