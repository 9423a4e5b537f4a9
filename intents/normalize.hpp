// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kefu {

/// How loudly something was said, whatever it was.
struct Intensity {
    std::uint32_t exclamations = 0;  ///< all '!' of the text
    std::uint32_t questions = 0;     ///< all '?'
    std::uint32_t longest_run = 0;   ///< of '!' and '?' together: 4 in "what?!?!"
    std::uint32_t elongations = 0;   ///< letters squeezed away: 3 in "sooooo"
    std::uint32_t capitals = 0;
    std::uint32_t cased = 0;  ///< letters that could have been capitals

    friend bool operator==(Intensity const&, Intensity const&) = default;
};

/// A text as the patterns see it. See "How a message is read" in README.md.
struct Normalized {
    /// Where one code point of `text` came from: half-open bytes of the original.
    struct Origin {
        std::uint32_t at = 0;  ///< its first byte in `text`
        std::uint32_t start = 0;
        std::uint32_t end = 0;
    };

    std::string text;  ///< valid UTF-8
    Intensity intensity;
    std::vector<Origin> origins;  ///< one for each code point of `text`, in order
    bool has_digit = false;
    bool has_han_or_kana = false;
    bool has_latin = false;  ///< Latin letters

    /// The original bytes behind the half-open range of `text`, on whole code points; what was squeezed or dropped inside belongs to it.
    std::pair<std::size_t, std::size_t> original(std::size_t start, std::size_t end) const;
};

/// NFKC, case folding, width, zero-width characters, Traditional → Simplified, Latin diacritics; then three or more equal
/// characters become one (not digits), white space becomes one space (one newline where it holds one) and none at either end, and a
/// single symbol out of #*._-~|/ between two Han or kana characters disappears. Bytes that are not UTF-8 are U+FFFD. Linear; thread-safe.
/// `text` must be smaller than 4 GiB.
Normalized normalize(std::string_view text);

}  // namespace kefu
