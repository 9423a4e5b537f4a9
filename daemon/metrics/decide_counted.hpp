// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/metrics/metrics.hpp"
#include "daemon/snapshot.hpp"

namespace kefu {

/// handle(), with what it decided counted and how long it took measured: what the daemon's store calls for each event. On the store's thread.
Decision decide_counted(Metrics& metrics, Snapshot const& snapshot, ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now);

}  // namespace kefu
