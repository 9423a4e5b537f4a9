// SPDX-License-Identifier: Apache-2.0
#include "replies/facts.hpp"

#include "intents/money.hpp"

#include <algorithm>
#include <charconv>

namespace kefu {

namespace {

using std::chrono::days;

std::optional<Argument> text(std::string value) {
    if (value.empty()) return std::nullopt;
    return Argument{std::move(value)};
}

std::optional<Argument> yes_or_no(std::optional<bool> value) {
    if (!value) return std::nullopt;
    return Argument{std::string{*value ? "yes" : "no"}};
}

std::optional<Argument> of_order(Conversation const& conversation, std::string_view name) {
    auto const& state = conversation.open.order_state;
    if (state.lookup != "found") return std::nullopt;
    auto const found = state.facts.find(std::string{name});
    return found == state.facts.end() ? std::nullopt : std::optional{found->second};
}

/// Whole days from that moment of the order until now; negative when it is still to come.
std::optional<Argument> days_since(Turn const& turn, std::string_view field) {
    auto const moment = of_order(turn.conversation, field);
    if (!moment || !std::holds_alternative<Timestamp>(*moment)) return std::nullopt;
    return static_cast<double>(std::chrono::floor<days>(turn.now - std::get<Timestamp>(*moment)).count());
}

/// Does that amount go beyond what the case's tier may decide? Nothing when nobody wrote an authority down.
std::optional<bool> over_authority(Turn const& turn, std::optional<double> amount, std::string const& currency, bool is_refund) {
    if (!amount) return std::nullopt;
    auto const& tier = turn.policy().tier(turn.conversation.open.tier);
    if (tier.unlimited) return false;
    auto const& limits = is_refund ? tier.authority.refunds : tier.authority.per_order;
    auto const most = limits.find(currency);
    if (most == limits.end()) return std::nullopt;
    return *amount > most->second;
}

struct Claim {
    double amount = 0;
    std::string currency;
};

/// A sign that several currencies share is the shop's own.
std::optional<Claim> claim_of(Turn const& turn, Reading const& about) {
    auto const& own = turn.policy().currency;
    for (auto const& entity : about.meaning.entities)
        if (auto const money = money_of(entity)) return Claim{whole_units(*money), is_currency_code(money->currency) ? money->currency : own};
    if (auto const amount = amount_in_characters(about.quote)) return Claim{*amount, own};
    auto const& facts = turn.conversation.open.facts;
    auto const kept = facts.find("claim");
    if (kept == facts.end() || !std::holds_alternative<double>(kept->second)) return std::nullopt;
    return Claim{std::get<double>(kept->second), own};
}

std::optional<Argument> of_policy(Turn const& turn, std::string_view name) {
    auto const found = turn.policy().facts.find(std::string{name});
    if (found == turn.policy().facts.end()) return std::nullopt;
    auto const locale = locale_of(turn);
    for (auto const& key : {locale, std::string{}})
        if (auto const value = found->second.find(key); value != found->second.end()) return value->second;
    return std::nullopt;
}

/// Facts with several values at a time; null: it has one.
std::vector<std::string> const* values_of(Turn const& turn, std::string_view name) {
    if (name == "mentions") return &turn.conversation.open.mentioned;
    if (name == "tag") return &turn.conversation.tags;
    return nullptr;
}

bool holds(std::vector<std::string> const& values, Condition const& condition) {
    if (condition.test == Condition::Test::unknown) return values.empty();
    if (condition.test == Condition::Test::known) return !values.empty();
    auto const& wanted = condition.values;
    return std::any_of(wanted.begin(), wanted.end(), [&](auto const& one) { return std::find(values.begin(), values.end(), one) != values.end(); });
}

bool holds(Turn const& turn, Reading const& about, Condition const& condition) {
    using enum Condition::Test;
    if (auto const* values = values_of(turn, condition.fact)) return holds(*values, condition);
    auto const value = fact(turn, about, condition.fact);
    if (condition.test == known) return value.has_value();
    if (condition.test == unknown) return !value;
    if (!value) return false;
    if (condition.test == any_of) {
        if (auto const* text = std::get_if<std::string>(&*value))
            return std::find(condition.values.begin(), condition.values.end(), *text) != condition.values.end();
        auto const* number = std::get_if<double>(&*value);
        return number && std::any_of(condition.values.begin(), condition.values.end(), [&](auto const& wanted) {
                   double read = 0;
                   auto const [end, problem] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), read);
                   return problem == std::errc{} && end == wanted.data() + wanted.size() && read == *number;
               });
    }
    auto const* left = std::get_if<double>(&*value);
    auto const right = condition.other.empty() ? std::optional{condition.number} : number_of(turn, about, condition.other);
    if (!left || !right) return false;
    switch (condition.test) {
        case less:
            return *left < *right;
        case at_most:
            return *left <= *right;
        case more:
            return *left > *right;
        case at_least:
            return *left >= *right;
        default:
            return false;
    }
}

}  // namespace

