// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/database.hpp"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

/// SQLite's C interface with owners and types (database.hpp says how they are used).
namespace kefu {

class SqliteError final : public DatabaseError {
  public:
    SqliteError(int code, std::string const& message) : DatabaseError(message), code_(code) {}

    int code() const { return code_ & 0xff; }  ///< the primary result code

    bool local() const override;
    Error to_error(std::string const& path) const override;

  private:
    int code_;
};

/// One connection to a file. For one thread at a time.
class SqliteDatabase final : public Database {
  public:
    /// `flags`: SQLITE_OPEN_...
    SqliteDatabase(std::string const& path, int flags);

    std::unique_ptr<PreparedStatement> prepare(std::string_view sql) override;
    void execute(std::string const& sql) override;
    void begin(Access access) override;
    void commit() override;
    void roll_back() noexcept override;
    bool in_transaction() const override { return sqlite3_get_autocommit(handle_.get()) == 0; }
    bool shared() const override { return false; }

    sqlite3* handle() const { return handle_.get(); }

  private:
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    std::unique_ptr<sqlite3, Close> handle_;
    std::unique_ptr<PreparedStatement> begin_, commit_;  ///< of a writer, made when first used
};

}  // namespace kefu
