// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/postgres_access.hpp"
#include "daemon/store/store.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace kefu {

/// The store that kefud.yaml names. `state`: the daemon's folder, a part of its name among those that share a database.
Result<std::unique_ptr<Store>> open_store(StoreSettings const& settings, std::filesystem::path const& state, Respond respond, NotifyRoute route);

/// A connection to it beside the daemon, which may be running. Reading: of a file, nothing can be changed with it. environment: it is not there, or of
/// another version.
Result<std::unique_ptr<Database>> open_beside(StoreSettings const& settings, Access access);

/// For people: a path, or a server and its database. Without secrets.
std::string name_of(StoreSettings const& settings);

PostgresAccess access_of(StoreSettings const& settings);

}  // namespace kefu