std::vector<FactName> const& built_in_facts() {
    using enum FactKind;
    static std::vector<FactName> const names = [] {
        std::vector<FactName> all{{"order", FactKind::text},
                                  {"phone", FactKind::text},
                                  {"photos", number},
                                  {"lookup", FactKind::text},
                                  {"days_since_shipped", number},
                                  {"days_since_delivered", number},
                                  {"days_since_scan", number},
                                  {"days_overdue", number},
                                  {"days_refund_overdue", number},
                                  {"order_over_authority", FactKind::text},
                                  {"claim", number},
                                  {"claim_over_authority", FactKind::text},
                                  {"anger", number},
                                  {"letters", number},
                                  {"hours", FactKind::text},
                                  {"waited", FactKind::text},
                                  {"offer", FactKind::text},
                                  {"language", FactKind::text},
                                  {"channel", FactKind::text},
                                  {"mentions", FactKind::text},
                                  {"tag", FactKind::text}};
        for (auto const& [name, field] : order_fields)
            all.push_back({name, field == OrderField::text ? FactKind::text : field == OrderField::number ? number : moment});
        return all;
    }();
    return names;
}

std::optional<Argument> fact(Turn const& turn, Reading const& about, std::string_view name) {
    auto const& conversation = turn.conversation;
    auto const& open = conversation.open;
    if (name == "order") return text(open.order);
    if (name == "phone") return text(open.phone);
    if (name == "photos") return static_cast<double>(open.photos.size());
    if (name == "lookup") return text(open.order_state.lookup);
    if (name == "days_since_shipped") return days_since(turn, "shipped_at");
    if (name == "days_since_delivered") return days_since(turn, "delivered_at");
    if (name == "days_since_scan") return days_since(turn, "last_scan_at");
    if (name == "days_overdue") return days_since(turn, "expected_at");
    if (name == "days_refund_overdue") return days_since(turn, "refund_due");
    if (name == "order_over_authority") return yes_or_no(over_authority(turn, number_of(turn, about, "amount"), order_currency(turn), true));
    if (name == "claim" || name == "claim_over_authority") {
        auto const claim = claim_of(turn, about);
        if (!claim) return std::nullopt;
        if (name == "claim") return claim->amount;
        return yes_or_no(over_authority(turn, claim->amount, claim->currency, false));
    }
    if (name == "letters") return static_cast<double>(letters_in(about.quote));
    if (name == "anger") return std::max(conversation.heat, about.meaning.anger.level);
    if (name == "hours") return text(is_open(turn.policy().hours, turn.now) ? "open" : "closed");
    if (name == "language") return text(conversation.language);
    if (name == "channel") return text(turn.channel.type);
    if (auto const found = of_order(conversation, name)) return found;
    if (auto const found = open.facts.find(std::string{name}); found != open.facts.end()) return found->second;
    return of_policy(turn, name);
}

std::optional<double> number_of(Turn const& turn, Reading const& about, std::string_view name) {
    auto const value = fact(turn, about, name);
    auto const* number = value ? std::get_if<double>(&*value) : nullptr;
    return number ? std::optional{*number} : std::nullopt;
}

std::string order_currency(Turn const& turn) {
    auto const value = of_order(turn.conversation, "currency");
    auto const* name = value ? std::get_if<std::string>(&*value) : nullptr;
    return name && !name->empty() ? *name : turn.policy().currency;
}

bool holds(Turn const& turn, Reading const& about, Clause const& clause) {
    bool const all = std::all_of(clause.all.begin(), clause.all.end(), [&](auto const& condition) { return holds(turn, about, condition); });
    return all != clause.unless;
}

bool applies(Turn const& turn, Reading const& about, Step const& step) {
    return std::all_of(step.clauses.begin(), step.clauses.end(), [&](auto const& clause) { return holds(turn, about, clause); });
}

void add_case_arguments(Conversation const& conversation, Arguments& arguments) {
    auto const& open = conversation.open;
    for (auto const& [name, value] : open.facts) arguments.emplace(name, value);
    if (open.order_state.lookup != "found") return;
    for (auto const& [name, value] : open.order_state.facts) arguments.emplace(name, value);
}

}  // namespace kefu
