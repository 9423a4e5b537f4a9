// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Reading and writing UTF-8 one code point at a time.
namespace kefu {

/// What bytes that are not UTF-8 are read as.
inline constexpr char32_t replacement_character = 0xFFFD;

/// The code point at `at`, which must be inside the text; moves `at` behind it. A malformed sequence is one U+FFFD for each
/// maximal subpart (Unicode 15, section 3.9), so at least one byte is always consumed.
inline char32_t next_code_point(std::string_view text, std::size_t& at) {
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    char32_t code_point = byte(at++);
    if (code_point < 0x80) return code_point;

    int following = 0;
    unsigned lowest = 0x80;
    unsigned highest = 0xBF;
    if (code_point >= 0xC2 && code_point <= 0xDF) {
        following = 1;
        code_point &= 0x1F;
    } else if (code_point >= 0xE0 && code_point <= 0xEF) {
        following = 2;
        if (code_point == 0xE0) lowest = 0xA0;   // shorter forms exist
        if (code_point == 0xED) highest = 0x9F;  // surrogates
        code_point &= 0x0F;
    } else if (code_point >= 0xF0 && code_point <= 0xF4) {
        following = 3;
        if (code_point == 0xF0) lowest = 0x90;
        if (code_point == 0xF4) highest = 0x8F;  // above U+10FFFF
        code_point &= 0x07;
    } else {
        return replacement_character;
    }
    for (; following > 0; --following, ++at, lowest = 0x80, highest = 0xBF) {
        if (at >= text.size() || byte(at) < lowest || byte(at) > highest) return replacement_character;
        code_point = (code_point << 6) | (byte(at) & 0x3F);
    }
    return code_point;
}

/// U+FFFD itself is fine; it has three bytes, what is read in its place is shorter or not that.
inline bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        auto const start = at;
        if (next_code_point(text, at) == replacement_character && text.substr(start, at - start) != "\xEF\xBF\xBD") return false;
    }
    return true;
}

/// Writes the code point at `to`, which has room for four bytes; how many it took.
inline std::size_t write_utf8(char* to, char32_t code_point) {
    auto const put = [&](std::size_t i, char32_t value) { to[i] = static_cast<char>(value); };
    auto const tail = [&](unsigned shift) { return 0x80 | ((code_point >> shift) & 0x3F); };
    if (code_point < 0x80) {
        put(0, code_point);
        return 1;
    }
    if (code_point < 0x800) {
        put(0, 0xC0 | (code_point >> 6));
        put(1, tail(0));
        return 2;
    }
    if (code_point < 0x10000) {
        put(0, 0xE0 | (code_point >> 12));
        put(1, tail(6));
        put(2, tail(0));
        return 3;
    }
    put(0, 0xF0 | (code_point >> 18));
    put(1, tail(12));
    put(2, tail(6));
    put(3, tail(0));
    return 4;
}

inline void append_utf8(std::string& to, char32_t code_point) {
    char bytes[4];
    to.append(bytes, write_utf8(bytes, code_point));
}

}  // namespace kefu
