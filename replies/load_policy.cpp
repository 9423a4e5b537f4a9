// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"
#include "config/yaml.hpp"
#include "intents/money.hpp"
#include "replies/load_hours.hpp"
#include "replies/policy.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace kefu {

namespace {

constexpr std::array<std::string_view, 3> answer_mode_names{"auto", "draft", "off"};
constexpr std::array<std::string_view, 3> hand_over_names{"never", "always", "second_time"};

/// Placeholders that code gives; a fact of that name would never be seen.
constexpr std::array<std::string_view, 8> taken_names{"shop", "case", "customer", "order", "kind", "photos", "answer_by", "offer_value"};

class PolicyReader {
  public:
    PolicyReader(Classifier const* classifier, Templates const* templates, Playbooks const* playbooks, Calendars const& calendars, Errors& errors)
        : classifier_(classifier), templates_(templates), playbooks_(playbooks), calendars_(calendars), errors_(errors) {}

    void read(yaml::Value const& root) {
        yaml::Object object{root, errors_};
        auto const tiers = object.require("tiers");
        auto const rules = object.require("rules");
        if (tiers) read_tiers(*tiers);  // first: rules and default_tier name them
        if (auto const limits = object.get("limits")) read_limits(*limits);
        if (auto const value = object.require("default_tier")) policy.default_tier = read_tier_name(*value);
        if (auto const value = object.get("disclose")) policy.disclose = value->boolean(errors_).value_or(true);
        if (auto const value = object.get("bot")) policy.bot = read_authority(*value);
        if (auto const value = object.get("ladder")) read_ladder(*value);
        if (auto const value = object.get("currency")) policy.currency = read_currency(*value);
        if (auto const value = object.get("hours")) policy.hours = load_hours(*value, calendars_, errors_);
        if (auto const value = object.get("waking")) policy.waking = load_daily(*value, errors_);
        if (auto const value = object.get("facts")) read_facts(*value);
        object.finish();
        if (rules) read_rules(*rules);
    }

    Policy policy;

  private:
    void read_limits(yaml::Value const& value) {
        auto& limits = policy.limits;
        yaml::Object object{value, errors_};
        read_duration(object, "quiet_window", limits.quiet_window);
        read_duration(object, "quiet_cap", limits.quiet_cap);
        read_count(object, "quiet_messages", limits.quiet_messages);
        read_duration(object, "stale_after", limits.stale_after);
        read_count(object, "answers", limits.answers);
        read_duration(object, "answers_within", limits.answers_within);
        read_count(object, "identical_answers", limits.identical_answers);
        read_duration(object, "remind_after", limits.remind_after);
        read_duration(object, "give_up_after", limits.give_up_after);
        read_count(object, "failed_lookups", limits.failed_lookups);
        if (auto const level = object.get("high_anger")) limits.high_anger = level->number(errors_, 0, 1).value_or(limits.high_anger);
        object.finish();
        if (limits.quiet_cap < limits.quiet_window) errors_.push_back(value.error("quiet_cap is shorter than quiet_window"));
    }

    template <class Duration>
    void read_duration(yaml::Object& object, std::string_view key, Duration& into) {
        auto const value = object.get(key);
        if (!value) return;
        auto const read = value->duration(errors_);
        if (!read) return;
        into = std::chrono::floor<Duration>(*read);
        if (into != *read) errors_.push_back(value->error("expected whole minutes"));
    }

    void read_count(yaml::Object& object, std::string_view key, int& into) {
        if (auto const value = object.get(key))
            if (auto const read = value->integer(errors_, 1, 1000)) into = static_cast<int>(*read);
    }

    void read_tiers(yaml::Value const& value) {
        for (auto const& item : value.items(errors_)) {
            yaml::Object object{item, errors_};
            Tier tier;
            auto const name = object.require("name");
            if (auto const within = object.require("answer_within"))
                if (auto const read = within->duration(errors_)) {
                    tier.answer_within = std::chrono::floor<std::chrono::minutes>(*read);
                    if (tier.answer_within < std::chrono::minutes{1}) errors_.push_back(within->error("expected at least 1m"));
                }
            if (auto const within = object.get("acknowledge_within"))
                if (auto const read = within->duration(errors_)) {
                    tier.acknowledge_within = *read;
                    if (tier.acknowledge_within < std::chrono::seconds{1}) errors_.push_back(within->error("expected at least 1s"));
                }
            if (auto const when = object.get("hours")) tier.hours = load_hours(*when, calendars_, errors_);
            if (auto const authority = object.get("authority")) {
                Errors not_a_word;
                if (authority->kind() == yaml::Value::Kind::scalar && authority->string(not_a_word).value_or("") == "unlimited")
                    tier.unlimited = true;
                else
                    tier.authority = read_authority(*authority);
            }
            object.finish();
            if (!name) continue;
            tier.name = name->string(errors_).value_or("");
            if (policy.rank(tier.name) >= 0) errors_.push_back(name->error("tier '" + tier.name + "' is there twice"));
            policy.tiers.push_back(std::move(tier));
        }
        if (policy.tiers.empty()) errors_.push_back(value.error("expected at least one tier"));
    }

