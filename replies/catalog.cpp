// SPDX-License-Identifier: Apache-2.0
#include "replies/catalog.hpp"

#include <algorithm>
#include <array>
#include <future>

namespace kefu {

namespace {

/// The templates that code names. The rest is named by rules.
constexpr std::array<std::string_view, 19> needed_templates{
    "disclosure",    "welcome",           "not_understood",  "cannot_read",     "photo_received",     "no_language",     "backlog",
    "handover",      "handover_offhours", "handover_angry",  "handover_threat", "handover_extortion", "handover_safety", "handover_repeat",
    "still_waiting", "ask_order",         "ask_order_again", "ask_photos",      "order_noted"};

template <class T>
std::optional<T> take(Checked<T> checked, Errors& errors) {
    if (checked) return *std::move(checked);
    auto const found = checked.error();  // by value: error() gives a copy
    errors.insert(errors.end(), found.begin(), found.end());
    return std::nullopt;
}

Error error_at(SourceLocation where, std::string message) { return {Errc::bad_config, std::move(message), std::move(where)}; }

/// Checks the texts against what will be known when they are said, and against the guard.
class TextChecker {
  public:
    TextChecker(Templates const& templates, Guard const* guard, Policy const& policy, Errors& errors)
        : templates_(templates), guard_(guard), policy_(policy), errors_(errors) {}

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
        bool with_person = id.starts_with("handover") || id == "still_waiting" || id == "order_noted" || id == "backlog" || id == "no_language";
        bool with_photos = id == "ask_photos";
        for (auto const& rule : policy_.rules) {
            if (rule.reply != id) continue;
            with_person = with_person || (rule.needs_photos == 0 && (rule.hand_over == HandOver::always || rule.hand_over == HandOver::with_order));
            with_photos = with_photos || rule.needs_photos > 0;
        }
        if (with_person) known.emplace("answer_by", Timestamp{std::chrono::hours{24 * 365 * 60}});
        if (with_photos) known.emplace("photos", 2.0);
        if (id == "cannot_read") known.emplace("kind", "video");
        if (id == "order_noted") known.emplace("order", "10000001");
        return known;
    }

    void check(std::string const& id, std::string const& locale, std::vector<Templates::Variant> const& variants) {
        auto arguments = certain(id, locale);
        if (!templates_.render(id, locale, locale, policy_.time_zone, arguments, 0))
            errors_.push_back(error_at(variants.front().where, "template '" + id + "' needs a variant without " + uncertain(variants.front(), arguments)));
        if (!guard_) return;
        for (auto const& [name, value] : Arguments{
                 {"customer", "Lin"}, {"order", "10000001"}, {"kind", "video"}, {"photos", 2.0}, {"answer_by", Timestamp{std::chrono::hours{24 * 365 * 60}}}})
            arguments.emplace(name, value);
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
};

void check_shop(ShopSettings const& shop, Templates const& templates, Policy const& policy, Errors& errors) {
    auto const miss = [&](std::string_view id) { return "locale " + shop.locale + ", the shop's, has no template '" + std::string{id} + "'"; };
    if (!templates.speaks(shop.locale)) {
        errors.push_back({Errc::bad_config, "there are no texts in " + shop.locale + ", the shop's locale"});
        return;
    }
    for (auto const id : needed_templates)
        if (!templates.has(id, shop.locale)) errors.push_back({Errc::bad_config, miss(id)});
    for (auto const& rule : policy.rules)
        if (!rule.reply.empty() && !templates.has(rule.reply, shop.locale)) errors.push_back(error_at(rule.where, miss(rule.reply)));
}

}  // namespace

Checked<Catalog> build_catalog(CatalogSources const& sources, ShopSettings const& shop) {
    Errors errors;
    ClassifyOptions options;
    options.order_number_patterns = shop.order_number_patterns;
    options.check_examples = !sources.examples_checked;
    // A start waits for this: the parts are read side by side.
    auto reading_templates = std::async(std::launch::async, [&] { return Templates::load(sources.replies, fact_names(sources.policy)); });
    auto reading_guard = std::async(std::launch::async, [&] { return Guard::load(sources.guard); });
    auto classifier = take(Classifier::build(sources.intents, options), errors);
    auto templates = take(reading_templates.get(), errors);
    auto guard = take(reading_guard.get(), errors);
    auto policy = take(load_policy(sources.policy, classifier ? &*classifier : nullptr, templates ? &*templates : nullptr), errors);
    if (!is_time_zone(shop.time_zone)) errors.push_back({Errc::bad_config, "unknown time zone '" + shop.time_zone + "': expected a name such as Asia/Taipei"});

    if (policy) {
        policy->shop = shop.name;
        policy->default_locale = shop.locale;
        policy->time_zone = shop.time_zone;
        policy->hours.time_zone = shop.time_zone;
    }
    if (policy && templates) {
        check_shop(shop, *templates, *policy, errors);
        TextChecker{*templates, guard ? &*guard : nullptr, *policy, errors}.check();
    }
    if (!errors.empty()) return errors;
    return Catalog{*std::move(classifier), *std::move(templates), *std::move(guard), *std::move(policy)};
}

}  // namespace kefu
