// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace kefu {

/// A catalog file as text: packs, sentences, templates, policy. `name` is what errors show.
struct SourceText {
    std::string name;
    std::string text;
};

}  // namespace kefu
