// SPDX-License-Identifier: Apache-2.0
#include "intents/topic_training.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

// Adaptive gradient steps (Duchi, Hazan, Singer 2011): with some forty topics the dual solver of the labels would take a minute.
namespace kefu {
namespace {

constexpr std::size_t most_topics = TopicWeights::most_topics;
constexpr std::size_t least_sentences = 20;   // about a topic, over all languages
constexpr std::uint32_t least_seen = 3;       // sentences with an n-gram
constexpr std::size_t most_buckets = 20'000;  // with the labels' weights, 4 MiB
constexpr int rounds = 4;
constexpr float step = 0.7F;
constexpr float negligible = 0.02F;
constexpr double carries = 0.6;  // the share of a topic's sentences with a label, from which on the topic means that label

using Row = std::array<float, most_topics>;
constexpr std::size_t no_topic = most_topics;

struct Topics {
    std::vector<std::string> names;
    std::vector<LabelBits> labels;

    std::size_t number(std::string_view name) const {
        auto const found = std::lower_bound(names.begin(), names.end(), name);
        return found != names.end() && *found == name ? static_cast<std::size_t>(found - names.begin()) : no_topic;
    }
};

std::size_t own_topic(TopicSentence const& sentence, Topics const& topics) { return topics.number(sentence.topic); }

Topics topics_of(std::span<TopicSentence const> sentences, std::vector<std::string> const& known_topics) {
    struct Count {
        std::size_t sentences = 0;
        std::array<std::size_t, label_count> with_label{};
    };
    std::map<std::string, Count, std::less<>> counts;
    for (auto const& name : known_topics) counts.try_emplace(name);
    for (auto const& sentence : sentences) {
        auto const found = counts.find(sentence.topic);
        if (found == counts.end() || sentence.is_near_miss) continue;
        ++found->second.sentences;
        for (std::size_t label = 0; label < label_count; ++label) found->second.with_label[label] += sentence.labels >> label & 1U;
    }
    std::vector<std::pair<std::string, Count>> kept;
    for (auto const& entry : counts)
        if (entry.second.sentences >= least_sentences) kept.push_back(entry);
    std::stable_sort(kept.begin(), kept.end(), [](auto const& a, auto const& b) { return a.second.sentences > b.second.sentences; });
    if (kept.size() > most_topics) kept.resize(most_topics);
    std::sort(kept.begin(), kept.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    Topics topics;
    for (auto const& [name, count] : kept) {
        topics.names.push_back(name);
        LabelBits labels = 0;
        for (std::size_t label = 0; label < label_count; ++label)
            if (static_cast<double>(count.with_label[label]) >= carries * static_cast<double>(count.sentences)) labels |= 1U << label;
        topics.labels.push_back(labels);
    }
    return topics;
}

// How far each bucket's topics are from those of all sentences (the G statistic).
std::vector<std::uint32_t> telling_buckets(std::span<TopicSentence const> sentences, Topics const& topics, std::size_t bucket_count) {
    std::vector<std::uint32_t> seen(bucket_count);
    for (auto const& sentence : sentences)
        for (auto const& [bucket, value] : sentence.features) ++seen[bucket];
    std::vector<std::uint32_t> number(bucket_count);
    std::vector<std::uint32_t> candidates;
    for (std::uint32_t bucket = 0; bucket < bucket_count; ++bucket) {
        if (seen[bucket] < least_seen) continue;
        candidates.push_back(bucket);
        number[bucket] = static_cast<std::uint32_t>(candidates.size());
    }
    auto const width = topics.names.size() + 1;
    std::vector<std::uint16_t> counts(candidates.size() * width);
    std::vector<double> of_topic(width);
    for (auto const& sentence : sentences) {
        auto own = sentence.is_near_miss ? no_topic : own_topic(sentence, topics);
        own = std::min(own, width - 1);
        ++of_topic[own];
        for (auto const& [bucket, value] : sentence.features) {
            if (number[bucket] == 0) continue;
            auto& count = counts[(number[bucket] - 1) * width + own];
            if (count < 0xFFFF) ++count;
        }
    }
    std::vector<std::pair<double, std::uint32_t>> ranked;
    ranked.reserve(candidates.size());
    auto const all = static_cast<double>(sentences.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        double telling = 0;
        for (std::size_t topic = 0; topic < width; ++topic) {
            double const count = counts[i * width + topic];
            if (count > 0) telling += count * std::log(count * all / (seen[candidates[i]] * of_topic[topic]));
        }
        ranked.emplace_back(telling, candidates[i]);
    }
    auto const kept = std::min(most_buckets, ranked.size());
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(kept), ranked.end(),
                      [](auto const& a, auto const& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
    std::vector<std::uint32_t> buckets;
    for (std::size_t i = 0; i < kept; ++i) buckets.push_back(ranked[i].second);
    std::sort(buckets.begin(), buckets.end());
    return buckets;
}

// What a sentence says about each topic: true, false, or nothing.
struct Truth {
    std::array<std::int8_t, most_topics> of{};
};

Truth truth_of(TopicSentence const& sentence, Topics const& topics) {
    auto const own = own_topic(sentence, topics);
    LabelBits const own_labels = own == no_topic || sentence.is_near_miss ? 0 : topics.labels[own];
    Truth truth;
    if (sentence.topic.empty()) return truth;
    for (std::size_t topic = 0; topic < topics.names.size(); ++topic) {
        if (topic == own) {
            truth.of[topic] = sentence.is_near_miss ? -1 : 1;
            continue;
        }
        bool const may_be_meant = (topics.labels[topic] & sentence.labels & ~own_labels) != 0;
        bool const nobody_looked = topics.labels[topic] == 0 && sentence.is_near_miss;
        if (!may_be_meant && !nobody_looked) truth.of[topic] = -1;
    }
    return truth;
}

class Learner {
  public:
    Learner(std::size_t rows, std::size_t topics) : weights(rows), squares_(rows), topics_(topics) { bias.fill(-3); }

    void look(std::span<FeatureValue const> features, Truth const& truth, float importance) {
        Row margins = bias;
        for (auto const& [row, value] : features)
            for (std::size_t i = 0; i < most_topics; ++i) margins[i] += value * weights[row][i];
        // Of most topics a sentence is soon known not to be: only the others are worth a step.
        std::array<std::uint8_t, most_topics> open{};
        std::size_t count = 0;
        Row gradient{};
        for (std::size_t i = 0; i < topics_; ++i) {
            if (truth.of[i] == 0) continue;
            float const p = 1 / (1 + std::exp(-margins[i]));
            float const error = p - (truth.of[i] > 0 ? 1.0F : 0.0F);
            if (std::abs(error) < negligible) continue;
            gradient[i] = error * importance;
            open[count++] = static_cast<std::uint8_t>(i);
        }
        for (std::size_t k = 0; k < count; ++k) move(bias[open[k]], bias_squares_[open[k]], 0.1F * gradient[open[k]]);
        for (auto const& [row, value] : features)
            for (std::size_t k = 0; k < count; ++k) move(weights[row][open[k]], squares_[row][open[k]], gradient[open[k]] * value);
    }

    std::vector<Row> weights;
    Row bias{};

  private:
    static void move(float& weight, float& square, float gradient) {
        square += gradient * gradient;
        weight -= step * gradient / std::sqrt(square + 1e-4F);
    }

    std::vector<Row> squares_;
    Row bias_squares_{};
    std::size_t topics_;
};

}  // namespace

LearnedTopics learn_topics(std::span<TopicSentence const> sentences, std::vector<std::string> const& known_topics, std::size_t bucket_count) {
    auto const topics = topics_of(sentences, known_topics);
    auto buckets = telling_buckets(sentences, topics, bucket_count);
    std::vector<std::uint32_t> row_of(bucket_count);
    for (std::size_t i = 0; i < buckets.size(); ++i) row_of[buckets[i]] = static_cast<std::uint32_t>(i + 1);
    std::vector<FeatureValue> values;
    std::vector<std::size_t> starts{0};
    std::vector<Truth> truths;
    for (auto const& sentence : sentences) {
        for (auto const& [bucket, value] : sentence.features)
            if (row_of[bucket] != 0) values.push_back({row_of[bucket] - 1, value});
        starts.push_back(values.size());
        truths.push_back(truth_of(sentence, topics));
    }

    Learner learner{buckets.size(), topics.names.size()};
    std::vector<std::uint32_t> order(sentences.size());
    std::iota(order.begin(), order.end(), 0U);
    std::uint64_t state = 1;
    for (int round = 0; round < rounds; ++round) {
        for (auto left = order.size(); left > 1; --left) {
            state = state * 6364136223846793005 + 1442695040888963407;
            std::swap(order[left - 1], order[((state >> 32) * left) >> 32]);
        }
        for (auto const s : order)
            learner.look(std::span{values}.subspan(starts[s], starts[s + 1] - starts[s]), truths[s], static_cast<float>(sentences[s].weight));
    }
    return {topics.names, std::move(buckets), std::move(learner.weights), learner.bias};
}

}  // namespace kefu
