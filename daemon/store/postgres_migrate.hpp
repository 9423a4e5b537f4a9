// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/store/migration.hpp"
#include "daemon/store/postgres.hpp"

#include <span>
#include <string>

namespace kefu {

/// All there are, in order.
std::span<Migration const> postgres_migrations();

/// Brings the database to the newest of `migrations`; of several daemons that start at once the first does, and the others wait for it. Older daemons go on
/// meanwhile: a step only adds. A newer schema, tables of another program and a failing step are environment errors; the database is then as it was.
Result<void> migrate(PostgresDatabase& database, std::string const& name, std::span<Migration const> migrations);

/// For who only reads: environment, when the schema is not the one we know. Throws PostgresError.
Result<void> check_schema(PostgresDatabase& database, std::string const& name);

}  // namespace kefu
