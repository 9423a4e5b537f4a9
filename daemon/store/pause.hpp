// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/store/store.hpp"

#include <string>

namespace kefu {

/// Writes (or takes back) a pause in the store from outside the daemon: its next claim sees it, and so does its next start.
/// environment: no such store, or it is locked for too long.
Result<void> write_pause(StoreSettings const& store, Pause const& pause);
Result<void> remove_pause(StoreSettings const& store, std::string const& channel);

}  // namespace kefu
