// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/store/migration.hpp"
#include "daemon/store/sqlite.hpp"

#include <span>
#include <string>

namespace kefu {

/// All there are, in order.
std::span<Migration const> store_migrations();

/// Brings an open database to the newest of `migrations`. An existing one is first copied to `<path>.before-v<N>` (N: the new version; complete or not
/// there at all). A newer schema, another program's database and a failing step are environment errors that say what to do; the database is then as it was.
Result<void> migrate(SqliteDatabase& database, std::string const& path, std::span<Migration const> migrations);

}  // namespace kefu
