// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/ledger.hpp"

#include <algorithm>
#include <charconv>

namespace kefu::line {

namespace {

constexpr std::int64_t warning_percent = 80;

/// LINE's months begin at midnight in Japan (UTC+9, no summer time).
std::string month_of(Timestamp now) { return to_rfc3339(now + std::chrono::hours{9}).substr(0, 7); }

std::int64_t number(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    std::int64_t value = 0;
    auto const [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return wrong == std::errc{} && value > 0 ? value : 0;
}

}  // namespace

void Ledger::turn_page(Timestamp now) {
    auto month = month_of(now);
    if (month == month_) return;
    month_ = std::move(month);
    gone_ = false;
    used_ = to_customers_ = to_team_ = 0;
    warned_ = 0;
}

void Ledger::told(std::optional<std::int64_t> limit, std::int64_t used, Timestamp now) {
    turn_page(now);
    known_ = true;
    limit_ = limit;
    used_ = used;
    if (!limit || used < *limit) gone_ = false;  // somebody bought more
}

void Ledger::used_up(Timestamp now) {
    turn_page(now);
    gone_ = true;
}

void Ledger::sent(PushFor whom, std::int64_t people, Timestamp now) {
    turn_page(now);
    (whom == PushFor::customer ? to_customers_ : to_team_) += people;
}

std::optional<std::string> Ledger::objection(PushFor whom, std::int64_t people, Timestamp now) {
    turn_page(now);
    if (gone_) return "LINE's paid messages of this month are used up, only replies still work";
    bool const customer = whom == PushFor::customer;
    std::int64_t const budget = customer ? budget_.customers : budget_.team;
    std::int64_t const spent = customer ? to_customers_ : to_team_;
    if (budget == 0 || spent + people <= budget) return std::nullopt;
    return "the month's budget of " + std::to_string(budget) + " paid messages for " + (customer ? "customers" : "the team") + " (line.quota) is used up";
}

std::optional<Quota> Ledger::quota() const {
    if (!known_ && to_customers_ + to_team_ == 0 && !gone_) return std::nullopt;
    Quota quota{limit_, used_, to_customers_, to_team_};
    if (gone_ && limit_) quota.used = std::max(quota.used, *limit_);
    return quota;
}

bool Ledger::warns() {
    auto const quota = this->quota();
    int level = gone_ ? 2 : 0;
    if (quota && quota->limit) {
        auto const used = std::max(quota->used, to_customers_ + to_team_);
        if (used * 100 >= *quota->limit * warning_percent) level = std::max(level, 1);
        if (used >= *quota->limit) level = 2;
    }
    if (level <= warned_) return false;
    warned_ = level;
    return true;
}

std::string Ledger::save() const { return month_ + ' ' + std::to_string(to_customers_) + ' ' + std::to_string(to_team_); }

void Ledger::recall(std::string_view saved, Timestamp now) {
    turn_page(now);
    if (!saved.starts_with(month_)) return;
    saved.remove_prefix(month_.size());
    to_customers_ += number(saved);
    to_team_ += number(saved);
}

}  // namespace kefu::line
