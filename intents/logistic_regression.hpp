// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classification.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kefu {

/// One value for each label, and three that are always 0: so that four or eight are worked on at once.
using LabelValues = std::array<float, 8>;

/// An n-gram of a sentence.
struct FeatureValue {
    std::uint32_t feature = 0;
    float value = 0;
};

/// A sentence to learn from: its features without repeats, and for each label whether it is true (1), false (-1) or not judged (0).
struct LabelledFeatures {
    std::span<FeatureValue const> features;
    std::array<std::int8_t, label_count> truth{};
    unsigned weight = 1;  ///< counts as this many
};

struct LinearWeights {
    std::vector<LabelValues> by_feature;
    LabelValues bias{};
};

/// One-vs-rest logistic regression with an L2 penalty of which `cost` is the inverse, all labels in one walk over the sentences. Features are below
/// `feature_count`. It is done when a round moves the dual variables of a sentence by less than `tolerance` on average, as shares of the cost. The same input
/// gives the same weights. A label that is never true or never false gets a bias only.
LinearWeights fit_logistic_regression(std::span<LabelledFeatures const> sentences, std::size_t feature_count, float cost, double tolerance);

}  // namespace kefu