    /// {per_order: {TWD: 300}, per_day: {TWD: 900}, refunds: {TWD: 3000}, may: [gift, coupon]}
    Authority read_authority(yaml::Value const& value) {
        Authority authority;
        yaml::Object object{value, errors_};
        if (auto const amounts = object.get("per_order")) authority.per_order = read_amounts(*amounts);
        if (auto const amounts = object.get("refunds")) authority.refunds = read_amounts(*amounts);
        if (auto const amounts = object.get("per_day")) authority.per_day = read_amounts(*amounts);
        if (auto const kinds = object.get("may"))
            for (auto const& kind : kinds->items(errors_)) authority.kinds.push_back(read_concession(kind));
        object.finish();
        return authority;
    }

    std::map<std::string, double> read_amounts(yaml::Value const& value) {
        std::map<std::string, double> amounts;
        for (auto const& [currency, where, amount] : value.entries(errors_)) {
            if (!is_currency_code(currency)) errors_.push_back({Errc::bad_config, "expected a currency such as TWD or CZK, found '" + currency + "'", where});
            amounts[currency] = amount.number(errors_, 0, 1e9).value_or(0);
        }
        return amounts;
    }

    std::string read_currency(yaml::Value const& value) {
        auto const code = value.string(errors_).value_or("");
        if (!is_currency_code(code)) errors_.push_back(value.error("expected a currency such as TWD or CZK, found '" + code + "'"));
        return code;
    }

    std::string read_concession(yaml::Value const& value) {
        auto const kind = value.string(errors_).value_or("");
        std::vector<std::string> const names(concession_kinds.begin(), concession_kinds.end());
        if (std::find(names.begin(), names.end(), kind) == names.end())
            errors_.push_back(value.error("expected one of gift, free_shipping, coupon, partial_refund, keep_item, discount; found '" + kind + "'" +
                                          did_you_mean(kind, names)));
        return kind;
    }

    void read_ladder(yaml::Value const& value) {
        for (auto const& item : value.items(errors_)) {
            yaml::Object object{item, errors_};
            LadderStep step;
            if (auto const kind = object.require("give")) step.kind = read_concession(*kind);
            if (auto const id = object.require("say")) step.say = read_template(*id);
            if (auto const amounts = object.get("value")) step.value = read_amounts(*amounts);
            object.finish();
            policy.ladder.push_back(std::move(step));
        }
    }

    std::string read_tier_name(yaml::Value const& value) {
        auto const name = value.string(errors_);
        if (name && policy.rank(*name) < 0) {
            std::vector<std::string> names;
            for (auto const& tier : policy.tiers) names.push_back(tier.name);
            errors_.push_back(value.error("there is no tier '" + *name + "'" + did_you_mean(*name, names)));
        }
        return name.value_or("");
    }

    void read_facts(yaml::Value const& value) {
        for (auto const& [name, where, fact] : value.entries(errors_)) {
            if (std::find(taken_names.begin(), taken_names.end(), name) != taken_names.end())
                errors_.push_back({Errc::bad_config, "'" + name + "' is given by kefud itself", where});
            auto& by_locale = policy.facts[name];
            bool const counted = name.ends_with("_days");
            if (fact.kind() != yaml::Value::Kind::map) {
                read_fact(fact, counted, by_locale[""]);
                continue;
            }
            for (auto const& [locale, place, text] : fact.entries(errors_)) read_fact(text, counted, by_locale[locale]);
        }
    }

    void read_fact(yaml::Value const& value, bool counted, Argument& into) {
        Errors not_a_number;
        auto const number = value.number(not_a_number, -std::numeric_limits<double>::max(), std::numeric_limits<double>::max());
        if (number)
            into = *number;
        else if (counted)
            errors_.push_back(value.error("expected a number of days"));
        else if (auto text = value.string(errors_))
            into = *std::move(text);
    }

