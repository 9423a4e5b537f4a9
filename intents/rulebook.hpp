// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/pack.hpp"
#include "intents/pattern_set.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kefu {

/// A pattern or an exception of some pack, ready to be applied.
struct CompiledRule {
    std::string name;       ///< "zh-Hant/threat_agency.named"
    std::uint8_t pack = 0;  ///< index into Rulebook::languages
    bool is_exception = false;
    bool is_hard = false;              ///< overrules the learned layer
    std::optional<std::size_t> topic;  ///< index into Rulebook::topics; an exception may have none
    double weight = 0;
    double anger_level = 0;

    // Exceptions only:
    LabelBits blocked_labels = 0;
    std::vector<std::size_t> blocked_topics;
    bool blocks_all = false;
    Scope scope = Scope::span;
};

/// A rule's hit in normalised text, half-open.
struct RuleHit {
    std::uint32_t rule = 0;
    std::uint32_t start = 0;
    std::uint32_t end = 0;
    std::optional<std::uint32_t> blocked_by;  ///< the exception that took it away
    friend bool operator==(RuleHit const&, RuleHit const&) = default;
};

/// All rules of all packs and where they hit. Immutable and thread-safe.
class Rulebook {
  public:
    static Checked<Rulebook> compile(Topics topics, std::vector<Pack> const& packs);

    std::vector<Topic> const& topics() const { return topics_; }
    std::vector<CompiledRule> const& rules() const { return rules_; }

    /// The hits of the packs in `packs` (bit i: packs[i]) by rising rule and start, those that an exception takes away marked. A hit
    /// inside another one of the same rule is left out.
    std::vector<RuleHit> apply(std::string_view normalized, std::uint64_t packs) const;

  private:
    Rulebook(std::vector<Topic> topics, std::vector<CompiledRule> rules, std::vector<std::uint32_t> rule_of, PatternSet patterns)
        : topics_(std::move(topics)), rules_(std::move(rules)), rule_of_(std::move(rule_of)), patterns_(std::move(patterns)) {}

    void block(std::string_view normalized, std::vector<RuleHit>& hits) const;

    std::vector<Topic> topics_;
    std::vector<CompiledRule> rules_;
    std::vector<std::uint32_t> rule_of_;  // expression -> rule
    PatternSet patterns_;
};

}  // namespace kefu
