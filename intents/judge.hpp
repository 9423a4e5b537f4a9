// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classification.hpp"
#include "intents/model.hpp"
#include "intents/normalize.hpp"
#include "intents/rulebook.hpp"

#include <array>
#include <optional>
#include <span>
#include <vector>

namespace kefu {

/// What the learned layer says, as the logarithm of the odds.
struct Learned {
    Model::LabelScores labels{};
    std::vector<std::pair<std::size_t, float>> topics;  ///< by index; those it never learned are not there
};

/// What the patterns and the learned layer say together.
struct Judgement {
    std::vector<Label> labels;                           ///< in enum order
    std::array<double, label_count> scores{};            ///< a label is given from the threshold on
    std::array<double, label_count> patterns{};          ///< what the patterns alone say: 1 - Π(1 - weight)
    std::vector<std::pair<std::size_t, double>> topics;  ///< index and score, by falling score
    Anger anger;
};

/// `learned` is nothing without a model: then the patterns' scores are the scores. Otherwise they are added to the odds, so
/// that either can speak alone when it is sure. A hard pattern gives its labels, a hard exception takes away the labels it blocks unless another
/// pattern speaks for them. A topic is not surer than its labels; a label without a topic of its own means its default topic.
Judgement judge(std::span<RuleHit const> hits, std::vector<CompiledRule> const& rules, std::vector<Topic> const& topics, Intensity const& intensity,
                std::optional<Learned> const& learned, double threshold);

}  // namespace kefu
