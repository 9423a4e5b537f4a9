// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"

#include <algorithm>
#include <vector>

namespace kefu {

namespace {

/// Lower case, one kind of separator: `quietWindow` and `quiet-window` are near `quiet_window`.
std::string folded(std::string_view word) {
    std::string out;
    for (char c : word) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        out += c == '-' || c == ' ' ? '_' : c;
    }
    return out;
}

/// How many letters to add, drop, change or swap with their neighbour (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<std::string const> candidates) {
    constexpr std::size_t longest = 64;  // nobody's key; keeps the work small on hostile input
    if (word.empty() || word.size() > longest) return {};
    std::string const wanted = folded(word);
    std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
    std::string const* nearest = nullptr;
    for (auto const& candidate : candidates) {
        if (candidate.size() > longest) continue;
        std::size_t const d = distance(wanted, folded(candidate));
        if (d < best) {
            best = d;
            nearest = &candidate;
        }
    }
    return nearest ? " (did you mean '" + *nearest + "'?)" : std::string{};
}

}  // namespace kefu
