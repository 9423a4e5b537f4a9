// SPDX-License-Identifier: Apache-2.0
#include "replies/load_hours.hpp"

#include "config/base/timestamp.hpp"

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

std::optional<std::chrono::year_month_day> read_date(yaml::Value const& value, Errors& errors) {
    auto const text = value.string(errors);
    if (!text) return std::nullopt;
    auto const midnight = text->size() == 10 ? from_rfc3339(*text + "T00:00:00Z") : std::nullopt;
    if (!midnight) {
        errors.push_back(value.error("expected a date such as '2027-01-01', found '" + *text + "'"));
        return std::nullopt;
    }
    return std::chrono::year_month_day{std::chrono::floor<days>(*midnight)};
}

minutes end_of(Schedule::Span const& span) { return span.to > span.from ? span.to : span.to + hours{24}; }

}  // namespace

Schedule load_hours(yaml::Value const& value, Errors& errors) {
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
    if (auto const holidays = object.get("holidays"))
        for (auto const& item : holidays->items(errors))
            if (auto const date = read_date(item, errors)) schedule.holidays.push_back(*date);
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

}  // namespace kefu
