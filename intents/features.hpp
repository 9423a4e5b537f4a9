// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/marks.hpp"
#include "intents/normalize.hpp"
#include "intents/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace kefu {

/// What the learned layer sees of a normalised text: one to three characters in a row of scripts written without spaces (of Thai one to four), three to
/// five of the others, their words, and pairs of words; words and pairs also with their diacritics, of Vietnamese the characters in a row as well; every digit
/// is a 0, and numbers of five digits and more are not there. As hashes, so that there is no vocabulary to keep.
namespace features {

inline constexpr std::uint64_t seed_dense = 0x8ebc6af09c88c6e3;
inline constexpr std::uint64_t seed_spaced = 0x589965cc75374cc3;
inline constexpr std::uint64_t seed_word = 0x1d8e4e27c47d124f;
inline constexpr std::uint64_t seed_marked = 0x2545f4914f6cdd1d;
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

/// A Thai syllable takes three or four characters, a Chinese word two.
inline std::size_t longest_run(char32_t dense) { return dense < 0x0E80 ? 4 : 3; }

/// Letters of spaced scripts; every digit is a 0 by then.
inline bool is_word_letter(char32_t c) { return (c >= U'a' && c <= U'z') || c == U'0' || c == U'\'' || c > 0x7F; }

/// Vietnamese: ma, má, mà, mả, mã and mạ are six words. Elsewhere the letters nearly always say enough.
inline bool is_tonal(std::string_view language) { return language == "vi"; }

/// Order and phone numbers say nothing of what is wanted: longer numbers are left out.
inline constexpr std::size_t most_digits = 4;
inline std::size_t digits_at(std::string_view text, std::size_t at) {
    auto end = at;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    return end - at;
}

/// Where in the text, half-open bytes.
struct Span {
    std::size_t start = 0;
    std::size_t end = 0;
};

}  // namespace features

/// Calls found(hash, span) for each of them, from left to right; one that stands twice comes twice. Spans are of the normalised text. Linear.
template <class Found>
void for_each_feature(std::string_view original, Normalized const& normalized, std::string_view language, Found found) {
    using namespace features;
    std::string_view const text = normalized.text;
    Marks const marks{original, normalized};
    bool const with_marks = is_tonal(language);
    constexpr std::size_t longest = 5;
    std::uint64_t hashes[longest + 1] = {};  // [n]: of the last n characters
    std::uint64_t marked[longest + 1] = {};  // [n]: the same with their marks
    std::size_t starts[longest + 1] = {};    // [n]: where they start
    std::size_t length = 0;                  // characters of the same kind so far
    std::size_t since_mark = longest;        // characters behind the last one with a mark
    bool in_dense = false;

    std::uint64_t word = 0;
    std::uint64_t last_word = 0;
    std::uint64_t marked_word = 0;
    std::uint64_t last_marked_word = 0;
    std::size_t word_start = 0;
    std::size_t last_word_start = 0;

    auto const end_word = [&](std::size_t end) {
        if (word == 0) return;
        found(word, Span{word_start, end});
        if (last_word != 0) found(mix(mix(seed_pair, last_word), word), Span{last_word_start, end});
        bool const is_marked = marked_word != word;
        if (is_marked) found(marked_word, Span{word_start, end});
        if (last_word != 0 && (is_marked || last_marked_word != last_word)) {
            found(mix(mix(seed_pair, last_marked_word), marked_word), Span{last_word_start, end});
        }
        last_marked_word = marked_word;
        last_word = word;
        last_word_start = word_start;
        word = 0;
    };
    auto const lengthen = [&](std::uint64_t seed, char32_t c, std::size_t start) {
#pragma GCC unroll 4
        for (std::size_t n = longest; n > 1; --n) {
            hashes[n] = mix(hashes[n - 1], c);
            starts[n] = starts[n - 1];
        }
        hashes[1] = mix(seed, c);
        starts[1] = start;
        ++length;
    };
    auto const put_marked = [&](char32_t c, std::uint32_t mark, std::size_t end) {
        auto const with_mark = c | mark << 21;
        for (std::size_t n = longest; n > 1; --n) marked[n] = mix(marked[n - 1], with_mark);
        marked[1] = mix(seed_marked, with_mark);
        since_mark = mark != 0 ? 0 : since_mark + 1;
        for (std::size_t n = 2; n <= longest && n <= length; ++n) {
            if (n > since_mark) found(marked[n], Span{starts[n], end});
        }
    };
    auto const put = [&](char32_t c, std::uint32_t mark, std::size_t start, std::size_t end) {
        if (bool const dense = is_dense(c); dense != in_dense) {
            in_dense = dense;
            length = 0;
        }
        if (in_dense) {
            end_word(start);
            lengthen(seed_dense, c, start);
            for (std::size_t n = 1; n <= longest_run(c) && n <= length; ++n) found(hashes[n], Span{starts[n], end});
            return;
        }
        lengthen(seed_spaced, c, start);
        for (std::size_t n = 3; n <= longest && n <= length; ++n) found(hashes[n], Span{starts[n], end});
        if (with_marks) put_marked(c, mark, end);
        if (!is_word_letter(c)) return end_word(start);
        if (word == 0) {
            word = marked_word = seed_word;
            word_start = start;
        }
        word = mix(word, c);
        marked_word = mix(marked_word, c | mark << 21);
    };

    put(U' ', 0, 0, 0);
    char32_t before = U' ';
    std::size_t index = 0;
    for (std::size_t at = 0; at < text.size(); ++index) {
        if (auto const digits = digits_at(text, at); digits > most_digits) {
            at += digits;
            index += digits;
            if (before == U' ' && at < text.size() && text[at] == ' ') {  // as if it had not been there
                ++at;
                ++index;
            }
            if (at >= text.size()) break;
        }
        auto const start = at;
        auto c = next_code_point(text, at);
        before = c;
        if (c >= U'0' && c <= U'9') c = U'0';
        if (c == U'\n') c = U' ';
        put(c, c >= U'a' && c <= U'z' ? marks.on(index) : 0, start, at);
    }
    put(U' ', 0, text.size(), text.size());
}

}  // namespace kefu
