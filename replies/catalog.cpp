// SPDX-License-Identifier: Apache-2.0
#include "replies/catalog.hpp"

#include "replies/facts.hpp"
#include "replies/load_hours.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <iterator>
#include <map>

namespace kefu {

namespace {

/// The templates that code names. The rest is named by rules.
constexpr std::array<std::string_view, 35> needed_templates{"disclosure",
                                                            "welcome",
                                                            "not_understood",
                                                            "cannot_answer",
                                                            "needs_colleague",
                                                            "cannot_read",
                                                            "photo_received",
                                                            "no_language",
                                                            "backlog",
                                                            "handover",
                                                            "handover_case",
                                                            "handover_offhours",

                                                            "handover_angry",
                                                            "handover_threat",
                                                            "handover_extortion",
                                                            "handover_safety",
                                                            "handover_repeat",
                                                            "still_waiting",
                                                            "still_waiting_added",
                                                            "still_waiting_late",
                                                            "still_waiting_answered",
                                                            "still_waiting_safety",
                                                            "withdraw_noted",
                                                            "question_noted",
                                                            "order_known",
                                                            "order_what",
                                                            "order_not_found",
                                                            "ask_second_fact",
                                                            "ask_second_fact_again",
                                                            "looking_up",
                                                            "reminder",
                                                            "gave_up",
                                                            "order_noted",
                                                            "thanks_closing",
                                                            "resolved"};

template <class T>
std::optional<T> take(Checked<T> checked, Errors& errors) {
    if (checked) return *std::move(checked);
    auto const found = checked.error();  // by value: error() gives a copy
    errors.insert(errors.end(), found.begin(), found.end());
    return std::nullopt;
}

Error error_at(SourceLocation where, std::string message) { return {Errc::bad_config, std::move(message), std::move(where)}; }

/// What is known whenever a template is said: the arguments that every one of its uses has.
class CertainArguments {
  public:
    CertainArguments(Policy const& policy, Playbooks const& playbooks) {
        for (auto const& rule : policy.rules) {
            if (rule.playbook.empty()) add(rule.reply, rule.hand_over == HandOver::always ? std::vector<std::string>{"answer_by"} : std::vector<std::string>{});
            auto const playbook = playbooks.find(rule.playbook);
            if (playbook != playbooks.end()) add(playbook->second);
        }
        for (auto const& step : policy.ladder) add(step.say, step.value.empty() ? std::vector<std::string>{} : std::vector<std::string>{"offer_value"});
        add("order_not_found", {"order"});
    }

    bool used(std::string const& id) const { return by_template_.contains(id); }

    std::vector<std::string> of(std::string const& id) const {
        auto const found = by_template_.find(id);
        return found == by_template_.end() ? std::vector<std::string>{} : found->second;
    }

  private:
    void add(std::string const& id, std::vector<std::string> names) {
        std::sort(names.begin(), names.end());
        auto const [at, first] = by_template_.emplace(id, names);
        if (first) return;
        std::vector<std::string> both;
        std::set_intersection(at->second.begin(), at->second.end(), names.begin(), names.end(), std::back_inserter(both));
        at->second = std::move(both);
    }

    void add(Playbook const& playbook) {
        std::vector<std::string> asked;  // a question without an answer never gets past its step
        for (auto const& step : playbook.steps) {
            auto names = asked;
            for (auto const& clause : step.clauses)
                for (auto const& condition : clause.all)
                    if (!clause.unless && condition.test != Condition::Test::unknown) {
                        names.push_back(condition.fact);
                        if (condition.fact == "lookup" || condition.fact == "status" || condition.fact == "refund") names.emplace_back("order");
                        if (!condition.other.empty()) names.push_back(condition.other);
                    }
            if (auto const* say = std::get_if<Say>(&step.action)) {
                // The status is what a look-up that found something always tells.
                if (std::find(names.begin(), names.end(), "lookup") != names.end()) names.emplace_back("status");
                add(say->template_id, names);
            }
            if (auto const* grant = std::get_if<Grant>(&step.action)) add(grant->say, names);
            if (auto const* call = std::get_if<CallPerson>(&step.action)) {
                names.emplace_back("answer_by");
                add(call->say, names);
            }
            if (auto const* ask = std::get_if<Ask>(&step.action)) {
                if (ask->slot == "photos") names.emplace_back("photos");
                add(ask->say, names);
                add(ask->again, names);
                if (ask->otherwise == Otherwise::call && step.clauses.empty()) asked.push_back(ask->slot);
            }
        }
    }

