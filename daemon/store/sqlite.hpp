// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

/// SQLite's C interface with owners and types. A failing statement throws SqliteError: inside a transaction every statement can fail (disk full,
/// I/O error) and all of them mean the same, so they are caught once, where the transaction is rolled back, and become a Result there.
namespace kefu {

class SqliteError : public std::runtime_error {
  public:
    SqliteError(int code, std::string const& message) : std::runtime_error(message), code_(code) {}

    int code() const { return code_ & 0xff; }  ///< the primary result code

    /// True for one statement's own fault (a constraint, a value too big): the transaction around it is sound.
    bool local() const;

    /// For the caller of a store: unavailable when trying again later may help, else environment. `path` is the database.
    Error to_error(std::string const& path) const;

  private:
    int code_;
};

/// Bytes that need not be UTF-8.
struct Blob {
    std::string_view bytes;
};

class Database;

/// A result being read. Resets its statement at the end, so that no read stays open; keep none across calls that use the same statement.
class Rows {
  public:
    explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
    ~Rows() { sqlite3_reset(statement_); }
    Rows(Rows const&) = delete;
    Rows& operator=(Rows const&) = delete;

    bool next();
    int columns() const { return sqlite3_column_count(statement_); }
    std::string_view name(int column) const { return sqlite3_column_name(statement_, column); }
    bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    double real(int column) const { return sqlite3_column_double(statement_, column); }
    bool boolean(int column) const { return integer(column) != 0; }
    Timestamp time(int column) const { return from_millis(integer(column)); }
    /// Valid until the next next().
    std::string_view text(int column) const;

  private:
    sqlite3_stmt* statement_;
};

/// A prepared statement, kept and used again. Bound text must live until the statement ran.
class Statement {
  public:
    Statement(Database& database, std::string_view sql);

    template <class... Values>
    Rows query(Values const&... values) {
        bind_all(values...);
        return Rows{statement_.get()};
    }

    /// Runs to the end. The value: how many rows changed.
    template <class... Values>
    int run(Values const&... values) {
        bind_all(values...);
        return finish();
    }

  private:
    template <class... Values>
    void bind_all(Values const&... values) {
        int column = 0;
        (bind(++column, values), ...);
    }
    void bind(int column, std::int64_t value) { sqlite3_bind_int64(statement_.get(), column, value); }
    void bind(int column, int value) { sqlite3_bind_int64(statement_.get(), column, value); }
    void bind(int column, bool value) { sqlite3_bind_int64(statement_.get(), column, value ? 1 : 0); }
    void bind(int column, double value) { sqlite3_bind_double(statement_.get(), column, value); }
    void bind(int column, Timestamp value) { bind(column, static_cast<std::int64_t>(to_millis(value))); }
    void bind(int column, std::nullptr_t) { sqlite3_bind_null(statement_.get(), column); }
    void bind(int column, std::string_view value) {
        sqlite3_bind_text64(statement_.get(), column, value.data() != nullptr ? value.data() : "", value.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    void bind(int column, std::string const& value) { bind(column, std::string_view{value}); }
    void bind(int column, char const* value) { bind(column, std::string_view{value}); }
    void bind(int column, Blob value) {
        sqlite3_bind_blob64(statement_.get(), column, value.bytes.data() != nullptr ? value.bytes.data() : "", value.bytes.size(), SQLITE_STATIC);
    }
    int finish();

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection. For one thread at a time.
class Database {
  public:
    /// `flags`: SQLITE_OPEN_...
    Database(std::string const& path, int flags);

    /// Runs statements that give no rows.
    void execute(std::string const& sql);

    /// The first column of the first row; 0 and "" when there is none.
    std::int64_t integer(std::string_view sql);
    std::string text(std::string_view sql);

    bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
    sqlite3* handle() const { return handle_.get(); }

  private:
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace kefu
