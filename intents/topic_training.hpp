// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classification.hpp"
#include "intents/logistic_regression.hpp"
#include "intents/pack.hpp"
#include "intents/topic_weights.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace kefu {

/// A sentence to learn topics from: its n-grams by bucket, each once, as Model::score weighs them.
struct TopicSentence {
    std::span<FeatureValue const> features;
    std::string_view topic;  ///< empty: nobody said
    LabelBits labels = 0;
    bool is_near_miss = false;  ///< of that topic
    unsigned weight = 1;
};

struct LearnedTopics {
    std::vector<std::string> names;
    std::vector<std::uint32_t> buckets;                                 ///< those that tell topics apart best; rising
    std::vector<std::array<float, TopicWeights::most_topics>> weights;  ///< by bucket of `buckets`
    std::array<float, TopicWeights::most_topics> bias{};
};

/// One-vs-rest logistic regression for each topic that enough sentences are about. Where a sentence's topic leaves open whether it is about another one too
/// (both may be meant by its labels), it says nothing about that one. `bucket_count` is above every bucket. The same input gives the same weights.
LearnedTopics learn_topics(std::span<TopicSentence const> sentences, std::vector<std::string> const& known_topics, std::size_t bucket_count);

}  // namespace kefu
