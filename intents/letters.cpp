// SPDX-License-Identifier: Apache-2.0
#include "intents/letters.hpp"

#include "intents/icu.hpp"

#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/uniset.h>
#include <unicode/uscript.h>

#include <memory>
#include <string_view>

namespace kefu {
namespace {

// The characters of an older, national character set.
icu::UnicodeSet characters_of(char const* charset) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<UConverter, decltype(&ucnv_close)> const converter{ucnv_open(charset, &status), &ucnv_close};
    icu_check(status);
    icu::UnicodeSet characters;
    ucnv_getUnicodeSet(converter.get(), characters.toUSet(), UCNV_ROUNDTRIP_SET, &status);
    icu_check(status);
    return characters;
}

class LetterReader {
  public:
    Letter read(char32_t c) const {
        auto const code_point = static_cast<UChar32>(c);
        if (u_charType(code_point) == U_UNASSIGNED) return Letter::none;
        UErrorCode status = U_ZERO_ERROR;
        switch (uscript_getScript(code_point, &status)) {
            case USCRIPT_HAN:
                return read_han(c);
            case USCRIPT_LATIN:
                return Letter::latin;
            case USCRIPT_HIRAGANA:
            case USCRIPT_KATAKANA:
                return Letter::kana;
            case USCRIPT_BOPOMOFO:
                return Letter::bopomofo;
            case USCRIPT_HANGUL:
                return Letter::hangul;
            case USCRIPT_THAI:
                return Letter::thai;
            case USCRIPT_CYRILLIC:
                return in(U"іїєґІЇЄҐ", c) ? Letter::ukrainian : Letter::cyrillic;
            case USCRIPT_GREEK:
                return Letter::greek;
            case USCRIPT_ARABIC:
                return in(U"پچژگ", c) ? Letter::persian : Letter::arabic;
            case USCRIPT_HEBREW:
                return Letter::hebrew;
            case USCRIPT_DEVANAGARI:
                return Letter::devanagari;
            default:
                return u_isUAlphabetic(code_point) && u_charType(code_point) != U_OTHER_SYMBOL ? Letter::other : Letter::none;
        }
    }

  private:
    static bool in(std::u32string_view letters, char32_t c) { return letters.find(c) != std::u32string_view::npos; }

    Letter read_han(char32_t c) const {
        auto const code_point = static_cast<UChar32>(c);
        bool const in_big5 = big5_.contains(code_point);
        bool const in_gb2312 = gb2312_.contains(code_point);
        if (to_simplified_.contains(c) && !in_gb2312) return Letter::han_hant;
        if (to_traditional_.contains(c) && !in_big5) return Letter::han_hans;
        if (!in_big5 && !in_gb2312 && japanese_.contains(code_point)) return Letter::han_japanese;
        return Letter::han;
    }

    std::unordered_map<char32_t, char32_t> to_simplified_ = changed_by_transliterator("Traditional-Simplified");
    std::unordered_map<char32_t, char32_t> to_traditional_ = changed_by_transliterator("Simplified-Traditional");
    icu::UnicodeSet big5_ = characters_of("Big5");
    icu::UnicodeSet gb2312_ = characters_of("GB2312");
    icu::UnicodeSet japanese_ = characters_of("Shift_JIS");
};

}  // namespace

CodePointTable<Letter> const& letter_table() {
    static CodePointTable<Letter> const table{[reader = LetterReader{}](char32_t c) { return reader.read(c); }};
    return table;
}

}  // namespace kefu
