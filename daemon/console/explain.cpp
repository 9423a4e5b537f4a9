// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/explain.hpp"

#include "daemon/console/spans.hpp"
#include "daemon/meaning.hpp"

#include <boost/json/array.hpp>

#include <utility>
#include <vector>

namespace kefu {

namespace json = boost::json;

namespace {

json::array shares_json(std::vector<Model::Contribution> const& all, std::size_t label, bool for_it) {
    json::array list;
    for (auto const& [share, words] : strongest(all, label, for_it)) list.push_back(json::object{{"text", words}, {"share", rounded(share)}});
    return list;
}

json::value learned_json(Classification const& meaning, Explanation const& explanation) {
    if (!explanation.is_learned) return nullptr;
    json::array labels;
    for (std::size_t label = 0; label < label_count; ++label) {
        bool const is_given = meaning.has(static_cast<Label>(label));
        if (!is_worth_explaining(meaning, explanation, label)) continue;
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
    json::object all = meaning_json(meaning);
    all["text"] = text;
    all["normalized"] = explanation.normalized;
    all["entities"] = std::move(entities);
    all["rules"] = std::move(rules);
    all["learned"] = learned_json(meaning, explanation);
    return all;
}

}  // namespace kefu
