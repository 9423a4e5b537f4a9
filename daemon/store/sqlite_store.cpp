// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_store.hpp"

#include "daemon/store/sqlite_file.hpp"
#include "daemon/store/threaded_store.hpp"

#include <utility>

namespace kefu {

Result<std::unique_ptr<Store>> open_sqlite_store(SqliteOptions options, Respond respond, NotifyRoute route) {
    auto file = open_for_writing(options);
    if (!file) return file.error();
    StoreParts parts;
    if (!in_memory(options)) {
        auto reading = open_for_reading(options);
        if (!reading) return reading.error();
        parts.reading = std::move(*reading);
    }
    parts.name = options.path;
    parts.writing = std::move(file->database);
    parts.writer = {options.cache_conversations, std::move(respond), std::move(route)};
    parts.commit_window = options.commit_window;
    parts.max_queue = options.max_queue;
    parts.max_batch = options.max_batch;
    parts.close = [lock = std::make_shared<FileLock>(std::move(file->lock))](Database& writing) {
        // Best effort: what is in the log is as safe as what is in the file.
        sqlite3_wal_checkpoint_v2(static_cast<SqliteDatabase&>(writing).handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    };
    return run_store(std::move(parts));
}

}  // namespace kefu
