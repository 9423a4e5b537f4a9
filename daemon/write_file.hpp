// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"

#include <sys/types.h>
#include <filesystem>
#include <string_view>

namespace kefu {

/// Replaces the file whole or not at all: written as `path` + `temporary`, synced, then renamed, and the folder synced. Makes the folder when there is none.
/// `mode` is that of a new file. Writers of one path at the same time need temporary names of their own; else the same one each time is best: what a crash left
/// is replaced by the next try. environment when it cannot; then the old file is as it was. Blocks on the disk.
Result<void> write_file(std::filesystem::path const& path, std::string_view bytes, ::mode_t mode, std::string_view temporary = ".part");

/// What was written to the file, or the names in the folder, is on the disk. environment when that cannot be. Blocks on the disk.
Result<void> sync_to_disk(std::filesystem::path const& path);

}  // namespace kefu
