// SPDX-License-Identifier: Apache-2.0
#include "intents/classify.hpp"
#include "tests/support/source_dir.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace kefu {
namespace {

std::string const topics = R"(topics:
  greeting:       {}
  withdraw:       {}
  where_is_order: {labels: [tracking]}
  refund_request: {labels: [refund]}
  cancel_order:   {labels: [cancel]}
  insult:         {labels: [anger], anger: {kind: insult, level: 0.85}}
  threat_agency:  {labels: [anger], anger: {kind: threat_agency, level: 0.7}}
)";

std::string const chinese = R"(language: zh-Hant
patterns:
  - {id: refund.word, topic: refund_request, weight: 0.8, any: [退款, 退…錢]}
  - {id: where.late, topic: where_is_order, weight: 0.3, any: [還沒到]}
  - {id: where.parcel, topic: where_is_order, weight: 0.3, any: [包裹]}
  - {id: insult.trash, topic: insult, any: [垃圾]}
  - {id: agency, topic: threat_agency, level: 0.75, any: [消保官]}
exceptions:
  - {id: army, blocks: [refund], any: [退…錢包]}
  - {id: bin, blocks: [insult], scope: clause, any: [垃圾桶, 丟]}
)";

std::string const simplified = R"(language: zh-Hans
patterns:
  - {id: refund.same, topic: refund_request, weight: 0.4, any: [退款]}
)";

std::string const czech = R"(language: cs
hints: {words: [kde, je, nechci, prosim, zrusit, to, mi], characters: 'ěščřž'}
patterns:
  - {id: cancel, topic: cancel_order, any: ['\bzrusit\b']}
  - {id: refund, topic: refund_request, any: ['\bvratit … penize']}
  - {id: hint, topic: insult, weight: 0.4, any: [jste hrozni]}
exceptions:
  - {id: no_cancel, blocks: [cancel], topic: withdraw, any: ['\bnechci (to )?zrusit']}
  - {id: never_mind, blocks: [all], scope: message, topic: withdraw, any: ['uz nic']}
)";

Classifier const& demo() {
    static auto const classifier = Classifier::build({{"topics.yaml", topics},
                                                      {"zh-Hant.yaml", chinese},
                                                      {"zh-Hans.yaml", simplified},
                                                      {"cs.yaml", czech},
                                                      {"common.yaml", "language: common\npatterns: []\n"}})
                                       .value();
    return classifier;
}

std::vector<Label> labels(std::string_view text) { return demo().classify(text).labels; }
using Labels = std::vector<Label>;

TEST(Classify, gives_labels_scores_topics_and_evidence) {
    std::string const text = "包裹還沒到，我要退款";
    auto const result = demo().classify(text);
    EXPECT_EQ(result.language, "zh-Hant");
    EXPECT_EQ(result.labels, (Labels{Label::tracking, Label::refund}));
    EXPECT_NEAR(result.scores[static_cast<std::size_t>(Label::tracking)], 0.51, 1e-9);
    EXPECT_NEAR(result.topic("refund_request"), 0.8, 1e-9);
    ASSERT_EQ(result.topics.size(), 2U);
    EXPECT_EQ(result.topics[0].name, "refund_request");
    ASSERT_GE(result.evidence.size(), 3U);
    EXPECT_EQ(text.substr(result.evidence[0].start_byte, result.evidence[0].end_byte - result.evidence[0].start_byte), "包裹");
    EXPECT_EQ(result.evidence[0].rule, "zh-Hant/where.parcel");
    EXPECT_EQ(result.evidence[0].topic, "where_is_order");
}

TEST(Classify, needs_two_weak_signs_for_a_label) {
    EXPECT_EQ(labels("包裹"), Labels{});
    EXPECT_EQ(labels("包裹還沒到"), Labels{Label::tracking});
}

TEST(Classify, does_not_count_the_same_words_twice_for_two_packs) { EXPECT_NEAR(demo().classify("退款").topic("refund_request"), 0.8, 1e-9); }

TEST(Classify, reads_simplified_with_traditional_patterns) { EXPECT_EQ(labels("退我钱"), Labels{Label::refund}); }

TEST(ClassifyException, of_a_span_takes_away_what_overlaps_it) {
    EXPECT_EQ(labels("退我錢包"), Labels{});
    EXPECT_EQ(labels("退我錢包，退款"), Labels{Label::refund});
    EXPECT_EQ(labels("Nechci to zrušit"), Labels{});
    EXPECT_EQ(labels("Nechci to zrušit. Ne, zrušit!"), Labels{Label::cancel});
}

TEST(ClassifyException, of_a_clause_reaches_to_its_commas) {
    EXPECT_EQ(labels("丟掉垃圾"), Labels{});
    EXPECT_EQ(labels("丟掉了，你們垃圾"), Labels{Label::anger});
}

TEST(ClassifyException, of_a_message_takes_all) { EXPECT_EQ(labels("zrušit! Už nic."), Labels{}); }

TEST(ClassifyException, reports_its_own_topic) {
    auto const result = demo().classify("Nechci zrušit");
    ASSERT_EQ(result.topics.size(), 1U);
    EXPECT_EQ(result.topics[0].name, "withdraw");
    ASSERT_EQ(result.evidence.size(), 1U);
    EXPECT_EQ(result.evidence[0].rule, "cs/no_cancel");
}

