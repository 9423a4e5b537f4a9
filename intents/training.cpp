// SPDX-License-Identifier: Apache-2.0
#include "intents/training.hpp"

#include "intents/features.hpp"
#include "intents/logistic_regression.hpp"
#include "intents/normalize.hpp"
#include "intents/topic_training.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <future>
#include <map>

namespace kefu {
namespace {

// Found by trying, on sentences that were not trained on; between 30 and 120 it hardly matters.
constexpr float regularization = 60;
constexpr double tolerance = 5e-4;            // LIBLINEAR looks at the worst sentence instead, which may be a single odd one
constexpr std::uint32_t least_sentences = 2;  // an n-gram of a single sentence says nothing about others
constexpr float rarity_step = 0.06F;          // rarities reach ln(100,000) + 1
constexpr double clipped_share = 0.00001;     // of the weights, the largest, so that the others keep their precision
constexpr std::size_t folds = 5;
constexpr int probability_steps = 10;

struct Row {
    std::vector<FeatureValue> nodes;  // by bucket: count * rarity / length, as Model::score weighs it
    TrainingSentence const* sentence = nullptr;
    bool is_held_out = false;
};

// Every fifth sentence by its text, so that adding one moves no other.
bool is_held_out(std::string_view text) {
    std::uint64_t hash = features::seed_pair;
    for (char const c : text) hash = features::mix(hash, static_cast<unsigned char>(c));
    return hash % folds == 0;
}

struct Corpus {
    std::vector<Row> rows;
    std::vector<std::uint8_t> rarity;  // by bucket; 0: unknown
};

Corpus read_corpus(std::vector<TrainingSentence> const& sentences) {
    Corpus corpus;
    corpus.rows.reserve(sentences.size());
    std::vector<std::uint32_t> seen_in(Model::bucket_count);
    for (auto const& sentence : sentences) {
        std::vector<std::uint32_t> buckets;
        for_each_feature(sentence.text, normalize(sentence.text), sentence.language,
                         [&](std::uint64_t feature, features::Span) { buckets.push_back(static_cast<std::uint32_t>(Model::bucket_of(feature))); });
        std::sort(buckets.begin(), buckets.end());
        Row row;
        row.sentence = &sentence;
        row.is_held_out = is_held_out(sentence.text);
        for (auto const bucket : buckets) {
            if (row.nodes.empty() || row.nodes.back().feature != bucket) {
                row.nodes.push_back({bucket, 0});
                ++seen_in[bucket];
            }
            ++row.nodes.back().value;
        }
        row.nodes.shrink_to_fit();
        corpus.rows.push_back(std::move(row));
    }

    corpus.rarity.resize(Model::bucket_count);
    auto const count = static_cast<double>(sentences.size());
    for (std::size_t bucket = 0; bucket < Model::bucket_count; ++bucket) {
        if (seen_in[bucket] < least_sentences) continue;
        auto const rarity = std::log((1 + count) / (1 + seen_in[bucket])) + 1;
        corpus.rarity[bucket] = static_cast<std::uint8_t>(std::clamp(std::lround(rarity / rarity_step), 1L, 255L));
    }
    for (auto& row : corpus.rows) {
        std::erase_if(row.nodes, [&](FeatureValue const& node) { return corpus.rarity[node.feature] == 0; });
        float squares = 0;
        for (auto const& node : row.nodes)
            squares += node.value * static_cast<float>(corpus.rarity[node.feature]) * static_cast<float>(corpus.rarity[node.feature]);
        for (auto& node : row.nodes) node.value *= static_cast<float>(corpus.rarity[node.feature]) / std::sqrt(squares);
    }
    return corpus;
}

// The weights by bucket.
LinearWeights solve(Corpus const& corpus, bool with_held_out) {
    // Buckets are numbered anew in the order they come, so that frequent ones lie together.
    std::vector<std::uint32_t> number(Model::bucket_count);
    std::vector<std::uint32_t> bucket_of;
    std::vector<FeatureValue> values;
    std::vector<std::size_t> starts;
    std::vector<LabelledFeatures> sentences;
    for (auto const& row : corpus.rows) {
        if (row.is_held_out && !with_held_out) continue;
        starts.push_back(values.size());
        for (auto const& node : row.nodes) {
            if (number[node.feature] == 0) {
                bucket_of.push_back(node.feature);
                number[node.feature] = static_cast<std::uint32_t>(bucket_of.size());
            }
            values.push_back({number[node.feature] - 1, node.value});
        }
        auto& sentence = sentences.emplace_back();
        sentence.weight = row.sentence->weight;
        for (std::size_t label = 0; label < label_count; ++label) {
            if ((row.sentence->judged >> label & 1) != 0) sentence.truth[label] = (row.sentence->labels >> label & 1) != 0 ? 1 : -1;
        }
    }
    starts.push_back(values.size());
    for (std::size_t i = 0; i < sentences.size(); ++i) sentences[i].features = std::span{values}.subspan(starts[i], starts[i + 1] - starts[i]);

    auto const fitted = fit_logistic_regression(sentences, bucket_of.size(), regularization, tolerance);
    LinearWeights weights{std::vector<LabelValues>(Model::bucket_count), fitted.bias};
    for (std::size_t i = 0; i < bucket_of.size(); ++i) weights.by_feature[bucket_of[i]] = fitted.by_feature[i];
    return weights;
}

LabelValues raw_scores(Row const& row, LinearWeights const& weights) {
    auto sums = weights.bias;
    for (auto const& [bucket, value] : row.nodes) {
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += weights.by_feature[bucket][i] * value;
    }
    return sums;
}

double probability(double odds) { return 1 / (1 + std::exp(-odds)); }

// A raw score of a sentence that was not trained on, and whether the label is true.
struct Outcome {
    float raw;
    bool is_true;
};

// Slope and offset by Newton's method on the log loss, held to `prior` by as much as `strength` sentences would.
Calibration fit(std::vector<Outcome> const& outcomes, Calibration const& prior, double strength) {
    double slope = prior.slope;
    double offset = prior.offset;
    for (int step = 0; step < 30; ++step) {
        double gradient_slope = strength * (slope - prior.slope);
        double gradient_offset = strength * (offset - prior.offset);
        double slope_slope = strength + 1e-9;
        double offset_offset = strength + 1e-9;
        double both = 0;
        for (auto const& outcome : outcomes) {
            auto const p = probability(slope * outcome.raw + offset);
            auto const error = p - (outcome.is_true ? 1 : 0);
            auto const spread = p * (1 - p);
            gradient_slope += error * outcome.raw;
            gradient_offset += error;
            slope_slope += spread * outcome.raw * outcome.raw;
            offset_offset += spread;
            both += spread * outcome.raw;
        }
        auto const determinant = slope_slope * offset_offset - both * both;
        auto const by_slope = (offset_offset * gradient_slope - both * gradient_offset) / determinant;
        auto const by_offset = (slope_slope * gradient_offset - both * gradient_slope) / determinant;
        slope -= by_slope;
        offset -= by_offset;
        if (std::abs(by_slope) + std::abs(by_offset) < 1e-6) break;
    }
    return {prior.language, static_cast<float>(slope), static_cast<float>(offset)};
}

HeldOut judge(std::vector<Outcome> const& outcomes, Calibration const& calibration) {
    struct Step {
        double said = 0;
        double was_true = 0;
        std::size_t count = 0;
    };
    std::array<Step, probability_steps> steps{};
    HeldOut result;
    result.language = calibration.language;
    result.sentences = outcomes.size() / label_count;
    for (auto const& outcome : outcomes) {
        auto const p = std::clamp(probability(calibration.slope * outcome.raw + calibration.offset), 1e-6, 1 - 1e-6);
        result.log_loss -= std::log(outcome.is_true ? p : 1 - p);
        auto& step = steps[static_cast<std::size_t>(p * probability_steps)];
        step.said += p;
        step.was_true += outcome.is_true ? 1 : 0;
        ++step.count;
    }
    auto const count = static_cast<double>(std::max<std::size_t>(outcomes.size(), 1));
    result.log_loss /= count;
    for (auto const& step : steps) result.calibration_error += std::abs(step.said - step.was_true) / count;
    return result;
}

void calibrate(Corpus const& corpus, LinearWeights const& weights, Trained& trained) {
    std::vector<Outcome> all;
    std::map<std::string, std::vector<Outcome>> by_language;
    for (auto const& row : corpus.rows) {
        if (!row.is_held_out || row.sentence->judged != all_labels) continue;
        auto const raw = raw_scores(row, weights);
        for (std::size_t i = 0; i < label_count; ++i) {
            Outcome const outcome{raw[i], (row.sentence->labels >> i & 1) != 0};
            all.push_back(outcome);
            by_language[row.sentence->language].push_back(outcome);
        }
    }
    auto const overall = fit(all, {}, 1);
    trained.parts.calibrations.push_back(overall);
    trained.held_out.push_back(judge(all, overall));
    for (auto const& [language, outcomes] : by_language) {
        trained.parts.calibrations.push_back(fit(outcomes, {language, overall.slope, overall.offset}, 10));
        trained.held_out.push_back(judge(outcomes, trained.parts.calibrations.back()));
    }
}

// What a weight of one is stored as: all but the largest few fit into eight bits.
float scale_of(std::vector<float> const& weights) {
    std::vector<float> sizes;
    for (auto const weight : weights) {
        if (weight != 0) sizes.push_back(std::abs(weight));
    }
    if (sizes.empty()) return 1;
    auto const nth = sizes.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(sizes.size() - 1) * (1 - clipped_share));
    std::nth_element(sizes.begin(), nth, sizes.end());
    return *nth / 127;
}

void store(Corpus const& corpus, LinearWeights const& weights, Model::Parts& parts) {
    parts.buckets.assign(Model::bucket_count * Model::bucket_bytes, '\0');
    std::vector<float> values(Model::bucket_count);
    for (std::size_t label = 0; label < label_count; ++label) {
        for (std::size_t bucket = 0; bucket < values.size(); ++bucket)
            values[bucket] = weights.by_feature[bucket][label] * static_cast<float>(corpus.rarity[bucket]) * rarity_step;
        auto const scale = scale_of(values);
        parts.scale[label] = scale;
        parts.bias[label] = weights.bias[label];
        for (std::size_t bucket = 0; bucket < values.size(); ++bucket) {
            auto const stored = std::clamp(std::lround(values[bucket] / scale), -127L, 127L);
            parts.buckets[bucket * Model::bucket_bytes + label] = static_cast<char>(stored);
        }
    }
    for (std::size_t bucket = 0; bucket < corpus.rarity.size(); ++bucket) {
        parts.buckets[bucket * Model::bucket_bytes + label_count] = static_cast<char>(corpus.rarity[bucket]);
    }
    parts.rarity_step = rarity_step;
    parts.sentences = corpus.rows.size();
}

LearnedTopics solve_topics(Corpus const& corpus, std::vector<std::string> const& topics) {
    std::vector<TopicSentence> sentences;
    sentences.reserve(corpus.rows.size());
    for (auto const& row : corpus.rows)
        sentences.push_back({row.nodes, row.sentence->topic, row.sentence->labels, row.sentence->is_near_miss, row.sentence->weight});
    return learn_topics(sentences, topics, Model::bucket_count);
}

void store(Corpus const& corpus, LearnedTopics const& learned, TopicWeights::Parts& parts) {
    parts.names = learned.names;
    parts.buckets = learned.buckets;
    parts.weights.assign(learned.buckets.size() * TopicWeights::most_topics, 0);
    std::vector<float> values(learned.buckets.size());
    for (std::size_t topic = 0; topic < learned.names.size(); ++topic) {
        for (std::size_t row = 0; row < values.size(); ++row)
            values[row] = learned.weights[row][topic] * static_cast<float>(corpus.rarity[learned.buckets[row]]) * rarity_step;
        auto const scale = scale_of(values);
        parts.scale.push_back(scale);
        parts.bias.push_back(learned.bias[topic]);
        for (std::size_t row = 0; row < values.size(); ++row) {
            auto const stored = std::clamp(std::lround(values[row] / scale), -127L, 127L);
            parts.weights[row * TopicWeights::most_topics + topic] = static_cast<std::int8_t>(stored);
        }
    }
}

}  // namespace

Trained train_model(std::vector<TrainingSentence> const& sentences, std::vector<std::string> const& topics, Progress const& progress) {
    if (progress) progress("reading " + std::to_string(sentences.size()) + " sentences");
    auto const corpus = read_corpus(sentences);
    Trained trained;
    trained.known_buckets = static_cast<std::size_t>(std::count_if(corpus.rarity.begin(), corpus.rarity.end(), [](auto rarity) { return rarity != 0; }));
    if (progress) progress("training");
    auto calibrating = std::async(std::launch::async, solve, std::cref(corpus), false);
    auto learning_topics = std::async(std::launch::async, solve_topics, std::cref(corpus), std::cref(topics));
    store(corpus, solve(corpus, true), trained.parts);
    calibrate(corpus, calibrating.get(), trained);
    store(corpus, learning_topics.get(), trained.parts.topics);
    return trained;
}

}  // namespace kefu
