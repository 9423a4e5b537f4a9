// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace kefu {

/// The start of the text: at most so many code points, cut where one character as people see it ends (an emoji with its skin
/// tone, a letter with its marks). A single such character that is longer than a hundred code points is cut inside.
std::string_view cut_to_code_points(std::string_view text, std::size_t most);

}  // namespace kefu
