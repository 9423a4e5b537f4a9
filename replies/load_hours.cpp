// SPDX-License-Identifier: Apache-2.0
#include "replies/load_hours.hpp"

#include "config/base/timestamp.hpp"
#include "config/suggest.hpp"

#include <algorithm>
#include <optional>

namespace kefu {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

std::optional<int> two_digits(std::string_view text) {
    if (text.size() != 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return std::nullopt;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/// "09:00", up to "24:00".
std::optional<minutes> time_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    auto const hour = two_digits(text.substr(0, 2));
    auto const minute = two_digits(text.substr(3));
    if (!hour || !minute || *minute > 59) return std::nullopt;
    auto const time = hours{*hour} + minutes{*minute};
    return time <= hours{24} ? std::optional{minutes{time}} : std::nullopt;
}

std::optional<Schedule::Span> read_span(yaml::Value const& value, Errors& errors) {
    auto const text = value.string(errors);
    if (!text) return std::nullopt;
    auto const dash = text->find('-');
    auto const from = time_of_day(std::string_view{*text}.substr(0, dash));
    auto const to = dash == std::string::npos ? std::nullopt : time_of_day(std::string_view{*text}.substr(dash + 1));
    if (!from || !to || *from == hours{24}) {
        errors.push_back(value.error("expected hours such as '09:00-18:00', found '" + *text + "'"));
        return std::nullopt;
    }
    return Schedule::Span{*from, *to};
}

std::optional<std::chrono::year_month_day> read_date(std::string const& text, SourceLocation const& where, Errors& errors) {
    auto const midnight = text.size() == 10 ? from_rfc3339(text + "T00:00:00Z") : std::nullopt;
    if (!midnight) {
        errors.push_back({Errc::bad_config, "expected a date such as '2027-01-01', found '" + text + "'", where});
        return std::nullopt;
    }
    return std::chrono::year_month_day{std::chrono::floor<days>(*midnight)};
}

std::vector<std::chrono::year_month_day> read_dates(yaml::Value const& value, Errors& errors) {
    std::vector<std::chrono::year_month_day> dates;
    for (auto const& item : value.items(errors))
        if (auto const text = item.string(errors))
            if (auto const date = read_date(*text, item.where(), errors)) dates.push_back(*date);
    return dates;
}

/// A map from dates to what they are called.
std::vector<std::chrono::year_month_day> read_named_dates(yaml::Value const& value, Errors& errors) {
    std::vector<std::chrono::year_month_day> dates;
    for (auto const& [text, where, name] : value.entries(errors)) {
        if (auto const date = read_date(text, where, errors)) dates.push_back(*date);
        name.string(errors);
    }
    return dates;
}

void add(std::vector<std::chrono::year_month_day>& all, std::vector<std::chrono::year_month_day> const& more) {
    all.insert(all.end(), more.begin(), more.end());
}

void read_calendar(yaml::Value const& value, Calendars const& calendars, Schedule& schedule, Errors& errors) {
    auto const name = value.string(errors);
    if (!name) return;
    auto const found = calendars.find(*name);
    if (found == calendars.end()) {
        std::vector<std::string> names;
        for (auto const& [known, calendar] : calendars) names.push_back(known);
        errors.push_back(value.error("there is no calendar '" + *name + "'" + did_you_mean(*name, names)));
        return;
    }
    add(schedule.holidays, found->second.holidays);
    add(schedule.workdays, found->second.workdays);
}

minutes end_of(Schedule::Span const& span) { return span.to > span.from ? span.to : span.to + hours{24}; }

}  // namespace

Schedule load_hours(yaml::Value const& value, Calendars const& calendars, Errors& errors) {
    static constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    Schedule schedule;
    std::array<std::vector<SourceLocation>, 7> places;
    yaml::Object object{value, errors};
    for (std::size_t day = 0; day < 7; ++day) {
        auto const spans = object.get(day_names[day]);
        if (!spans) continue;
        for (auto const& item : spans->items(errors)) {
            auto const span = read_span(item, errors);
            if (!span) continue;
            schedule.week[day].push_back(*span);
            places[day].push_back(item.where());
        }
    }
    if (auto const calendar = object.get("calendar")) read_calendar(*calendar, calendars, schedule, errors);
    if (auto const dates = object.get("holidays")) add(schedule.holidays, read_dates(*dates, errors));
    if (auto const dates = object.get("workdays")) add(schedule.workdays, read_dates(*dates, errors));
    if (auto const exceptions = object.get("exceptions"))
        for (auto const& [text, where, spans] : exceptions->entries(errors)) {
            auto const date = read_date(text, where, errors);
            std::vector<Schedule::Span> read;
            for (auto const& item : spans.items(errors))
                if (auto const span = read_span(item, errors)) read.push_back(*span);
            if (date) schedule.exceptions[*date] = std::move(read);
        }
    object.finish();

    // Overlaps would count working time twice. A span past midnight may meet the next day's first, Sunday's Monday's.
    for (std::size_t day = 0; day < 7; ++day)
        for (std::size_t i = 0; i < schedule.week[day].size(); ++i) {
            auto const& span = schedule.week[day][i];
            auto const overlaps = [&](Schedule::Span const& other, minutes later) {
                return span.from < end_of(other) + later && other.from + later < end_of(span);
            };
            auto const& yesterday = schedule.week[(day + 6) % 7];
            bool const with_earlier = std::any_of(schedule.week[day].begin(), schedule.week[day].begin() + static_cast<std::ptrdiff_t>(i),
                                                  [&](auto const& other) { return overlaps(other, minutes{0}); });
            bool const with_yesterday =
                std::any_of(yesterday.begin(), yesterday.end(), [&](auto const& other) { return overlaps(other, -minutes{hours{24}}); });
            if (with_earlier || with_yesterday) errors.push_back({Errc::bad_config, "these hours overlap with others", places[day][i]});
        }
    return schedule;
}

Schedule load_daily(yaml::Value const& value, Errors& errors) {
    auto const span = read_span(value, errors);
    return span ? daily(span->from, span->to) : Schedule{};
}

Checked<Calendars> load_calendars(std::vector<SourceText> const& files) {
    Errors errors;
    Calendars calendars;
    for (auto const& file : files) {
        auto const root = yaml::parse(file.text, file.name, errors);
        if (!root) continue;
        yaml::Object object{*root, errors};
        auto const name = object.require("calendar");
        auto const holidays = object.get("holidays");
        auto const workdays = object.get("workdays");
        object.finish();
        auto const text = name ? name->string(errors) : std::nullopt;
        if (!text) continue;
        if (calendars.contains(*text)) errors.push_back(name->error("there is already a calendar '" + *text + "'"));
        auto& calendar = calendars[*text];
        if (holidays) calendar.holidays = read_named_dates(*holidays, errors);
        if (workdays) calendar.workdays = read_named_dates(*workdays, errors);
    }
    if (!errors.empty()) return errors;
    return calendars;
}

}  // namespace kefu