TEST(ClassifyAnger, has_level_and_kinds) {
    auto const polite = demo().classify("我會請消保官處理，謝謝");
    EXPECT_EQ(polite.labels, Labels{Label::anger});
    EXPECT_DOUBLE_EQ(polite.anger.level, 0.75);
    EXPECT_EQ(polite.anger.kinds, std::vector{AngerKind::threat_agency});
    EXPECT_GT(demo().classify("垃圾！！！！").anger.level, demo().classify("垃圾").anger.level);
    EXPECT_EQ(labels("！！！！！！"), Labels{});
    EXPECT_EQ(labels("jste hrozni"), Labels{});
    EXPECT_EQ(labels("JSTE HROZNÍ!!!!"), Labels{Label::anger});
}

TEST(ClassifyEvidence, covers_the_obfuscated_original) {
    std::string const text = "你們是垃#圾";
    auto const result = demo().classify(text);
    ASSERT_EQ(result.evidence.size(), 1U);
    EXPECT_EQ(text.substr(result.evidence[0].start_byte, result.evidence[0].end_byte - result.evidence[0].start_byte), "垃#圾");
}

TEST(ClassifyLanguage, of_words_without_hints_is_that_of_the_pack_that_knows_them) { EXPECT_EQ(demo().classify("vratit penize").language, "cs"); }

TEST(ClassifyExplain, shows_what_was_taken_away_and_by_what) {
    auto const [result, explanation] = demo().explain("Nechci to  ZRUŠIT");
    EXPECT_EQ(explanation.normalized, "nechci to zrusit");
    ASSERT_EQ(explanation.hits.size(), 2U);
    EXPECT_EQ(explanation.hits[0].rule, "cs/no_cancel");
    EXPECT_EQ(explanation.hits[0].blocked_by, "");
    EXPECT_EQ(explanation.hits[1].rule, "cs/cancel");
    EXPECT_EQ(explanation.hits[1].topic, "cancel_order");
    EXPECT_EQ(explanation.hits[1].blocked_by, "cs/no_cancel");
    EXPECT_EQ(result, demo().classify("Nechci to  ZRUŠIT"));
}

TEST(ClassifyText, may_be_anything) {
    std::string zalgo = "退";
    for (int i = 0; i < 20'000; ++i) zalgo += "\u0336\u0301";
    std::string line;
    while (line.size() < 1'000'000) line += "包裹還沒到 kde je moje zasilka ";
    for (std::string const& text :
         {std::string{}, std::string("a\0退款", 8), std::string{"\xFF\xFE退款\xE9"}, zalgo + "款", line, std::string(100'000, '\x80')}) {
        auto const start = std::chrono::steady_clock::now();
        auto const result = demo().classify(text);
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{1});
        for (auto const& evidence : result.evidence) EXPECT_TRUE(evidence.start_byte < evidence.end_byte && evidence.end_byte <= text.size());
    }
    EXPECT_EQ(labels(std::string("\0退\0款", 8)), Labels{Label::refund});
    EXPECT_EQ(labels("\xFF退款\xE9"), Labels{Label::refund});
    EXPECT_EQ(labels("Už zrus\u030Cit prosi\u0301m"), Labels{Label::cancel});
}

TEST(ClassifyText, is_cut_where_a_character_ends) {
    ClassifyOptions options;
    options.max_code_points = 6;
    auto const short_classifier = Classifier::build({{"topics.yaml", topics}, {"zh-Hant.yaml", chinese}}, options).value();
    EXPECT_EQ(short_classifier.classify("一二三四退款退款").labels, Labels{Label::refund});
    EXPECT_EQ(short_classifier.classify("一二三四五退款").labels, Labels{});
    // The sixth code point is half of a flag: both halves go.
    EXPECT_EQ(short_classifier.explain("一二三退款🇨🇿").second.normalized, "一二三退款");
    EXPECT_EQ(short_classifier.explain("一二三四退e\u0301款").second.normalized, "一二三四退");
}

TEST(Classifier, says_what_it_knows) {
    EXPECT_EQ(demo().languages(), (std::vector<std::string>{"zh-Hant", "zh-Hans", "cs"}));
    EXPECT_TRUE(demo().has_topic("withdraw"));
    EXPECT_FALSE(demo().has_topic("nonsense"));
}

TEST(Classifier, may_be_used_by_many_threads) {
    auto const expected = demo().classify("包裹還沒到，我要退款");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 500; ++round) EXPECT_EQ(demo().classify("包裹還沒到，我要退款"), expected);
        });
    }
    for (auto& thread : threads) thread.join();
}

TEST(Names, go_both_ways) {
    for (auto const name : label_names) EXPECT_EQ(to_string(label_from_string(name).value()), name);
    for (auto const name : anger_kind_names) EXPECT_EQ(to_string(anger_kind_from_string(name).value()), name);
    for (auto const name : entity_kind_names) EXPECT_EQ(to_string(entity_kind_from_string(name).value()), name);
    EXPECT_FALSE(label_from_string("furious"));
    EXPECT_TRUE(is_threat(AngerKind::extortion));
    EXPECT_FALSE(is_threat(AngerKind::insult));
}

/// The packs that come with kefud.
std::vector<SourceText> real_packs() {
    std::vector<SourceText> files;
    for (auto const& entry : std::filesystem::directory_iterator{source_dir() / "intents/packs"}) {
        std::ifstream in{entry.path()};
        std::ostringstream text;
        text << in.rdbuf();
        files.push_back({"intents/packs/" + entry.path().filename().string(), text.str()});
    }
    return files;
}

TEST(RealPacks, load_and_their_examples_hold) {
    auto const classifier = Classifier::build(real_packs());
    std::string errors;
    if (!classifier) {
        for (auto const& error : classifier.error()) errors += error.to_string() + "\n";
    }
    EXPECT_EQ(errors, "");
}

}  // namespace
}  // namespace kefu
