// SPDX-License-Identifier: Apache-2.0
#include "replies/authority.hpp"
#include "replies/run_playbook.hpp"

#include <unicode/currunit.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>

#include <algorithm>

/// The ladder of concessions: each step once, only as far as the bot's own authority goes, never above it, and it stops when the customer accepts.
namespace kefu {

namespace {

constexpr std::string_view ladder_mark = "offer/ladder";
constexpr std::string_view again_mark = "offer/again:";  // and which step

double limit(std::map<std::string, double> const& limits, std::string const& currency) {
    auto const found = limits.find(currency);
    return found == limits.end() ? 0 : found->second;
}

/// What was given in this currency: for this case, and to this customer in a day.
bool within_authority(Turn const& turn, std::string const& kind, double amount, std::string const& currency) {
    auto const& bot = turn.policy().bot;
    if (std::find(bot.kinds.begin(), bot.kinds.end(), kind) == bot.kinds.end()) return false;
    if (turn.conversation.conceded.size() >= most_concessions) return false;
    if (amount <= 0) return true;
    auto const per_day = bot.per_day.find(currency);
    auto const left = left_to_give(turn.conversation, currency, limit(bot.per_order, currency),
                                   per_day == bot.per_day.end() ? std::nullopt : std::optional{per_day->second}, turn.now);
    return amount <= *left;
}

void concede(Turn& turn, std::string kind, double amount, std::string currency, std::string why) {
    auto& conversation = turn.conversation;
    conversation.conceded.push_back({turn.now, conversation.open.number, conversation.open.order, kind, amount, currency, "bot"});
    turn.effects.emplace_back(Concede{std::move(kind), amount, std::move(currency), std::move(why), "bot"});
}

/// "NT$50", "50 Kč": as the customer's locale writes it.
std::string amount_text(double amount, std::string const& currency, std::string const& locale) {
    UErrorCode status = U_ZERO_ERROR;
    icu::CurrencyUnit const unit{icu::StringPiece{currency}, status};
    auto const text = icu::number::NumberFormatter::withLocale(icu::Locale::forLanguageTag(locale, status))
                          .unit(unit)
                          .precision(icu::number::Precision::minMaxFraction(0, 2))
                          .formatDouble(amount, status)
                          .toString(status);
    std::string out;
    return U_FAILURE(status) ? std::to_string(amount) + ' ' + currency : text.toUTF8String(out);
}

/// The step that may be offered next; nothing when the ladder ends here.
LadderStep const* next_step(Turn& turn) {
    auto const& ladder = turn.policy().ladder;
    auto const currency = order_currency(turn);
    for (auto& at = turn.conversation.open.done[std::string{ladder_mark}]; at < ladder.size(); ++at) {
        auto const& step = ladder[at];
        if (!step.value.empty() && !step.value.contains(currency)) continue;
        if (within_authority(turn, step.kind, step.value.empty() ? 0 : limit(step.value, currency), currency)) return &step;
    }
    return nullptr;
}

void make_offer(Turn& turn, LadderStep const& step, SendPurpose purpose) {
    auto const currency = order_currency(turn);
    Arguments arguments;
    if (!step.value.empty()) arguments.emplace("offer_value", amount_text(limit(step.value, currency), currency, locale_of(turn)));
    say(turn, step.say, purpose, std::move(arguments));
    await_answer(turn, std::string{offer_slot});
}

}  // namespace

bool offer_is_out(Turn& turn) {
    auto& open = turn.conversation.open;
    if (open.asking == offer_slot) return true;
    if (auto const decided = open.facts.find("offer"); decided != open.facts.end()) return false;
    auto const* step = next_step(turn);
    if (!step) {
        open.facts["offer"] = std::string{open.done[std::string{ladder_mark}] > 0 && !turn.policy().ladder.empty() ? "refused" : "none"};
        return false;
    }
    turn.because("the ladder: " + step->kind);
    make_offer(turn, *step, SendPurpose::answer);
    return true;
}

bool offered_again(Turn& turn) {
    auto const* step = next_step(turn);
    auto const mark = std::string{again_mark} + std::to_string(turn.conversation.open.done[std::string{ladder_mark}]);
    if (!step || turn.conversation.open.done[mark]++ > 0) return false;
    turn.because("the ladder: " + step->kind + " again");
    make_offer(turn, *step, SendPurpose::reask);
    return true;
}

void answer_offer(Turn& turn, bool accepted) {
    auto& open = turn.conversation.open;
    auto const* step = next_step(turn);
    ++open.done[std::string{ladder_mark}];  // each step once
    if (!accepted || !step) return;
    open.facts["offer"] = std::string{"accepted"};
    auto const currency = order_currency(turn);
    concede(turn, step->kind, step->value.empty() ? 0 : limit(step->value, currency), currency, open.topic);
}

bool granted(Turn& turn, Reading const& about, Grant const& grant, Rule const& rule) {
    auto const amount = grant.value.empty() ? std::optional{0.0} : number_of(turn, about, grant.value);
    if (!amount) return false;
    auto const currency = order_currency(turn);
    if (!within_authority(turn, grant.kind, *amount, currency)) return false;
    concede(turn, grant.kind, *amount, currency, rule.scenario + ' ' + rule.topic);
    return true;
}

}  // namespace kefu
