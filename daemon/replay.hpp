// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/strong_id.hpp"
#include "config/base/timestamp.hpp"
#include "config/settings.hpp"
#include "daemon/snapshot.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

/// What would another catalog have done? The journal's messages and what agents did, conversation by conversation, played through two catalogs on a virtual
/// clock. Nothing is sent or written; the daemon may be running.
namespace kefu {

enum class ReplayKind { label, reply, owner };
inline constexpr std::array<std::string_view, 3> replay_kind_names{"label", "reply", "owner"};

/// One thing about one message that the draft does in another way.
struct ReplayChange {
    ReplayKind kind = ReplayKind::label;
    ConversationId conversation;
    Timestamp at{};
    std::string text;    ///< the customer's; empty when it is only what came before their next message
    std::string before;  ///< published: labels, templates or the owner, with blanks between; empty: none
    std::string after;   ///< draft
};

struct ReplayTotals {
    std::uint64_t conversations = 0;
    std::uint64_t messages = 0;
    std::array<std::uint64_t, replay_kind_names.size()> changed{};  ///< messages, by kind
};

struct ReplayRequest {
    StoreSettings store;
    SnapshotPtr published;
    SnapshotPtr draft;
    Timestamp since{};  ///< each conversation begins anew with its first event from then on
};

/// `each` hears of every change, conversation by conversation. What the shop's system said about orders is what it said then.
/// environment: the store cannot be read. Blocks.
Result<ReplayTotals> replay(ReplayRequest const& request, std::function<void(ReplayChange const&)> const& each);

}  // namespace kefu
