// SPDX-License-Identifier: Apache-2.0
#include "replies/guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string const head = "rules:\n";

Guard load(std::string const& yaml) { return Guard::load({"guard.yaml", yaml}).value(); }

std::vector<std::string> errors_of(std::string const& yaml) {
    std::vector<std::string> lines;
    auto const loaded = Guard::load({"guard.yaml", yaml});
    if (!loaded)
        for (auto const& error : loaded.error()) lines.push_back(error.to_string());
    return lines;
}

Guard const& guard() {
    static auto const loaded = load(
        "rules:\n"
        "  - id: dispatch_day\n"
        "    why: 'only the warehouse knows'\n"
        "    any: ['今天(就)?(会|能)?(发货|寄出)', '\\bship (it )?(today|tomorrow)\\b']\n"
        "    except: ['不(能|会)…(发货|寄出)', '\\bcannot promise…{30}today']\n"
        "    blocks: ['今天會寄出']\n"
        "  - id: refund_amount\n"
        "    why: 'amounts are decided by people'\n"
        "    any: ['\\brefund (you )?\\d+']\n"
        "    blocks: ['We refund you 300']\n");
    return loaded;
}

std::string rule_of(std::string_view text) {
    auto const found = guard().check(text);
    return found ? found->rule : "";
}

TEST(Guard, finds_promises_in_any_spelling) {
    EXPECT_EQ(rule_of("好的，今天會寄出"), "dispatch_day");
    EXPECT_EQ(rule_of("We SHIP  it today."), "dispatch_day");
    EXPECT_EQ(rule_of("we will refund 200"), "refund_amount");
    EXPECT_EQ(rule_of("Orders ship within two days"), "");
    EXPECT_EQ(rule_of(""), "");
}

TEST(Guard, lets_an_exception_pass_but_not_a_promise_beside_it) {
    EXPECT_EQ(rule_of("We cannot promise to ship it today"), "");
    EXPECT_EQ(rule_of("We cannot promise it. But we ship it today"), "dispatch_day");
    EXPECT_EQ(rule_of("不能保证今天发货"), "");
}

TEST(Guard, says_where_in_the_original_text) {
    auto const found = guard().check("好，今天會寄出！");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->start_byte, 6u);
    EXPECT_EQ(found->end_byte, 21u);
    EXPECT_EQ(found->why, "only the warehouse knows");
}

TEST(Guard, without_rules_lets_everything_pass) { EXPECT_FALSE(load("rules: []\n").check("we ship it today")); }

TEST(Guard, survives_bytes_that_are_no_text) { EXPECT_FALSE(guard().check("\xff\xfe\x00 ship")); }

TEST(LoadGuard, runs_the_examples) {
    EXPECT_THAT(errors_of(head + "  - {id: a, why: x, any: ['today'], blocks: ['tomorrow'], allows: ['not today']}\n"),
                ElementsAre("guard.yaml:2:46: rule 'a' does not find this example", "guard.yaml:2:68: rule 'a' must not find this example"));
}

TEST(LoadGuard, reports_bad_rules_with_their_place) {
    EXPECT_THAT(errors_of(head + "  - {id: a, why: x, any: ['(today'], blocks: ['today']}\n"),
                ElementsAre(testing::StartsWith("guard.yaml:2:27: bad expression: ")));
    EXPECT_THAT(errors_of(head + "  - {id: a, why: x, any: ['x*'], blocks: ['x']}\n"),
                ElementsAre("guard.yaml:2:27: this expression matches any text; make something in it obligatory"));
    EXPECT_THAT(errors_of(head + "  - {id: a, why: x, any: ['x'], blocks: ['x']}\n  - {id: a, why: x, any: ['y'], blocks: ['y']}\n"),
                ElementsAre("guard.yaml:3:5: rule 'a' is there twice"));
    EXPECT_THAT(errors_of(head + "  - {id: a, any: ['x'], block: ['x']}\n"),
                ElementsAre("guard.yaml:2:5: missing key 'why'", "guard.yaml:2:5: missing key 'blocks'",
                            "guard.yaml:2:25: unknown key 'block' (did you mean 'blocks'?)"));
    EXPECT_THAT(errors_of("rules: []\n"), IsEmpty());
}

}  // namespace

}  // namespace kefu
