// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/net/on_pool.hpp"
#include "daemon/services.hpp"
#include "daemon/store/store.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace kefu {

/// What retention and forgetting work with; all of it outlives them.
struct Keeper {
    Store& store;
    std::function<ServicesPtr()> services;
    net::thread_pool& pool;  ///< for deleting files
    Clock clock;
};

/// What `retention` means at that time.
Expiry expiry_at(RetentionSettings const& settings, Timestamp now);

/// Lets go of what is old enough, a few rows a second, so that nobody waits for it; looks again each hour. Meanwhile it does what `kefud forget` asked for
/// through the store (request_forget()). Until it is cancelled.
net::awaitable<void> keep_as_long_as_allowed(Keeper keeper);

/// Erases a person's conversation and the files of it. `dry`: says only what there is. Errors as Store::forget().
net::awaitable<Result<Erased>> forget_person(Keeper keeper, ConversationId id, std::string who, bool dry);

/// Deletes one person's photos, files and uploads. What is gone already is fine. Blocks on the disk.
Result<void> delete_files(std::filesystem::path const& media, Erased const& erased);

/// {"events":12,"escalations":1,"outbox":0,"audit":3,"timers":0,"files":2,"uploads":0}
std::string erased_json(Erased const& erased);

}  // namespace kefu
