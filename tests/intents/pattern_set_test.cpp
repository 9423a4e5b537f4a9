// SPDX-License-Identifier: Apache-2.0
#include "intents/pattern_set.hpp"
#include "tests/support/source_dir.hpp"

#include "config/yaml.hpp"
#include "intents/normalize.hpp"
#include "intents/pack.hpp"

#include <gtest/gtest.h>

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <thread>

namespace kefu {
namespace {

std::vector<PatternSet::Source> sources_of(std::vector<std::string> const& expressions) {
    std::vector<PatternSet::Source> sources;
    for (std::size_t i = 0; i < expressions.size(); ++i) {
        for (auto& expression : read_expression(expressions[i]).value()) sources.push_back({std::move(expression), {"p.yaml", static_cast<int>(i + 1), 1}, 0});
    }
    return sources;
}

using Places = std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>>;

Places found(PatternSet const& set, std::string_view text, PatternSet::Groups groups = PatternSet::all_groups) {
    std::vector<PatternSet::Hit> hits;
    set.search(text, groups, hits);
    Places places;
    for (auto const& hit : hits) places.emplace_back(hit.expression, hit.start, hit.end);
    return places;
}

/// What RE2 finds with each expression by itself.
class Singly {
  public:
    explicit Singly(std::vector<PatternSet::Source> const& sources) {
        for (auto const& source : sources) all_.push_back(std::make_unique<RE2>(source.expression.regexp, RE2::Quiet));
    }

    Places find(std::string_view text) const {
        Places places;
        for (std::uint32_t i = 0; i < all_.size(); ++i) find(i, text, places);
        return places;
    }

  private:
    void find(std::uint32_t i, std::string_view text, Places& places) const {
        re2::StringPiece const whole{text.data(), text.size()};
        re2::StringPiece match;
        std::size_t from = 0;
        for (int count = 0; from < text.size() && count < 16; ++count) {
            if (!all_[i]->Match(whole, from, text.size(), RE2::UNANCHORED, &match, 1) || match.empty()) return;
            auto const start = static_cast<std::size_t>(match.data() - text.data());
            from = start + match.size();
            places.emplace_back(i, static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(from));
        }
    }

    std::vector<std::unique_ptr<RE2>> all_;
};

TEST(PatternSet, finds_what_re2_finds_with_each_expression) {
    auto const sources = sources_of({
        "退款",
        "(退|換)(貨|款)",
        "^好(的|吧)?[!.]*$",
        R"(\b(kde|kam)\b … (balik|zasilk)\w*)",
        R"(\bne\w*)",
        ".退",
        "[0-9]+ ?元",
        "(^|[^a-z])tk([^a-z]|$)",
        "a…{3}b|c",
        R"((ab|a)(c|bcd))",
        "(還沒|沒)…(到|收到)",
        "x*y",
        R"(\d{2,})",
        "(kde|de)(?: je)?",
        "[!?]{2}",
        "到$",
        R"(je\b)",
        "(a|ab)(b|)c",
        "(?i)KDE",
        "好|(好的)",
        "(?:(?:ab)*c)+",
        "[^退]款",
        R"(\pN退)",
        "é+t",
        R"(\Qa.b\E)",
        "a.{0,2}?b",
        "(a+)+b",
        "kde…kde",
        "。|!",
        "(a|b)?c",
        "(a|ab)+?d",
        "a(b|c|)d",
        "a{2,3}?b",
        "(ab){2}",
        "(ab){1,2}c",
        "a[^b]*b",
        R"(a\S*b)",
        R"(kde\W+je\B)",
        "(退|还)(?:没)?(收到|到)?",
        "a(b*)*c",
        "(a*)+b",
        "k(de|am)?(?: je| ne)*",
        "a(bc?){0,2}d",
        R"(kde[\w ]*je)",
        R"(a[\d-]+b)",
        "退[^。]{0,3}?款",
        "a+\x16?d",
        "a+\\Q\\E?d",
        "[a-\u200B]+b",
        "好(的){0,1}?款",
        "(?s)a.b",
        "a.b",
        "a(?i:B)c",
        "(?:a|b|c|d)+?x",
        "ab??c",
        R"(\bne(chci)?\b)",
    });
    auto const set = PatternSet::compile(sources).value();
    Singly const singly{sources};
    std::vector<std::string> const pieces{"退", "款",    "货",      "换", "好",     "的", "还没", "收到", "到",  "kde", "kam", " ",
                                          "je", "balik", "zasilky", "ne", "nechci", "12", "元",   "tk",   "a",   "b",   "c",   "d",
                                          "y",  "!",     "?",       "。", ".",      ",",  "\n",   "x",    "a.b", "et",  "ab",  "ccc"};
    std::mt19937 random{7};
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto length = random() % 12; length > 0; --length) text += pieces[random() % pieces.size()];
        ASSERT_EQ(found(set, text), singly.find(text)) << text;
    }
}

