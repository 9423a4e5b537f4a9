// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/report_span.hpp"

#include "replies/schedule.hpp"

#include <chrono>

namespace kefu {

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

sys_days local_day(Timestamp at, std::string const& time_zone) {
    auto const midnight = from_rfc3339(local_time(at, time_zone).substr(0, 10) + "T00:00:00Z");
    return std::chrono::floor<days>(midnight.value_or(at));
}

std::string date_of(sys_days day) { return to_rfc3339(Timestamp{day}).substr(0, 10); }

}  // namespace

ReportSpan last_span(SpanKind kind, Timestamp now, std::string const& time_zone) {
    sys_days const today = local_day(now, time_zone);
    sys_days from = today - days{1};
    sys_days to = today;
    std::string name = date_of(from);
    if (kind == SpanKind::last_week) {
        to = today - (std::chrono::weekday{today} - std::chrono::Monday);
        from = to - days{7};
        name = date_of(from) + '_' + date_of(to - days{1});
    } else if (kind == SpanKind::last_month) {
        year_month_day const date{today};
        auto const month = date.year() / date.month();
        to = sys_days{month / 1};
        from = sys_days{(month - std::chrono::months{1}) / 1};
        name = date_of(from).substr(0, 7);
    }
    return {from_local(Timestamp{from}, time_zone), from_local(Timestamp{to}, time_zone), std::move(name)};
}

}  // namespace kefu
