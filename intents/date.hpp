// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classification.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kefu {

/// A day as a customer named it. Which one it is, only whoever knows today can tell: exactly one of the three groups is set.
struct NamedDay {
    // A date: "2024-11-22", "11-21" without a year.
    int year = 0;
    int month = 0;
    int day = 0;
    // So many days from today: "today", "today-2", "today+1".
    std::optional<int> from_today = std::nullopt;
    // A weekday, 1 Monday to 7 Sunday, of this week (0), the next (1), the last (-1): "weekday 3 +1"; without a week the nearest that fits: "weekday 3".
    int weekday = 0;
    std::optional<int> week = std::nullopt;
    friend bool operator==(NamedDay const&, NamedDay const&) = default;
};

/// The value of a date entity.
std::string to_value(NamedDay const& day);

/// What a date entity says. Nothing for other kinds.
std::optional<NamedDay> named_day_of(Entity const& entity);

/// Calls found(start, end, day) for each day named in normalised text, in Chinese, Czech or English: 下週三, 前天, 3 天前, v pondělí, za 2 dny, 3. 12.,
/// last Tue, 21 November, 11/21. Of two numbers with a slash the month comes first unless it cannot be one; with full stops the day. What is no day of the
/// calendar is none.
void find_days(std::string_view text, std::function<void(std::size_t start, std::size_t end, NamedDay const& day)> const& found);

}  // namespace kefu
