// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kefu {

/// One step of a schema. Once released it is never edited: what comes later is a new one.
struct Migration {
    int version = 0;  ///< the schema's version after it; 1, 2, 3, ...
    char const* sql = "";
};

}  // namespace kefu
