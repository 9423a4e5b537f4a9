// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kefu {

/// Finds which of many literals occur in a text, and where, in time that hardly depends on how many there are: a trie over code points as a double array,
/// in which a step is one look at one place. Filled, made ready once, then read only.
class LiteralIndex {
  public:
    /// The literal's number; the same literal has one number. `literal` is UTF-8 and not empty.
    std::uint32_t add(std::string_view literal);

    /// Builds the trie. To be called after the last add() and before the first search().
    void make_ready();

    /// Calls `found(number)` for each literal that stands at `start`, which must be inside the text.
    template <class Found>
    void search(std::u32string_view text, std::size_t start, Found found) const;

  private:
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    // A node of the trie. Its child for the character with code n is the cell at base + n, if that says so.
    struct Cell {
        std::uint32_t parent = none;
        std::uint32_t base = 0;  // 0: no children
        std::uint32_t literal = none;
    };

    std::uint32_t code_of(char32_t c) const;
    void number_characters(std::u32string const& characters);

    std::vector<Cell> cells_;           // the root first
    std::vector<std::uint32_t> pages_;  // code point / 256 -> where its 256 codes start
    std::vector<std::uint16_t> codes_;  // 0: in no literal

    std::unordered_map<std::string, std::uint32_t> numbers_;  // until it is ready
};

inline std::uint32_t LiteralIndex::code_of(char32_t c) const {
    auto const page = c >> 8;
    return page < pages_.size() ? codes_.data()[pages_.data()[page] + (c & 0xFF)] : 0;
}

template <class Found>
void LiteralIndex::search(std::u32string_view text, std::size_t start, Found found) const {
    auto const* const cells = cells_.data();
    std::uint32_t cell = 0;
    for (auto const *at = text.data() + start, *end = text.data() + text.size(); at != end && cells[cell].base != 0; ++at) {
        auto const code = code_of(*at);
        auto const next = cells[cell].base + code;
        if (code == 0 || cells[next].parent != cell) return;
        cell = next;
        if (cells[cell].literal != none) found(cells[cell].literal);
    }
}

}  // namespace kefu