    std::map<std::string, std::vector<std::string>> by_template_;
};

/// Something to show for each placeholder that is no fact of the policy.
Arguments samples() {
    Timestamp const soon{std::chrono::hours{24 * 365 * 60}};
    Arguments all{{"customer", "Lin"}, {"order", "10000001"}, {"kind", "video"}, {"photos", 2.0}, {"answer_by", soon}, {"offer_value", "50 TWD"}};
    for (auto const& fact : built_in_facts()) {
        if (fact.kind == FactKind::text) all.emplace(fact.name, "GLS");
        if (fact.kind == FactKind::number) all.emplace(fact.name, 2.0);
        if (fact.kind == FactKind::moment) all.emplace(fact.name, soon);
    }
    return all;
}

/// Checks the texts against what will be known when they are said, and against the guard.
class TextChecker {
  public:
    TextChecker(Templates const& templates, Guard const* guard, Playbooks const& playbooks, Policy const& policy, Errors& errors)
        : templates_(templates), guard_(guard), policy_(policy), errors_(errors), certain_(policy, playbooks), samples_(samples()) {
        for (auto const& [name, playbook] : playbooks)
            for (auto const& [slot, declared] : playbook.slots) samples_.emplace(slot, "text");
    }

    void check() {
        for (auto const& locale : templates_.locales())
            for (auto const& id : templates_.ids())
                if (auto const variants = templates_.variants(id, locale); !variants.empty()) check(id, locale, variants);
    }

  private:
    /// What is known whenever this template is said.
    Arguments certain(std::string const& id, std::string const& locale) const {
        Arguments known{{"shop", policy_.shop.empty() ? "kefud" : policy_.shop}, {"case", "BCDFGH-1"}};
        for (auto const& [name, by_locale] : policy_.facts) {
            auto fact = by_locale.find(locale);
            if (fact == by_locale.end()) fact = by_locale.find("");
            if (fact != by_locale.end()) known.emplace(name, fact->second);
        }
        auto names = certain_.of(id);
        bool const with_person = id.starts_with("handover") || id.starts_with("still_waiting") || id == "order_noted" || id == "backlog" || id == "no_language";
        if (with_person) names.emplace_back("answer_by");
        if (!certain_.used(id) && id.starts_with("offer_")) names.emplace_back("offer_value");  // of a ladder that another shop may have
        if (id == "cannot_read") names.emplace_back("kind");
        if (id == "order_noted" || id == "order_what") names.emplace_back("order");
        for (auto const& name : names)
            if (auto const sample = samples_.find(name); sample != samples_.end()) known.emplace(name, sample->second);
        return known;
    }

    void check(std::string const& id, std::string const& locale, std::vector<Templates::Variant> const& variants) {
        auto arguments = certain(id, locale);
        if (!templates_.render(id, locale, locale, policy_.time_zone, arguments, 0))
            errors_.push_back(error_at(variants.front().where, "template '" + id + "' needs a variant without " + uncertain(variants.front(), arguments)));
        if (!guard_) return;
        for (auto const& [name, value] : samples_) arguments.emplace(name, value);
        for (std::size_t i = 0; i < variants.size(); ++i) {
            auto const rendered = templates_.render(id, locale, locale, policy_.time_zone, arguments, i);
            if (!rendered || rendered->variant != i) continue;  // needs a fact this shop has not: never said
            if (auto const finding = guard_->check(rendered->messages.front().text))
                errors_.push_back(error_at(variants[i].where, "the guard's rule '" + finding->rule + "' blocks this text: " + finding->why));
        }
    }

    static std::string uncertain(Templates::Variant const& variant, Arguments const& known) {
        for (auto const& name : variant.placeholders)
            if (!known.contains(name)) return "{" + name + "}, which is not always known";
        return "placeholders";
    }

