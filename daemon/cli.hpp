// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kefu {

/// Reads the arguments and runs one command. The exit code: 0 ok, 1 findings, 2 usage, 3 environment.
int run_command_line(int argc, char** argv);

}  // namespace kefu
