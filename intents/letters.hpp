// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/code_point_table.hpp"

#include <cstdint>

namespace kefu {

/// What a code point says about the language of a text.
enum class Letter : std::uint8_t {
    none,  ///< digits, punctuation, emoji
    latin,
    han,           ///< used in Traditional and Simplified Chinese alike
    han_hant,      ///< Traditional only
    han_hans,      ///< Simplified only
    han_japanese,  ///< neither in Big5 nor in GB 2312, but in Japanese
    kana,
    bopomofo,
    hangul,
    thai,
    cyrillic,
    ukrainian,  ///< і ї є ґ, which Russian does not have
    greek,
    arabic,
    persian,  ///< پ چ ژ گ
    hebrew,
    devanagari,
    other,
};
inline constexpr std::size_t letter_count = 18;

/// Built on first use, then read only. Traditional only is what ICU's Traditional-Simplified changes and GB 2312 does not have; Simplified
/// only what Simplified-Traditional changes and Big5 does not have: 后, 里 and 只 are in both kinds of Chinese.
CodePointTable<Letter> const& letter_table();

}  // namespace kefu
