// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/snapshot.hpp"
#include "replies/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace kefu::cli {

namespace json = boost::json;

namespace {

double rounded(double score) { return std::round(score * 10000) / 10000; }

/// The contract's shape: labels by name, scores by label, evidence with the words themselves.
json::object result_of(std::string_view text, Classification const& meaning) {
    json::array labels;
    for (auto const label : meaning.labels) labels.emplace_back(to_string(label));
    json::array topics;
    for (auto const& topic : meaning.topics) topics.push_back(json::object{{"name", topic.name}, {"score", rounded(topic.score)}});
    json::object scores;
    for (std::size_t i = 0; i < label_count; ++i) scores[label_names[i]] = rounded(meaning.scores[i]);
    json::array kinds;
    for (auto const kind : meaning.anger.kinds) kinds.emplace_back(to_string(kind));
    json::array entities;
    for (auto const& entity : meaning.entities)
        entities.push_back(json::object{{"kind", to_string(entity.kind)}, {"value", entity.value}, {"start", entity.start_byte}, {"end", entity.end_byte}});
    json::array evidence;
    for (auto const& item : meaning.evidence)
        evidence.push_back(json::object{
            {"start", item.start_byte}, {"end", item.end_byte}, {"text", text.substr(item.start_byte, item.end_byte - item.start_byte)}, {"rule", item.rule}});
    return {{"language", meaning.language},
            {"labels", std::move(labels)},
            {"topics", std::move(topics)},
            {"scores", std::move(scores)},
            {"anger", json::object{{"level", rounded(meaning.anger.level)}, {"kinds", std::move(kinds)}}},
            {"entities", std::move(entities)},
            {"evidence", std::move(evidence)}};
}

/// A label's n-grams that speak most for it, or against it.
void print_contributions(std::vector<Model::Contribution> const& all, std::size_t label, bool for_it) {
    constexpr std::size_t most = 6;
    std::vector<std::pair<float, std::string_view>> shares;
    for (auto const& one : all) {
        auto const share = for_it ? one.shares[label] : -one.shares[label];
        if (share >= 0.05F) shares.emplace_back(share, one.text);
    }
    auto const shown = std::min(most, shares.size());
    std::partial_sort(shares.begin(), shares.begin() + static_cast<std::ptrdiff_t>(shown), shares.end(), std::greater{});
    std::cout << (for_it ? "    for    " : "    against");
    for (std::size_t i = 0; i < shown; ++i) std::cout << "  \"" << shares[i].second << "\" " << (for_it ? '+' : '-') << shares[i].first;
    std::cout << '\n';
}

/// Each label that was given or came near, with what the two layers said: its losers too.
void print_learned(Classification const& meaning, Explanation const& explanation) {
    constexpr double near = 0.1;
    std::cout << "learned layer (a label is given from 0.50)\n";
    for (std::size_t label = 0; label < label_count; ++label) {
        bool const is_given = meaning.has(static_cast<Label>(label));
        if (!is_given && meaning.scores[label] < near && explanation.patterns[label] < near) continue;
        std::cout << "  " << std::left << std::setw(9) << label_names[label] << (is_given ? "given     " : "not given ") << meaning.scores[label]
                  << "  = learned " << explanation.learned[label] << " with patterns " << explanation.patterns[label] << '\n';
        print_contributions(explanation.contributions, label, true);
        print_contributions(explanation.contributions, label, false);
    }
}

int explain(Classifier const& classifier, std::string const& text, std::string const& language) {
    auto const [meaning, explanation] = classifier.explain(text, language);
    std::cout << "text       " << text << "\nread as    " << explanation.normalized << "\nlanguage   " << meaning.language << "\nlabels     ";
    if (meaning.labels.empty()) std::cout << "(none)";
    for (auto const label : meaning.labels) std::cout << to_string(label) << ' ';
    std::cout << "\nscores     " << std::fixed << std::setprecision(2);
    for (std::size_t i = 0; i < label_count; ++i) std::cout << label_names[i] << ' ' << meaning.scores[i] << "  ";
    std::cout << "\nanger      " << meaning.anger.level;
    for (auto const kind : meaning.anger.kinds) std::cout << ' ' << to_string(kind);
    std::cout << "\ntopics     ";
    for (auto const& topic : meaning.topics) std::cout << topic.name << ' ' << topic.score << "  ";
    std::cout << '\n';
    for (auto const& entity : meaning.entities) std::cout << "entity     " << to_string(entity.kind) << ' ' << entity.value << '\n';
    std::cout << "rules\n";
    for (auto const& hit : explanation.hits) {
        std::cout << "  " << std::left << std::setw(44) << hit.rule << std::setw(24) << hit.topic << hit.weight << "  \""
                  << text.substr(hit.start_byte, hit.end_byte - hit.start_byte) << '"';
        if (!hit.blocked_by.empty()) std::cout << "  does not count: " << hit.blocked_by;
        std::cout << '\n';
    }
    if (explanation.hits.empty()) std::cout << "  none fired\n";
    if (explanation.is_learned) print_learned(meaning, explanation);
    return ok;
}

}  // namespace

int classify(ConfigFile const& config, std::optional<std::string> const& text, std::string const& language) {
    auto const snapshot = load_snapshot(config);
    if (!snapshot) return check(config);
    Classifier const& classifier = (*snapshot)->catalog.classifier;
    if (text) return explain(classifier, *text, language);

    std::ios::sync_with_stdio(false);
    bool every_line_read = true;
    std::size_t number = 0;
    for (std::string line; std::getline(std::cin, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        json::error_code error;
        json::value const document = json::parse(line, error);
        auto const* object = error ? nullptr : document.if_object();
        auto const* words = object == nullptr ? nullptr : object->if_contains("text");
        if (words == nullptr || !words->is_string()) {
            std::cerr << "standard input:" << number << ": expected {\"id\":...,\"text\":\"...\"}" << (error ? ": " + error.message() : std::string{}) << '\n';
            every_line_read = false;
            continue;
        }
        auto const* prior = object->if_contains("lang");
        std::string_view const message{words->get_string().data(), words->get_string().size()};
        std::string_view const hint =
            prior != nullptr && prior->is_string() ? std::string_view{prior->get_string().data(), prior->get_string().size()} : std::string_view{};
        json::object result;
        if (auto const* id = object->if_contains("id")) result["id"] = *id;
        for (auto& member : result_of(message, classifier.classify(message, hint))) result[member.key()] = std::move(member.value());
        std::cout << json::serialize(result) << '\n';
    }
    return every_line_read ? ok : findings;
}

}  // namespace kefu::cli
