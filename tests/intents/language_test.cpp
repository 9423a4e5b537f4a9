// SPDX-License-Identifier: Apache-2.0
#include "intents/language.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

LanguageDetector const& detector() {
    static LanguageDetector const detector{{
        {"common", {}, ""},
        {"zh-Hant", {}, ""},
        {"zh-Hans", {}, ""},
        {"cs", {"kde", "jsem", "prosím", "děkuji", "je", "a", "na", "to"}, "ěščřžůďťň"},
        {"en", {"where", "is", "my", "the", "to", "I", "a", "please", "don't"}, ""},
        {"vi", {"cho", "tôi", "của", "đơn", "hàng"}, "đơưạ"},
        {"ja", {}, ""},
    }};
    return detector;
}

LanguageDetector::Guess guess(std::string_view text, std::string_view prior = {}) { return detector().detect(text, normalize(text), prior); }

struct LanguageCase {
    char const* name;
    char const* text;
    char const* prior;
    char const* expected;
};
class Language : public testing::TestWithParam<LanguageCase> {};
TEST_P(Language, is) { EXPECT_EQ(guess(GetParam().text, GetParam().prior).language, GetParam().expected); }

auto const name_of = [](auto const& test) { return std::string{test.param.name}; };

INSTANTIATE_TEST_SUITE_P(Chinese, Language,
                         testing::Values(LanguageCase{"traditional", "還沒收到貨", "", "zh-Hant"}, LanguageCase{"simplified", "还没收到货", "", "zh-Hans"},
                                         LanguageCase{"the_text_beats_the_prior", "还没收到货", "zh-Hant", "zh-Hans"},
                                         LanguageCase{"neutral_follows_the_prior", "我要退款", "zh-Hant", "zh-Hant"},
                                         LanguageCase{"neutral_follows_a_region", "我要退款", "zh-TW", "zh-Hant"},
                                         LanguageCase{"neutral_alone", "我要退款", "", "zh-Hans"},
                                         LanguageCase{"neutral_with_another_prior", "我要退款", "cs", "zh-Hans"},
                                         LanguageCase{"neutral_from_taiwan", "超商取件", "", "zh-Hant"},
                                         LanguageCase{"characters_of_both_say_nothing", "只要后面那台", "zh-Hant", "zh-Hant"},
                                         LanguageCase{"an_english_word_inside", "我的order呢", "", "zh-Hans"},
                                         LanguageCase{"two_english_words_inside", "我的order什麼時候會arrive", "", "zh-Hant"},
                                         LanguageCase{"decorated_with_kana", "我の包裹還沒到", "", "zh-Hant"}, LanguageCase{"bopomofo", "好ㄉ", "", "zh-Hant"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(OtherScripts, Language,
                         testing::Values(LanguageCase{"japanese", "荷物はまだですか", "", "ja"}, LanguageCase{"japanese_without_kana", "返品発送済", "", "ja"},
                                         LanguageCase{"katakana", "キャンセル", "", "ja"}, LanguageCase{"thai", "ของยังไม่มาเลยค่ะ", "", "th"},
                                         LanguageCase{"korean", "주문 취소", "", "ko"}, LanguageCase{"russian", "Где мой заказ", "", "ru"},
                                         LanguageCase{"ukrainian", "Де моє замовлення і коли", "", "uk"}, LanguageCase{"arabic", "أين طلبي", "", "ar"},
                                         LanguageCase{"greek", "Πού είναι", "", "el"}, LanguageCase{"thai_with_a_brand", "line ไม่ตอบเลยค่ะ", "", "th"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Latin, Language,
                         testing::Values(LanguageCase{"czech", "Kde je moje objednávka, prosím?", "", "cs"},
                                         LanguageCase{"czech_without_diacritics", "kde jsem to nechal", "", "cs"},
                                         LanguageCase{"one_letter_tells", "přišlo", "", "cs"}, LanguageCase{"english", "WHERE IS MY PARCEL", "", "en"},
                                         LanguageCase{"an_apostrophe_of_a_phone", "i don’t", "", "en"},
                                         LanguageCase{"vietnamese", "Đơn hàng của tôi", "", "vi"}, LanguageCase{"a_tie_follows_the_prior", "a to", "cs", "cs"},
                                         LanguageCase{"no_hint_follows_the_prior", "ok", "zh-Hant", "zh-Hant"},
                                         LanguageCase{"no_hint_and_no_prior", "asdf", "", "und"},
                                         LanguageCase{"words_beat_the_prior", "where is my parcel", "zh-Hant", "en"}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Mixed, Language,
                         testing::Values(LanguageCase{"half_english_half_chinese", "where is my parcel 我等很久了喔", "", "mul"},
                                         LanguageCase{"two_in_latin", "where is my the parcel please kde jsem prosim dekuji je na", "", "mul"},
                                         LanguageCase{"nothing", "", "cs", "und"}, LanguageCase{"no_letters", "12345 👍!!", "cs", "und"},
                                         LanguageCase{"model_names_are_no_language", "這個 XR7 PRO MAX 跟 ABC 差在哪", "", "zh-Hant"}),
                         name_of);

TEST(LanguagePlausible, leaves_out_what_is_clearly_beaten) {
    auto const has = [](LanguageDetector::Guess const& it, std::size_t pack) { return (it.plausible >> pack & 1) != 0; };
    auto const czech = guess("Kde je moje objednávka, prosím?");
    EXPECT_TRUE(has(czech, 0) && has(czech, 3) && has(czech, 4));
    EXPECT_FALSE(has(czech, 5));
    EXPECT_TRUE(has(guess("Kde je moje objednávka, prosím?", "vi"), 5));
    EXPECT_TRUE(has(guess("storno"), 5));
    EXPECT_FALSE(has(guess("還沒到"), 6));
    EXPECT_FALSE(has(guess("まだです"), 1));
}

}  // namespace
}  // namespace kefu
