// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/postgres_server.hpp"
#include "tests/support/store_backends.hpp"

#include <vector>

namespace kefu {

/// Every store that the contract is for.
inline std::vector<StoreBackend> all_store_backends() {
    std::vector<StoreBackend> all{sqlite_backend()};
    if (postgres_is_installed()) {
        all.push_back(postgres_backend());
        all.push_back(postgres_backend(true));
    }
    return all;
}

}  // namespace kefu
