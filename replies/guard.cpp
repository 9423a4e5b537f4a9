// SPDX-License-Identifier: Apache-2.0
#include "replies/guard.hpp"

#include "config/yaml.hpp"
#include "intents/expression.hpp"
#include "intents/normalize.hpp"
#include "intents/pattern_set.hpp"
#include "replies/guard_parts.hpp"

#include <algorithm>

namespace kefu {

namespace {

struct GuardRule {
    std::string id;
    std::string why;
};

/// The patterns of all rules; the group of each is its rule.
class Patterns {
  public:
    void read(yaml::Value const& list, std::uint8_t rule, GuardParts const& parts, Errors& errors) {
        for (auto const& item : list.items(errors)) {
            auto const source = item.string(errors);
            auto const pattern = source ? parts.write_out(*source, item, errors) : std::nullopt;
            if (!pattern) continue;
            auto expressions = read_expression(*pattern);
            if (!expressions) {
                errors.push_back(item.error(expressions.error().message));
                continue;
            }
            for (auto& expression : *expressions) {
                rules_.push_back(rule);
                sources_.push_back({std::move(expression), item.where(), rule});
            }
        }
    }

    void make_ready(Errors& errors) {
        auto compiled = PatternSet::compile(sources_);
        sources_ = {};
        if (compiled) {
            set_.emplace(*std::move(compiled));
            return;
        }
        auto const found = compiled.error();
        errors.insert(errors.end(), found.begin(), found.end());
    }

    std::vector<PatternSet::Hit> search(std::string_view text, PatternSet::Groups rules) const {
        std::vector<PatternSet::Hit> hits;
        set_->search(text, rules, hits);
        return hits;
    }

    std::uint8_t rule_of(PatternSet::Hit const& hit) const { return rules_[hit.expression]; }

  private:
    std::vector<PatternSet::Source> sources_;  // until it is ready
    std::vector<std::uint8_t> rules_;          // by expression
    std::optional<PatternSet> set_;            // there when it is ready
};

/// Texts a rule must or must not find, until its patterns are ready.
struct Examples {
    std::uint8_t rule;
    yaml::Value blocks;
    std::optional<yaml::Value> allows;
};

}  // namespace

struct Guard::Compiled {
    std::vector<GuardRule> rules;
    Patterns any;
    Patterns except;

    std::optional<Examples> read_rule(yaml::Value const& value, GuardParts const& parts, Errors& errors);
    void run(Examples const& examples, Errors& errors) const;
    std::optional<PatternSet::Hit> find(std::uint8_t rule, std::vector<PatternSet::Hit> const& hits, std::string_view text) const;
};

std::optional<Examples> Guard::Compiled::read_rule(yaml::Value const& value, GuardParts const& parts, Errors& errors) {
    auto const number = static_cast<std::uint8_t>(rules.size());
    auto& rule = rules.emplace_back();
    yaml::Object object{value, errors};
    if (auto const id = object.require("id")) rule.id = id->string(errors).value_or("");
    if (std::any_of(rules.begin(), rules.end() - 1, [&](auto const& other) { return other.id == rule.id; }))
        errors.push_back(value.error("rule '" + rule.id + "' is there twice"));
    if (auto const why = object.require("why")) rule.why = why->string(errors).value_or("");
    if (auto const list = object.require("any")) any.read(*list, number, parts, errors);
    if (auto const list = object.get("except")) except.read(*list, number, parts, errors);
    auto const blocks = object.require("blocks");
    auto const allows = object.get("allows");
    object.finish();
    if (!blocks) return std::nullopt;
    return Examples{number, *blocks, allows};
}

/// The first of the `hits` in `text` that are the rule's and that no exception of it covers.
std::optional<PatternSet::Hit> Guard::Compiled::find(std::uint8_t rule, std::vector<PatternSet::Hit> const& hits, std::string_view text) const {
    auto const is_of_rule = [&](auto const& hit) { return any.rule_of(hit) == rule; };
    if (std::none_of(hits.begin(), hits.end(), is_of_rule)) return std::nullopt;
    auto const excepted = except.search(text, PatternSet::Groups{1} << rule);
    std::optional<PatternSet::Hit> first;
    for (auto const& hit : hits) {
        if (!is_of_rule(hit) || (first && first->start <= hit.start)) continue;
        bool const is_forgiven =
            std::any_of(excepted.begin(), excepted.end(), [&](auto const& other) { return hit.start < other.end && other.start < hit.end; });
        if (!is_forgiven) first = hit;
    }
    return first;
}

void Guard::Compiled::run(Examples const& examples, Errors& errors) const {
    auto const run_list = [&](yaml::Value const& list, bool is_blocked, char const* verdict) {
        for (auto const& example : list.items(errors)) {
            auto const text = example.string(errors);
            if (!text) continue;
            auto const normalized = normalize(*text).text;
            auto const hits = any.search(normalized, PatternSet::Groups{1} << examples.rule);
            if (find(examples.rule, hits, normalized).has_value() != is_blocked)
                errors.push_back(example.error("rule '" + rules[examples.rule].id + "' " + verdict + " find this example"));
        }
    };
    run_list(examples.blocks, true, "does not");
    if (examples.allows) run_list(*examples.allows, false, "must not");
}

Checked<Guard> Guard::load(SourceText const& file, bool check_examples) {
    Errors errors;
    auto compiled = std::make_shared<Compiled>();
    auto const root = yaml::parse(file.text, file.name, errors);
    if (!root) return errors;
    yaml::Object object{*root, errors};
    auto const named = object.get("parts");
    auto const parts = named ? GuardParts::read(*named, errors) : GuardParts{};
    std::vector<Examples> examples;
    if (auto const rules = object.require("rules"))
        for (auto const& item : rules->items(errors)) {
            if (compiled->rules.size() == PatternSet::most_groups) {
                errors.push_back(item.error("at most " + std::to_string(PatternSet::most_groups) + " rules"));
                break;
            }
            if (auto of_rule = compiled->read_rule(item, parts, errors)) examples.push_back(*std::move(of_rule));
        }
    object.finish();
    compiled->any.make_ready(errors);
    compiled->except.make_ready(errors);
    if (check_examples && errors.empty())  // else they would only repeat what is wrong
        for (auto const& of_rule : examples) compiled->run(of_rule, errors);
    if (!errors.empty()) return errors;
    return Guard{std::move(compiled)};
}

std::optional<GuardFinding> Guard::check(std::string_view text) const {
    auto const normalized = normalize(text);
    auto const hits = compiled_->any.search(normalized.text, PatternSet::all_groups);
    if (hits.empty()) return std::nullopt;
    for (std::uint8_t i = 0; i < compiled_->rules.size(); ++i) {
        auto const hit = compiled_->find(i, hits, normalized.text);
        if (!hit) continue;
        auto const [start, end] = normalized.original(hit->start, hit->end);
        return GuardFinding{compiled_->rules[i].id, start, end, compiled_->rules[i].why};
    }
    return std::nullopt;
}

}  // namespace kefu
