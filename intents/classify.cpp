// SPDX-License-Identifier: Apache-2.0
#include "intents/classify.hpp"

#include "config/yaml.hpp"
#include "intents/check_examples.hpp"
#include "intents/entities.hpp"
#include "intents/grapheme.hpp"
#include "intents/judge.hpp"
#include "intents/language.hpp"
#include "intents/normalize.hpp"
#include "intents/rulebook.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <future>
#include <map>
#include <thread>
#include <tuple>
#include <utility>

namespace kefu {
namespace {

struct Reading {
    Normalized normalized;
    LanguageDetector::Guess language;
    std::vector<RuleHit> hits;
};

// Calls task(i) for each i below count, on as many threads as there are processors: what one file left on the heap the next one uses.
void side_by_side(std::size_t count, std::function<void(std::size_t)> const& task) {
    std::atomic<std::size_t> next = 0;
    auto const work = [&] {
        for (auto i = next++; i < count; i = next++) task(i);
    };
    std::vector<std::future<void>> workers;
    auto const threads = std::min<std::size_t>(std::max(std::thread::hardware_concurrency(), 1U), count);
    for (std::size_t i = 0; i < threads; ++i) workers.push_back(std::async(std::launch::async, work));
    for (auto& worker : workers) worker.get();
}

// What one file gives, with its own errors: files are read side by side and reported in their order.
struct ReadFile {
    std::optional<yaml::Value> document;
    std::optional<Pack> pack;
    SourceLocation where;
    Errors parse_errors;
    Errors errors;

    void parse(SourceText const& file) {
        document = yaml::parse(file.text, file.name, parse_errors);
        if (document) where = document->where();
    }
};

void append(Errors& to, Errors const& more) { to.insert(to.end(), more.begin(), more.end()); }

// Parsed files are large: only what may be topics.yaml is kept until every pattern's topic can be looked up, the others go as soon as they are read.
Errors read_files(std::vector<SourceText> const& files, Topics& topics, std::vector<Pack>& packs) {
    if (files.size() > PatternSet::most_groups + 1) return {{Errc::bad_config, "more than 64 packs and topics.yaml; remove files from the packs' folder"}};
    std::vector<ReadFile> read(files.size());
    auto const may_be_topics = [&](std::size_t i) { return files[i].text.starts_with("topics") || files[i].text.find("\ntopics") != std::string::npos; };
    bool has_topics = false;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (!may_be_topics(i)) continue;
        read[i].parse(files[i]);
        if (!read[i].document || !is_topics_file(*read[i].document)) continue;
        if (std::exchange(has_topics, true))
            read[i].parse_errors.push_back(read[i].document->error("a second file with topics; put all topics into one"));
        else
            topics = read_topics(*read[i].document, read[i].parse_errors);
        read[i].document.reset();
    }
    side_by_side(files.size(), [&](std::size_t i) {
        if (!may_be_topics(i)) read[i].parse(files[i]);
        if (has_topics && read[i].document) read[i].pack = read_pack(*read[i].document, topics, read[i].errors);
        read[i].document.reset();
    });

    Errors errors;
    for (auto const& file : read) append(errors, file.parse_errors);
    if (!has_topics) {
        if (errors.empty()) errors.push_back({Errc::bad_config, "no topics.yaml among the packs; every pattern names one of its topics"});
        return errors;
    }
    std::map<std::string, SourceLocation> languages;
    for (auto& file : read) {
        if (!file.pack) continue;
        append(errors, file.errors);
        auto const [first, is_new] = languages.try_emplace(file.pack->language, file.where);
        if (!is_new) errors.push_back({Errc::bad_config, "a second pack for language '" + first->first + "'; the first is " + first->second.file, file.where});
        packs.push_back(std::move(*file.pack));
    }
    return errors;
}

std::vector<LanguageHints> hints_of(std::vector<Pack> const& packs) {
    std::vector<LanguageHints> hints;
    for (auto const& pack : packs) {
        hints.push_back({pack.language, {}, pack.hint_characters});
        for (auto const& word : pack.hint_words) hints.back().words.push_back(word.text);
    }
    return hints;
}

// What an operator writes himself counts more than one of thousands.
constexpr unsigned weight_of_own_sentence = 5;

std::vector<TrainingSentence> sentences_of(std::vector<Pack> const& packs, std::vector<Topic> const& topics) {
    std::vector<TrainingSentence> sentences;
    for (auto const& pack : packs) {
        for (auto const& sentence : pack.sentences) sentences.push_back({sentence.text, pack.language, sentence.labels, all_labels, weight_of_own_sentence});
        // An example is true for its pattern's labels; what else it holds nobody has said.
        for (auto const& pattern : pack.patterns) {
            auto const labels = topics[pattern.topic].labels;
            for (auto const& example : pattern.examples) sentences.push_back({example.text, pack.language, labels, labels, 1, topics[pattern.topic].name});
        }
        for (auto const& exception : pack.exceptions) {
            if (exception.blocked_labels == 0) continue;
            for (auto const& example : exception.examples) sentences.push_back({example.text, pack.language, 0, exception.blocked_labels});
        }
    }
    return sentences;
}

}  // namespace

