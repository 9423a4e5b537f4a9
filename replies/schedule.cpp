// SPDX-License-Identifier: Apache-2.0
#include "replies/schedule.hpp"

#include "replies/zone.hpp"

#include <unicode/gregocal.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>

namespace kefu {

namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr days furthest{60};       // an opening further away than this is none
constexpr days longest_work{366};  // nobody is promised more

struct Interval {
    Timestamp from;
    Timestamp to;
};

/// The date on the shop's wall at that moment. A sys_days here is a plain date, without a zone.
sys_days local_date(Schedule const& schedule, Timestamp at) {
    auto& calendar = calendar_in(schedule.time_zone);
    UErrorCode status = U_ZERO_ERROR;
    calendar.setTime(static_cast<UDate>(to_millis(at)), status);
    std::chrono::year_month_day const date{std::chrono::year{calendar.get(UCAL_EXTENDED_YEAR, status)},
                                           std::chrono::month{static_cast<unsigned>(calendar.get(UCAL_MONTH, status) + 1)},
                                           std::chrono::day{static_cast<unsigned>(calendar.get(UCAL_DATE, status))}};
    if (U_FAILURE(status)) return std::chrono::floor<days>(at);
    return date;
}

/// When the shop's wall clock shows that time of that date. A time that the clocks skip is the moment they jump; of a time that they
/// show twice, opening takes the first and closing the last.
Timestamp moment(Schedule const& schedule, sys_days date, minutes since_midnight, UCalendarWallTimeOption when_twice) {
    date += std::chrono::floor<days>(since_midnight);
    auto const of_day = since_midnight - std::chrono::floor<days>(since_midnight);
    std::chrono::year_month_day const day{date};
    auto& calendar = calendar_in(schedule.time_zone);
    calendar.clear();
    calendar.setSkippedWallTimeOption(UCAL_WALLTIME_NEXT_VALID);
    calendar.setRepeatedWallTimeOption(when_twice);
    calendar.set(static_cast<int>(day.year()), static_cast<int>(static_cast<unsigned>(day.month())) - 1, static_cast<int>(static_cast<unsigned>(day.day())),
                 static_cast<int>(of_day.count() / 60), static_cast<int>(of_day.count() % 60), 0);
    UErrorCode status = U_ZERO_ERROR;
    auto const millis = calendar.getTime(status);
    if (U_FAILURE(status)) return Timestamp{date} + of_day;
    return from_millis(static_cast<std::int64_t>(millis));
}

/// The spans that begin on that date, by their beginning.
std::vector<Interval> spans_of(Schedule const& schedule, sys_days date) {
    std::vector<Interval> found;
    std::chrono::year_month_day const day{date};
    auto const has = [&](auto const& days_of) { return std::find(days_of.begin(), days_of.end(), day) != days_of.end(); };
    auto const exception = schedule.exceptions.find(day);
    if (exception == schedule.exceptions.end() && has(schedule.holidays) && !has(schedule.workdays)) return found;
    auto const weekday = has(schedule.workdays) ? 0 : std::chrono::weekday{date}.iso_encoding() - 1;  // Monday 0
    for (auto const& span : exception == schedule.exceptions.end() ? schedule.week[weekday] : exception->second) {
        auto const to = span.to > span.from ? span.to : span.to + days{1};
        found.push_back({moment(schedule, date, span.from, UCAL_WALLTIME_FIRST), moment(schedule, date, to, UCAL_WALLTIME_LAST)});
    }
    std::sort(found.begin(), found.end(), [](auto const& a, auto const& b) { return a.from < b.from; });
    return found;
}

}  // namespace

icu::Calendar& calendar_in(std::string const& zone) {
    thread_local std::string kept_zone;
    thread_local std::optional<icu::GregorianCalendar> kept;
    if (kept && kept_zone == zone) return *kept;
    UErrorCode status = U_ZERO_ERROR;
    kept.emplace(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(zone)), icu::Locale::getRoot(), status);
    kept_zone = zone;
    if (U_FAILURE(status)) {
        kept.reset();
        throw std::runtime_error(std::string{"ICU has no calendar: "} + u_errorName(status));
    }
    kept->setGregorianChange(-std::numeric_limits<double>::max(), status);  // no Julian dates, however old: std::chrono has none either
    return *kept;
}

Schedule daily(minutes from, minutes to) {
    Schedule schedule;
    for (auto& spans : schedule.week) spans = {{from, to}};
    return schedule;
}

bool Schedule::always() const {
    return std::all_of(week.begin(), week.end(), [](auto const& spans) { return spans.empty(); });
}

bool is_open(Schedule const& schedule, Timestamp at) {
    if (schedule.always()) return true;
    auto const today = local_date(schedule, at);
    for (auto const date : {today - days{1}, today})
        for (auto const& [from, to] : spans_of(schedule, date))
            if (from <= at && at < to) return true;
    return false;
}

Timestamp next_opening(Schedule const& schedule, Timestamp at) {
    if (is_open(schedule, at)) return at;
    auto const today = local_date(schedule, at);
    for (auto date = today; date <= today + furthest; date += days{1})
        for (auto const& [from, to] : spans_of(schedule, date))
            if (from >= at && to > from) return from;
    return at;
}

Timestamp add_working_time(Schedule const& schedule, Timestamp at, minutes work) {
    if (schedule.always() || work <= minutes{0}) return at + std::max(work, minutes{0});
    auto const today = local_date(schedule, at);
    auto reached = at;
    std::chrono::milliseconds left = work;
    for (auto date = today - days{1}; date <= today + longest_work; date += days{1}) {
        for (auto const& [from, to] : spans_of(schedule, date)) {
            auto const start = std::max(from, reached);
            if (to <= start) continue;
            if (start + left <= to) return start + left;
            left -= to - start;
            reached = to;
        }
    }
    return at + work;
}

std::string local_time(Timestamp at, std::string const& time_zone) {
    auto& calendar = calendar_in(time_zone);
    UErrorCode status = U_ZERO_ERROR;
    calendar.setTime(static_cast<UDate>(to_millis(at)), status);
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d", calendar.get(UCAL_EXTENDED_YEAR, status), calendar.get(UCAL_MONTH, status) + 1,
                  calendar.get(UCAL_DATE, status), calendar.get(UCAL_HOUR_OF_DAY, status), calendar.get(UCAL_MINUTE, status));
    return U_FAILURE(status) ? to_rfc3339(at) : text;
}

Timestamp from_local(Timestamp wall, std::string const& time_zone) {
    Schedule zone;
    zone.time_zone = time_zone;
    auto const date = std::chrono::floor<days>(wall);
    auto const since_midnight = std::chrono::floor<minutes>(wall - date);
    return moment(zone, date, since_midnight, UCAL_WALLTIME_FIRST) + (wall - date - since_midnight);
}

bool is_time_zone(std::string const& name) {
    if (name.empty()) return false;
    std::unique_ptr<icu::TimeZone> const zone{icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name))};
    return *zone != icu::TimeZone::getUnknown();
}

}  // namespace kefu
