// SPDX-License-Identifier: Apache-2.0
#include "intents/judge.hpp"

#include "intents/anger.hpp"

#include <algorithm>
#include <cmath>

namespace kefu {
namespace {

// How much the patterns' score, 0-1, adds to the logarithm of the odds. Found on sentences that neither the patterns' authors nor the training saw.
constexpr double gain_of_patterns = 3.5;
constexpr double score_of_hard = 0.97;

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
    bool is_blocked_hard = false;
    double score() const { return 1 - doubt; }
};
using Voices = std::array<Voice, label_count>;

void note_hard_exceptions(std::span<RuleHit const> hits, std::vector<CompiledRule> const& rules, std::vector<Topic> const& topics, Voices& voices) {
    for (auto const& hit : hits) {
        if (!hit.blocked_by || !rules[*hit.blocked_by].is_hard || !rules[hit.rule].topic) continue;
        for (std::size_t label = 0; label < label_count; ++label) {
            if ((topics[*rules[hit.rule].topic].labels >> label & 1) != 0) voices[label].is_blocked_hard = true;
        }
    }
}

double together(double patterns, Voice const& voice, float learned) {
    if (voice.is_hard) return std::max(patterns, score_of_hard);
    if (voice.is_blocked_hard && voice.doubt == 1) return 1 - score_of_hard;
    return 1 / (1 + std::exp(-(learned + gain_of_patterns * patterns)));
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
                std::optional<Model::Scores> const& learned, double threshold) {
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
    if (learned) note_hard_exceptions(hits, rules, topics, voices);

    for (std::size_t label = 0; label < label_count; ++label) judgement.patterns[label] = voices[label].score();
    constexpr auto anger = static_cast<std::size_t>(Label::anger);
    judgement.patterns[anger] = anger_score(anger_signs, intensity);
    for (std::size_t label = 0; label < label_count; ++label) {
        auto const patterns = judgement.patterns[label];
        judgement.scores[label] = learned ? together(patterns, voices[label], (*learned)[label]) : patterns;
        if (judgement.scores[label] >= threshold) judgement.labels.push_back(static_cast<Label>(label));
    }
    judgement.anger = judge_anger(anger_signs, intensity, judgement.scores[anger], threshold);

    if (learned) fit_topics(judgement, topics);
    std::sort(judgement.topics.begin(), judgement.topics.end(),
              [](auto const& a, auto const& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    return judgement;
}

}  // namespace kefu
