// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/postgres_access.hpp"
#include "daemon/store/store.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace kefu {

struct PostgresOptions {
    PostgresAccess access;
    std::string node;                                ///< this daemon's name; another's on the same database is another
    std::chrono::milliseconds lease{30'000};         ///< how long the others wait before they take a dead daemon's work over
    std::chrono::milliseconds longest_send{12'000};  ///< a send begins only while the lease lasts that long: its time-out and some time to spare
    bool notify = true;
    std::chrono::milliseconds commit_window{0};
    std::size_t cache_conversations = 50'000;
    std::size_t max_queue = 10'000;
    std::size_t max_batch = 512;
};

/// Opens a store that other daemons may have open too, and migrates it forward. While the database is away, calls end with unavailable and it is tried
/// again and again. environment: it cannot be reached now, a newer schema, tables of another program.
Result<std::unique_ptr<Store>> open_postgres_store(PostgresOptions options, Respond respond, NotifyRoute route);

/// A connection for who only reads, or changes a little, beside the daemons.
Result<std::unique_ptr<Database>> open_postgres(PostgresAccess access);

/// Connects, and says which version the server is. environment: it cannot be reached, does not let us in, or promises less than we need.
Result<std::string> try_postgres(PostgresAccess access);

}  // namespace kefu
