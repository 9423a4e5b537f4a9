// SPDX-License-Identifier: Apache-2.0
#include "replies/guard_parts.hpp"

#include "replies/guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu {

namespace {

using testing::ElementsAre;

/// `pattern` with the parts in `map` written out, or the errors, one a line.
std::string written_out(std::string const& map, std::string const& pattern) {
    Errors errors;
    auto const parts = GuardParts::read(*yaml::parse(map, "guard.yaml", errors), errors);
    auto const text = parts.write_out(pattern, *yaml::parse("x", "pattern", errors), errors);
    std::string lines;
    for (auto const& error : errors) lines += (lines.empty() ? "" : "\n") + error.to_string();
    return errors.empty() ? text.value() : lines;
}

TEST(GuardParts, are_written_out_as_groups) {
    EXPECT_EQ(written_out("{day: 'today|tonight'}", "(?&day) we (ship|go)"), "(?:today|tonight) we (ship|go)");
    EXPECT_EQ(written_out("{day: 'today'}", "no part"), "no part");
}

TEST(GuardParts, may_use_parts_whatever_their_order) {
    EXPECT_EQ(written_out("{when: '(?&day)|(?&hour)', day: 'today', hour: '\\d+ ?(?&half)', half: '[ap]m'}", "(?&when)"), "(?:(?:today)|(?:\\d+ ?(?:[ap]m)))");
}

TEST(GuardParts, mean_nothing_where_a_parenthesis_is_a_character) {
    EXPECT_EQ(written_out("{day: 'today'}", "\\(?&day"), "\\(?&day");
    EXPECT_EQ(written_out("{day: 'today'}", "[](?&day)] (?&day)"), "[](?&day)] (?:today)");
    EXPECT_EQ(written_out("{day: 'today'}", "[^]\\](?&]\\\\(?&day)"), "[^]\\](?&]\\\\(?:today)");
}

TEST(GuardParts, that_are_not_there_are_named) {
    EXPECT_EQ(written_out("{day: 'today'}", "(?&dya)"), "pattern:1:1: there is no part 'dya' (did you mean 'day'?)");
    EXPECT_EQ(written_out("{day: 'today', when: '(?&dai)'}", "x"), "guard.yaml:1:22: there is no part 'dai' (did you mean 'day'?)");
    EXPECT_EQ(written_out("{day: 'today'}", "(?&day"), "pattern:1:1: '(?&' needs a part's name and ')'");
}

TEST(GuardParts, that_contain_themselves_are_an_error_once) {
    EXPECT_EQ(written_out("{a: '(?&b)', b: 'x(?&c)', c: '(?&b)'}", "(?&a)"), "guard.yaml:1:17: part 'b' contains itself: b > c > b");
    EXPECT_EQ(written_out("{a: '(?&a)'}", "x"), "guard.yaml:1:5: part 'a' contains itself: a > a");
}

TEST(GuardParts, are_expressions_with_plain_names) {
    EXPECT_EQ(written_out("{day: '(today'}", "(?&day)"), "guard.yaml:1:7: not a valid expression: missing ): (today");
    EXPECT_EQ(written_out("{Day: 'today'}", "x"), "guard.yaml:1:2: a part's name is lower case letters, digits and '_'");
    EXPECT_EQ(written_out("[day]", "x"), "guard.yaml:1:1: expected a map (key: value), found a list");
}

TEST(GuardParts, that_grow_without_end_are_refused) {
    std::string map = "{a: 'xxxxxxxxxxxxxxxx'";
    for (char name = 'b'; name <= 'z'; ++name) {
        std::string const use = std::string{"(?&"} + static_cast<char>(name - 1) + ")";
        map += std::string{", "} + name + ": '" + use + use + use + use + "'";
    }
    EXPECT_THAT(written_out(map + "}", "x"), testing::HasSubstr("longer than 64 KiB"));
}

TEST(LoadGuard, uses_the_parts_of_its_file) {
    auto const guard =
        Guard::load({"guard.yaml",
                     "parts: {day: '今[天日]|明天'}\n"
                     "rules:\n"
                     "  - {id: a, why: x, any: ['(?&day)(會|能)出貨'], except: ['不知道(?&day)'], blocks: ['明天會出貨'], allows: ['不知道明天會出貨']}\n"});
    ASSERT_TRUE(guard);
    EXPECT_TRUE(guard->check("今日能出货"));
    auto const wrong = Guard::load({"guard.yaml", "parts: {day: 'x'}\nrules:\n  - {id: a, why: x, any: ['(?&day)', '(?&dey)'], blocks: ['x']}\n"});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().front().to_string(), "guard.yaml:3:38: there is no part 'dey' (did you mean 'day'?)");
}

TEST(LoadGuard, leaves_examples_alone_that_were_run_before) {
    SourceText const file{"guard.yaml", "rules: [{id: a, why: x, any: ['today'], blocks: ['tomorrow']}]\n"};
    EXPECT_FALSE(Guard::load(file));
    EXPECT_TRUE(Guard::load(file, false));
}

}  // namespace

}  // namespace kefu
