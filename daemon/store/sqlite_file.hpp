// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/sqlite_store.hpp"

#include <memory>
#include <string>

namespace kefu {

/// Held as long as a daemon uses a database: two of them would each send what is in the outbox. Goes with the process, however it ends.
class FileLock {
  public:
    static Result<FileLock> take(std::string const& path);
    FileLock() = default;
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

  private:
    explicit FileLock(int file) : file_(file) {}
    int file_ = -1;
};

/// An open database of ours, migrated and set up for writing, and the lock on its file.
struct OpenFile {
    FileLock lock;
    std::unique_ptr<SqliteDatabase> database;
};
Result<OpenFile> open_for_writing(SqliteOptions const& options);

/// A second connection that sees the last commit. Reading migrates nothing: environment, when the schema is not the one we know.
Result<std::unique_ptr<Database>> open_for_reading(SqliteOptions const& options);

bool in_memory(SqliteOptions const& options);

}  // namespace kefu
