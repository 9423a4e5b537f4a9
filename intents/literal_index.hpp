// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace kefu {

/// Finds which of many literals occur in a text, and where, in time that hardly depends on how many there are: a trie over code points
/// whose branches live in one hash table. Filled once, then read only.
class LiteralIndex {
  public:
    /// The literal's number; the same literal has one number. `literal` is UTF-8 and not empty.
    std::uint32_t add(std::string_view literal);

    /// Calls `found(number)` for each literal that stands at `start`, which must be inside the text; where the next code point starts.
    template <class Found>
    std::size_t search(std::string_view text, std::size_t start, Found found) const;

    std::size_t size() const { return literals_; }

  private:
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    struct Branch {
        std::uint32_t node = none;  // where it starts
        char32_t code_point = 0;
        std::uint32_t to = none;
        std::uint32_t literal = none;  // the one that ends here
        std::uint64_t then = 0;        // bit c % 64: c may go on from here; saves looking for branches that are not there
    };

    static std::size_t hash(std::uint32_t node, char32_t code_point) {
        auto const key = (std::uint64_t{node} << 21) ^ code_point;
        return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 24);
    }

    Branch const* follow(std::uint32_t node, char32_t code_point) const {
        for (auto slot = hash(node, code_point) & mask_;; slot = (slot + 1) & mask_) {
            auto const& branch = table_[slot];
            if (branch.node == node && branch.code_point == code_point) return &branch;
            if (branch.node == none) return nullptr;
        }
    }

    static constexpr char32_t common = 0x10000;

    void grow();

    std::vector<Branch> table_ = std::vector<Branch>(1024);                        // open addressing; the size is a power of two
    std::vector<std::uint64_t> starts_ = std::vector<std::uint64_t>(common / 64);  // bit c: some literal starts with c
    std::size_t mask_ = 1023;
    std::size_t nodes_ = 0;
    std::size_t literals_ = 0;
};

template <class Found>
std::size_t LiteralIndex::search(std::string_view text, std::size_t start, Found found) const {
    auto at = start;
    auto const first = next_code_point(text, at);
    auto const next_start = at;
    if (first < common && (starts_[first >> 6] >> (first & 63) & 1) == 0) return next_start;
    auto const* branch = follow(0, first);
    while (branch != nullptr) {
        if (branch->literal != none) found(branch->literal);
        if (branch->then == 0 || at == text.size()) break;
        auto const c = next_code_point(text, at);
        if ((branch->then >> (c & 63) & 1) == 0) break;
        branch = follow(branch->to, c);
    }
    return next_start;
}

}  // namespace kefu