struct Classifier::Compiled {
    ClassifyOptions options;
    std::vector<std::string> languages;       // of every pack, common too
    std::vector<std::string> real_languages;  // without common
    LanguageDetector detector;
    EntityFinder entities;
    Rulebook rules;
    std::vector<TrainingSentence> sentences;

    Reading read(std::string_view text, std::string_view prior) const;
    Judgement judge(Reading const& reading, std::optional<Learned> const& learned) const;
    Classification classification(std::string_view text, Reading const& reading, Judgement judgement) const;
    std::string language_of_hits(Reading const& reading) const;
    std::vector<Evidence> evidence_of(Reading const& reading) const;
};

Reading Classifier::Compiled::read(std::string_view text, std::string_view prior) const {
    Reading reading;
    reading.normalized = normalize(text);
    reading.language = detector.detect(text, reading.normalized, prior);
    reading.hits = rules.apply(reading.normalized.text, reading.language.plausible);
    if (reading.language.is_unhinted && prior.empty()) reading.language.language = language_of_hits(reading);
    return reading;
}

// "refund pls" has no function word, but only one pack understands it.
std::string Classifier::Compiled::language_of_hits(Reading const& reading) const {
    std::string language = "und";
    for (auto const& hit : reading.hits) {
        auto const& spoken = languages[rules.rules()[hit.rule].pack];
        if (spoken == common_language || spoken == language) continue;
        if (language != "und") return "und";
        language = spoken;
    }
    return language;
}

std::vector<Evidence> Classifier::Compiled::evidence_of(Reading const& reading) const {
    struct Place {
        std::size_t start;
        std::size_t end;
        CompiledRule const* rule;
    };
    std::vector<Place> places;
    places.reserve(reading.hits.size());
    for (auto const& hit : reading.hits) {
        auto const& rule = rules.rules()[hit.rule];
        if (hit.blocked_by || !rule.topic) continue;
        auto const [start, end] = reading.normalized.original(hit.start, hit.end);
        places.push_back({start, end, &rule});
    }
    std::sort(places.begin(), places.end(),
              [](Place const& a, Place const& b) { return std::tie(a.start, a.end, a.rule->name) < std::tie(b.start, b.end, b.rule->name); });
    std::vector<Evidence> evidence;
    evidence.reserve(places.size());
    for (auto const& [start, end, rule] : places) evidence.push_back({start, end, rule->name, rules.topics()[*rule->topic].name});
    return evidence;
}

Judgement Classifier::Compiled::judge(Reading const& reading, std::optional<Learned> const& learned) const {
    return kefu::judge(reading.hits, rules.rules(), rules.topics(), reading.normalized.intensity, learned, options.label_threshold);
}

Classification Classifier::Compiled::classification(std::string_view text, Reading const& reading, Judgement judgement) const {
    auto const& topics = rules.topics();
    Classification out;
    out.language = reading.language.language;
    out.labels = std::move(judgement.labels);
    out.scores = judgement.scores;
    out.anger = std::move(judgement.anger);
    out.topics.reserve(judgement.topics.size());
    for (auto const& [topic, score] : judgement.topics) out.topics.push_back({topics[topic].name, score});
    out.evidence = evidence_of(reading);
    out.entities = entities.find(text, reading.normalized);
    return out;
}

