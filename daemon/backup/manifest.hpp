// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace kefu {

/// What a backup says of itself; see backup.hpp.
struct Manifest {
    Timestamp made_at{};
    std::string made_by;
    std::string version;                       ///< of the kefud that made it
    int schema = 0;                            ///< of the store
    std::map<std::string, std::string> files;  ///< path in the backup → SHA-256
};

inline constexpr char const* manifest_name = "manifest.json";

std::string to_json_text(Manifest const& manifest);

/// environment: there is none, or it is not one of ours; no path of it leads out of the folder.
Result<Manifest> read_manifest(std::filesystem::path const& folder);

}  // namespace kefu