    void read_rules(yaml::Value const& value) {
        for (auto const& item : value.items(errors_)) {
            yaml::Object object{item, errors_};
            Rule rule;
            rule.where = item.where();
            if (auto const topic = object.require("topic")) rule.topic = read_topic(*topic);
            if (auto const scenario = object.get("scenario")) rule.scenario = scenario->string(errors_).value_or("");
            if (auto const priority = object.require("priority")) rule.priority = static_cast<int>(priority->integer(errors_, 0, 1000).value_or(0));
            if (auto const tier = object.get("tier")) rule.tier = read_tier_name(*tier);
            auto const reply = object.get("reply");
            if (reply) rule.reply = read_template(*reply);
            if (auto const playbook = object.get("playbook")) {
                rule.playbook = read_playbook(*playbook);
                if (reply) errors_.push_back(playbook->error("a rule has a reply or a playbook, not both"));
            } else if (!reply) {
                errors_.push_back(item.error("a rule needs 'reply' or 'playbook'"));
            }
            auto const hand_over = object.get("hand_over");
            if (hand_over) rule.hand_over = read_one_of(*hand_over, hand_over_names, HandOver::never);
            if (auto const mode = object.get("mode")) rule.mode = read_one_of(*mode, answer_mode_names, AnswerMode::auto_);
            if (auto const reason = object.get("reason")) rule.reason = reason->string(errors_).value_or("");
            if (auto const urgent = object.get("urgent")) rule.urgent = urgent->boolean(errors_).value_or(false);
            if (auto const silent = object.get("silent_unless_case")) rule.silent_unless_case = silent->boolean(errors_).value_or(false);
            object.finish();
            if (rule.tier.empty()) rule.tier = policy.default_tier;
            if (hand_over && !rule.playbook.empty()) errors_.push_back(hand_over->error("the playbook says when a person is called"));
            policy.rules.push_back(std::move(rule));
        }
    }

    std::string read_topic(yaml::Value const& value) {
        auto const topic = value.string(errors_);
        if (!topic) return {};
        if (classifier_ && !classifier_->has_topic(*topic)) errors_.push_back(value.error("there is no topic '" + *topic + "' in topics.yaml"));
        if (auto const* earlier = policy.rule(*topic))
            errors_.push_back(value.error("topic '" + *topic + "' has a rule already, in line " + std::to_string(earlier->where.line)));
        return *topic;
    }

    std::string read_template(yaml::Value const& value) {
        auto const id = value.string(errors_);
        if (!id) return {};
        if (templates_ && !id->empty() && !templates_->has(*id))
            errors_.push_back(value.error("there is no template '" + *id + "'" + did_you_mean(*id, templates_->ids())));
        return *id;
    }

    std::string read_playbook(yaml::Value const& value) {
        auto const name = value.string(errors_).value_or("");
        if (playbooks_ && !playbooks_->contains(name)) {
            std::vector<std::string> names;
            for (auto const& [known, playbook] : *playbooks_) names.push_back(known);
            errors_.push_back(value.error("there is no playbook '" + name + "'" + did_you_mean(name, names)));
        }
        return name;
    }

    template <class Enum>
    Enum read_one_of(yaml::Value const& value, std::array<std::string_view, 3> const& all, Enum otherwise) {
        auto const name = value.string(errors_);
        if (!name) return otherwise;
        auto const found = std::find(all.begin(), all.end(), *name);
        if (found != all.end()) return static_cast<Enum>(found - all.begin());
        std::vector<std::string> const names(all.begin(), all.end());
        errors_.push_back(value.error("expected " + names[0] + ", " + names[1] + " or " + names[2] + ", found '" + *name + "'" + did_you_mean(*name, names)));
        return otherwise;
    }

    Classifier const* classifier_;
    Templates const* templates_;
    Playbooks const* playbooks_;
    Calendars const& calendars_;
    Errors& errors_;
};

}  // namespace

Checked<Policy> load_policy(SourceText const& file, PolicyParts const& parts) {
    Errors errors;
    PolicyReader reader{parts.classifier, parts.templates, parts.playbooks, parts.calendars, errors};
    if (auto const root = yaml::parse(file.text, file.name, errors)) reader.read(*root);
    if (reader.policy.waking.always()) reader.policy.waking = daily(std::chrono::hours{9}, std::chrono::hours{21});
    if (!errors.empty()) return errors;
    return std::move(reader.policy);
}

std::vector<std::string> fact_names(SourceText const& file) {
    std::vector<std::string> names;
    Errors ignored;  // load_policy() reports them
    auto const root = yaml::parse(file.text, file.name, ignored);
    if (!root) return names;
    if (auto const facts = yaml::Object{*root, ignored}.get("facts"))
        for (auto const& fact : facts->entries(ignored)) names.push_back(fact.key);
    return names;
}

}  // namespace kefu
