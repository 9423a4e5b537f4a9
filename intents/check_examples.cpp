// SPDX-License-Identifier: Apache-2.0
#include "intents/check_examples.hpp"

#include <algorithm>

namespace kefu {
namespace {

// "pattern 'refund.word'"
std::string described(CompiledRule const& rule, std::string const& id) { return (rule.is_exception ? "exception '" : "pattern '") + id + "'"; }

class ExampleChecker {
  public:
    ExampleChecker(Rulebook const& rules, std::function<ReadExample(std::string_view, std::string const&)> const& read, Errors& errors)
        : rules_(rules), read_(read), errors_(errors) {}

    void check(std::uint32_t rule, PackRule const& entry, std::string const& language) {
        auto const name = described(rules_.rules()[rule], entry.id);
        for (auto const& example : entry.examples) expect_hit(rule, name, example, language);
        for (auto const& example : entry.counterexamples) expect_none(rule, name, example, language);
    }

  private:
    void expect_hit(std::uint32_t rule, std::string const& name, Example const& example, std::string const& language) {
        auto const read = read_(example.text, language);
        auto const is_its = [&](RuleHit const& hit) { return hit.rule == rule; };
        auto const counts = [&](RuleHit const& hit) { return hit.rule == rule && !hit.blocked_by; };
        if (std::any_of(read.hits.begin(), read.hits.end(), counts)) return;
        auto const blocked = std::find_if(read.hits.begin(), read.hits.end(), is_its);
        if (blocked != read.hits.end()) {
            fail(example, "example '" + example.text + "' fires " + name + ", but exception '" + rules_.rules()[*blocked->blocked_by].name +
                              "' takes it away; narrow the exception or choose another example");
        } else {
            fail(example, "example '" + example.text + "' does not fire " + name + "; it reads '" + read.normalized +
                              "' after normalising: change the expression or the example");
        }
    }

    void expect_none(std::uint32_t rule, std::string const& name, Example const& example, std::string const& language) {
        auto const read = read_(example.text, language);
        for (auto const& hit : read.hits) {
            if (hit.rule != rule || hit.blocked_by) continue;
            fail(example, "counterexample '" + example.text + "' fires " + name + " with '" + read.normalized.substr(hit.start, hit.end - hit.start) +
                              "'; narrow the expression or add an exception");
            return;
        }
    }

    void fail(Example const& example, std::string message) { errors_.push_back({Errc::bad_config, std::move(message), example.where}); }

    Rulebook const& rules_;
    std::function<ReadExample(std::string_view, std::string const&)> const& read_;
    Errors& errors_;
};

}  // namespace

Errors check_examples(std::vector<Pack> const& packs, Rulebook const& rules,
                      std::function<ReadExample(std::string_view text, std::string const& language)> const& read) {
    Errors errors;
    ExampleChecker checker{rules, read, errors};
    std::uint32_t rule = 0;  // the rules stand in the order of the packs
    for (auto const& pack : packs) {
        for (auto const& pattern : pack.patterns) checker.check(rule++, pattern, pack.language);
        for (auto const& exception : pack.exceptions) checker.check(rule++, exception, pack.language);
    }
    return errors;
}

}  // namespace kefu
