// SPDX-License-Identifier: Apache-2.0
#include "intents/judge.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

constexpr double threshold = 0.5;
enum : std::size_t { refund_request, return_request, cancel_order, thanks };

std::vector<Topic> const topics{{"refund_request", label_bit(Label::refund), std::nullopt, 0, true},
                                {"return_request", label_bit(Label::refund), std::nullopt, 0, false},
                                {"cancel_order", label_bit(Label::cancel), std::nullopt, 0, true},
                                {"thanks", 0, std::nullopt, 0, false}};

CompiledRule pattern(std::size_t topic, double weight, bool is_hard = false) {
    CompiledRule rule;
    rule.topic = topic;
    rule.weight = weight;
    rule.is_hard = is_hard;
    return rule;
}
CompiledRule hard_exception() {
    CompiledRule rule;
    rule.is_exception = rule.is_hard = true;
    rule.blocked_labels = label_bit(Label::refund);
    return rule;
}
Learned odds(float refund, float cancel = -5) { return {{-5, -5, refund, cancel, -5}, {}}; }

Judgement judged(std::vector<CompiledRule> const& rules, std::vector<RuleHit> const& hits, std::optional<Learned> learned) {
    return judge(hits, rules, topics, {}, learned, threshold);
}
double refund_score(Judgement const& judgement) { return judgement.scores[static_cast<std::size_t>(Label::refund)]; }

TEST(Judge, lets_the_patterns_decide_without_a_model) {
    auto const judgement = judged({pattern(refund_request, 0.6)}, {{0, 0, 6, {}}}, std::nullopt);
    EXPECT_EQ(judgement.labels, std::vector{Label::refund});
    EXPECT_DOUBLE_EQ(refund_score(judgement), 0.6);
}

TEST(Judge, gives_a_label_that_only_the_model_saw_and_its_default_topic) {
    auto const judgement = judged({}, {}, odds(2));
    EXPECT_EQ(judgement.labels, std::vector{Label::refund});
    ASSERT_EQ(judgement.topics.size(), 1U);
    EXPECT_EQ(judgement.topics[0].first, refund_request);
    EXPECT_DOUBLE_EQ(judgement.topics[0].second, refund_score(judgement));
}

TEST(Judge, asks_the_model_which_topic_a_label_means_when_no_pattern_knows) {
    auto learned = odds(2);
    learned.topics = {{refund_request, -3}, {return_request, 1}};
    auto const judgement = judged({}, {}, learned);
    ASSERT_EQ(judgement.topics.size(), 1U);
    EXPECT_EQ(judgement.topics[0].first, return_request);
}

TEST(Judge, takes_a_topic_without_label_from_the_model_only_when_it_is_sure) {
    auto learned = odds(-5);
    learned.topics = {{thanks, 0.5F}};
    EXPECT_TRUE(judged({}, {}, learned).topics.empty());
    learned.topics = {{thanks, 2}};
    EXPECT_EQ(judged({}, {}, learned).topics.size(), 1U);
}

TEST(Judge, lets_the_models_doubt_weaken_a_pattern_but_never_strengthen_it) {
    auto learned = odds(-5);
    learned.topics = {{thanks, -1}};
    EXPECT_DOUBLE_EQ(judged({pattern(thanks, 0.4)}, {{0, 0, 6, {}}}, learned).topics[0].second, 0.4);
    learned.topics = {{thanks, -6}};
    EXPECT_LT(judged({pattern(thanks, 0.4)}, {{0, 0, 6, {}}}, learned).topics[0].second, 0.4);
    EXPECT_GE(judged({pattern(thanks, 0.6)}, {{0, 0, 6, {}}}, learned).topics[0].second, threshold);
}

TEST(Judge, keeps_the_patterns_topic_when_both_agree) {
    auto const judgement = judged({pattern(return_request, 0.4)}, {{0, 0, 6, {}}}, odds(2));
    ASSERT_EQ(judgement.topics.size(), 1U);
    EXPECT_EQ(judgement.topics[0].first, return_request);
    EXPECT_GE(judgement.topics[0].second, threshold);
}

TEST(Judge, lets_patterns_and_model_overrule_each_other_by_how_sure_they_are) {
    std::vector<CompiledRule> const rules{pattern(refund_request, 0.8)};
    std::vector<RuleHit> const hits{{0, 0, 6, {}}};
    EXPECT_EQ(judged(rules, hits, odds(-1)).labels, std::vector{Label::refund});
    auto const refused = judged(rules, hits, odds(-4));
    EXPECT_TRUE(refused.labels.empty());
    ASSERT_EQ(refused.topics.size(), 1U);
    EXPECT_LT(refused.topics[0].second, threshold) << "a topic is not surer than its labels";
}

TEST(Judge, lets_a_hard_pattern_overrule_any_model) {
    EXPECT_EQ(judged({pattern(refund_request, 0.8, true)}, {{0, 0, 6, {}}}, odds(-9)).labels, std::vector{Label::refund});
}

TEST(Judge, lets_a_hard_exception_take_a_label_away_unless_another_pattern_speaks_for_it) {
    std::vector<CompiledRule> const rules{pattern(refund_request, 0.8), hard_exception(), pattern(return_request, 0.8)};
    EXPECT_TRUE(judged(rules, {{0, 0, 6, 1}, {1, 0, 6, {}}}, odds(4)).labels.empty());
    EXPECT_EQ(judged(rules, {{0, 0, 6, 1}, {1, 0, 6, {}}, {2, 8, 14, {}}}, odds(4)).labels, std::vector{Label::refund});
}

TEST(Judge, leaves_topics_without_labels_alone) {
    auto const judgement = judged({pattern(thanks, 0.6)}, {{0, 0, 6, {}}}, odds(-9));
    ASSERT_EQ(judgement.topics.size(), 1U);
    EXPECT_DOUBLE_EQ(judgement.topics[0].second, 0.6);
}

}  // namespace
}  // namespace kefu
