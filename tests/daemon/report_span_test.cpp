// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/report_span.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kefu {
namespace {

struct SpanCase {
    char const* name;
    SpanKind kind;
    char const* now;
    char const* zone;
    char const* from;
    char const* to;
    char const* called;
};

class LastSpan : public testing::TestWithParam<SpanCase> {};
TEST_P(LastSpan, is_over_by_the_shops_clocks) {
    auto const& one = GetParam();
    auto const span = last_span(one.kind, from_rfc3339(one.now).value(), one.zone);
    EXPECT_EQ(to_rfc3339(span.from), one.from);
    EXPECT_EQ(to_rfc3339(span.to), one.to);
    EXPECT_EQ(span.name, one.called);
}

INSTANTIATE_TEST_SUITE_P(Report, LastSpan,
                         testing::Values(SpanCase{"yesterday", SpanKind::yesterday, "2026-11-22T20:00:00Z", "Asia/Taipei", "2026-11-21T16:00:00.000Z",
                                                  "2026-11-22T16:00:00.000Z", "2026-11-22"},
                                         SpanCase{"a_day_of_25_hours", SpanKind::yesterday, "2026-10-26T06:00:00Z", "Europe/Prague", "2026-10-24T22:00:00.000Z",
                                                  "2026-10-25T23:00:00.000Z", "2026-10-25"},
                                         SpanCase{"a_week_on_a_sunday", SpanKind::last_week, "2026-11-22T12:00:00Z", "UTC", "2026-11-09T00:00:00.000Z",
                                                  "2026-11-16T00:00:00.000Z", "2026-11-09_2026-11-15"},
                                         SpanCase{"a_week_on_a_monday", SpanKind::last_week, "2026-11-23T00:30:00Z", "UTC", "2026-11-16T00:00:00.000Z",
                                                  "2026-11-23T00:00:00.000Z", "2026-11-16_2026-11-22"},
                                         SpanCase{"a_month_of_the_year_before", SpanKind::last_month, "2027-01-05T12:00:00Z", "UTC", "2026-12-01T00:00:00.000Z",
                                                  "2027-01-01T00:00:00.000Z", "2026-12"}),
                         [](auto const& test) { return std::string{test.param.name}; });

}  // namespace
}  // namespace kefu
