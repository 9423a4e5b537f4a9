// SPDX-License-Identifier: Apache-2.0
#include "tests/support/source_dir.hpp"

namespace kefu {

// The only file that is compiled with the tree's place in it: all others come from the compiler's cache in every clone.
std::filesystem::path source_dir() { return KEFUD_SOURCE_DIR; }

}  // namespace kefu
