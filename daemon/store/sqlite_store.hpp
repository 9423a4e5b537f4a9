// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/store.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace kefu {

struct SqliteOptions {
    std::string path;                            ///< the database file; ":memory:" for tests
    std::chrono::milliseconds commit_window{0};  ///< wait this long for more before committing; 0: what is there
    std::chrono::milliseconds busy_timeout{5000};
    std::size_t cache_conversations = 50'000;  ///< kept in memory between events
    std::size_t max_queue = 10'000;            ///< calls waiting; more are refused with unavailable
    std::size_t max_batch = 512;               ///< calls in one transaction
    std::int64_t max_pages = 0;                ///< largest size of the file in pages of 4 KiB, then it counts as a full disk; 0: no limit
};

/// Opens or creates the database (WAL, synchronous=FULL, secure_delete) and migrates it forward after a copy of the file was made. Items that were in flight
/// when the daemon died come back from claim() with maybe_sent. environment: a newer schema than this program knows, a file that is no database, permissions.
Result<std::unique_ptr<Store>> open_sqlite_store(SqliteOptions options, Respond respond, NotifyRoute route);

}  // namespace kefu
