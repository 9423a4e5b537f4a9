// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

namespace kefu::onebot {

/// When the next message may go: these are people's accounts, and the platform bans who writes faster than people. Pure but for what it remembers.
class Pace {
  public:
    /// Takes the next place for a message to `to`: how long it has to wait. `pause` between two in one conversation and up to half as much more (`random` from
    /// [0, 1]), `rate` a second in all.
    std::chrono::milliseconds take(std::string const& to, Timestamp now, std::chrono::milliseconds pause, int rate, double random) {
        std::erase_if(next_, [&](auto const& entry) { return entry.second <= now; });
        auto at = std::max(now, next_of_all_);
        if (auto const own = next_.find(to); own != next_.end()) at = std::max(at, own->second);
        next_of_all_ = at + std::chrono::milliseconds{1000 / std::max(rate, 1)};
        next_[to] = at + pause + std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(static_cast<double>(pause.count()) * random / 2)};
        return std::chrono::duration_cast<std::chrono::milliseconds>(at - now);
    }

    /// How long all places are taken already.
    std::chrono::milliseconds backlog(Timestamp now) const {
        return std::max(std::chrono::milliseconds{0}, std::chrono::duration_cast<std::chrono::milliseconds>(next_of_all_ - now));
    }

  private:
    std::map<std::string, Timestamp> next_;  ///< those in the past are forgotten
    Timestamp next_of_all_{};
};

}  // namespace kefu::onebot
