// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/strong_id.hpp"
#include "config/settings.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How `kefud forget`, a process of its own, asks the daemon: what it holds in memory of a person only the daemon can let go. The question and its answer are
/// bookmarks of a channel that nobody can configure.
namespace kefu {

inline constexpr std::string_view forget_channel = "kefud:requests";
inline constexpr std::string_view forget_request = "forget";
inline constexpr std::string_view forget_answer = "forgotten";

struct ForgetRequest {
    ConversationId conversation;
    std::string who;
};

std::string to_json_text(ForgetRequest const& request);
std::optional<ForgetRequest> read_forget_request(std::string_view json);

/// Asks, and waits for what the daemon says: JSON. conflict: another request is under way. timed_out: no daemon answered. environment: the store cannot be
/// written. Blocks.
Result<std::string> ask_to_forget(StoreSettings const& store, ForgetRequest const& request, std::chrono::milliseconds patience);

/// The conversations of a person: the one of that id, else those with that customer. environment. Blocks.
Result<std::vector<ConversationId>> conversations_of(StoreSettings const& store, std::string const& person);

}  // namespace kefu
