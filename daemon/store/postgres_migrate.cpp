// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/postgres_migrate.hpp"

namespace kefu {

namespace {

constexpr char const* one_at_a_time = "SELECT pg_advisory_xact_lock(7738143521)";  // "kefu": no hash of a conversation is likely to be so small

/// 0: none yet.
std::int64_t version_of(PostgresDatabase& database) {
    if (database.integer("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'kefud_migrations'") == 0) return 0;
    return database.integer("SELECT max(version) FROM kefud_migrations");
}

Result<void> bring_up(PostgresDatabase& database, std::string const& name, std::span<Migration const> migrations) {
    int const known = migrations.empty() ? 0 : migrations.back().version;
    database.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0");
    database.execute(one_at_a_time);
    auto const found = version_of(database);
    if (found > known)
        return Error{Errc::environment,
                     name + ": the database has version " + std::to_string(found) + ", this kefud knows versions up to " + std::to_string(known) +
                         ": a newer kefud wrote it. Install that kefud, or put back a backup from before the upgrade",
                     std::nullopt};
    if (found == known) return {};
    if (found == 0 && database.integer("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()") != 0)
        return Error{Errc::environment, name + ": this is another program's database. Give kefud one of its own", std::nullopt};
    database.execute("CREATE TABLE IF NOT EXISTS kefud_migrations (version BIGINT PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT now())");
    for (auto const& migration : migrations) {
        if (migration.version <= found) continue;
        database.execute(migration.sql);
        database.execute("INSERT INTO kefud_migrations (version) VALUES (" + std::to_string(migration.version) + ")");
    }
    return {};
}

}  // namespace

Result<void> migrate(PostgresDatabase& database, std::string const& name, std::span<Migration const> migrations) {
    try {
        database.begin(Access::write);
        auto const done = bring_up(database, name, migrations);
        if (!done) {
            database.roll_back();
            return done;
        }
        database.commit();
        return {};
    } catch (PostgresError const& error) {
        database.roll_back();
        Error as_error = error.to_error(name);
        if (error.local()) as_error.message = "upgrading the database failed, it is as it was: " + as_error.message;
        as_error.code = Errc::environment;
        return as_error;
    }
}

Result<void> check_schema(PostgresDatabase& database, std::string const& name) {
    auto const found = version_of(database);
    int const known = postgres_migrations().back().version;
    if (found == known) return {};
    std::string const is = found == 0 ? "has no kefud store" : "has version " + std::to_string(found);
    return Error{Errc::environment,
                 name + ": the database " + is + ", this kefud reads version " + std::to_string(known) + ". Use the kefud that the daemon runs", std::nullopt};
}

}  // namespace kefu