    Templates const& templates_;
    Guard const* guard_;
    Policy const& policy_;
    Errors& errors_;
    CertainArguments certain_;
    Arguments samples_;
};

/// Of a shop that names none.
std::string currency_of(std::string_view locale) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> currencies{
        {{"zh-Hant", "TWD"}, {"zh-Hans", "CNY"}, {"cs", "CZK"}, {"ja", "JPY"}, {"th", "THB"}, {"id", "IDR"}, {"vi", "VND"}, {"de", "EUR"}, {"es", "EUR"}}};
    for (auto const& [language, currency] : currencies)
        if (locale.starts_with(language)) return std::string{currency};
    return "USD";
}

void check_shop(ShopSettings const& shop, Templates const& templates, Policy const& policy, Playbooks const& playbooks, Errors& errors) {
    auto const miss = [&](std::string_view id) { return "locale " + shop.locale + ", the shop's, has no template '" + std::string{id} + "'"; };
    if (!templates.speaks(shop.locale)) {
        errors.push_back({Errc::bad_config, "there are no texts in " + shop.locale + ", the shop's locale"});
        return;
    }
    for (auto const id : needed_templates)
        if (!templates.has(id, shop.locale)) errors.push_back({Errc::bad_config, miss(id)});
    for (auto const& rule : policy.rules)
        if (!rule.reply.empty() && !templates.has(rule.reply, shop.locale)) errors.push_back(error_at(rule.where, miss(rule.reply)));
    for (auto const& [name, playbook] : playbooks)
        for (auto const& step : playbook.steps)
            for (auto const& id : templates_of(step.action))
                if (!templates.has(id, shop.locale)) errors.push_back(error_at(step.where, miss(id)));
    for (auto const& step : policy.ladder)
        if (!templates.has(step.say, shop.locale)) errors.push_back({Errc::bad_config, miss(step.say)});
}

}  // namespace

Checked<Catalog> build_catalog(CatalogSources const& sources, ShopSettings const& shop) {
    Errors errors;
    ClassifyOptions options;
    options.order_number_patterns = shop.order_number_patterns;
    options.check_examples = !sources.examples_checked;
    // A start waits for this: the parts are read side by side.
    auto const policy_facts = fact_names(sources.policy);
    auto const slots = slot_names(sources.playbooks);
    auto names = slots;
    names.insert(names.end(), policy_facts.begin(), policy_facts.end());
    auto reading_templates = std::async(std::launch::async, [&] { return Templates::load(sources.replies, names); });
    auto reading_guard = std::async(std::launch::async, [&] { return Guard::load(sources.guard, !sources.examples_checked); });
    auto classifier = take(Classifier::build(sources.intents, options), errors);
    auto templates = take(reading_templates.get(), errors);
    auto guard = take(reading_guard.get(), errors);
    auto playbooks = take(load_playbooks(sources.playbooks, policy_facts, slots, templates ? &*templates : nullptr), errors);
    auto calendars = take(load_calendars(sources.calendars), errors);
    auto policy = take(load_policy(sources.policy, {classifier ? &*classifier : nullptr, templates ? &*templates : nullptr, playbooks ? &*playbooks : nullptr,
                                                    calendars ? *std::move(calendars) : Calendars{}}),
                       errors);
    if (!is_time_zone(shop.time_zone)) errors.push_back({Errc::bad_config, "unknown time zone '" + shop.time_zone + "': expected a name such as Asia/Taipei"});

    if (policy) {
        policy->shop = shop.name;
        policy->default_locale = shop.locale;
        policy->time_zone = shop.time_zone;
        policy->hours.time_zone = shop.time_zone;
        policy->waking.time_zone = shop.time_zone;
        for (auto& tier : policy->tiers)
            if (tier.hours) tier.hours->time_zone = shop.time_zone;
        if (policy->currency.empty()) policy->currency = currency_of(shop.locale);
    }
    if (policy && playbooks && templates) {
        check_shop(shop, *templates, *policy, *playbooks, errors);
        TextChecker{*templates, guard ? &*guard : nullptr, *playbooks, *policy, errors}.check();
    }
    if (!errors.empty()) return errors;
    return Catalog{*std::move(classifier), *std::move(templates), *std::move(guard), *std::move(playbooks), *std::move(policy)};
}

}  // namespace kefu
