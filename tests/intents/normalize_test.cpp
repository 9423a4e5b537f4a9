// SPDX-License-Identifier: Apache-2.0
#include "intents/normalize.hpp"

#include "intents/fold.hpp"
#include "intents/icu.hpp"
#include "intents/utf8.hpp"

#include <gtest/gtest.h>

#include <unicode/translit.h>
#include <unicode/uchar.h>

#include <ctime>
#include <memory>
#include <random>

namespace kefu {
namespace {

std::string normalized(std::string_view text) { return normalize(text).text; }

/// The original bytes behind the only occurrence of `word` in the normalised text.
std::string original_of(std::string const& text, std::string_view word) {
    auto const read = normalize(text);
    auto const at = read.text.find(word);
    if (at == std::string::npos) return "not in '" + read.text + "'";
    auto const [start, end] = read.original(at, at + word.size());
    return text.substr(start, end - start);
}

struct NormalizeCase {
    char const* name;
    std::string text;
    std::string expected;
};
class Normalize : public testing::TestWithParam<NormalizeCase> {};

TEST_P(Normalize, gives) { EXPECT_EQ(normalized(GetParam().text), GetParam().expected); }

auto const name_of = [](auto const& test) { return std::string{test.param.name}; };

INSTANTIATE_TEST_SUITE_P(
    Folding, Normalize,
    testing::Values(NormalizeCase{"lower_case", "ObJeDnÁvKa", "objednavka"}, NormalizeCase{"full_width", "ＡＢＣ１２３！", "abc123!"},
                    NormalizeCase{"half_width_kana", "ｷｬﾝｾﾙ ｶﾞ", "キャンセル ガ"}, NormalizeCase{"traditional", "退貨還沒收到", "退货还没收到"},
                    NormalizeCase{"sharp_s", "Straße ẞ", "strasse ss"}, NormalizeCase{"letters_unicode_does_not_decompose", "đ Ł ø Æ œ ı", "d l o ae oe i"},
                    NormalizeCase{"turkish_capital_i", "İade", "iade"}, NormalizeCase{"vietnamese", "Đơn hàng của tôi đâu rồi ạ", "don hang cua toi dau roi a"},
                    NormalizeCase{"cyrillic_keeps_its_letters", "Йод и ёж", "йод и ёж"}, NormalizeCase{"thai_keeps_its_marks", "น้ำหนัก", "น้ํ\u0E32หนัก"},
                    NormalizeCase{"phone_quotes", "can’t “wait” — ok", "can't \"wait\" - ok"}, NormalizeCase{"circled_digits", "①②", "12"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Invisible, Normalize,
                         testing::Values(NormalizeCase{"zero_width_space", "re\u200Bfund", "refund"}, NormalizeCase{"soft_hyphen", "re\u00ADfund", "refund"},
                                         NormalizeCase{"bidi_controls", "\u202Erefund\u202C", "refund"}, NormalizeCase{"variation_selector", "❤\uFE0F", "❤"},
                                         NormalizeCase{"keycap", "1\uFE0F\u20E3", "1"}, NormalizeCase{"joined_emoji", "👨\u200D👩", "👨👩"},
                                         NormalizeCase{"nul", std::string("re\0fund", 7), "refund"}, NormalizeCase{"nothing", "", ""},
                                         NormalizeCase{"only_invisible", "\u200B\uFEFF", ""}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Squeezing, Normalize,
                         testing::Values(NormalizeCase{"three_letters", "soooo", "so"}, NormalizeCase{"two_letters_stay", "good", "good"},
                                         NormalizeCase{"marks", "proč!!!!", "proc!"}, NormalizeCase{"mixed_marks_stay", "?!?!", "?!?!"},
                                         NormalizeCase{"han", "啊啊啊啊", "啊"}, NormalizeCase{"digits_stay", "100000", "100000"},
                                         NormalizeCase{"full_width_digits_stay", "１１１１", "1111"},
                                         NormalizeCase{"across_the_invisible", "o\u200Bo\u200Bo", "o"}, NormalizeCase{"capital_and_small", "OoO", "o"},
                                         NormalizeCase{"dots", "等了……好久", "等了.好久"}, NormalizeCase{"expanded", "ßß", "s"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Spaces, Normalize,
                         testing::Values(NormalizeCase{"joined", "a \t\u3000 b", "a b"}, NormalizeCase{"none_at_the_ends", "  a ", "a"},
                                         NormalizeCase{"a_newline_wins", "a \n b", "a\nb"}, NormalizeCase{"paragraphs", "a\r\n\r\nb", "a\nb"},
                                         NormalizeCase{"only_spaces", " \n ", ""}, NormalizeCase{"hidden_in_a_symbol", "a¨b¨", "a b"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Smuggling, Normalize,
                         testing::Values(NormalizeCase{"one_symbol", "垃#圾", "垃圾"}, NormalizeCase{"every_time", "退*款_快-點", "退款快点"},
                                         NormalizeCase{"full_width", "垃＃圾", "垃圾"}, NormalizeCase{"two_symbols_stay", "退##款", "退##款"},
                                         NormalizeCase{"between_letters_stays", "a.b 退.b", "a.b 退.b"},
                                         NormalizeCase{"with_a_space_stays", "退 #款", "退 #款"},
                                         NormalizeCase{"punctuation_stays", "退,款!快。", "退,款!快。"}, NormalizeCase{"then_squeezed", "啊#啊#啊", "啊"},
                                         NormalizeCase{"a_pause_stays", "退...款", "退.款"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Malformed, Normalize,
                         testing::Values(NormalizeCase{"stray_byte", "a\xFFz", "a\uFFFDz"}, NormalizeCase{"overlong", "\xC0\xAFz", "\uFFFD\uFFFDz"},
                                         NormalizeCase{"surrogate", "\xED\xA0\x80z", "\uFFFDz"}, NormalizeCase{"cut_off", "a\xE9\x80", "a\uFFFD"},
                                         NormalizeCase{"above_unicode", "\xF4\x90\x80\x80z", "\uFFFDz"}),
                         name_of);

TEST(NormalizeZalgo, loses_its_marks) { EXPECT_EQ(normalized("z\u0335\u0321\u0352a\u0336\u0489lgo 退\u0336款\u0336"), "zalgo 退款"); }

TEST(NormalizeOrigin, covers_what_was_squeezed_or_dropped_inside) {
    EXPECT_EQ(original_of("It is soooo bad", "so"), "soooo");
    EXPECT_EQ(original_of("你是垃#圾嗎", "垃圾"), "垃#圾");
    EXPECT_EQ(original_of("please re\u200Bfund", "refund"), "re\u200Bfund");
    EXPECT_EQ(original_of("to je zma\u030Ctek!", "zmatek"), "zma\u030Ctek");
    EXPECT_EQ(original_of("a  b", " "), "  ");
    EXPECT_EQ(original_of("die Straße da", "ss"), "ß");
    EXPECT_EQ(original_of("❤\uFE0F!", "❤"), "❤\uFE0F");
}

TEST(NormalizeIntensity, counts_how_loud_it_was) {
    auto const loud = normalize("Nooooo!!!! WHY?! AAA").intensity;
    EXPECT_EQ(loud.exclamations, 5U);
    EXPECT_EQ(loud.questions, 1U);
    EXPECT_EQ(loud.longest_run, 4U);
    EXPECT_EQ(loud.elongations, 6U);
    EXPECT_EQ(loud.capitals, 7U);
    EXPECT_EQ(loud.cased, 12U);
    EXPECT_EQ(normalize("退款").intensity, Intensity{});
}

/// The slow way: ICU normalises the whole text, then every character is folded by ICU's own tools.
class Reference {
  public:
    std::u32string fold(icu::UnicodeString const& text) const {
        UErrorCode status = U_ZERO_ERROR;
        auto whole = icu_must(&icu::Normalizer2::getNFKCCasefoldInstance).normalize(text, status);
        simplify_->transliterate(whole);
        std::u32string out;
        for (std::int32_t i = 0; i < whole.length(); i = whole.moveIndex32(i, 1)) {
            auto const c = whole.char32At(i);
            auto const fold = fold_table()[static_cast<char32_t>(c)];  // Latin diacritics and what is listed by hand
            if (fold.kind() == Fold::Kind::same)
                out += static_cast<char32_t>(c);
            else if (fold.kind() == Fold::Kind::changed || fold.kind() == Fold::Kind::symbol)
                out += fold.payload();
            else if (fold.kind() == Fold::Kind::expanded)
                out += fold_table().expansion(fold);
            else if (fold.kind() == Fold::Kind::space)
                out += U' ';
        }
        return out;
    }

  private:
    UErrorCode status_ = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> simplify_{icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, status_)};
};

std::string utf8(std::u32string const& text) {
    std::string out;
    for (char32_t const c : text) append_utf8(out, c);
    return out;
}

bool is_left_to_other_rules(char32_t c) {
    auto const code_point = static_cast<UChar32>(c);
    auto const fold = fold_table()[c];
    bool const is_space = u_isUWhiteSpace(code_point) || fold.kind() == Fold::Kind::space || fold.kind() == Fold::Kind::newline;
    bool const is_nothing = u_charType(code_point) == U_UNASSIGNED || u_charType(code_point) == U_SURROGATE;
    return c == U'´' || c == U'\u1FFD' || is_space || is_nothing || u_charType(code_point) == U_CONTROL_CHAR;
}

TEST(NormalizeEveryCodePoint, gives_what_icu_gives_for_the_whole_text) {
    Reference const reference;
    int wrong = 0;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (is_left_to_other_rules(c)) continue;
        // Between letters, so that no space is at an end; squeezing is kept away by what differs on both sides.
        icu::UnicodeString text;
        text.append(u'x').append(static_cast<UChar32>(c)).append(u'y');
        auto const expected = normalized(utf8(reference.fold(text)));
        EXPECT_EQ(normalized("x" + utf8({c}) + "y"), expected) << std::hex << static_cast<std::uint32_t>(c) << " number " << ++wrong;
        ASSERT_LT(wrong, 20);
    }
}

TEST(NormalizeEveryCodePoint, is_the_same_when_decomposed) {
    auto const& nfd = icu_must(&icu::Normalizer2::getNFDInstance);
    int wrong = 0;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (is_left_to_other_rules(c)) continue;
        UErrorCode status = U_ZERO_ERROR;
        std::string decomposed;
        nfd.normalize(icu::UnicodeString{static_cast<UChar32>(c)}, status).toUTF8String(decomposed);
        EXPECT_EQ(normalized("x" + decomposed + "y"), normalized("x" + utf8({c}) + "y")) << std::hex << static_cast<std::uint32_t>(c) << " number " << ++wrong;
        ASSERT_LT(wrong, 20);
    }
}

TEST(NormalizeAnyText, maps_every_byte_back_onto_whole_code_points_in_order) {
    std::mt19937 random{20221122};
    std::u32string const alphabet = U"aoO ěß退貨款#.!？1２\u030C\u200B\uFE0F가ᄀ\u1161ｶﾞน\u0E49👍🏽\n…ﷺ";
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (auto length = random() % 24; length > 0; --length) {
            if (random() % 40 == 0)
                text += static_cast<char>(random() % 256);
            else
                append_utf8(text, alphabet[random() % alphabet.size()]);
        }
        auto const read = normalize(text);
        std::size_t last_end = 0;
        for (std::size_t at = 0; at < read.text.size();) {
            auto const start = at;
            next_code_point(read.text, at);
            auto const [from, to] = read.original(start, at);
            ASSERT_LT(from, to) << text;
            ASSERT_LE(to, text.size()) << text;
            ASSERT_GE(to, last_end) << text;
            // Whole code points: decoding from the start arrives at both ends.
            std::size_t place = 0;
            bool meets_from = from == 0;
            bool meets_to = false;
            while (place < text.size()) {
                next_code_point(text, place);
                meets_from |= place == from;
                meets_to |= place == to;
            }
            ASSERT_TRUE(meets_from && meets_to) << text << " at " << start;
            last_end = to;
        }
    }
}

TEST(NormalizeAnyText, changes_nothing_the_second_time) {
    for (std::string const text : {"Sooo  ＢＡＤ!!!", "退#貨 快點…", "Đơn ｶﾞ น้ำ 1️⃣", "a\u0336bc ß"}) {
        auto const once = normalized(text);
        EXPECT_EQ(normalized(once), once);
    }
}

TEST(NormalizeLongText, takes_time_in_proportion) {
    // Our own processor time: neither a busy machine nor a sanitizer changes the proportion.
    auto const timed = [](std::string const& text) {
        auto const start = std::clock();
        auto const read = normalize(text);
        EXPECT_FALSE(read.text.empty());
        return std::clock() - start;
    };
    auto const repeated = [](std::string_view piece, int times) {
        std::string out;
        for (int i = 0; i < times; ++i) out += piece;
        return out;
    };
    // Marks in the wrong order are what costs a normaliser the square of their number: 64 times as much for 8 times the text.
    for (std::string_view const piece : {"ab", "退", "\u0301\u0316", "\u0E49\u0E38", "\xFF"}) {
        auto const shorter = timed('x' + repeated(piece, 62'500));
        EXPECT_LT(timed('x' + repeated(piece, 500'000)), 3 * 8 * shorter) << piece;
    }
}

}  // namespace
}  // namespace kefu
