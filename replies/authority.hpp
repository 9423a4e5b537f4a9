// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/conversation.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

/// What was given to a customer, by the bot and by people together: nobody's authority is used twice. Amounts are in units of the currency (ISO 4217).
namespace kefu {

/// Concessions that are remembered of one customer; more are refused.
inline constexpr std::size_t most_concessions = 32;

/// In that currency for the open case, and for its order under whatever case.
double given_for_order(Conversation const& conversation, std::string_view currency);
/// To this customer in the last 24 hours.
double given_in_a_day(Conversation const& conversation, std::string_view currency, Timestamp now);

/// What may still be given now of `per_order` and `per_day`; never below 0. Nothing: no limit.
std::optional<double> left_to_give(Conversation const& conversation, std::string_view currency, std::optional<double> per_order, std::optional<double> per_day,
                                   Timestamp now);

}  // namespace kefu
