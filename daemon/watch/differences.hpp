// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/watch_page.hpp"

#include <array>
#include <chrono>
#include <string_view>
#include <vector>

namespace kefu {

/// Where what was accepted is neither decided, nor sent, nor explained.
enum class Difference {
    unanswered,     ///< the bot has the conversation, and nothing will ever make it answer
    send_lost,      ///< a send that was decided is neither over nor in the outbox
    nobody_called,  ///< the customer waits for a person, and nobody was told
    outbox_late,    ///< work is due and is not taken
    timers_late,    ///< timers are due and do not fire
};
inline constexpr std::array<std::string_view, 5> difference_names{"unanswered", "send_lost", "nobody_called", "outbox_late", "timers_late"};

/// What it means and what to do about it, in words for who is on call.
std::string_view meaning_of(Difference difference);

/// Of one conversation in which nothing has happened for `patience`. Pure.
std::vector<Difference> differences_in(Watched const& watched, Timestamp now, std::chrono::milliseconds patience);

}  // namespace kefu
