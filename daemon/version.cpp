// SPDX-License-Identifier: Apache-2.0
#include "daemon/version.hpp"

namespace kefu {

char const* program_version() { return KEFUD_VERSION; }

}  // namespace kefu
