// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/meaning.hpp"
#include "daemon/snapshot.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <iomanip>
#include <iostream>
#include <sstream>

namespace kefu::cli {

namespace json = boost::json;

namespace {

/// The contract's shape: evidence with the words themselves.
json::object result_of(std::string_view text, Classification const& meaning) {
    json::object result = meaning_json(meaning);
    json::array entities;
    for (auto const& entity : meaning.entities)
        entities.push_back(json::object{{"kind", to_string(entity.kind)}, {"value", entity.value}, {"start", entity.start_byte}, {"end", entity.end_byte}});
    json::array evidence;
    for (auto const& item : meaning.evidence)
        evidence.push_back(json::object{
            {"start", item.start_byte}, {"end", item.end_byte}, {"text", text.substr(item.start_byte, item.end_byte - item.start_byte)}, {"rule", item.rule}});
    result["entities"] = std::move(entities);
    result["evidence"] = std::move(evidence);
    return result;
}

/// A label's n-grams that speak most for it, or against it.
void print_contributions(std::vector<Model::Contribution> const& all, std::size_t label, bool for_it) {
    std::cout << (for_it ? "    for    " : "    against");
    for (auto const& [share, words] : strongest(all, label, for_it)) std::cout << "  \"" << words << "\" " << (for_it ? '+' : '-') << share;
    std::cout << '\n';
}

/// Each label that was given or came near, with what the two layers said: its losers too.
void print_learned(Classification const& meaning, Explanation const& explanation) {
    std::cout << "learned layer (a label is given from 0.50)\n";
    for (std::size_t label = 0; label < label_count; ++label) {
        bool const is_given = meaning.has(static_cast<Label>(label));
        if (!is_worth_explaining(meaning, explanation, label)) continue;
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
