// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/snapshot.hpp"

#include <optional>
#include <string>

namespace kefu {

struct RunOptions {
    std::string config_file;
    std::string state;  ///< replaces the file's `state`; empty: as the file says
};

/// The daemon: runs until SIGTERM or SIGINT, reloads on SIGHUP. The exit code: 0 stopped as asked, 1 the configuration is wrong, 3 this machine would not have
/// it (port taken, database locked); everything is explained on standard error.
int run_daemon(RunOptions const& options);

}  // namespace kefu
