// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace kefu {

/// A class of a regular expression: [abc], [^0-9], \w, .
class CharacterSet {
  public:
    CharacterSet() = default;
    explicit CharacterSet(std::u32string_view characters) {
        for (char32_t const c : characters) add(c, c);
    }

    void add(char32_t first, char32_t last) {
        for (char32_t c = first; c <= last && c < 128; ++c) ascii_[c >> 6] |= std::uint64_t{1} << (c & 63);
        if (last >= 128) ranges_.emplace_back(first, last);
    }

    void negate() { is_negated_ = !is_negated_; }
    bool is_negated() const { return is_negated_; }

    bool contains(char32_t c) const {
        if (c < 128) return ((ascii_[c >> 6] >> (c & 63) & 1) != 0) != is_negated_;
        auto const holds = [c](auto const& range) { return c >= range.first && c <= range.second; };
        return std::any_of(ranges_.begin(), ranges_.end(), holds) != is_negated_;
    }

  private:
    std::array<std::uint64_t, 2> ascii_{};
    std::vector<std::pair<char32_t, char32_t>> ranges_;
    bool is_negated_ = false;
};

}  // namespace kefu
