// SPDX-License-Identifier: Apache-2.0
#include "intents/rulebook.hpp"

#include <algorithm>

namespace kefu {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// True when the text at `at` ends a clause: , ; ! ? 。 a newline, or a full stop that is not inside a number.
bool ends_clause(std::string_view text, std::size_t at) {
    switch (text[at]) {
        case ',':
        case ';':
        case '!':
        case '?':
        case '\n':
            return true;
        case '.':
            return at + 1 == text.size() || !is_digit(text[at + 1]);
        case '\xE3':
            return text.substr(at).starts_with("。");
        default:
            return false;
    }
}

// The clause around [start, end).
std::pair<std::size_t, std::size_t> clause_around(std::string_view text, std::size_t start, std::size_t end) {
    while (start > 0 && !ends_clause(text, start - 1) && !text.substr(0, start).ends_with("。")) --start;
    while (end < text.size() && !ends_clause(text, end)) ++end;
    return {start, end};
}

bool blocks(CompiledRule const& exception, CompiledRule const& rule, std::vector<Topic> const& topics) {
    if (exception.blocks_all) return true;
    auto const& named = exception.blocked_topics;
    return (topics[*rule.topic].labels & exception.blocked_labels) != 0 || std::find(named.begin(), named.end(), *rule.topic) != named.end();
}

CompiledRule to_rule(PackPattern const& pattern, std::string name, std::uint8_t pack, std::vector<Topic> const& topics) {
    CompiledRule rule;
    rule.name = std::move(name);
    rule.pack = pack;
    rule.is_hard = pattern.is_hard;
    rule.topic = pattern.topic;
    rule.weight = pattern.weight;
    rule.anger_level = pattern.level.value_or(topics[pattern.topic].anger_level);
    return rule;
}

CompiledRule to_rule(PackException const& exception, std::string name, std::uint8_t pack, std::vector<Topic> const& topics) {
    CompiledRule rule;
    rule.name = std::move(name);
    rule.pack = pack;
    rule.is_exception = true;
    rule.is_hard = exception.is_hard;
    rule.topic = exception.topic;
    rule.weight = PackPattern{}.weight;
    if (exception.topic) rule.anger_level = topics[*exception.topic].anger_level;
    rule.blocked_labels = exception.blocked_labels;
    rule.blocked_topics = exception.blocked_topics;
    rule.blocks_all = exception.blocks_all;
    rule.scope = exception.scope;
    return rule;
}

}  // namespace

Checked<Rulebook> Rulebook::compile(Topics topics, std::vector<Pack> const& packs) {
    std::vector<CompiledRule> rules;
    std::vector<std::uint32_t> rule_of;
    std::vector<PatternSet::Source> sources;
    for (std::size_t i = 0; i < packs.size(); ++i) {
        auto const pack = static_cast<std::uint8_t>(i);
        auto const add = [&](auto const& entry) {
            auto const index = static_cast<std::uint32_t>(rules.size());
            rules.push_back(to_rule(entry, packs[i].language + "/" + entry.id, pack, topics.all));
            for (auto const& written : entry.any) {
                for (auto const& expression : written.alternatives) {
                    sources.push_back({expression, written.where, pack});
                    rule_of.push_back(index);
                }
            }
        };
        for (auto const& pattern : packs[i].patterns) add(pattern);
        for (auto const& exception : packs[i].exceptions) add(exception);
    }
    auto patterns = PatternSet::compile(sources);
    if (!patterns) return patterns.error();
    return Rulebook{std::move(topics.all), std::move(rules), std::move(rule_of), std::move(*patterns)};
}

std::vector<RuleHit> Rulebook::apply(std::string_view normalized, std::uint64_t packs) const {
    std::vector<PatternSet::Hit> found;
    found.reserve(32);
    patterns_.search(normalized, packs, found);
    std::vector<RuleHit> hits;
    hits.reserve(found.size());
    for (auto const& [expression, start, end] : found) hits.push_back({rule_of_[expression], start, end, std::nullopt});

    // Expressions of one rule stand together; of hits that lie inside each other the longest stays.
    std::sort(hits.begin(), hits.end(), [](RuleHit const& a, RuleHit const& b) {
        if (a.rule != b.rule) return a.rule < b.rule;
        return a.start != b.start ? a.start < b.start : a.end > b.end;
    });
    auto kept = hits.begin();
    for (auto hit = hits.begin(); hit != hits.end(); ++hit) {
        if (kept != hits.begin() && std::prev(kept)->rule == hit->rule && std::prev(kept)->end >= hit->end) continue;
        *kept++ = *hit;
    }
    hits.erase(kept, hits.end());
    block(normalized, hits);
    return hits;
}

void Rulebook::block(std::string_view normalized, std::vector<RuleHit>& hits) const {
    for (auto const& taking : hits) {
        auto const& exception = rules_[taking.rule];
        if (!exception.is_exception) continue;
        std::size_t start = taking.start;
        std::size_t end = taking.end;
        if (exception.scope == Scope::clause) std::tie(start, end) = clause_around(normalized, start, end);
        if (exception.scope == Scope::message) {
            start = 0;
            end = normalized.size();
        }
        for (auto& hit : hits) {
            auto const& rule = rules_[hit.rule];
            if (hit.blocked_by || rule.is_exception || hit.start >= end || hit.end <= start) continue;
            if (blocks(exception, rule, topics_)) hit.blocked_by = taking.rule;
        }
    }
}

}  // namespace kefu
