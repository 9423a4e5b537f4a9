// SPDX-License-Identifier: Apache-2.0
#include "replies/guard.hpp"

#include "config/yaml.hpp"
#include "intents/expression.hpp"
#include "intents/normalize.hpp"
#include "replies/guard_parts.hpp"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

namespace kefu {

namespace {

/// Bytes of the normalised text, half-open.
struct Span {
    std::size_t start = 0;
    std::size_t end = 0;
};

using Patterns = std::vector<std::unique_ptr<RE2 const>>;

struct GuardRule {
    std::string id;
    std::string why;
    Patterns any;
    Patterns except;
};

RE2::Options quietly() {
    RE2::Options options;
    options.set_log_errors(false);
    return options;
}

/// Every place where `pattern` is found, from left to right without overlaps.
std::vector<Span> hits(RE2 const& pattern, std::string_view text) {
    std::vector<Span> found;
    re2::StringPiece const all{text.data(), text.size()};
    re2::StringPiece hit;
    for (std::size_t at = 0; at <= text.size() && pattern.Match(all, at, text.size(), RE2::UNANCHORED, &hit, 1);) {
        auto const start = static_cast<std::size_t>(hit.data() - text.data());
        found.push_back({start, start + hit.size()});
        at = start + std::max<std::size_t>(hit.size(), 1);
    }
    return found;
}

std::vector<Span> hits(Patterns const& patterns, std::string_view text) {
    std::vector<Span> found;
    for (auto const& pattern : patterns)
        for (auto const& hit : hits(*pattern, text)) found.push_back(hit);
    return found;
}

/// The first hit of the rule that no exception covers.
std::optional<Span> finds(GuardRule const& rule, std::string_view text) {
    auto found = hits(rule.any, text);
    if (found.empty()) return std::nullopt;
    auto const excepted = hits(rule.except, text);
    std::erase_if(found, [&](Span const& hit) {
        return std::any_of(excepted.begin(), excepted.end(), [&](Span const& other) { return hit.start < other.end && other.start < hit.end; });
    });
    if (found.empty()) return std::nullopt;
    return *std::min_element(found.begin(), found.end(), [](auto const& a, auto const& b) { return a.start < b.start; });
}

Patterns read_patterns(yaml::Value const& value, GuardParts const& parts, Errors& errors) {
    Patterns patterns;
    for (auto const& item : value.items(errors)) {
        auto const source = item.string(errors);
        auto const pattern = source ? parts.write_out(*source, item, errors) : std::nullopt;
        if (!pattern) continue;
        auto const expressions = read_expression(*pattern);
        if (!expressions) {
            errors.push_back(item.error(expressions.error().message));
            continue;
        }
        for (auto const& expression : *expressions) {
            auto compiled = std::make_unique<RE2>(expression.regexp, quietly());
            if (!compiled->ok())
                errors.push_back(item.error("not a valid expression: " + compiled->error()));
            else if (RE2::FullMatch("", *compiled))
                errors.push_back(item.error("this expression finds nothing at all, so it is everywhere"));
            else
                patterns.push_back(std::move(compiled));
        }
    }
    return patterns;
}

void run_examples(GuardRule const& rule, yaml::Value const& blocks, std::optional<yaml::Value> const& allows, Errors& errors) {
    for (auto const& example : blocks.items(errors))
        if (auto const text = example.string(errors); text && !finds(rule, normalize(*text).text))
            errors.push_back(example.error("rule '" + rule.id + "' does not find this example"));
    if (!allows) return;
    for (auto const& example : allows->items(errors))
        if (auto const text = example.string(errors); text && finds(rule, normalize(*text).text))
            errors.push_back(example.error("rule '" + rule.id + "' must not find this example"));
}

GuardRule read_rule(yaml::Value const& value, GuardParts const& parts, bool check_examples, Errors& errors) {
    GuardRule rule;
    yaml::Object object{value, errors};
    auto const before = errors.size();
    if (auto const id = object.require("id")) rule.id = id->string(errors).value_or("");
    if (auto const why = object.require("why")) rule.why = why->string(errors).value_or("");
    if (auto const any = object.require("any")) rule.any = read_patterns(*any, parts, errors);
    if (auto const except = object.get("except")) rule.except = read_patterns(*except, parts, errors);
    auto const blocks = object.require("blocks");
    auto const allows = object.get("allows");
    object.finish();
    bool const is_whole = errors.size() == before;  // examples would only repeat what is wrong
    if (is_whole && check_examples) run_examples(rule, *blocks, allows, errors);
    return rule;
}

}  // namespace

struct Guard::Compiled {
    std::vector<GuardRule> rules;
    std::unique_ptr<RE2::Set> all;     ///< one pass says whether any rule can find something; nothing when it would not fit
    std::vector<std::size_t> rule_of;  ///< by the set's index
};

Checked<Guard> Guard::load(SourceText const& file, bool check_examples) {
    Errors errors;
    auto compiled = std::make_shared<Compiled>();
    auto const root = yaml::parse(file.text, file.name, errors);
    if (!root) return errors;
    yaml::Object object{*root, errors};
    auto const named = object.get("parts");
    auto const parts = named ? GuardParts::read(*named, errors) : GuardParts{};
    if (auto const rules = object.require("rules"))
        for (auto const& item : rules->items(errors)) {
            auto rule = read_rule(item, parts, check_examples, errors);
            if (std::any_of(compiled->rules.begin(), compiled->rules.end(), [&](auto const& other) { return other.id == rule.id; }))
                errors.push_back(item.error("rule '" + rule.id + "' is there twice"));
            compiled->rules.push_back(std::move(rule));
        }
    object.finish();
    if (!errors.empty()) return errors;

    auto options = quietly();
    options.set_max_mem(64 << 20);
    compiled->all = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
    for (std::size_t i = 0; i < compiled->rules.size(); ++i)
        for (auto const& pattern : compiled->rules[i].any)
            if (compiled->all->Add(pattern->pattern(), nullptr) >= 0) compiled->rule_of.push_back(i);
    if (!compiled->all->Compile()) compiled->all.reset();
    return Guard{std::move(compiled)};
}

std::optional<GuardFinding> Guard::check(std::string_view text) const {
    auto const normalized = normalize(text);
    std::vector<bool> suspects(compiled_->rules.size(), true);
    if (compiled_->all) {
        std::vector<int> fired;
        RE2::Set::ErrorInfo error{};
        bool const any = compiled_->all->Match(normalized.text, &fired, &error);
        if (!any && error.kind == RE2::Set::kNoError) return std::nullopt;
        if (any) {
            suspects.assign(suspects.size(), false);
            for (int const index : fired) suspects[compiled_->rule_of[static_cast<std::size_t>(index)]] = true;
        }  // else the set ran out of memory: try every rule
    }
    for (std::size_t i = 0; i < compiled_->rules.size(); ++i) {
        auto const& rule = compiled_->rules[i];
        auto const hit = suspects[i] ? finds(rule, normalized.text) : std::nullopt;
        if (!hit) continue;
        auto const [start, end] = normalized.original(hit->start, hit->end);
        return GuardFinding{rule.id, start, end, rule.why};
    }
    return std::nullopt;
}

}  // namespace kefu
