// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classify.hpp"
#include "intents/training.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace kefu {

/// How well sentences are read that were not trained on. Shares are 0-1.
struct CrossValidated {
    std::string language;  ///< empty: all
    std::size_t sentences = 0;
    std::array<double, label_count> f1{};
    double macro_f1 = 0;           ///< mean over the labels that occur
    double missed_escalation = 0;  ///< of the sentences with anger or human: neither was seen
    double false_escalation = 0;   ///< of the others: one of the two was seen
};

/// Five folds: each is read by `classifier`'s patterns with a model trained on the other four. The patterns were written by people who may have read the
/// sentences, so these figures flatter them. All languages first, then each.
std::vector<CrossValidated> cross_validated(Classifier const& classifier, std::vector<TrainingSentence> const& sentences, Progress const& progress = {});

}  // namespace kefu
