// SPDX-License-Identifier: Apache-2.0
#include "daemon/backup/sqlite_copy.hpp"

#include "daemon/store/sqlite.hpp"
#include "daemon/write_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace kefu {

namespace {

constexpr int pages_a_step = 2000;  // 8 MiB: between two steps other programs get the disk

Error environment(SqliteError const& error, std::filesystem::path const& path) {
    Error as_error = error.to_error(path.string());
    as_error.code = Errc::environment;
    return as_error;
}

void copy_pages(SqliteDatabase& source, SqliteDatabase& target) {
    struct Finish {
        void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
    };
    std::unique_ptr<sqlite3_backup, Finish> backup{sqlite3_backup_init(target.handle(), "main", source.handle(), "main")};
    if (!backup) throw SqliteError{sqlite3_errcode(target.handle()), sqlite3_errmsg(target.handle())};
    int code = SQLITE_OK;
    while (code == SQLITE_OK) code = sqlite3_backup_step(backup.get(), pages_a_step);
    if (code != SQLITE_DONE) throw SqliteError{code, sqlite3_errstr(code)};
}

}  // namespace

Result<void> copy_database(std::filesystem::path const& from, std::filesystem::path const& to) {
    int const made = ::open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made < 0) return Error{Errc::environment, to.string() + ": cannot be made: " + std::strerror(errno), std::nullopt};
    ::close(made);
    auto const give_up = [&](Error error) -> Result<void> {
        ::unlink(to.c_str());
        return error;
    };
    try {
        SqliteDatabase source{from.string(), SQLITE_OPEN_READONLY};
        source.execute("PRAGMA busy_timeout = 5000");
        // A reading transaction around all steps: they see one moment, and what is written meanwhile does not make them begin again.
        source.execute("BEGIN");
        (void)source.integer("SELECT count(*) FROM sqlite_master");
        SqliteDatabase target{to.string(), SQLITE_OPEN_READWRITE};
        target.execute("PRAGMA synchronous = OFF");  // synced once, below
        copy_pages(source, target);
        target.execute("PRAGMA journal_mode = DELETE");  // one file, nothing beside it
    } catch (SqliteError const& error) {
        return give_up(environment(error, from));
    }
    if (auto const synced = sync_to_disk(to); !synced) return give_up(synced.error());
    return {};
}

Result<std::vector<std::string>> damage_of(std::filesystem::path const& store) {
    try {
        SqliteDatabase database{store.string(), SQLITE_OPEN_READONLY};
        database.execute("PRAGMA busy_timeout = 5000");
        std::vector<std::string> all;
        Statement check{database, "PRAGMA integrity_check"};
        auto rows = check.query();
        while (rows.next())
            if (rows.text(0) != "ok") all.emplace_back(rows.text(0));
        return all;
    } catch (SqliteError const& error) {
        if (error.code() == SQLITE_CORRUPT || error.code() == SQLITE_NOTADB) return std::vector<std::string>{error.what()};
        return environment(error, store);
    }
}

Result<int> schema_of(std::filesystem::path const& store) {
    try {
        SqliteDatabase database{store.string(), SQLITE_OPEN_READONLY};
        return static_cast<int>(database.integer("PRAGMA user_version"));
    } catch (SqliteError const& error) {
        return environment(error, store);
    }
}

}  // namespace kefu
