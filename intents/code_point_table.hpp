// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace kefu {

/// One small value for each of the 1,114,112 code points, in two stages: blocks with the same values are kept once, so that a
/// look-up is two loads and the table stays in the cache.
template <class T>
class CodePointTable {
  public:
    static constexpr char32_t end = 0x110000;

    /// Asks `value_of` for every code point, in order.
    template <class ValueOf>
    explicit CodePointTable(ValueOf value_of) {
        std::map<std::vector<T>, std::uint16_t> known;
        std::vector<T> block(block_size);
        for (char32_t first = 0; first < end; first += block_size) {
            for (char32_t i = 0; i < block_size; ++i) block[i] = value_of(first + i);
            auto const [place, is_new] = known.try_emplace(block, static_cast<std::uint16_t>(known.size()));
            if (is_new) values_.insert(values_.end(), block.begin(), block.end());
            blocks_.push_back(place->second);
        }
    }

    /// `code_point` must be below `end`.
    T operator[](char32_t code_point) const { return values_[blocks_[code_point / block_size] * std::size_t{block_size} + code_point % block_size]; }

  private:
    static constexpr char32_t block_size = 128;
    std::vector<std::uint16_t> blocks_;
    std::vector<T> values_;
};

}  // namespace kefu
