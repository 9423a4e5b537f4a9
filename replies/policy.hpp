// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/classify.hpp"
#include "replies/playbook.hpp"
#include "replies/schedule.hpp"
#include "replies/template.hpp"

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// When a rule calls a person.
enum class HandOver { never, always, second_time };

/// What becomes of an answer: it is sent; a person approves it; none is given. The later the stricter.
enum class AnswerMode { auto_, draft, off };

/// What a concession can be.
inline constexpr std::array<std::string_view, 6> concession_kinds{"gift", "free_shipping", "coupon", "partial_refund", "keep_item", "discount"};

/// What to do about one topic: replies/policy.yaml, `rules`.
struct Rule {
    std::string topic;
    std::string scenario;  ///< "T1": the row of the shop's scenarios it answers
    std::string tier;
    int priority = 0;      ///< the highest of a message's topics decides; ties: file order
    std::string reply;     ///< template; empty: silence, or a playbook
    std::string playbook;  ///< instead of a reply: how to go about it
    HandOver hand_over = HandOver::never;
    AnswerMode mode = AnswerMode::auto_;  ///< of what is said about it
    std::string reason;                   ///< of the escalation
    bool urgent = false;
    bool silent_unless_case = false;  ///< thanks: one closing when a case is open or after anger, else silence
    SourceLocation where;
};

/// What somebody may give without asking: amounts by currency, and kinds of concessions. Empty: nothing.
struct Authority {
    std::map<std::string, double> per_order;  ///< ISO 4217 → the most goodwill for one order, in that currency
    std::map<std::string, double> refunds;    ///< the most of an order's price that it may pay back
    std::map<std::string, double> per_day;    ///< the most for one customer in 24 hours
    std::vector<std::string> kinds;           ///< gift, free_shipping, coupon, partial_refund, keep_item, discount

    friend bool operator==(Authority const&, Authority const&) = default;
};

struct Tier {
    std::string name;
    std::chrono::minutes answer_within{0};                                  ///< working time until the promised answer
    std::chrono::milliseconds acknowledge_within{std::chrono::minutes{5}};  ///< then the next person is asked
    std::optional<Schedule> hours;                                          ///< when its people are there; nothing: the shop's hours
    Authority authority;
    bool unlimited = false;  ///< nobody above it decides about money
};

/// One step of the ladder of concessions (scenarios.md, "The ladder").
struct LadderStep {
    std::string kind;
    std::string say;                      ///< the offer
    std::map<std::string, double> value;  ///< by currency; empty: it has no amount
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
    double high_anger = 0.8;                      ///< at or above: a person, at once
    std::chrono::minutes remind_after{24 * 60};   ///< a question of a playbook without an answer
    std::chrono::minutes give_up_after{72 * 60};  ///< then the case is closed
    int failed_lookups = 5;                       ///< order numbers and second facts that do not fit, in 24 hours; then a person
};

/// What the operator decided: replies/policy.yaml. Immutable.
struct Policy {
    Limits limits;
    std::vector<Rule> rules;
    std::vector<Tier> tiers;
    Authority bot;  ///< the bot's own
    std::vector<LadderStep> ladder;
    Schedule hours;
    Schedule waking;  ///< when the bot may write by itself: reminders, follow-ups
    std::string default_tier;
    std::string shop;            ///< its name, `{shop}`
    std::string time_zone;       ///< IANA
    std::string default_locale;  ///< the shop's language
    std::string currency;        ///< ISO 4217, of amounts that name none
    bool disclose = true;
    std::map<std::string, std::map<std::string, Argument>> facts;  ///< name → locale ("" = all) → value, for templates: return_days, dispatch_rule, ...

    /// Nothing when no rule names the topic.
    Rule const* rule(std::string_view topic) const;
    /// The default tier when there is none of that name.
    Tier const& tier(std::string_view name) const;
    /// When that tier's people are there.
    Schedule const& hours_of(std::string_view tier_name) const;
    /// Its place in the order of authority; a tier nobody knows stands below all.
    int rank(std::string_view tier_name) const;
    /// The lowest tier from `from` upwards that may decide about that amount (unit: ISO 4217), as goodwill or as the refund of a price; the highest when
    /// none may.
    Tier const& tier_for(std::string_view from, double amount, std::string_view unit, bool is_refund) const;
    /// The next one up; the highest has none above it and gives itself.
    Tier const& above(std::string_view tier_name) const;
};

/// The names under `facts`: what templates may use beside the built-in placeholders. Mistakes are left to load_policy().
std::vector<std::string> fact_names(SourceText const& file);

/// What a policy names. Null: it did not load, and what is named of it is not checked.
struct PolicyParts {
    Classifier const* classifier = nullptr;
    Templates const* templates = nullptr;
    Playbooks const* playbooks = nullptr;
    Calendars calendars;
};

/// Reads policy.yaml. Unknown topics, templates, playbooks, calendars and tiers are errors with their place.
Checked<Policy> load_policy(SourceText const& file, PolicyParts const& parts);

}  // namespace kefu
