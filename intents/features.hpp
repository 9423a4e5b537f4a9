// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kefu {

/// What the learned layer sees of a normalised text: one to three characters in a row of scripts written without spaces, three to five of the
/// others, their words, and pairs of words; every digit is a 0. As hashes, so that there is no vocabulary to keep.
namespace features {

inline constexpr std::uint64_t seed_dense = 0x8ebc6af09c88c6e3;
inline constexpr std::uint64_t seed_spaced = 0x589965cc75374cc3;
inline constexpr std::uint64_t seed_word = 0x1d8e4e27c47d124f;
inline constexpr std::uint64_t seed_pair = 0xeb44accab455d165;

inline std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15;
    return hash ^ (hash >> 29);
}

/// Han, kana, hangul, Thai, Lao, Khmer, Myanmar: no spaces between words, or words short enough to be read by their characters.
inline bool is_dense(char32_t c) {
    if (c < 0x0E00) return false;
    return c < 0x0F00 || (c >= 0x1000 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800) || (c >= 0x2E80 && c < 0xA000 && !(c >= 0x3000 && c < 0x3040)) ||
           (c >= 0xAC00 && c < 0xD7B0) || (c >= 0xF900 && c < 0xFB00) || (c >= 0x20000 && c < 0x32000);
}

inline bool is_word_character(char32_t c) { return (c >= U'a' && c <= U'z') || c == U'0' || c == U'\'' || c > 0x7F; }

/// Where in the text, half-open bytes.
struct Span {
    std::size_t start = 0;
    std::size_t end = 0;
};

}  // namespace features

/// Calls found(hash, span) for each of them, from left to right; one that stands twice comes twice. `text` is normalised, so valid UTF-8. Linear.
template <class Found>
void for_each_feature(std::string_view text, Found found) {
    using namespace features;
    constexpr std::size_t longest = 5;
    std::uint64_t hashes[longest + 1] = {};  // [n]: of the last n characters
    std::size_t starts[longest + 1] = {};    // [n]: where they start
    std::size_t length = 0;                  // characters of the same kind so far
    bool in_dense = false;

    std::uint64_t word = 0;
    std::uint64_t last_word = 0;
    std::size_t word_start = 0;
    std::size_t last_word_start = 0;

    auto const end_word = [&](std::size_t end) {
        if (word == 0) return;
        found(word, Span{word_start, end});
        if (last_word != 0) found(mix(mix(seed_pair, last_word), word), Span{last_word_start, end});
        last_word = word;
        last_word_start = word_start;
        word = 0;
    };
    auto const lengthen = [&](std::uint64_t seed, char32_t c, std::size_t start) {
        for (std::size_t n = longest; n > 1; --n) {
            hashes[n] = mix(hashes[n - 1], c);
            starts[n] = starts[n - 1];
        }
        hashes[1] = mix(seed, c);
        starts[1] = start;
        ++length;
    };
    auto const put = [&](char32_t c, std::size_t start, std::size_t end) {
        if (bool const dense = is_dense(c); dense != in_dense) {
            in_dense = dense;
            length = 0;
        }
        if (in_dense) {
            end_word(start);
            lengthen(seed_dense, c, start);
            for (std::size_t n = 1; n <= 3 && n <= length; ++n) found(hashes[n], Span{starts[n], end});
            return;
        }
        lengthen(seed_spaced, c, start);
        for (std::size_t n = 3; n <= longest && n <= length; ++n) found(hashes[n], Span{starts[n], end});
        if (!is_word_character(c)) return end_word(start);
        if (word == 0) {
            word = seed_word;
            word_start = start;
        }
        word = mix(word, c);
    };

    put(U' ', 0, 0);
    for (std::size_t at = 0; at < text.size();) {
        auto const start = at;
        auto c = next_code_point(text, at);
        if (c >= U'0' && c <= U'9') c = U'0';
        if (c == U'\n') c = U' ';
        put(c, start, at);
    }
    put(U' ', text.size(), text.size());
}

}  // namespace kefu
