// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/store.hpp"

#include <string>

namespace kefu {

/// Writes (or takes back) a pause in the SQLite store at `path` from outside the daemon: its next claim sees it, and so does its next start.
/// environment: no such store, or it is locked for more than 5 s.
Result<void> write_pause(std::string const& path, Pause const& pause);
Result<void> remove_pause(std::string const& path, std::string const& channel);

}  // namespace kefu
