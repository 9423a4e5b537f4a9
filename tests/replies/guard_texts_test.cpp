// SPDX-License-Identifier: Apache-2.0
// The guard that is shipped, against what agents and templates write in each market: tests/replies/guard/<language>.yaml.
#include "config/yaml.hpp"
#include "replies/guard.hpp"
#include "tests/support/source_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

namespace kefu {

namespace {

SourceText read(std::string const& path) {
    std::ifstream file{source_dir() / path, std::ios::binary};
    return {path, {std::istreambuf_iterator<char>{file}, {}}};
}

std::string all_of(Errors const& errors) {
    std::string lines;
    for (auto const& error : errors) lines += error.to_string() + "\n";
    return lines;
}

Guard const& shipped_guard() {
    static auto const guard = [] {
        auto loaded = Guard::load(read("replies/guard.yaml"));
        if (!loaded) throw std::runtime_error(all_of(loaded.error()));
        return *std::move(loaded);
    }();
    return guard;
}

class GuardTexts : public testing::TestWithParam<char const*> {
  protected:
    /// The texts under `verdict` of each rule. `judge` says what is wrong with one, or nothing.
    template <class Judge>
    void each(std::string const& verdict, Judge judge) {
        Errors errors;
        auto const file = read(std::string{"tests/replies/guard/"} + GetParam() + ".yaml");
        auto const root = yaml::parse(file.text, file.name, errors);
        ASSERT_TRUE(root) << all_of(errors);
        std::size_t rules = 0;
        for (auto const& [rule, where, texts] : root->entries(errors)) {
            std::size_t count = 0;
            for (auto const& [kind, kind_where, list] : texts.entries(errors)) {
                if (kind != verdict) continue;
                for (auto const& item : list.items(errors)) {
                    auto const text = item.string(errors).value_or("");
                    auto const problem = judge(rule, text);
                    EXPECT_EQ(problem, "") << item.error(text).to_string();
                    ++count;
                }
            }
            EXPECT_GE(count, 20u) << rule << ": too few texts under " << verdict;
            ++rules;
        }
        EXPECT_EQ(rules, 8u);
        EXPECT_TRUE(errors.empty()) << all_of(errors);
    }
};

TEST_P(GuardTexts, that_promise_are_blocked_by_their_rule) {
    each("blocks", [](std::string const& rule, std::string const& text) -> std::string {
        auto const finding = shipped_guard().check(text);
        if (!finding) return rule + " does not block";
        return finding->rule == rule ? "" : rule + " does not block, but " + finding->rule + " does";
    });
}

TEST_P(GuardTexts, that_promise_nothing_go_out) {
    each("passes", [](std::string const&, std::string const& text) -> std::string {
        auto const finding = shipped_guard().check(text);
        return finding ? finding->rule + " blocks '" + text.substr(finding->start_byte, finding->end_byte - finding->start_byte) + "'" : "";
    });
}

INSTANTIATE_TEST_SUITE_P(Languages, GuardTexts, testing::Values("zh-Hant", "zh-Hans", "cs", "en"), [](auto const& test) {
    std::string name = test.param;
    std::erase(name, '-');
    return name;
});

}  // namespace

}  // namespace kefu
