// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite.hpp"

#include <mutex>

namespace kefu {

namespace {

[[noreturn]] void raise(sqlite3* handle, std::string_view what) {
    int const code = handle != nullptr ? sqlite3_extended_errcode(handle) : SQLITE_NOMEM;
    std::string message = handle != nullptr ? sqlite3_errmsg(handle) : "out of memory";
    if (!what.empty()) message += " (" + std::string{what} + ")";
    throw SqliteError{code, message};
}

/// SQLite counts every allocation under one lock by default; two busy threads feel it.
void configure_once() {
    static std::once_flag once;
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

}  // namespace

bool SqliteError::local() const {
    int const primary = code();
    return primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH || primary == SQLITE_TOOBIG || primary == SQLITE_RANGE || primary == SQLITE_ERROR;
}

Error SqliteError::to_error(std::string const& path) const {
    std::string const reason = what();
    switch (code()) {
        case SQLITE_FULL:
            return {Errc::unavailable, path + ": the disk is full (or the database's size limit is reached); nothing was stored. Free some space",
                    std::nullopt};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {Errc::unavailable, path + ": another program holds the database; nothing was stored: " + reason, std::nullopt};
        case SQLITE_IOERR:
            return {Errc::unavailable, path + ": the disk reports an error; nothing was stored: " + reason, std::nullopt};
        case SQLITE_NOMEM:
            return {Errc::unavailable, path + ": out of memory; nothing was stored", std::nullopt};
        case SQLITE_CORRUPT:
            return {Errc::environment, path + ": the database is damaged: " + reason + ". Stop kefud and put back a backup", std::nullopt};
        case SQLITE_NOTADB:
            return {Errc::environment, path + ": this is not a kefud database. Move the file away, or put back a backup", std::nullopt};
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_CANTOPEN:
            return {Errc::environment, path + ": cannot be opened for writing: " + reason + ". Check the owner and the rights of the file and its folder",
                    std::nullopt};
        default:
            return {Errc::environment, path + ": " + reason, std::nullopt};
    }
}

bool Rows::next() {
    int const code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    raise(sqlite3_db_handle(statement_), {});
}

std::string_view Rows::text(int column) const {
    // A blob is read the same way: the bytes as they are.
    auto const* const bytes = static_cast<char const*>(sqlite3_column_blob(statement_, column));
    return bytes == nullptr ? std::string_view{} : std::string_view{bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Statement::Statement(Database& database, std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
        raise(database.handle(), sql);
    statement_.reset(statement);
}

int Statement::finish() {
    int const code = sqlite3_step(statement_.get());
    sqlite3* const handle = sqlite3_db_handle(statement_.get());
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        int const extended = sqlite3_extended_errcode(handle);
        std::string const message = sqlite3_errmsg(handle);
        sqlite3_reset(statement_.get());
        throw SqliteError{extended, message};
    }
    sqlite3_reset(statement_.get());
    return sqlite3_changes(handle);
}

Database::Database(std::string const& path, int flags) {
    configure_once();
    sqlite3* handle = nullptr;
    int const code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) raise(handle, {});
}

void Database::execute(std::string const& sql) {
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) raise(handle_.get(), {});
}

std::int64_t Database::integer(std::string_view sql) {
    Statement statement{*this, sql};
    auto rows = statement.query();
    return rows.next() ? rows.integer(0) : 0;
}

std::string Database::text(std::string_view sql) {
    Statement statement{*this, sql};
    auto rows = statement.query();
    return rows.next() ? std::string{rows.text(0)} : std::string{};
}

}  // namespace kefu
