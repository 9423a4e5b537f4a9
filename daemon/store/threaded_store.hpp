// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/commit_listeners.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/writer.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kefu {

/// What a store is made of, whatever its database.
struct StoreParts {
    std::string name;  ///< the database's, as its operator knows it
    std::unique_ptr<Database> writing;
    std::unique_ptr<Database> reading;  ///< null: reads happen on the store's thread
    WriterOptions writer;
    std::chrono::milliseconds commit_window{0};
    std::size_t max_queue = 10'000;
    std::size_t max_batch = 512;
    std::chrono::milliseconds longest_send{0};  ///< of a shared database: as long must the lease last for a send to begin
    std::shared_ptr<CommitListeners> listeners = std::make_shared<CommitListeners>();

    /// After each commit of ours that made work or changed conversations; on the store's thread.
    std::function<void(bool made_work, std::vector<Changed> const& changes)> committed = nullptr;

    /// The last thing that is done with the writing connection. Let go of after both connections.
    std::function<void(Database& writing)> close = nullptr;
};

/// environment: the schema is not what it should be.
Result<std::unique_ptr<Store>> run_store(StoreParts parts);

}  // namespace kefu
