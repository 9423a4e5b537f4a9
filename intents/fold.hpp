// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/code_point_table.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

/// What one code point becomes before texts and patterns are compared. Texts go through normalize(), patterns through
/// read_expression(); both use this table, so whatever it does it does to both.
namespace kefu {

/// The folding of one code point, packed into 32 bits.
class Fold {
  public:
    enum class Kind : std::uint32_t {
        same,     ///< stays what it is
        changed,  ///< becomes payload()
        symbol,   ///< becomes payload(), one of !?#*._-~|/: its neighbours matter
        dropped,  ///< disappears: zero-width, bidi and other controls, variation selectors, loose diacritics
        space,
        newline,
        expanded,  ///< becomes several: FoldTable::expansion()
    };
    enum Flag : std::uint32_t {
        is_mark = 1U << 24,        ///< belongs to what stands before it: a diacritic, a variation selector
        composes = 1U << 25,       ///< may merge with what stands before it (NFKC): see normalize()
        is_ordered = 1U << 26,     ///< a mark that merges with nothing but has an order among other marks, as in Thai
        is_upper = 1U << 27,       ///< a capital
        is_cased = 1U << 28,       ///< a letter that could be a capital
        becomes_digit = 1U << 29,  ///< never squeezed
        becomes_han_or_kana = 1U << 30,
        becomes_latin = 1U << 31,
    };

    Fold() = default;
    constexpr Fold(Kind kind, char32_t payload, std::uint32_t flags)
        : bits_(static_cast<std::uint32_t>(payload) | (static_cast<std::uint32_t>(kind) << 21) | flags) {}

    constexpr Kind kind() const { return static_cast<Kind>((bits_ >> 21) & 7U); }
    constexpr char32_t payload() const { return bits_ & 0x1FFFFFU; }
    constexpr std::uint32_t flags() const { return bits_ & 0xFF000000U; }
    constexpr bool has(std::uint32_t flags) const { return (bits_ & flags) != 0; }
    /// Not to be looked at alone: it goes with what stands before it.
    constexpr bool continues() const { return has(composes | is_ordered) || kind() == Kind::dropped; }
    friend constexpr auto operator<=>(Fold const&, Fold const&) = default;

  private:
    std::uint32_t bits_;
};

/// The folding of every code point, made from ICU's data: NFKC and case folding (NFKC_Casefold), Traditional → Simplified,
/// Latin letters without their diacritics (also those Unicode does not decompose: đ, ł, ø, æ), one kind of quote, apostrophe and dash.
class FoldTable {
  public:
    Fold operator[](char32_t code_point) const { return folds_[code_point]; }

    /// What a Kind::expanded code point becomes.
    std::u32string_view expansion(Fold fold) const {
        auto const start = static_cast<std::size_t>(fold.payload()) + 1;
        return std::u32string_view{expansions_}.substr(start, expansions_[start - 1]);
    }

    /// False when no code point that starts with this UTF-8 byte is dropped, merges with or is ordered behind another.
    bool may_continue(char first_byte) const { return may_continue_[static_cast<unsigned char>(first_byte)]; }

  private:
    friend FoldTable const& fold_table();
    FoldTable();
    std::array<bool, 256> may_continue_{};
    std::u32string expansions_;  // length, characters, length, characters, ...
    CodePointTable<Fold> folds_;
};

/// Built on first use (some tens of milliseconds), then read only.
FoldTable const& fold_table();

}  // namespace kefu
