// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/classify.hpp"
#include "replies/schedule.hpp"
#include "replies/template.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// When a rule calls a person.
enum class HandOver { never, always, second_time, with_order };  // with_order: at once when the order is known, else after it was asked for

/// What to do about one topic: replies/policy.yaml, `rules`.
struct Rule {
    std::string topic;
    std::string scenario;  ///< "T1": the row of the shop's scenarios it answers
    std::string tier;
    int priority = 0;          ///< the highest of a message's topics decides; ties: file order
    std::string reply;         ///< template; empty: silence
    bool needs_order = false;  ///< asks for the order number once (twice at most) before it goes on
    int needs_photos = 0;
    HandOver hand_over = HandOver::never;
    std::string reason;  ///< of the escalation
    bool urgent = false;
    bool silent_unless_case = false;  ///< thanks: one closing when a case is open or after anger, else silence
    SourceLocation where;
};

struct Tier {
    std::string name;
    std::chrono::minutes answer_within{0};  ///< working time until the promised answer
};

/// Limits that keep the bot from looping or answering stale talk (promises 7 and 8).
struct Limits {
    std::chrono::milliseconds quiet_window{2000};
    std::chrono::milliseconds quiet_cap{8000};
    int quiet_messages = 6;
    std::chrono::minutes stale_after{10};
    int answers = 10;  ///< automatic answers within `answers_within`
    std::chrono::minutes answers_within{180};
    int identical_answers = 2;
    double high_anger = 0.8;  ///< at or above: a person, at once
};

/// What the operator decided: replies/policy.yaml. Immutable.
struct Policy {
    Limits limits;
    std::vector<Rule> rules;
    std::vector<Tier> tiers;
    Schedule hours;
    std::string default_tier;
    std::string shop;            ///< its name, `{shop}`
    std::string time_zone;       ///< IANA
    std::string default_locale;  ///< the shop's language
    bool disclose = true;
    std::map<std::string, std::map<std::string, Argument>> facts;  ///< name → locale ("" = all) → value, for templates: return_days, dispatch_rule, ...

    /// Nothing when no rule names the topic.
    Rule const* rule(std::string_view topic) const;
    /// The default tier when there is none of that name.
    Tier const& tier(std::string_view name) const;
    /// Its place in the order of authority; a tier nobody knows stands below all.
    int rank(std::string_view tier_name) const;
    /// The next one up; the highest has none above it and gives itself.
    Tier const& above(std::string_view tier_name) const;
};

/// The names under `facts`: what templates may use beside the built-in placeholders. Mistakes are left to load_policy().
std::vector<std::string> fact_names(SourceText const& file);

/// Reads policy.yaml. Unknown topics, templates and tiers are errors with their place.
Checked<Policy> load_policy(SourceText const& file, Classifier const& classifier, Templates const& templates);
/// The same when one of them did not load: what it names is not checked.
Checked<Policy> load_policy(SourceText const& file, Classifier const* classifier, Templates const* templates);

}  // namespace kefu