TEST(PatternSet, finds_what_re2_finds_with_the_real_packs) {
    Errors errors;
    std::filesystem::path const folder = source_dir() / "intents/packs";
    auto const document_of = [&](std::filesystem::path const& path) {
        std::ifstream in{path};
        std::ostringstream text;
        text << in.rdbuf();
        return yaml::parse(text.str(), path.filename().string(), errors).value();
    };
    auto const topics = read_topics(document_of(folder / "topics.yaml"), errors);
    for (auto const& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().filename() == "topics.yaml") continue;
        auto const pack = read_pack(document_of(entry.path()), topics, errors);
        std::vector<PatternSet::Source> sources;
        std::vector<std::string> texts;
        auto const add = [&](PackRule const& rule) {
            for (auto const& written : rule.any) {
                for (auto const& expression : written.alternatives) sources.push_back({expression, written.where, 0});
            }
            for (auto const& example : rule.examples) texts.push_back(normalize(example.text).text);
            for (auto const& example : rule.counterexamples) texts.push_back(normalize(example.text).text);
        };
        for (auto const& pattern : pack.patterns) add(pattern);
        for (auto const& exception : pack.exceptions) add(exception);
        auto const set = PatternSet::compile(sources).value();
        Singly const singly{sources};
        for (std::size_t i = 0; i < texts.size(); i += 1 + texts.size() / 150) ASSERT_EQ(found(set, texts[i]), singly.find(texts[i])) << texts[i];
    }
    EXPECT_TRUE(errors.empty());
}

TEST(PatternSet, searches_only_the_groups_asked_for) {
    auto sources = sources_of({"refund", "refund", ".und"});
    sources[1].group = 1;
    sources[2].group = 63;
    auto const set = PatternSet::compile(sources).value();
    EXPECT_EQ(found(set, "refund"), (Places{{0, 0, 6}, {1, 0, 6}, {2, 2, 6}}));
    EXPECT_EQ(found(set, "refund", 2), (Places{{1, 0, 6}}));
    EXPECT_EQ(found(set, "refund", PatternSet::Groups{1} << 63), (Places{{2, 2, 6}}));
}

TEST(PatternSet, stops_at_sixteen_places) {
    auto const set = PatternSet::compile(sources_of({"ab", ".b"})).value();
    std::string text;
    for (int i = 0; i < 200; ++i) text += "ab ";
    EXPECT_EQ(found(set, text).size(), 32U);
}

TEST(PatternSet, stays_linear_on_hostile_text) {
    auto const set = PatternSet::compile(sources_of({"a.*b.*c.*d", "(a+)+x", "aa … b", "[ab]+c"})).value();
    std::string const text(10'000, 'a');
    auto const start = std::chrono::steady_clock::now();
    EXPECT_EQ(found(set, text + text), Places{});
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{1});
}

TEST(PatternSet, may_be_searched_by_many_threads_at_once) {
    auto const set = PatternSet::compile(sources_of({"kde … balik", ".退款"})).value();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 200; ++round) EXPECT_EQ(found(set, "kde je balik 要退款").size(), 2U);
        });
    }
    for (auto& thread : threads) thread.join();
}

struct BadSet {
    char const* name;
    char const* expression;
    char const* error;
};
class PatternSetError : public testing::TestWithParam<BadSet> {};
TEST_P(PatternSetError, says_where_and_why) {
    auto const set = PatternSet::compile(sources_of({"fine", GetParam().expression}));
    ASSERT_FALSE(set.has_value());
    ASSERT_EQ(set.error().size(), 1U);
    EXPECT_EQ(set.error()[0].to_string(), GetParam().error);
}
INSTANTIATE_TEST_SUITE_P(PatternSet, PatternSetError,
                         testing::Values(BadSet{"open_parenthesis", "(a|b", "p.yaml:2:1: bad expression: missing ): (a|b"},
                                         BadSet{"look_ahead", "a(?=b)", "p.yaml:2:1: bad expression: invalid perl operator: (?="},
                                         BadSet{"back_reference", R"((a)\1)", R"(p.yaml:2:1: bad expression: invalid escape sequence: \1)"},
                                         BadSet{"nothing_to_repeat", "*a", "p.yaml:2:1: bad expression: no argument for repetition operator: *"},
                                         BadSet{"too_large", R"((\pL{100}){9}(\pL{100}){9}|\pL{1000})",
                                                "p.yaml:2:1: bad expression: pattern too large - compile failed"},
                                         BadSet{"matches_any_text", "a*", "p.yaml:2:1: this expression matches any text; make something in it obligatory"}),
                         [](auto const& test) { return std::string{test.param.name}; });

}  // namespace
}  // namespace kefu
