// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/text_diff.hpp"

#include <algorithm>
#include <cstdint>

namespace kefu {

namespace {

constexpr std::size_t most_pairs = 4'000'000;
constexpr std::size_t context = 3;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        auto const end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return lines;
}

/// Which lines of the two middles are the same: the longest common subsequence, by its lengths from each place to the end.
void compare(Lines const& before, Lines const& after, std::size_t first, std::size_t before_end, std::size_t after_end, std::vector<DiffLine>& all) {
    using Kind = DiffLine::Kind;
    std::size_t const rows = before_end - first;
    std::size_t const columns = after_end - first;
    bool const small = rows * columns <= most_pairs;
    std::vector<std::uint32_t> lengths(small ? (rows + 1) * (columns + 1) : 0);
    auto const length = [&](std::size_t row, std::size_t column) -> std::uint32_t& { return lengths[row * (columns + 1) + column]; };
    for (std::size_t i = rows; small && i-- > 0;)
        for (std::size_t j = columns; j-- > 0;)
            length(i, j) = before[first + i] == after[first + j] ? length(i + 1, j + 1) + 1 : std::max(length(i + 1, j), length(i, j + 1));
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < rows || j < columns) {
        if (small && i < rows && j < columns && before[first + i] == after[first + j]) {
            all.push_back({Kind::same, first + i + 1, first + j + 1, std::string{before[first + i]}});
            ++i, ++j;
        } else if (i < rows && (j == columns || !small || length(i + 1, j) >= length(i, j + 1))) {
            all.push_back({Kind::removed, first + i + 1, 0, std::string{before[first + i]}});
            ++i;
        } else {
            all.push_back({Kind::added, 0, first + j + 1, std::string{after[first + j]}});
            ++j;
        }
    }
}

}  // namespace

std::vector<DiffLine> text_diff(std::string_view before_text, std::string_view after_text) {
    if (before_text == after_text) return {};
    auto const before = lines_of(before_text);
    auto const after = lines_of(after_text);
    std::size_t first = 0;
    while (first < before.size() && first < after.size() && before[first] == after[first]) ++first;
    std::size_t before_end = before.size();
    std::size_t after_end = after.size();
    while (before_end > first && after_end > first && before[before_end - 1] == after[after_end - 1]) --before_end, --after_end;

    std::vector<DiffLine> all;
    for (std::size_t i = first - std::min(first, context); i < first; ++i) all.push_back({DiffLine::Kind::same, i + 1, i + 1, std::string{before[i]}});
    compare(before, after, first, before_end, after_end, all);
    for (std::size_t i = 0; i < context && before_end + i < before.size(); ++i)
        all.push_back({DiffLine::Kind::same, before_end + i + 1, after_end + i + 1, std::string{before[before_end + i]}});

    // What lies far from any change is left out.
    std::vector<DiffLine> near;
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::size_t const from = i - std::min(i, context);
        std::size_t const to = std::min(all.size(), i + context + 1);
        auto const begin = all.begin();
        bool const shown = std::any_of(begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to),
                                       [](auto const& line) { return line.kind != DiffLine::Kind::same; });
        if (shown) near.push_back(all[i]);
    }
    return near;
}

}  // namespace kefu
