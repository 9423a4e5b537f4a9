// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/net/on_pool.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace kefu {

/// Files that were uploaded and wait until a message names them; what nobody named within `life` is removed. On disk, as a restart must not lose them.
struct WaitingFiles {
    std::filesystem::path folder;
    net::thread_pool* pool = nullptr;  ///< where files are read and written; outlives this; null: nothing is taken
    std::chrono::seconds life{0};
    std::size_t most = 0;
    std::size_t most_of_owner = 0;

    /// The name in the folder of what `owner` calls `id`, which holds letters, digits, '-' and '_' only. Nobody can name another's.
    static std::string name_of(std::string_view owner, std::string_view id);

    /// Resumes when it is on disk; the same name may be saved by several at once. unavailable: too many wait, or too many of this owner.
    net::awaitable<Result<void>> save(std::string name, std::string bytes) const;

    /// not_found: nobody uploaded it, or it is older than `life`.
    net::awaitable<Result<std::string>> read(std::string name) const;

    /// It is kept elsewhere now. One that is not there is fine.
    net::awaitable<void> remove(std::string name) const;
};

}  // namespace kefu
