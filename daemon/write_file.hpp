// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"

#include <filesystem>
#include <string_view>

namespace kefu {

/// Replaces the file whole or not at all: a temporary file beside it, synced, then renamed, and the folder synced. Makes the folder when there is none.
/// Mode 0640. environment when it cannot.
Result<void> write_file(std::filesystem::path const& path, std::string_view bytes);

}  // namespace kefu
