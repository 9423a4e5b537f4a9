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
        bool is_leaf = false;          // nothing continues it
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

    bool starts_a_literal(char32_t c) const { return c > 0xFFFF || (first_[c >> 6] >> (c & 63) & 1) != 0; }

    void grow();

    std::vector<Branch> table_ = std::vector<Branch>(1024);                            // open addressing; the size is a power of two
    std::vector<std::uint64_t> first_ = std::vector<std::uint64_t>(0x10000 / 64);  // bit c: some literal starts with c
    std::size_t mask_ = 1023;
    std::size_t nodes_ = 0;
    std::size_t literals_ = 0;
};

template <class Found>
std::size_t LiteralIndex::search(std::string_view text, std::size_t start, Found found) const {
    auto at = start;
    auto const first = next_code_point(text, at);
    auto const next_start = at;
    if (!starts_a_literal(first)) return next_start;
    auto const* branch = follow(0, first);
    while (branch != nullptr) {
        if (branch->literal != none) found(branch->literal);
        if (branch->is_leaf || at == text.size()) break;
        branch = follow(branch->to, next_code_point(text, at));
    }
    return next_start;
}

}  // namespace kefu
