// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace kefu {

/// When people are there: several spans a day in the shop's time zone, past midnight when `to` is not after `from`.
struct Schedule {
    struct Span {
        std::chrono::minutes from{0};  ///< since local midnight
        std::chrono::minutes to{0};    ///< up to 24:00; at or before `from`: it ends the next day
        friend bool operator==(Span const&, Span const&) = default;
    };
    std::array<std::vector<Span>, 7> week;  ///< Monday first
    std::vector<std::chrono::year_month_day> holidays;
    std::vector<std::chrono::year_month_day> workdays;                    ///< made up for a holiday: Monday's spans, whatever day it is
    std::map<std::chrono::year_month_day, std::vector<Span>> exceptions;  ///< that day's spans instead; none: closed
    std::string time_zone = "UTC";                                        ///< IANA

    /// No span at all means always open.
    bool always() const;
};

/// A country's days off and the days it works instead: replies/calendars/<name>.yaml.
struct Calendar {
    std::vector<std::chrono::year_month_day> holidays;
    std::vector<std::chrono::year_month_day> workdays;
};
using Calendars = std::map<std::string, Calendar, std::less<>>;

/// The same span every day.
Schedule daily(std::chrono::minutes from, std::chrono::minutes to);

bool is_open(Schedule const& schedule, Timestamp at);

/// The first moment at or after `at` when somebody is there. `at` itself when open, or when nobody is within 60 days.
Timestamp next_opening(Schedule const& schedule, Timestamp at);

/// `at` plus that much opening time.
Timestamp add_working_time(Schedule const& schedule, Timestamp at, std::chrono::minutes work);

/// "2026-11-24 10:30" on the clocks of that IANA zone; UTC when ICU does not know it.
std::string local_time(Timestamp at, std::string const& time_zone);

/// The moment when the clocks of that zone show what `wall` shows in UTC.
Timestamp from_local(Timestamp wall, std::string const& time_zone);

/// True when ICU knows the zone.
bool is_time_zone(std::string const& name);

}  // namespace kefu
