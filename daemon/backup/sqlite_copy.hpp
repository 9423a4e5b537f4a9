// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kefu {

/// Copies the store as of one moment to a new file that only we may read, while a daemon writes to it; the daemon waits for nothing. Synced. environment when
/// it cannot; then there is no new file.
Result<void> copy_database(std::filesystem::path const& from, std::filesystem::path const& to);

/// What SQLite finds wrong with the file ("row 12 missing from index ..."); empty: nothing. environment: it cannot be read at all.
Result<std::vector<std::string>> damage_of(std::filesystem::path const& store);

/// PRAGMA user_version. environment likewise.
Result<int> schema_of(std::filesystem::path const& store);

}  // namespace kefu
