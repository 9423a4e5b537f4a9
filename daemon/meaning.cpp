// SPDX-License-Identifier: Apache-2.0
#include "daemon/meaning.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace kefu {

namespace json = boost::json;

double rounded(double score) { return std::round(score * 10000) / 10000; }

json::object meaning_json(Classification const& meaning) {
    json::array labels;
    for (auto const label : meaning.labels) labels.emplace_back(to_string(label));
    json::array topics;
    for (auto const& topic : meaning.topics) topics.push_back(json::object{{"name", topic.name}, {"score", rounded(topic.score)}});
    json::object scores;
    for (std::size_t i = 0; i < label_count; ++i) scores[label_names[i]] = rounded(meaning.scores[i]);
    json::array kinds;
    for (auto const kind : meaning.anger.kinds) kinds.emplace_back(to_string(kind));
    return {{"language", meaning.language},
            {"labels", std::move(labels)},
            {"topics", std::move(topics)},
            {"scores", std::move(scores)},
            {"anger", json::object{{"level", rounded(meaning.anger.level)}, {"kinds", std::move(kinds)}}}};
}

std::vector<std::pair<float, std::string_view>> strongest(std::vector<Model::Contribution> const& all, std::size_t label, bool for_it) {
    constexpr std::size_t most = 6;
    std::vector<std::pair<float, std::string_view>> shares;
    for (auto const& one : all) {
        auto const share = for_it ? one.shares[label] : -one.shares[label];
        if (share >= 0.05F) shares.emplace_back(share, one.text);
    }
    auto const shown = std::min(most, shares.size());
    std::partial_sort(shares.begin(), shares.begin() + static_cast<std::ptrdiff_t>(shown), shares.end(), std::greater{});
    shares.resize(shown);
    return shares;
}

bool is_worth_explaining(Classification const& meaning, Explanation const& explanation, std::size_t label) {
    constexpr double near = 0.1;
    return meaning.has(static_cast<Label>(label)) || meaning.scores[label] >= near || explanation.patterns[label] >= near;
}

}  // namespace kefu
