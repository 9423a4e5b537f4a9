// SPDX-License-Identifier: Apache-2.0
#include "intents/judge.hpp"

#include "intents/anger.hpp"

#include <algorithm>
#include <cmath>

namespace kefu {
namespace {

// How much the patterns' score, 0-1, adds to the logarithm of the odds. Found on sentences that neither the patterns' authors nor the training saw.
constexpr double gain_of_patterns = 3.5;
constexpr double loss_by_exceptions = 1.5;  // as if a pattern spoke against it
constexpr double score_of_hard = 0.97;
constexpr double gain_of_topics = 5;          // the same for topics: a pattern of 0.6 stands against any doubt of the learned layer ...
constexpr double least_doubt = -3;            // ... which goes no further than this
constexpr float least_odds = 1;               // of a topic that only the learned layer sees ...
constexpr float least_odds_of_guess = -1.5F;  // ... and when its label is certain

double probability(double odds) { return 1 / (1 + std::exp(-odds)); }

bool overlap(RuleHit const& a, RuleHit const& b) { return a.start < b.end && b.start < a.end; }

// The hits that count as a sign of their own: the first of each rule, and not when a pack of another language has already
// said the same of the same words (退款 is in both Chinese packs).
std::vector<RuleHit const*> independent_hits(std::span<RuleHit const> hits, std::vector<CompiledRule> const& rules) {
    std::vector<RuleHit const*> counted;
    counted.reserve(hits.size());
    for (auto const& hit : hits) {
        auto const& rule = rules[hit.rule];
        if (hit.blocked_by || !rule.topic) continue;
        if (!counted.empty() && counted.back()->rule == hit.rule) continue;
        auto const says_the_same = [&](RuleHit const* other) {
            auto const& known = rules[other->rule];
            return known.pack != rule.pack && known.topic == rule.topic && overlap(*other, hit);
        };
        auto const twin = std::find_if(counted.begin(), counted.end(), says_the_same);
        if (twin == counted.end())
            counted.push_back(&hit);
        else if (rules[(*twin)->rule].weight < rule.weight)
            *twin = &hit;
    }
    return counted;
}

// What patterns say about one label.
struct Voice {
    double doubt = 1;  // Π(1 - weight)
    bool is_hard = false;
    bool is_denied = false;  // by an exception
    bool is_denied_hard = false;
    double score() const { return 1 - doubt; }
};
using Voices = std::array<Voice, label_count>;

void note_exceptions(std::span<RuleHit const> hits, std::vector<CompiledRule> const& rules, Voices& voices) {
    for (auto const& hit : hits) {
        auto const& rule = rules[hit.rule];
        if (!rule.is_exception) continue;
        for (std::size_t label = 0; label < label_count; ++label) {
            if ((rule.blocked_labels >> label & 1) == 0) continue;
            voices[label].is_denied = true;
            voices[label].is_denied_hard |= rule.is_hard;
        }
    }
}

double together(double patterns, Voice const& voice, float learned) {
    if (voice.is_hard) return std::max(patterns, score_of_hard);
    bool const is_alone = voice.doubt == 1;  // no pattern speaks for it
    if (voice.is_denied_hard && is_alone) return 1 - score_of_hard;
    return probability(learned + gain_of_patterns * patterns - (voice.is_denied && is_alone ? loss_by_exceptions : 0));
}

// The learned layer's say in the topics. Where it has none, the patterns' stands. What no pattern saw must be sure, or the best guess for a label.
void add_learned(Judgement& judgement, std::vector<std::pair<std::size_t, float>> const& learned, std::vector<Topic> const& topics) {
    std::array<std::pair<std::size_t, float>, label_count> guesses;
    guesses.fill({topics.size(), least_odds_of_guess});
    for (auto const& [topic, odds] : learned) {
        auto const known = std::find_if(judgement.topics.begin(), judgement.topics.end(), [topic = topic](auto const& entry) { return entry.first == topic; });
        if (known != judgement.topics.end()) {
            auto const both = probability(std::max<double>(odds, least_doubt) + gain_of_topics * known->second);
            known->second = odds < 0 ? std::min(both, known->second) : both;  // doubt never makes a weak hint a strong one
        } else if (topics[topic].labels == 0) {
            if (odds >= least_odds) judgement.topics.emplace_back(topic, probability(odds));
        } else {
            for (std::size_t label = 0; label < label_count; ++label)
                if ((topics[topic].labels >> label & 1) != 0 && odds > guesses[label].second) guesses[label] = {topic, odds};
        }
    }
    for (auto const label : judgement.labels) {
        auto const guess = guesses[static_cast<std::size_t>(label)];
        auto const score = probability(guess.second);
        auto const is_surer = [&](auto const& entry) { return (topics[entry.first].labels & label_bit(label)) != 0 && entry.second >= score; };
        if (guess.first < topics.size() && std::none_of(judgement.topics.begin(), judgement.topics.end(), is_surer))
            judgement.topics.emplace_back(guess.first, score);
    }
}

// Holds each topic to its labels, and finds one for each label.
void fit_topics(Judgement& judgement, std::vector<Topic> const& topics) {
    for (auto& [topic, score] : judgement.topics) {
        if (topics[topic].labels == 0) continue;
        double surest = 0;
        for (std::size_t label = 0; label < label_count; ++label) {
            if ((topics[topic].labels >> label & 1) != 0) surest = std::max(surest, judgement.scores[label]);
        }
        score = std::min(score, surest);
    }
    for (auto const label : judgement.labels) {
        auto const speaks_for_it = [&](std::pair<std::size_t, double> const& entry) { return (topics[entry.first].labels & label_bit(label)) != 0; };
        auto const surer = [&](auto const& a, auto const& b) { return speaks_for_it(b) && (!speaks_for_it(a) || b.second > a.second); };
        auto const best = std::max_element(judgement.topics.begin(), judgement.topics.end(), surer);
        auto const score = judgement.scores[static_cast<std::size_t>(label)];
        if (best != judgement.topics.end() && speaks_for_it(*best)) {
            best->second = std::max(best->second, score);
            continue;
        }
        for (std::size_t i = 0; i < topics.size(); ++i) {
            if (topics[i].is_default && (topics[i].labels & label_bit(label)) != 0) judgement.topics.emplace_back(i, score);
        }
    }
}

}  // namespace

Judgement judge(std::span<RuleHit const> hits, std::vector<CompiledRule> const& rules, std::vector<Topic> const& topics, Intensity const& intensity,
                std::optional<Learned> const& learned, double threshold) {
    Judgement judgement;
    Voices voices;
    std::vector<AngerSign> anger_signs;
    for (auto const* hit : independent_hits(hits, rules)) {
        auto const& rule = rules[hit->rule];
        auto const& topic = topics[*rule.topic];
        for (std::size_t label = 0; label < label_count; ++label) {
            if ((topic.labels >> label & 1) == 0) continue;
            voices[label].doubt *= 1 - rule.weight;
            voices[label].is_hard = voices[label].is_hard || (rule.is_hard && !rule.is_exception);
        }
        if (topic.anger) anger_signs.push_back({*topic.anger, rule.anger_level, rule.weight});
        auto const known = std::find_if(judgement.topics.begin(), judgement.topics.end(), [&](auto const& entry) { return entry.first == *rule.topic; });
        if (known == judgement.topics.end())
            judgement.topics.emplace_back(*rule.topic, rule.weight);
        else
            known->second = 1 - (1 - known->second) * (1 - rule.weight);
    }
    if (learned) note_exceptions(hits, rules, voices);

    for (std::size_t label = 0; label < label_count; ++label) judgement.patterns[label] = voices[label].score();
    constexpr auto anger = static_cast<std::size_t>(Label::anger);
    judgement.patterns[anger] = anger_score(anger_signs, intensity);
    for (std::size_t label = 0; label < label_count; ++label) {
        auto const patterns = judgement.patterns[label];
        judgement.scores[label] = learned ? together(patterns, voices[label], learned->labels[label]) : patterns;
        if (judgement.scores[label] >= threshold) judgement.labels.push_back(static_cast<Label>(label));
    }
    judgement.anger = judge_anger(anger_signs, intensity, judgement.scores[anger], threshold);

    if (learned) {
        add_learned(judgement, learned->topics, topics);
        fit_topics(judgement, topics);
    }
    std::sort(judgement.topics.begin(), judgement.topics.end(),
              [](auto const& a, auto const& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    return judgement;
}

}  // namespace kefu
