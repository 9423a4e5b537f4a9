// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kefu {

/// What was published: versions of the catalog, and their texts, each kept once however many versions have it. Throws DatabaseError.
class VersionTables {
  public:
    explicit VersionTables(Database& database) : database_(database) {}

    std::uint64_t keep(CatalogVersion const& version, std::map<std::string, std::string> const& texts);
    std::vector<CatalogVersion> newest(std::size_t limit);
    std::map<std::string, std::string> texts(std::vector<std::string> const& hashes);

  private:
    Database& database_;
};

}  // namespace kefu
