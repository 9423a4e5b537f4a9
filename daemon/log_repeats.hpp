// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// Keeps one event from filling the log: the first `most` lines of it in ten seconds are written, the others counted. Not thread-safe.
class LogRepeats {
  public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds window{10};
    static constexpr std::uint64_t most = 20;

    struct LeftOut {
        std::string event;
        int level = 0;
        std::uint64_t count = 0;
    };

    bool admits(std::string_view event, int level, Time now) {
        auto found = events_.find(event);
        if (found == events_.end()) found = events_.emplace(std::string{event}, Window{now, level, 0}).first;
        return ++found->second.count <= most;
    }

    /// Whose ten seconds are over, with what was left out of them.
    std::vector<LeftOut> over(Time now) {
        std::vector<LeftOut> all;
        for (auto at = events_.begin(); at != events_.end();) {
            auto const& [event, seen] = *at;
            if (now - seen.began < window) {
                ++at;
                continue;
            }
            if (seen.count > most) all.push_back({event, seen.level, seen.count - most});
            at = events_.erase(at);
        }
        return all;
    }

  private:
    struct Window {
        Time began;
        int level;
        std::uint64_t count;
    };
    std::map<std::string, Window, std::less<>> events_;  ///< names of ours: there are not many
};

}  // namespace kefu
