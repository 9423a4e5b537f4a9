// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/explain.hpp"

#include "daemon/console/spans.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

namespace kefu {

namespace json = boost::json;

namespace {

constexpr double near = 0.1;            // labels below are not worth a line
constexpr std::size_t most_shares = 6;  // n-grams that spoke for a label, and against it

double rounded(double score) { return std::round(score * 10000) / 10000; }

json::array shares_json(std::vector<Model::Contribution> const& all, std::size_t label, bool for_it) {
    std::vector<std::pair<float, std::string_view>> shares;
    for (auto const& one : all) {
        auto const share = for_it ? one.shares[label] : -one.shares[label];
        if (share >= 0.05F) shares.emplace_back(share, one.text);
    }
    auto const shown = std::min(most_shares, shares.size());
    std::partial_sort(shares.begin(), shares.begin() + static_cast<std::ptrdiff_t>(shown), shares.end(), std::greater{});
    json::array list;
    for (std::size_t i = 0; i < shown; ++i) list.push_back(json::object{{"text", shares[i].second}, {"share", rounded(shares[i].first)}});
    return list;
}

json::value learned_json(Classification const& meaning, Explanation const& explanation) {
    if (!explanation.is_learned) return nullptr;
    json::array labels;
    for (std::size_t label = 0; label < label_count; ++label) {
        bool const is_given = meaning.has(static_cast<Label>(label));
        if (!is_given && meaning.scores[label] < near && explanation.patterns[label] < near) continue;
        labels.push_back(json::object{{"label", label_names[label]},
                                      {"given", is_given},
                                      {"score", rounded(meaning.scores[label])},
                                      {"learned", rounded(explanation.learned[label])},
                                      {"patterns", rounded(explanation.patterns[label])},
                                      {"for", shares_json(explanation.contributions, label, true)},
                                      {"against", shares_json(explanation.contributions, label, false)}});
    }
    return json::object{{"labels", std::move(labels)}};
}

}  // namespace

json::object explanation_json(Classifier const& classifier, std::string_view text, std::string_view language) {
    auto const [meaning, explanation] = classifier.explain(text, language);
    json::array labels;
    for (auto const label : meaning.labels) labels.emplace_back(to_string(label));
    json::object scores;
    for (std::size_t i = 0; i < label_count; ++i) scores[label_names[i]] = rounded(meaning.scores[i]);
    json::array kinds;
    for (auto const kind : meaning.anger.kinds) kinds.emplace_back(to_string(kind));
    json::array topics;
    for (auto const& topic : meaning.topics) topics.push_back(json::object{{"name", topic.name}, {"score", rounded(topic.score)}});
    json::array entities;
    for (auto const& entity : meaning.entities) {
        auto one = span_json(text, entity.start_byte, entity.end_byte);
        one["kind"] = to_string(entity.kind);
        one["value"] = entity.value;
        entities.push_back(std::move(one));
    }
    json::array rules;
    for (auto const& hit : explanation.hits) {
        auto one = span_json(text, hit.start_byte, hit.end_byte);
        one["rule"] = hit.rule;
        one["topic"] = hit.topic;
        one["weight"] = hit.weight;
        one["blocked_by"] = hit.blocked_by;
        rules.push_back(std::move(one));
    }
    return {{"text", text},
            {"normalized", explanation.normalized},
            {"language", meaning.language},
            {"labels", std::move(labels)},
            {"scores", std::move(scores)},
            {"anger", json::object{{"level", rounded(meaning.anger.level)}, {"kinds", std::move(kinds)}}},
            {"topics", std::move(topics)},
            {"entities", std::move(entities)},
            {"rules", std::move(rules)},
            {"learned", learned_json(meaning, explanation)}};
}

}  // namespace kefu
