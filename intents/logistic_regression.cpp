// SPDX-License-Identifier: Apache-2.0
#include "intents/logistic_regression.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

// Dual coordinate descent: Yu, Huang, Lin, "Dual coordinate descent methods for logistic regression and maximum entropy models", Machine Learning 85
// (2011), algorithm 5, which is LIBLINEAR's solver 7. Each sentence has one dual variable a label, 0 < alpha < cost; the weights are the sum of
// alpha * truth * features.
namespace kefu {
namespace {

constexpr int most_rounds = 1000;
constexpr int most_steps = 50;
constexpr float bias_of_one_sided = 5;

// A generator of our own: what std::shuffle draws differs between standard libraries.
class Shuffler {
  public:
    void shuffle(std::vector<std::uint32_t>& order) {
        for (auto left = order.size(); left > 1; --left) {
            state_ = state_ * 6364136223846793005 + 1442695040888963407;
            std::swap(order[left - 1], order[((state_ >> 32) * left) >> 32]);
        }
    }

  private:
    std::uint64_t state_ = 1;
};

// The dual variable as its share of the cost, with its distance to one, which would be lost in rounding.
struct Share {
    double taken;
    double left;
};

// Finds the best share when the others stay: the root of curvature * (share - taken) + margin + ln(share / (1 - share)), by Newton's method from the side
// on which it cannot leave (0, 1). Says by how much `taken` grew.
double improve(Share& share, double curvature, double margin) {
    constexpr double good = 1e-3;
    bool const from_below = 0.5 * curvature * (share.left - share.taken) + margin >= 0;
    auto const before = from_below ? share.taken : share.left;
    auto const slope = from_below ? margin : -margin;
    auto z = before > 0.5 ? 0.1 * before : before;
    auto const gradient_at_z = [&] { return curvature * (z - before) + slope + std::log(z / (1 - z)); };
    auto gradient = gradient_at_z();
    if (std::abs(gradient) < good) return 0;
    for (int step = 0; step < most_steps && std::abs(gradient) >= good; ++step) {
        auto const next = z - gradient / (curvature + 1 / (z * (1 - z)));
        z = next > 0 ? next : 0.1 * z;
        gradient = gradient_at_z();
    }
    share = from_below ? Share{z, 1 - z} : Share{1 - z, z};
    return from_below ? z - before : before - z;
}

struct Sums {
    LabelValues margins;
    float squares;
};

Sums look_at(LabelledFeatures const& sentence, LinearWeights const& weights) {
    Sums sums{weights.bias, 1};
    for (auto const [feature, value] : sentence.features) {
        auto const& row = weights.by_feature[feature];
        for (std::size_t i = 0; i < row.size(); ++i) sums.margins[i] += value * row[i];
        sums.squares += value * value;
    }
    return sums;
}

void add(LabelledFeatures const& sentence, LabelValues const& change, LinearWeights& weights) {
    for (auto const [feature, value] : sentence.features) {
        auto& row = weights.by_feature[feature];
        for (std::size_t i = 0; i < row.size(); ++i) row[i] += value * change[i];
    }
    for (std::size_t i = 0; i < change.size(); ++i) weights.bias[i] += change[i];
}

// Which labels are both true and false somewhere; the others get their bias.
std::array<bool, label_count> two_sided(std::span<LabelledFeatures const> sentences, LabelValues& bias) {
    std::array<bool, label_count> both{};
    for (std::size_t label = 0; label < label_count; ++label) {
        auto const says = [label](std::int8_t truth) { return [label, truth](LabelledFeatures const& one) { return one.truth[label] == truth; }; };
        bool const is_true = std::any_of(sentences.begin(), sentences.end(), says(1));
        bool const is_false = std::any_of(sentences.begin(), sentences.end(), says(-1));
        both[label] = is_true && is_false;
        if (!both[label]) bias[label] = is_true ? bias_of_one_sided : -bias_of_one_sided;
    }
    return both;
}

}  // namespace

LinearWeights fit_logistic_regression(std::span<LabelledFeatures const> sentences, std::size_t feature_count, float cost, double tolerance) {
    LinearWeights weights{std::vector<LabelValues>(feature_count), {}};
    auto const is_learned = two_sided(sentences, weights.bias);
    constexpr float start = 1e-3F;
    std::vector<std::array<Share, label_count>> shares(sentences.size());
    for (std::size_t s = 0; s < sentences.size(); ++s) {
        LabelValues change{};
        for (std::size_t label = 0; label < label_count; ++label) {
            shares[s][label] = {start, 1 - double{start}};
            if (is_learned[label]) change[label] = start * cost * static_cast<float>(sentences[s].weight) * sentences[s].truth[label];
        }
        add(sentences[s], change, weights);
    }

    std::vector<std::uint32_t> order(sentences.size());
    std::iota(order.begin(), order.end(), 0U);
    Shuffler shuffler;
    for (int round = 0; round < most_rounds; ++round) {
        shuffler.shuffle(order);
        double moved = 0;
        for (auto const s : order) {
            auto const& sentence = sentences[s];
            auto const own_cost = cost * static_cast<float>(sentence.weight);
            auto const [margins, squares] = look_at(sentence, weights);
            LabelValues change{};
            for (std::size_t label = 0; label < label_count; ++label) {
                auto const truth = static_cast<float>(sentence.truth[label]);
                if (truth == 0 || !is_learned[label]) continue;
                auto const by = improve(shares[s][label], own_cost * squares, truth * margins[label]);
                change[label] = static_cast<float>(by) * own_cost * truth;
                moved += std::abs(by);
            }
            add(sentence, change, weights);
        }
        if (moved < tolerance * static_cast<double>(sentences.size())) break;
    }
    return weights;
}

}  // namespace kefu
