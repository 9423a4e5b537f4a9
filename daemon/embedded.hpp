// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classify.hpp"

#include <string_view>
#include <vector>

namespace kefu {

/// A file that was built into the binary; `name` is its path in the source tree ("intents/packs/cs.yaml").
struct EmbeddedFile {
    std::string_view name;
    std::string_view text;
};

/// All of them. The texts live as long as the program.
std::vector<EmbeddedFile> const& embedded_files();

}  // namespace kefu
