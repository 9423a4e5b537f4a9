// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/snapshot.hpp"

#include <map>
#include <string>
#include <vector>

namespace kefu {

/// One conversation played through the very code that live traffic runs, on a virtual clock: no network, no disk. Sends are delivered at once.
class Simulation {
  public:
    /// What happened since the last take(), in order.
    struct Outcome {
        Classification meaning;  ///< of the last message
        std::vector<Send> sends;
        std::vector<Escalate> escalations;
        std::vector<Effect> effects;  ///< all of them, in order
        std::vector<std::string> why;
    };

    Simulation(SnapshotPtr snapshot, ChannelId channel, Timestamp start);

    Timestamp now() const { return now_; }
    Conversation const& conversation() const { return conversation_; }

    /// Moves the clock to `at` (never back); timers that fall due on the way fire at their time, in order.
    void run_until(Timestamp at);
    /// When the next timer is due.
    std::optional<Timestamp> next_timer() const;

    void customer_says(std::string text, std::vector<ContentKind> const& attachments);
    void person_joins(std::string name);
    void person_leaves(std::string name);

    Outcome take();

  private:
    void apply(Event const& event);

    SnapshotPtr snapshot_;
    ChannelId channel_;
    Timestamp now_;
    Conversation conversation_;
    std::map<std::string, Timestamp> timers_;
    std::uint64_t messages_ = 0;
    Outcome outcome_;
};

}  // namespace kefu
