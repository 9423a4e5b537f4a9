// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kefu {

/// Finds which of many literals occur in a text, and where, in time that hardly depends on how many there are: a trie over code points whose
/// nodes lie close together, for it is memory that is slow. Filled, made ready once, then read only.
class LiteralIndex {
  public:
    /// The literal's number; the same literal has one number. `literal` is UTF-8 and not empty.
    std::uint32_t add(std::string_view literal);

    /// Builds the trie. To be called after the last add() and before the first search().
    void make_ready();

    /// Calls `found(number)` for each literal that stands at `start`, which must be inside the text; where the next code point starts.
    template <class Found>
    std::size_t search(std::string_view text, std::size_t start, Found found) const;

  private:
    static constexpr std::uint32_t none = 0xFFFFFFFF;
    static constexpr std::ptrdiff_t few = 8;  // children are looked through one by one

    struct Node {
        char32_t code_point = 0;           // the one that leads here
        std::uint32_t first_child = none;  // the children stand in a row, by rising code point
        std::uint32_t literal = none;      // the one that ends here
        std::uint16_t children = 0;
        std::uint16_t sieve = 0;  // bit c % 16: c may go on from here; saves looking for children that are not there
    };

    Node const* root_child(char32_t c) const;
    Node const* child(Node const& parent, char32_t c) const;

    std::vector<Node> nodes_;
    std::vector<std::uint32_t> pages_;                        // of root children: code point / 256 -> where its 256 places start, or none
    std::vector<std::uint32_t> root_;                         // places: the node, or none
    std::unordered_map<std::string, std::uint32_t> numbers_;  // until it is ready
};

inline LiteralIndex::Node const* LiteralIndex::root_child(char32_t c) const {
    auto const page = c >> 8;
    if (page >= pages_.size() || pages_[page] == none) return nullptr;
    auto const node = root_[pages_[page] + (c & 0xFF)];
    return node == none ? nullptr : &nodes_[node];
}

inline LiteralIndex::Node const* LiteralIndex::child(Node const& parent, char32_t c) const {
    if ((parent.sieve >> (c & 15) & 1) == 0) return nullptr;
    auto const* low = &nodes_[parent.first_child];
    auto const* high = low + parent.children;
    while (high - low > few) {
        auto const* const middle = low + (high - low) / 2;
        (middle->code_point <= c ? low : high) = middle;
    }
    for (; low != high; ++low) {
        if (low->code_point == c) return low;
    }
    return nullptr;
}

template <class Found>
std::size_t LiteralIndex::search(std::string_view text, std::size_t start, Found found) const {
    auto at = start;
    auto const* node = root_child(next_code_point(text, at));
    auto const next_start = at;
    while (node != nullptr) {
        if (node->literal != none) found(node->literal);
        if (node->children == 0 || at == text.size()) break;
        node = child(*node, next_code_point(text, at));
    }
    return next_start;
}

}  // namespace kefu
