// SPDX-License-Identifier: Apache-2.0
#include "daemon/watch/differences.hpp"

#include <algorithm>

namespace kefu {

namespace {

/// Something will happen by itself: a timer, or work of the outbox that comes back as an event.
bool something_comes(Watched const& watched) { return !watched.timers.empty() || !watched.sends.empty() || watched.other_work; }

}  // namespace

std::string_view meaning_of(Difference difference) {
    switch (difference) {
        case Difference::unanswered:
            return "a customer's message has no answer and nothing is on its way: answer it in the console, and report the trace of its message";
        case Difference::send_lost:
            return "an answer was decided and is neither sent nor in the outbox: answer in the console, then run kefud doctor";
        case Difference::nobody_called:
            return "a customer waits for a person and nobody was called: take the conversation in the console";
        case Difference::outbox_late:
            return "sends or notices are due and not taken: look for store_unavailable in the log, and at slow platforms";
        case Difference::timers_late:
            return "timers are due and do not fire: look for store_unavailable and timer_failed in the log, and at the clock";
    }
    return {};
}

std::vector<Difference> differences_in(Watched const& watched, Timestamp now, std::chrono::milliseconds patience) {
    std::vector<Difference> all;
    auto const& state = watched.conversation;
    bool const old = std::any_of(state.unanswered.begin(), state.unanswered.end(), [&](auto const& one) { return now - one.at > patience; });
    if (state.owner == Owner::bot && old && !state.draft && state.reachable && !something_comes(watched)) all.push_back(Difference::unanswered);
    bool const lost = !state.answering_with.empty() && !state.draft && !watched.sends.contains(state.answering_with.value);
    if (lost || watched.sends_lost > 0) all.push_back(Difference::send_lost);
    if (state.owner == Owner::waiting && watched.calls == 0) all.push_back(Difference::nobody_called);
    return all;
}

}  // namespace kefu
