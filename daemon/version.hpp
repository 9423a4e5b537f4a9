// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kefu {

/// "0.1.0", or "0.1.0+12.g3e704f2" twelve commits after that tag. Only version.cpp is compiled anew when it changes.
char const* program_version();

}  // namespace kefu