Checked<Classifier> Classifier::build(std::vector<SourceText> const& files, ClassifyOptions options) {
    Topics topics;
    std::vector<Pack> packs;
    auto errors = read_files(files, topics, packs);
    auto entities = EntityFinder::create(options.order_number_patterns);
    if (!entities) {
        auto const found = entities.error();  // by value: error() gives a copy
        errors.insert(errors.end(), found.begin(), found.end());
    }
    if (!errors.empty()) return errors;

    auto rules = Rulebook::compile(std::move(topics), packs);
    if (!rules) return rules.error();
    std::vector<std::string> languages;
    std::vector<std::string> real_languages;
    for (auto const& pack : packs) {
        languages.push_back(pack.language);
        if (pack.language != common_language) real_languages.push_back(pack.language);
    }
    auto sentences = sentences_of(packs, rules->topics());
    auto compiled =
        std::make_shared<Compiled const>(Compiled{std::move(options), std::move(languages), std::move(real_languages), LanguageDetector{hints_of(packs)},
                                                  std::move(*entities), std::move(*rules), std::move(sentences)});
    if (compiled->options.check_examples)
        errors = check_examples(packs, compiled->rules, [&](std::string_view text, std::string const& language) {
            auto const normalized = normalize(text);
            auto const guess = compiled->detector.detect(text, normalized, language);
            return ReadExample{normalized.text, compiled->rules.apply(normalized.text, guess.plausible)};
        });
    if (!errors.empty()) return errors;
    return Classifier{std::move(compiled)};
}

Classifier Classifier::with(Model model) const {
    auto const names = topics();
    Classifier reader{compiled_};
    for (auto const& name : model.topic_names())
        reader.topic_of_model_.push_back(static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()));
    reader.model_ = std::move(model);
    return reader;
}

std::optional<Learned> Classifier::learned(std::string_view text, Normalized const& normalized, std::string_view language) const {
    if (!model_) return std::nullopt;
    auto const scores = model_->score(text, normalized, language);
    Learned all;
    all.labels = scores.labels;
    for (std::size_t i = 0; i < topic_of_model_.size(); ++i)
        if (topic_of_model_[i] < compiled_->rules.topics().size()) all.topics.emplace_back(topic_of_model_[i], scores.topics[i]);
    return all;
}

std::vector<TrainingSentence> const& Classifier::sentences() const { return compiled_->sentences; }

Classification Classifier::classify(std::string_view text, std::string_view language_prior) const {
    text = cut_to_code_points(text, compiled_->options.max_code_points);
    auto const reading = compiled_->read(text, language_prior);
    return compiled_->classification(text, reading, compiled_->judge(reading, learned(text, reading.normalized, reading.language.language)));
}

std::pair<Classification, Explanation> Classifier::explain(std::string_view text, std::string_view language_prior) const {
    text = cut_to_code_points(text, compiled_->options.max_code_points);
    auto const reading = compiled_->read(text, language_prior);
    auto const& book = compiled_->rules.rules();
    Explanation explanation;
    explanation.normalized = reading.normalized.text;
    for (auto const& hit : reading.hits) {
        auto const& rule = book[hit.rule];
        auto const [start, end] = reading.normalized.original(hit.start, hit.end);
        explanation.hits.push_back({rule.name, rule.topic ? compiled_->rules.topics()[*rule.topic].name : "", rule.weight, start, end,
                                    hit.blocked_by ? book[*hit.blocked_by].name : ""});
    }
    std::stable_sort(explanation.hits.begin(), explanation.hits.end(), [](auto const& a, auto const& b) { return a.start_byte < b.start_byte; });

    auto const scores = learned(text, reading.normalized, reading.language.language);
    if (scores) {
        explanation.is_learned = true;
        explanation.contributions = model_->contributions(text, reading.normalized, reading.language.language);
        for (std::size_t label = 0; label < label_count; ++label) explanation.learned[label] = 1 / (1 + std::exp(-scores->labels[label]));
    }
    auto judgement = compiled_->judge(reading, scores);
    explanation.patterns = judgement.patterns;
    return {compiled_->classification(text, reading, std::move(judgement)), std::move(explanation)};
}

std::vector<std::string> const& Classifier::languages() const { return compiled_->real_languages; }

std::vector<std::string> Classifier::topics() const {
    std::vector<std::string> names;
    for (auto const& topic : compiled_->rules.topics()) names.push_back(topic.name);
    return names;
}

bool Classifier::has_topic(std::string_view name) const {
    auto const& topics = compiled_->rules.topics();
    return std::any_of(topics.begin(), topics.end(), [&](Topic const& topic) { return topic.name == name; });
}

}  // namespace kefu
