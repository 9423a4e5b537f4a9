// SPDX-License-Identifier: Apache-2.0
#include "replies/facts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

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

std::string currency_or(std::optional<Argument> const& currency, std::string const& fallback) {
    auto const* name = currency ? std::get_if<std::string>(&*currency) : nullptr;
    return name && !name->empty() ? *name : fallback;
}

/// Does that amount go beyond what the case's tier may decide? Nothing when nobody wrote an authority down.
std::optional<bool> over_authority(Turn const& turn, std::optional<Argument> const& amount, std::string const& currency, bool is_refund) {
    auto const* value = amount ? std::get_if<double>(&*amount) : nullptr;
    if (!value) return std::nullopt;
    auto const& tier = turn.policy().tier(turn.conversation.open.tier);
    if (tier.unlimited) return false;
    auto const& limits = is_refund ? tier.authority.refunds : tier.authority.per_order;
    auto const most = limits.find(currency);
    if (most == limits.end()) return std::nullopt;
    return *value > most->second;
}

struct Money {
    double amount = 0;
    std::string currency;
};

/// "1290 TWD"; a sign that several currencies share is the shop's own.
std::optional<Money> money_of(Turn const& turn, std::string const& entity) {
    Money money;
    auto const [end, problem] = std::from_chars(entity.data(), entity.data() + entity.size(), money.amount);
    if (problem != std::errc{}) return std::nullopt;
    std::string_view rest{end, static_cast<std::size_t>(entity.data() + entity.size() - end)};
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    bool const code = rest.size() == 3 && std::all_of(rest.begin(), rest.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    money.currency = code ? std::string{rest} : turn.policy().currency;
    return money;
}

/// "五千", "三萬二", "五千多": an amount in words, in the shop's currency. Nothing under a hundred: that counts things and days.
std::optional<double> amount_in_characters(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, int>, 15> digits{{{"一", 1},
                                                                              {"二", 2},
                                                                              {"兩", 2},
                                                                              {"两", 2},
                                                                              {"三", 3},
                                                                              {"四", 4},
                                                                              {"五", 5},
                                                                              {"六", 6},
                                                                              {"七", 7},
                                                                              {"八", 8},
                                                                              {"九", 9},
                                                                              {"十", 10},
                                                                              {"百", 100},
                                                                              {"千", 1000},
                                                                              {"萬", 10000}}};
    constexpr std::size_t han_bytes = 3;
    double best = 0;
    double sum = 0;
    double digit = 0;
    double last_unit = 0;
    for (std::size_t at = 0; at <= text.size();) {
        auto const here = text.substr(at, han_bytes);
        auto const known = std::find_if(digits.begin(), digits.end(), [&](auto const& entry) { return entry.first == here; });
        double const value = known != digits.end() ? known->second : here == "万" ? 10000 : 0;
        if (value == 0) {
            if (digit > 0 && last_unit >= 100) sum += digit * last_unit / 10;  // 三萬二: 32,000
            best = std::max(best, sum);
            sum = digit = last_unit = 0;
            ++at;
            continue;
        }
        at += han_bytes;
        if (value < 10) {
            digit = value;
            continue;
        }
        sum = value >= 10000 ? (sum + digit) * value : sum + std::max(digit, value == 10 ? 1.0 : digit) * value;
        digit = 0;
        last_unit = value;
    }
    return best >= 100 ? std::optional{best} : std::nullopt;
}

std::optional<Money> claim_of(Turn const& turn, Reading const& about) {
    for (auto const& entity : about.meaning.entities)
        if (entity.kind == EntityKind::money)
            if (auto money = money_of(turn, entity.value)) return money;
    if (auto const amount = amount_in_characters(about.quote)) return Money{*amount, turn.policy().currency};
    auto const& facts = turn.conversation.open.facts;
    auto const kept = facts.find("claim");
    if (kept == facts.end() || !std::holds_alternative<double>(kept->second)) return std::nullopt;
    return Money{std::get<double>(kept->second), turn.policy().currency};
}

std::optional<Argument> of_policy(Turn const& turn, std::string_view name) {
    auto const found = turn.policy().facts.find(std::string{name});
    if (found == turn.policy().facts.end()) return std::nullopt;
    auto const locale = locale_of(turn);
    for (auto const& key : {locale, std::string{}})
        if (auto const value = found->second.find(key); value != found->second.end()) return value->second;
    return std::nullopt;
}

bool mentioned(Turn const& turn, std::vector<std::string> const& topics) {
    auto const& said = turn.conversation.open.mentioned;
    return std::any_of(topics.begin(), topics.end(), [&](auto const& topic) { return std::find(said.begin(), said.end(), topic) != said.end(); });
}

bool holds(Turn const& turn, Reading const& about, Condition const& condition) {
    using enum Condition::Test;
    if (condition.fact == "mentions") return mentioned(turn, condition.values);
    if (condition.fact == "tag") {
        auto const& tags = turn.conversation.tags;
        return std::any_of(condition.values.begin(), condition.values.end(),
                           [&](auto const& tag) { return std::find(tags.begin(), tags.end(), tag) != tags.end(); });
    }
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
    double right = condition.number;
    if (!condition.other.empty()) {
        auto const other = fact(turn, about, condition.other);
        auto const* number = other ? std::get_if<double>(&*other) : nullptr;
        if (!number) return false;
        right = *number;
    }
    if (!left) return false;
    switch (condition.test) {
        case less:
            return *left < right;
        case at_most:
            return *left <= right;
        case more:
            return *left > right;
        case at_least:
            return *left >= right;
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
                                  {"hours", FactKind::text},
                                  {"waited", FactKind::text},
                                  {"offer", FactKind::text},
                                  {"language", FactKind::text},
                                  {"channel", FactKind::text},
                                  {"tag", FactKind::text},
                                  {"mentions", FactKind::text}};
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
    if (name == "order_over_authority")
        return yes_or_no(over_authority(turn, of_order(conversation, "amount"), currency_or(of_order(conversation, "currency"), turn.policy().currency), true));
    if (name == "claim" || name == "claim_over_authority") {
        auto const claim = claim_of(turn, about);
        if (!claim) return std::nullopt;
        if (name == "claim") return claim->amount;
        return yes_or_no(over_authority(turn, Argument{claim->amount}, claim->currency, false));
    }
    if (name == "anger") return std::max(conversation.heat, about.meaning.anger.level);
    if (name == "hours") return text(is_open(turn.policy().hours, turn.now) ? "open" : "closed");
    if (name == "language") return text(conversation.language);
    if (name == "channel") return text(turn.channel.type);
    if (auto const found = of_order(conversation, name)) return found;
    if (auto const found = open.facts.find(std::string{name}); found != open.facts.end()) return found->second;
    return of_policy(turn, name);
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
