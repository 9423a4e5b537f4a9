// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_migrate.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace kefu {

namespace {

constexpr int our_application = 0x6b656675;  // "kefu", in the file's header: tells our databases from other programs'

std::string quoted(std::string const& text) {
    std::string all = "'";
    for (char const c : text) all += c == '\'' ? "''" : std::string{c};
    return all + "'";
}

std::string backup_name(std::string const& path, int version) { return path + ".before-v" + std::to_string(version); }

/// Copies the database; under its final name only when it is complete and on disk.
void back_up(SqliteDatabase& database, std::string const& final_name) {
    std::string const partial = final_name + ".partial";
    ::unlink(partial.c_str());
    // Made by us, so that nobody else may read it.
    int const file = ::open(partial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) throw SqliteError{SQLITE_CANTOPEN, partial + ": " + std::strerror(errno)};
    try {
        database.execute("VACUUM INTO " + quoted(partial));
    } catch (...) {
        ::close(file);
        ::unlink(partial.c_str());
        throw;
    }
    bool const safe = ::fsync(file) == 0;
    ::close(file);
    if (!safe || std::rename(partial.c_str(), final_name.c_str()) != 0) throw SqliteError{SQLITE_IOERR, final_name + ": " + std::strerror(errno)};
}

Error newer(std::string const& path, std::int64_t found, int known) {
    return {Errc::environment,
            path + ": the database has version " + std::to_string(found) + ", this kefud knows versions up to " + std::to_string(known) +
                ": a newer kefud wrote it. Install that kefud again, or put back the copy made before the upgrade (" + backup_name(path, known + 1) +
                " or later) and delete " + path + "-wal and " + path + "-shm",
            std::nullopt};
}

void step(SqliteDatabase& database, Migration const& migration) {
    database.execute("BEGIN IMMEDIATE");
    try {
        database.execute(migration.sql);
        database.execute("PRAGMA user_version = " + std::to_string(migration.version));
        database.execute("COMMIT");
    } catch (...) {
        if (database.in_transaction()) sqlite3_exec(database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        throw;
    }
}

}  // namespace

Result<void> migrate(SqliteDatabase& database, std::string const& path, std::span<Migration const> migrations) {
    try {
        int const known = migrations.empty() ? 0 : migrations.back().version;
        std::int64_t const found = database.integer("PRAGMA user_version");
        bool const empty = database.integer("SELECT count(*) FROM sqlite_master") == 0;
        if (!empty && database.integer("PRAGMA application_id") != our_application)
            return Error{Errc::environment, path + ": this is another program's database. Give kefud a file of its own", std::nullopt};
        if (found > known) return newer(path, found, known);
        if (found == known) return {};
        if (!empty) back_up(database, backup_name(path, known));
        database.execute("PRAGMA application_id = " + std::to_string(our_application));
        for (auto const& migration : migrations)
            if (migration.version > found) step(database, migration);
        return {};
    } catch (SqliteError const& error) {
        Error as_error = error.to_error(path);
        as_error.code = Errc::environment;
        as_error.message = "upgrading the database failed, it is as it was: " + as_error.message;
        if (error.code() == SQLITE_NOTADB || error.code() == SQLITE_CANTOPEN || error.code() == SQLITE_READONLY) as_error = error.to_error(path);
        return as_error;
    }
}

}  // namespace kefu
