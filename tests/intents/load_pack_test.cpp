// SPDX-License-Identifier: Apache-2.0
#include "intents/classify.hpp"
#include "intents/pattern_set.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kefu {
namespace {

std::string const topics = R"(topics:
  greeting: {}
  refund_request: {labels: [refund]}
  insult: {labels: [anger], anger: {kind: insult, level: 0.85}}
)";

/// Every error of a pack, a line for each.
std::string errors_of(std::string const& pack, std::string const& its_topics = topics) {
    auto const classifier = Classifier::build({{"topics.yaml", its_topics}, {"cs.yaml", pack}});
    std::string all;
    if (!classifier) {
        for (auto const& error : classifier.error()) all += error.to_string() + "\n";
    }
    return all;
}

/// A pack with one pattern; `lines` come behind its id, indented like it.
std::string pattern(std::string const& lines) { return "language: cs\npatterns:\n  - id: a\n" + lines; }

struct BadPack {
    char const* name;
    std::string pack;
    std::string errors;
};
class LoadPack : public testing::TestWithParam<BadPack> {};
TEST_P(LoadPack, refuses) { EXPECT_EQ(errors_of(GetParam().pack), GetParam().errors); }

INSTANTIATE_TEST_SUITE_P(
    Errors, LoadPack,
    testing::Values(
        BadPack{"unknown_topic", pattern("    topic: refund_reqest\n    any: [vratit]\n"),
                "cs.yaml:4:12: unknown topic 'refund_reqest' (did you mean 'refund_request'?); topics are named in topics.yaml\n"},
        BadPack{"duplicate_id", pattern("    topic: greeting\n    any: [ahoj]\n  - id: a\n    topic: greeting\n    any: [cau]\n"),
                "cs.yaml:6:9: duplicate id 'a'; line 3 has it already\n"},
        BadPack{"bad_expression", pattern("    topic: greeting\n    any: [ahoj, '(cau']\n"), "cs.yaml:5:17: bad expression: missing ): (cau\n"},
        BadPack{"literal_run_of_three", pattern("    topic: greeting\n    any:\n      - nazdaaar\n"),
                "cs.yaml:6:9: 'a' three times in a row can never match: such runs are squeezed to one; write it once\n"},
        BadPack{"empty_any", pattern("    topic: greeting\n    any: []\n"),
                "cs.yaml:5:10: 'any' is empty, so nothing can fire it; add an expression or remove the entry\n"},
        BadPack{"weight_out_of_range", pattern("    topic: greeting\n    weight: 1.5\n    any: [ahoj]\n"),
                "cs.yaml:5:13: expected a number from 0.05 to 1, found '1.5'\n"},
        BadPack{"level_without_anger", pattern("    topic: greeting\n    level: 0.5\n    any: [ahoj]\n"),
                "cs.yaml:5:12: 'level' says how angry a pattern is, and topic 'greeting' is not about anger; remove it or choose another topic\n"},
        BadPack{"matches_any_text", pattern("    topic: greeting\n    any: ['a*']\n"),
                "cs.yaml:5:11: this expression matches any text; make something in it obligatory\n"},
        BadPack{"unknown_block", "language: cs\npatterns: []\nexceptions:\n  - id: b\n    blocks: [refnd]\n    any: [x]\n",
                "cs.yaml:5:14: 'blocks' names 'refnd', which is neither a label (anger, tracking, refund, cancel, human) nor a topic in topics.yaml\n"},
        BadPack{"unknown_scope", "language: cs\npatterns: []\nexceptions:\n  - id: b\n    blocks: [all]\n    scope: line\n    any: [x]\n",
                "cs.yaml:6:12: unknown scope 'line'; expected span, clause or message\n"},
        BadPack{"example_that_does_not_fire", pattern("    topic: greeting\n    any: [ahoj]\n    examples: [AHOJ, Dobrý  den]\n"),
                "cs.yaml:6:22: example 'Dobrý  den' does not fire pattern 'a'; it reads 'dobry den' after normalising: change the expression or the example\n"},
        BadPack{"counterexample_that_fires", pattern("    topic: greeting\n    any: [ahoj]\n    counterexamples: [Ahoj ty]\n"),
                "cs.yaml:6:23: counterexample 'Ahoj ty' fires pattern 'a' with 'ahoj'; narrow the expression or add an exception\n"},
        BadPack{
            "example_that_an_exception_takes_away",
            pattern("    topic: refund_request\n    any: [vratit]\n    examples: [nechci vratit]\nexceptions:\n  - id: no\n    blocks: [refund]\n    any: "
                    "[nechci vratit]\n"),
            "cs.yaml:6:16: example 'nechci vratit' fires pattern 'a', but exception 'cs/no' takes it away; narrow the exception or choose another example\n"},
        BadPack{"every_error_at_once", pattern("    topic: greeting\n    any: ['(']\n  - id: b\n    topic: greeting\n    any: [')']\n"),
                "cs.yaml:5:11: bad expression: missing ): (\ncs.yaml:8:11: bad expression: unexpected ): )\n"}),
    [](auto const& test) { return std::string{test.param.name}; });

