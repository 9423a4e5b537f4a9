// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/onebot/frames.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace kefu::onebot {

enum class State { dialing, silent, online, not_good, offline };
inline constexpr std::array<std::string_view, 5> state_names{"dialing", "open, nothing said yet", "online", "online, not good", "offline"};

/// Whether the account can be talked to: from what the implementation says, and from its silence. Pure.
class Watch {
  public:
    void opened(Timestamp now);
    void closed();
    void heard(Timestamp now);  ///< any frame
    void told(Health const& health, Timestamp now);
    void probed(std::optional<bool> online, bool answered);  ///< get_status; not answered: nothing can be sent this way

    /// offline: it says so, or two heartbeats are missing.
    State state(Timestamp now) const;

    /// Why nothing can be sent now; empty: it can.
    std::string_view obstacle(Timestamp now) const;

    /// True once each time when it has not been online for a minute.
    bool alarm(Timestamp now);

  private:
    bool open_ = false;
    bool spoke_ = false;  ///< since it was opened
    bool answers_ = true;
    std::optional<bool> online_;
    std::optional<bool> good_;
    std::optional<std::chrono::milliseconds> interval_;
    Timestamp heard_at_{};
    std::optional<Timestamp> wrong_since_;
    bool alarmed_ = false;
};

}  // namespace kefu::onebot
