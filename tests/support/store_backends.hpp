// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/sqlite_store.hpp"
#include "tests/support/store_support.hpp"

namespace kefu {

inline StoreBackend sqlite_backend() {
    return {"sqlite", [](std::filesystem::path const& folder, Respond respond, NotifyRoute route) {
                SqliteOptions options;
                options.path = (folder / "kefud.db").string();
                return open_sqlite_store(std::move(options), std::move(respond), std::move(route));
            }};
}

}  // namespace kefu
