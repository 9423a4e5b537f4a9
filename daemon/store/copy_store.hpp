// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/store/postgres_access.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kefu {

/// Rows by table, in the order they were copied.
using CopiedRows = std::vector<std::pair<std::string, std::uint64_t>>;

/// Copies the SQLite store at `from`, which no daemon may be using, into an empty PostgreSQL database: in one transaction, so whole or not at all. What was
/// in flight is found there as after a restart. `progress` hears of every thousand rows. environment: either cannot be opened, a daemon runs on it, the
/// target is not empty, or the counts differ in the end.
Result<CopiedRows> copy_to_postgres(std::string const& from, PostgresAccess const& to,
                                    std::function<void(std::string_view table, std::uint64_t rows)> const& progress);

}  // namespace kefu
