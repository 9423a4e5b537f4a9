// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_file.hpp"

#include "daemon/store/sqlite_migrate.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace kefu {

namespace {

Error cannot(std::string const& what, std::string const& path) {
    return {Errc::environment, path + ": " + what + ": " + std::strerror(errno) + ". Check the owner and the rights of the file and its folder", std::nullopt};
}

/// Made by us, not by SQLite, so that nobody else may read customers' messages; the journal files beside it get the same rights.
Result<void> make_file(std::string const& path) {
    int const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return cannot("cannot be opened for writing", path);
    ::close(file);
    return {};
}

/// In-flight items were given out and never finished: they may have been sent. Due at once, in their old order.
constexpr char const* recover = "UPDATE outbox SET state = 0, due = 0, maybe_sent = 1 WHERE state = 1";

void set_up(SqliteDatabase& database, SqliteOptions const& options) {
    database.execute("PRAGMA journal_mode = WAL");
    database.execute("PRAGMA synchronous = FULL");  // a commit is on disk before anybody hears of it
    database.execute("PRAGMA secure_delete = ON");  // what is redacted is overwritten
    database.execute("PRAGMA cache_size = -8192");  // KiB; twice as much is not faster, the system caches the file too
    database.execute("PRAGMA temp_store = MEMORY");
    // The log is copied into the file when it has this many pages (8 MiB): each copy writes a page once, however often it changed, and costs two syncs; but
    // nobody gets an answer meanwhile, so with four times as many p99 under load is twice as long.
    database.execute("PRAGMA wal_autocheckpoint = 2048");
    database.execute("PRAGMA journal_size_limit = 16777216");
    if (options.max_pages > 0) database.execute("PRAGMA max_page_count = " + std::to_string(options.max_pages));
    database.execute(recover);
}

void check_version(SqliteDatabase& database) {
    auto const found = database.integer("PRAGMA user_version");
    int const known = store_migrations().back().version;
    if (found == known) return;
    throw SqliteError{SQLITE_ERROR, "the database has version " + std::to_string(found) + ", this kefud reads version " + std::to_string(known) +
                                        ". Use the kefud that the daemon runs"};
}

}  // namespace

Result<FileLock> FileLock::take(std::string const& path) {
    std::string const name = path + ".lock";
    int const file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return cannot("cannot be opened for writing", name);
    FileLock lock{file};
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return cannot("cannot be locked", name);
        return Error{Errc::environment, path + ": another kefud is using this database. Stop it first", std::nullopt};
    }
    return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    if (this != &other) {
        if (file_ >= 0) ::close(file_);
        file_ = std::exchange(other.file_, -1);
    }
    return *this;
}

FileLock::~FileLock() {
    if (file_ >= 0) ::close(file_);
}

bool in_memory(SqliteOptions const& options) { return options.path == ":memory:"; }

Result<OpenFile> open_for_writing(SqliteOptions const& options) {
    OpenFile opened;
    if (!in_memory(options)) {
        auto lock = FileLock::take(options.path);
        if (!lock) return lock.error();
        opened.lock = std::move(*lock);
        auto const made = make_file(options.path);
        if (!made) return made.error();
    }
    try {
        opened.database = std::make_unique<SqliteDatabase>(options.path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        sqlite3_busy_timeout(opened.database->handle(), static_cast<int>(options.busy_timeout.count()));
        auto const migrated = migrate(*opened.database, options.path, store_migrations());
        if (!migrated) return migrated.error();
        set_up(*opened.database, options);
    } catch (SqliteError const& error) {
        Error as_error = error.to_error(options.path);
        as_error.code = Errc::environment;  // at the start there is nobody to try again later
        return as_error;
    }
    return opened;
}

Result<std::unique_ptr<Database>> open_for_reading(SqliteOptions const& options) {
    try {
        auto database = std::make_unique<SqliteDatabase>(options.path, SQLITE_OPEN_READONLY);
        sqlite3_busy_timeout(database->handle(), static_cast<int>(options.busy_timeout.count()));
        database->execute("PRAGMA cache_size = -4096");
        check_version(*database);
        return Result<std::unique_ptr<Database>>{std::move(database)};
    } catch (SqliteError const& error) {
        return error.to_error(options.path);
    }
}

}  // namespace kefu
