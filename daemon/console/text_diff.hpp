// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// A line of a comparison; numbers count from 1, 0 where the text has no such line.
struct DiffLine {
    enum class Kind { same, added, removed };
    Kind kind = Kind::same;
    std::size_t old_number = 0;
    std::size_t new_number = 0;
    std::string text;
    friend bool operator==(DiffLine const&, DiffLine const&) = default;
};

/// The lines that differ, with three lines around them; empty: the same. As short as can be, unless the texts differ in so many lines (beyond 4 million pairs
/// of them) that all of the middle counts as replaced.
std::vector<DiffLine> text_diff(std::string_view before, std::string_view after);

}  // namespace kefu
