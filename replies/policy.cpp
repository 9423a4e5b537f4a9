// SPDX-License-Identifier: Apache-2.0
#include "replies/policy.hpp"

#include <algorithm>

namespace kefu {

namespace {

auto find_tier(std::vector<Tier> const& tiers, std::string_view name) {
    return std::find_if(tiers.begin(), tiers.end(), [&](auto const& tier) { return tier.name == name; });
}

}  // namespace

Rule const* Policy::rule(std::string_view topic) const {
    auto const found = std::find_if(rules.begin(), rules.end(), [&](auto const& rule) { return rule.topic == topic; });
    return found == rules.end() ? nullptr : &*found;
}

Tier const& Policy::tier(std::string_view name) const {
    static Tier const somebody{.name = "aftersale", .answer_within = std::chrono::minutes{60}, .hours = {}, .authority = {}};
    if (auto const found = find_tier(tiers, name); found != tiers.end()) return *found;
    if (auto const found = find_tier(tiers, default_tier); found != tiers.end()) return *found;
    return tiers.empty() ? somebody : tiers.front();
}

Schedule const& Policy::hours_of(std::string_view tier_name) const {
    auto const& own = tier(tier_name).hours;
    return own ? *own : hours;
}

int Policy::rank(std::string_view tier_name) const {
    auto const found = find_tier(tiers, tier_name);
    return found == tiers.end() ? -1 : static_cast<int>(found - tiers.begin());
}

Tier const& Policy::tier_for(std::string_view from, double amount, std::string_view unit, bool is_refund) const {
    auto found = find_tier(tiers, tier(from).name);
    for (; found != tiers.end(); ++found) {
        auto const& amounts = is_refund ? found->authority.refunds : found->authority.per_order;
        auto const most = amounts.find(std::string{unit});
        if (found->unlimited || (most != amounts.end() && amount <= most->second)) return *found;
    }
    return tiers.empty() ? tier(from) : tiers.back();
}

Tier const& Policy::above(std::string_view tier_name) const {
    auto const found = find_tier(tiers, tier_name);
    if (found == tiers.end() || std::next(found) == tiers.end()) return tier(tier_name);
    return *std::next(found);
}

}  // namespace kefu
