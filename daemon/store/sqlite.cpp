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

class SqliteStatement final : public PreparedStatement {
  public:
    explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

    void start(std::span<Value const> values) override { bind(values); }

    bool next() override {
        int const code = sqlite3_step(statement_.get());
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        raise(sqlite3_db_handle(statement_.get()), {});
    }

    void reset() noexcept override { sqlite3_reset(statement_.get()); }

    int run(std::span<Value const> values) override {
        bind(values);
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

    int columns() const override { return sqlite3_column_count(statement_.get()); }
    std::string_view name(int column) const override { return sqlite3_column_name(statement_.get(), column); }
    bool null(int column) const override { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_.get(), column); }
    double real(int column) const override { return sqlite3_column_double(statement_.get(), column); }
    std::string_view text(int column) const override {
        auto const* const bytes = static_cast<char const*>(sqlite3_column_blob(statement_.get(), column));
        return bytes == nullptr ? std::string_view{} : std::string_view{bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
    }

  private:
    void bind(std::span<Value const> values) {
        int column = 0;
        for (auto const& value : values) {
            ++column;
            std::visit([&](auto const& data) { bind(column, data); }, value.data());
        }
    }
    void bind(int column, std::nullptr_t) { sqlite3_bind_null(statement_.get(), column); }
    void bind(int column, std::int64_t value) { sqlite3_bind_int64(statement_.get(), column, value); }
    void bind(int column, double value) { sqlite3_bind_double(statement_.get(), column, value); }
    void bind(int column, std::string_view value) {
        sqlite3_bind_text64(statement_.get(), column, value.data() != nullptr ? value.data() : "", value.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    void bind(int column, Blob value) {
        sqlite3_bind_blob64(statement_.get(), column, value.bytes.data() != nullptr ? value.bytes.data() : "", value.bytes.size(), SQLITE_STATIC);
    }

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

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

SqliteDatabase::SqliteDatabase(std::string const& path, int flags) {
    configure_once();
    sqlite3* handle = nullptr;
    int const code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) raise(handle, {});
}

std::unique_ptr<PreparedStatement> SqliteDatabase::prepare(std::string_view sql) {
    std::string const plain = sql_for(sql, '?', false);
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle(), plain.data(), static_cast<int>(plain.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
        raise(handle(), plain);
    return std::make_unique<SqliteStatement>(statement);
}

void SqliteDatabase::execute(std::string const& sql) {
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) raise(handle_.get(), {});
}

void SqliteDatabase::begin(Access access) {
    if (access == Access::read) return execute("BEGIN");
    // Not deferred: the write lock first, so that a commit cannot find the database changed by `kefud pause`.
    if (!begin_) begin_ = prepare("BEGIN IMMEDIATE");
    begin_->run({});
}

void SqliteDatabase::commit() {
    if (!commit_) commit_ = prepare("COMMIT");
    commit_->run({});
}

void SqliteDatabase::roll_back() noexcept {
    // SQLite has already rolled back after some errors (disk full, I/O).
    if (in_transaction()) sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace kefu
