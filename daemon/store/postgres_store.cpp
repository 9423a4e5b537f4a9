// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/postgres_store.hpp"

#include "daemon/store/postgres_migrate.hpp"
#include "daemon/store/postgres_node.hpp"
#include "daemon/store/threaded_store.hpp"

#include <utility>

namespace kefu {

namespace {

constexpr std::chrono::milliseconds patience_of_people{60'000};  // for reports and searches; they hold up nobody

Error at_start(PostgresError const& error, std::string const& name) {
    Error as_error = error.to_error(name);
    as_error.code = Errc::environment;  // at the start there is nobody to try again later
    return as_error;
}

/// Everything the store says rests on a commit being on disk.
Result<void> check_promises(PostgresDatabase& database, std::string const& name) {
    if (database.text("SELECT current_setting('synchronous_commit')") != "off") return {};
    return Error{Errc::environment, name + ": synchronous_commit is off: what was promised could be lost. Switch it on for kefud's user or database",
                 std::nullopt};
}

}  // namespace

Result<std::unique_ptr<Store>> open_postgres_store(PostgresOptions options, Respond respond, NotifyRoute route) {
    std::string const name = name_of(options.access);
    try {
        StoreParts parts;
        auto writing = std::make_unique<PostgresDatabase>(options.access);
        if (auto const migrated = migrate(*writing, name, postgres_migrations()); !migrated) return migrated.error();
        if (auto const fine = check_promises(*writing, name); !fine) return fine.error();
        auto const node = std::make_shared<PostgresNode>(options.access, NodeOptions{options.node, options.lease, options.notify}, parts.listeners);
        node->join();
        parts.name = name;
        parts.writing = std::move(writing);
        options.access.timeout = patience_of_people;
        parts.reading = std::make_unique<PostgresDatabase>(options.access);
        parts.writer = {options.cache_conversations, std::move(respond), std::move(route), &node->lease()};
        parts.commit_window = options.commit_window;
        parts.max_queue = options.max_queue;
        parts.max_batch = options.max_batch;
        parts.longest_send = options.longest_send;
        parts.committed = [node](bool made_work, std::vector<Changed> const& changes) { node->committed(made_work, changes); };
        parts.close = [node](Database&) { node->leave(); };
        node->start();
        return run_store(std::move(parts));
    } catch (PostgresError const& error) {
        return at_start(error, name);
    }
}

Result<std::unique_ptr<Database>> open_postgres(PostgresAccess access) {
    std::string const name = name_of(access);
    access.timeout = patience_of_people;
    try {
        auto database = std::make_unique<PostgresDatabase>(std::move(access));
        if (auto const fine = check_schema(*database, name); !fine) return fine.error();
        return Result<std::unique_ptr<Database>>{std::move(database)};
    } catch (PostgresError const& error) {
        return at_start(error, name);
    }
}

Result<std::string> try_postgres(PostgresAccess access) {
    std::string const name = name_of(access);
    try {
        PostgresDatabase database{std::move(access)};
        if (auto const fine = check_promises(database, name); !fine) return fine.error();
        return database.text("SHOW server_version");
    } catch (PostgresError const& error) {
        return at_start(error, name);
    }
}

}  // namespace kefu
