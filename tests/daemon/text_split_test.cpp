// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/text_split.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

TEST(TextSplit, counts_utf16_units_as_line_does) {
    EXPECT_EQ(utf16_length("abc"), 3u);
    EXPECT_EQ(utf16_length("退款"), 2u);
    EXPECT_EQ(utf16_length("🍎"), 2u);
    EXPECT_EQ(utf16_length("𠀀"), 2u);  // CJK extension B
}

TEST(TextSplit, finds_the_byte_of_a_utf16_offset) {
    std::string const text = "a退🍎b";
    EXPECT_EQ(byte_of_utf16(text, 0), 0u);
    EXPECT_EQ(byte_of_utf16(text, 1), 1u);
    EXPECT_EQ(byte_of_utf16(text, 2), 4u);
    EXPECT_EQ(byte_of_utf16(text, 3), 4u) << "inside the surrogate pair";
    EXPECT_EQ(byte_of_utf16(text, 4), 8u);
    EXPECT_EQ(byte_of_utf16(text, 99), text.size());
}

TEST(TextSplit, leaves_a_short_text_whole_and_an_empty_one_out) {
    EXPECT_EQ(split_text("Dobrý den.", 100), std::vector<std::string>{"Dobrý den."});
    EXPECT_TRUE(split_text("", 100).empty());
    EXPECT_TRUE(split_text(" \n ", 100).empty());
}

struct SplitCase {
    char const* name;
    char const* text;
    std::size_t limit;
    std::vector<std::string> pieces;
};
class Split : public testing::TestWithParam<SplitCase> {};

TEST_P(Split, cuts_where_a_reader_would) { EXPECT_EQ(split_text(GetParam().text, GetParam().limit), GetParam().pieces); }

INSTANTIATE_TEST_SUITE_P(
    Texts, Split,
    testing::Values(SplitCase{"at_the_paragraph", "One two.\nThree four. Five", 14, {"One two.", "Three four.", "Five"}},
                    SplitCase{"at_the_sentence", "One two three. Four five.", 20, {"One two three.", "Four five."}},
                    SplitCase{"at_the_chinese_sentence", "我們收到了。同事會回覆您。", 8, {"我們收到了。", "同事會回覆您。"}},
                    SplitCase{"between_words", "alpha beta gamma", 11, {"alpha beta", "gamma"}},
                    SplitCase{"never_inside_a_grapheme", "👨‍👩‍👧👨‍👩‍👧", 9, {"👨‍👩‍👧", "👨‍👩‍👧"}},
                    SplitCase{"a_flag_stays_whole", "🇨🇿🇹🇼", 5, {"🇨🇿", "🇹🇼"}},
                    SplitCase{"a_grapheme_longer_than_the_limit_is_cut_between_code_points", "👨‍👩‍👧", 3, {"👨‍", "👩‍", "👧"}}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(TextSplit, loses_nothing_but_white_space_at_the_cuts) {
    std::string text;
    for (int i = 0; i < 400; ++i) text += "字" + std::to_string(i) + "🍎é. ";
    for (std::size_t const limit : {5u, 17u, 100u, 333u}) {
        std::string joined;
        for (auto const& piece : split_text(text, limit)) {
            EXPECT_LE(utf16_length(piece), limit);
            EXPECT_FALSE(piece.empty());
            joined += piece;
        }
        std::string wanted = text;
        std::erase(joined, ' ');
        std::erase(wanted, ' ');
        EXPECT_EQ(joined, wanted);
    }
}

TEST(TextSplit, labels_are_cut_between_graphemes) {
    EXPECT_EQ(first_graphemes("👨‍👩‍👧ab", 2), "👨‍👩‍👧a");
    EXPECT_EQ(first_graphemes("真人客服", 20), "真人客服");
}

}  // namespace
}  // namespace kefu
