// SPDX-License-Identifier: Apache-2.0
#include "replies/authority.hpp"

#include <algorithm>

namespace kefu {

double given_for_order(Conversation const& conversation, std::string_view currency) {
    auto const& open = conversation.open;
    double sum = 0;
    for (auto const& given : conversation.conceded) {
        bool const same = given.case_number == open.number || (!open.order.empty() && given.order == open.order);
        if (same && given.currency == currency) sum += given.amount;
    }
    return sum;
}

double given_in_a_day(Conversation const& conversation, std::string_view currency, Timestamp now) {
    double sum = 0;
    for (auto const& given : conversation.conceded)
        if (given.currency == currency && now - given.at < std::chrono::hours{24}) sum += given.amount;
    return sum;
}

std::optional<double> left_to_give(Conversation const& conversation, std::string_view currency, std::optional<double> per_order, std::optional<double> per_day,
                                   Timestamp now) {
    std::optional<double> left;
    if (per_order) left = *per_order - given_for_order(conversation, currency);
    if (per_day) {
        auto const today = *per_day - given_in_a_day(conversation, currency, now);
        left = left ? std::min(*left, today) : today;
    }
    if (left) left = std::max(*left, 0.0);
    return left;
}

}  // namespace kefu
