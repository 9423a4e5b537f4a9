// SPDX-License-Identifier: Apache-2.0
#include "intents/cross_validation.hpp"

#include <map>
#include <memory>

namespace kefu {
namespace {

constexpr std::size_t folds = 5;
constexpr LabelBits escalating = label_bit(Label::anger) | label_bit(Label::human);

struct Counts {
    std::size_t sentences = 0;
    std::array<std::size_t, label_count> right{}, wrong{}, missed{};
    std::size_t escalations = 0, missed_escalations = 0, false_escalations = 0;

    void add(LabelBits truth, LabelBits read) {
        ++sentences;
        for (std::size_t i = 0; i < label_count; ++i) {
            bool const is_true = (truth >> i & 1) != 0;
            bool const is_read = (read >> i & 1) != 0;
            right[i] += is_true && is_read;
            wrong[i] += !is_true && is_read;
            missed[i] += is_true && !is_read;
        }
        bool const must_escalate = (truth & escalating) != 0;
        bool const escalates = (read & escalating) != 0;
        escalations += must_escalate;
        missed_escalations += must_escalate && !escalates;
        false_escalations += !must_escalate && escalates;
    }
};

double share(std::size_t part, std::size_t whole) { return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole); }

CrossValidated scores_of(std::string const& language, Counts const& counts) {
    CrossValidated scores;
    scores.language = language;
    scores.sentences = counts.sentences;
    std::size_t occurring = 0;
    for (std::size_t i = 0; i < label_count; ++i) {
        if (counts.right[i] + counts.missed[i] == 0) continue;
        scores.f1[i] = share(2 * counts.right[i], 2 * counts.right[i] + counts.wrong[i] + counts.missed[i]);
        scores.macro_f1 += scores.f1[i];
        ++occurring;
    }
    if (occurring > 0) scores.macro_f1 /= static_cast<double>(occurring);
    scores.missed_escalation = share(counts.missed_escalations, counts.escalations);
    scores.false_escalation = share(counts.false_escalations, counts.sentences - counts.escalations);
    return scores;
}

LabelBits labels_of(Classification const& meaning) {
    LabelBits labels = 0;
    for (auto const label : meaning.labels) labels |= label_bit(label);
    return labels;
}

}  // namespace

std::vector<CrossValidated> cross_validated(Classifier const& classifier, std::vector<TrainingSentence> const& sentences, Progress const& progress) {
    std::map<std::string, Counts> by_language;
    Counts all;
    for (std::size_t fold = 0; fold < folds; ++fold) {
        std::vector<TrainingSentence> rest;
        for (std::size_t i = 0; i < sentences.size(); ++i) {
            if (i % folds != fold) rest.push_back(sentences[i]);
        }
        auto const trained = train_model(rest, classifier.topics(), [&](std::string const& step) {
            if (progress) progress("fold " + std::to_string(fold + 1) + " of " + std::to_string(folds) + ": " + step);
        });
        auto const bytes = std::make_shared<std::string const>(Model::to_bytes(trained.parts));
        auto const reader = classifier.with(Model::from_bytes(*bytes, bytes).value());
        for (std::size_t i = fold; i < sentences.size(); i += folds) {
            auto const& sentence = sentences[i];
            if (sentence.judged != all_labels) continue;
            auto const read = labels_of(reader.classify(sentence.text, sentence.language));
            all.add(sentence.labels, read);
            by_language[sentence.language].add(sentence.labels, read);
        }
    }
    std::vector<CrossValidated> rows{scores_of("", all)};
    for (auto const& [language, counts] : by_language) rows.push_back(scores_of(language, counts));
    return rows;
}

}  // namespace kefu