struct BadTopics {
    char const* name;
    std::string topics;
    std::string errors;
};
class LoadTopics : public testing::TestWithParam<BadTopics> {};
TEST_P(LoadTopics, refuses) { EXPECT_EQ(errors_of("language: cs\npatterns: []\n", GetParam().topics), GetParam().errors); }

INSTANTIATE_TEST_SUITE_P(
    Errors, LoadTopics,
    testing::Values(
        BadTopics{"unknown_label", "topics:\n  a: {labels: [refnd]}\n",
                  "topics.yaml:2:16: unknown label 'refnd'; expected one of anger, tracking, refund, cancel, human\n"},
        BadTopics{"anger_without_kind", "topics:\n  a: {labels: [anger]}\n",
                  "topics.yaml:2:6: a topic with the label anger needs 'anger: {kind: ..., level: ...}'\n"},
        BadTopics{"anger_without_label", "topics:\n  a: {anger: {kind: insult, level: 0.5}}\n",
                  "topics.yaml:2:14: 'anger' without the label anger has no effect; add it to 'labels'\n"},
        BadTopics{"unknown_kind", "topics:\n  a: {labels: [anger], anger: {kind: rude, level: 0.5}}\n",
                  "topics.yaml:2:38: unknown kind of anger 'rude'; expected one of insult, profanity, sarcasm, fraud_accusation, threat_agency, threat_media, "
                  "threat_legal, threat_review, extortion, intensity\n"}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(LoadPacks, have_sentences_for_training_and_examples_for_their_own_labels) {
    auto const classifier = Classifier::build({{"topics.yaml", topics}, {"cs.yaml", R"(language: cs
patterns:
  - {id: a, topic: refund_request, hard: true, any: [vratit], examples: [vratit penize]}
  - {id: b, topic: greeting, any: [ahoj], examples: [ahoj]}
exceptions:
  - {id: c, blocks: [refund], any: [nechci vratit], examples: [nechci vratit nic]}
sentences:
  - {text: 'Ahoj, vraťte mi to, zloději', labels: [refund, anger]}
)"}});
    ASSERT_TRUE(classifier) << errors_of("");
    auto const& sentences = classifier->sentences();
    auto const refund = label_bit(Label::refund);
    ASSERT_EQ(sentences.size(), 4U);
    EXPECT_EQ(sentences[0].labels, refund | label_bit(Label::anger));
    EXPECT_EQ(sentences[0].judged, all_labels);
    EXPECT_GT(sentences[0].weight, 1U);
    EXPECT_EQ(sentences[1].text, "vratit penize");
    EXPECT_EQ(sentences[1].judged, refund);
    EXPECT_EQ(sentences[1].topic, "refund_request");
    EXPECT_EQ(sentences[2].judged, 0) << "a greeting may hold any label";
    EXPECT_EQ(sentences[2].topic, "greeting");
    EXPECT_EQ(sentences[3].labels, 0);
    EXPECT_EQ(sentences[3].judged, refund);
}

TEST(LoadPacks, refuse_sentences_without_labels) {
    EXPECT_EQ(errors_of("language: cs\npatterns: []\nsentences:\n  - {text: ahoj, labels: [refnd]}\n"),
              "cs.yaml:4:27: unknown label 'refnd'; expected one of anger, tracking, refund, cancel, human\n");
    EXPECT_NE(errors_of("language: cs\npatterns: []\nsentences:\n  - {text: ahoj}\n").find("cs.yaml:4:5"), std::string::npos);
}

TEST(LoadPacks, are_not_more_than_can_be_told_apart) {
    std::vector<SourceText> const files(PatternSet::most_groups + 2, {"cs.yaml", "language: cs\npatterns: []\n"});
    auto const classifier = Classifier::build(files);
    ASSERT_FALSE(classifier);
    EXPECT_EQ(classifier.error().front().message, "more than 64 packs and topics.yaml; remove files from the packs' folder");
}

TEST(LoadPacks, need_topics) {
    auto const classifier = Classifier::build({{"cs.yaml", "language: cs\npatterns: []\n"}});
    ASSERT_FALSE(classifier.has_value());
    EXPECT_EQ(classifier.error()[0].to_string(), "no topics.yaml among the packs; every pattern names one of its topics");
}

TEST(LoadPacks, hold_one_pack_for_a_language) {
    auto const classifier =
        Classifier::build({{"topics.yaml", topics}, {"cs.yaml", "language: cs\npatterns: []\n"}, {"cs2.yaml", "language: cs\npatterns: []\n"}});
    ASSERT_FALSE(classifier.has_value());
    EXPECT_EQ(classifier.error()[0].to_string(), "cs2.yaml:1:1: a second pack for language 'cs'; the first is cs.yaml");
}

TEST(LoadPacks, refuse_a_bad_order_number_pattern) {
    ClassifyOptions options;
    options.order_number_patterns = {"[A-Z"};
    auto const classifier = Classifier::build({{"topics.yaml", topics}}, options);
    ASSERT_FALSE(classifier.has_value());
    EXPECT_EQ(classifier.error()[0].to_string(), "bad order number pattern '[A-Z': missing ]: [A-Z");
}

}  // namespace
}  // namespace kefu
