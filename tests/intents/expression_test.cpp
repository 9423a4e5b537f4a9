// SPDX-License-Identifier: Apache-2.0
#include "intents/expression.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kefu {
namespace {

std::vector<Expression> read(std::string_view source) {
    auto expressions = read_expression(source);
    if (!expressions) ADD_FAILURE() << expressions.error().message;
    return expressions ? *expressions : std::vector<Expression>{};
}

/// The regexps behind one expression, joined with " OR ".
std::string regexps(std::string_view source) {
    std::string all;
    for (auto const& expression : read(source)) all += (all.empty() ? "" : " OR ") + expression.regexp;
    return all;
}

std::string joined(std::vector<std::string> const& literals) {
    std::string all;
    for (auto const& literal : literals) all += (all.empty() ? "" : " ") + literal;
    return all;
}

struct RegexpCase {
    char const* name;
    char const* source;
    char const* expected;
};
class ExpressionRegexp : public testing::TestWithParam<RegexpCase> {};
TEST_P(ExpressionRegexp, is_folded) { EXPECT_EQ(regexps(GetParam().source), GetParam().expected); }

auto const name_of = [](auto const& test) { return std::string{test.param.name}; };

INSTANTIATE_TEST_SUITE_P(
    Folding, ExpressionRegexp,
    testing::Values(RegexpCase{"literals", "OBJEDNÁVKA|退貨", "objednavka|退货"}, RegexpCase{"several_letters", "Straße", "strasse"},
                    RegexpCase{"loose_diacritics", "zma\u030Ctek", "zmatek"}, RegexpCase{"full_width_is_quoted", "真的？（笑）", R"(真的\?\(笑\))"},
                    RegexpCase{"escapes_stay", R"(\bKDE\B \d+\S\pN\p{Han}\x{4e00}\.)", R"(\bkde\B \d+\S\pN\p{Han}\x{4e00}\.)"},
                    RegexpCase{"quoted_literals", R"(\QA+貨\Eb)", R"(a\+货b)"}, RegexpCase{"classes", "[ČŠA-Z退貨]", "[csa-z退货]"},
                    RegexpCase{"negated_classes", "[^Č！]", "[^c!]"}, RegexpCase{"class_names", "[[:alpha:]É]", "[[:alpha:]e]"},
                    RegexpCase{"class_that_starts_with_a_bracket", "[]A]", "[\\]a]"}, RegexpCase{"a_caret_behind_what_is_dropped", "[\u200B^d]", R"([\^d])"},
                    RegexpCase{"groups", "(?i)(?:A|B)(?P<Name>C)", "(?i)(?:a|b)(?P<Name>c)"}, RegexpCase{"quantifiers", "A?B*?C{2,3}D+", "a?b*?c{2,3}d+"},
                    RegexpCase{"a_brace_that_is_none", "a{x}", R"(a\{x\})"}, RegexpCase{"quantifier_of_what_is_dropped", "a+\u200B?b\u200B{2,3}?c", "a+bc"},
                    RegexpCase{"quantifier_of_what_becomes_two", "ß?aß{2}", "(?:ss)?a(?:ss){2}"},
                    RegexpCase{"quoted_marks_are_no_quantifiers", "a\\Q\u200B?\\E", R"(a\?)"}, RegexpCase{"quantifiers_that_meet", "a+\\Q\\E?b", "a+?b"},
                    RegexpCase{"range_to_what_is_dropped", "[a-\u200B]", "[a-]"}, RegexpCase{"no_class_name", "[[\u200B:alpha:]]", "[\\[:alpha:]\\]"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Ellipsis, ExpressionRegexp,
                         testing::Values(RegexpCase{"with_spaces", "a … b", R"(a[^。!?.\n]{0,12}?b)"},
                                         RegexpCase{"without_spaces", "退…款", R"(退[^。!?.\n]{0,12}?款)"},
                                         RegexpCase{"three_dots", "a ... b", R"(a[^。!?.\n]{0,12}?b)"},
                                         RegexpCase{"another_distance", "a …{30} b", R"(a[^。!?.\n]{0,30}?b)"},
                                         RegexpCase{"three_dots_with_a_distance", "a ...{30} b", R"(a[^。!?.\n]{0,30}?b)"},
                                         RegexpCase{"in_a_group", "(a … b|c)d", R"((a[^。!?.\n]{0,12}?b|c)d)"},
                                         RegexpCase{"dots_without_spaces_are_any_characters", "a...b", "a...b"},
                                         RegexpCase{"alternatives_come_apart", "a … b|c|d", R"(a[^。!?.\n]{0,12}?b OR c|d)"}),
                         name_of);

struct LiteralsCase {
    char const* name;
    char const* source;
    char const* openings;
    std::vector<char const*> required;
};
class ExpressionLiterals : public testing::TestWithParam<LiteralsCase> {};
TEST_P(ExpressionLiterals, are_what_each_match_holds) {
    auto const expressions = read(GetParam().source);
    ASSERT_EQ(expressions.size(), 1U);
    EXPECT_EQ(joined(expressions[0].openings), GetParam().openings);
    std::vector<std::string> required;
    for (auto const& literals : expressions[0].required) required.push_back(joined(literals));
    EXPECT_EQ(required, std::vector<std::string>(GetParam().required.begin(), GetParam().required.end()));
}

INSTANTIATE_TEST_SUITE_P(
    Openings, ExpressionLiterals,
    testing::Values(LiteralsCase{"a_literal", "refund", "refund", {}}, LiteralsCase{"alternatives", "(退|換)(貨|款)", "换款 换货 退款 退货", {}},
                    LiteralsCase{"an_option", "re?fund", "refund rfund", {}}, LiteralsCase{"a_repetition_ends_it", "ab+c", "ab", {}},
                    LiteralsCase{"a_class", "[ab]c", "ac bc", {}}, LiteralsCase{"a_range", "[a-c]d", "ad bd cd", {}},
                    LiteralsCase{"a_digit_class", R"(\d元)", "0元 1元 2元 3元 4元 5元 6元 7元 8元 9元", {}},
                    LiteralsCase{"a_boundary_takes_nothing", R"(\bkde\b)", "kde", {}}, LiteralsCase{"what_begins_with_another_is_left_out", "ab|abc", "ab", {}},
                    LiteralsCase{"long_ones_are_cut", "objednavka123", "objednavk", {}}, LiteralsCase{"anything_has_none", ".退款", "", {"退款"}},
                    LiteralsCase{"optional_start", "(我|你)?退款", "你退款 我退款 退款", {}}, LiteralsCase{"no_literals", R"(\w+)", "", {}},
                    LiteralsCase{"behind_an_ellipsis", "kde … (balik|zasilk)", "kde", {"balik zasilk"}},
                    LiteralsCase{"behind_a_distance_of_ones_own", "kde.{0,4}balik", "kde", {"balik"}},
                    LiteralsCase{"optional_parts_are_not_required", "kde … (balik)?", "kde", {}}),
    name_of);

TEST(Expression, knows_where_it_can_start) {
    EXPECT_TRUE(read("^ano$")[0].only_at_start);
    EXPECT_FALSE(read("^ano|ne")[0].only_at_start);
    EXPECT_FALSE(read("(?m)^ano")[0].only_at_start);
    EXPECT_TRUE(read(R"(\b(ano|ne))")[0].only_at_word);
    EXPECT_FALSE(read(R"(\b(ano|退))")[0].only_at_word);
    EXPECT_FALSE(read(R"((\bano|ne))")[0].only_at_word);
}

struct BadExpression {
    char const* name;
    char const* source;
    char const* error;
};
class ExpressionError : public testing::TestWithParam<BadExpression> {};
TEST_P(ExpressionError, says_what_to_do) {
    auto const expressions = read_expression(GetParam().source);
    ASSERT_FALSE(expressions.has_value());
    EXPECT_EQ(expressions.error().message, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Expression, ExpressionError,
    testing::Values(BadExpression{"run_of_three", "nooo", "'o' three times in a row can never match: such runs are squeezed to one; write it once"},
                    BadExpression{"run_of_three_once_folded", "ÁaA", "'a' three times in a row can never match: such runs are squeezed to one; write it once"},
                    BadExpression{"run_by_repetition", "no{3,}", "'o' three times in a row can never match: such runs are squeezed to one; write it once"},
                    BadExpression{"run_of_marks", "真的！！！", "'!' three times in a row can never match: such runs are squeezed to one; write it once"},
                    BadExpression{"two_spaces", "a  b", "two spaces in a row can never match: white space is joined to one; write one space"},
                    BadExpression{"distance", "a …{999} b", "the distance after an ellipsis must be a number from 1 to 200, like …{30}"},
                    BadExpression{"distance_is_no_number", "a …{x} b", "the distance after an ellipsis must be a number from 1 to 200, like …{30}"},
                    BadExpression{"class_of_what_is_dropped", "a[\u200B]b]", "of what stands inside [...] nothing is left when normalised; leave it out"},
                    BadExpression{"expanding_in_a_class", "[ßa]",
                                  "'ß' becomes several characters when normalised, so it cannot stand inside [...]; write (ß|...)"}),
    name_of);

TEST(Expression, allows_what_only_looks_like_a_run) {
    for (auto const* source : {"oo?o?", "o+", "100000", "o(o)o", "oo|o", "啊啊", "[ooo]"}) EXPECT_TRUE(read_expression(source).has_value()) << source;
}

TEST(Expression, leaves_broken_syntax_to_re2) {
    EXPECT_EQ(regexps("(a|b"), "(a|b");
    EXPECT_EQ(regexps("a)b"), "a)b");
    EXPECT_EQ(regexps("[ab"), "[ab");
    EXPECT_EQ(regexps("*"), "*");
    EXPECT_EQ(regexps("a\\"), "a\\");
}

}  // namespace
}  // namespace kefu
