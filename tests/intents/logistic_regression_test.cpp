// SPDX-License-Identifier: Apache-2.0
#include "intents/logistic_regression.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace kefu {
namespace {

constexpr float cost = 10;
constexpr double exact = 1e-7;
constexpr std::size_t feature_count = 12;

// Sentences of a few features each; the first label is true where feature 0 outweighs feature 1, with some noise, the second where feature 2 is.
struct Task {
    std::vector<std::vector<FeatureValue>> features;
    std::vector<LabelledFeatures> sentences;
};

Task some_task() {
    Task task;
    std::mt19937 random{7};
    std::uniform_real_distribution<float> value{0, 1};
    for (int i = 0; i < 300; ++i) {
        auto& row = task.features.emplace_back();
        for (std::uint32_t feature = 0; feature < feature_count; ++feature) {
            if (value(random) < 0.5F) row.push_back({feature, value(random)});
        }
    }
    for (auto const& row : task.features) {
        std::array<float, feature_count> dense{};
        for (auto const& [feature, its_value] : row) dense[feature] = its_value;
        auto& sentence = task.sentences.emplace_back();
        sentence.features = row;
        sentence.truth = {static_cast<std::int8_t>(dense[0] + 0.3F * value(random) > dense[1] ? 1 : -1), static_cast<std::int8_t>(dense[2] > 0 ? 1 : -1), -1, 0,
                          1};
    }
    return task;
}

float margin_of(LabelledFeatures const& sentence, LinearWeights const& weights, std::size_t label) {
    float margin = weights.bias[label];
    for (auto const& [feature, value] : sentence.features) margin += value * weights.by_feature[feature][label];
    return margin;
}

TEST(LogisticRegression, settles_where_the_penalised_loss_has_no_slope) {
    auto const task = some_task();
    auto const weights = fit_logistic_regression(task.sentences, feature_count, cost, exact);
    for (std::size_t label = 0; label < 2; ++label) {
        std::array<float, feature_count> pull{};
        for (auto const& sentence : task.sentences) {
            auto const truth = static_cast<float>(sentence.truth[label]);
            auto const error = truth / (1 + std::exp(truth * margin_of(sentence, weights, label)));
            for (auto const& [feature, value] : sentence.features) pull[feature] += cost * error * value;
        }
        for (std::size_t feature = 0; feature < feature_count; ++feature) EXPECT_NEAR(weights.by_feature[feature][label], pull[feature], 0.02) << feature;
    }
}

TEST(LogisticRegression, gives_the_same_weights_again) {
    auto const task = some_task();
    auto const first = fit_logistic_regression(task.sentences, feature_count, cost, exact);
    auto const second = fit_logistic_regression(task.sentences, feature_count, cost, exact);
    EXPECT_EQ(first.by_feature, second.by_feature);
    EXPECT_EQ(first.bias, second.bias);
}

TEST(LogisticRegression, gives_a_label_that_is_one_sided_or_not_judged_a_bias_only) {
    auto const task = some_task();
    auto const weights = fit_logistic_regression(task.sentences, feature_count, cost, exact);
    EXPECT_LT(weights.bias[2], 0) << "never true";
    EXPECT_LT(weights.bias[3], 0) << "never judged";
    EXPECT_GT(weights.bias[4], 0) << "always true";
    for (auto const& row : weights.by_feature) {
        for (std::size_t label = 2; label < label_count; ++label) EXPECT_EQ(row[label], 0);
    }
}

TEST(LogisticRegression, takes_a_heavy_sentence_for_as_many_light_ones) {
    auto task = some_task();
    auto heavy = task.sentences;
    for (std::size_t i = 0; i < 20; ++i) {
        heavy[i].weight = 3;
        task.sentences.push_back(task.sentences[i]);
        task.sentences.push_back(task.sentences[i]);
    }
    auto const one = fit_logistic_regression(heavy, feature_count, cost, exact);
    auto const many = fit_logistic_regression(task.sentences, feature_count, cost, exact);
    for (std::size_t feature = 0; feature < feature_count; ++feature) EXPECT_NEAR(one.by_feature[feature][0], many.by_feature[feature][0], 0.02);
}

TEST(LogisticRegression, of_nothing_gives_nothing) {
    auto const weights = fit_logistic_regression({}, 0, cost, exact);
    EXPECT_TRUE(weights.by_feature.empty());
    EXPECT_LT(weights.bias[0], 0);
}

}  // namespace
}  // namespace kefu
