// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace kefu {

/// The root of the source tree.
std::filesystem::path source_dir();

}  // namespace kefu
