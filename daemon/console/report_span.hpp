// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <array>
#include <string>
#include <string_view>

/// Spans of time that people ask reports of. Pure.
namespace kefu {

enum class SpanKind { yesterday, last_week, last_month };
inline constexpr std::array<std::string_view, 3> span_names{"yesterday", "last-week", "last-month"};

struct ReportSpan {
    Timestamp from{};
    Timestamp to{};    ///< the first moment after it
    std::string name;  ///< "2026-11-21", "2026-11-16_2026-11-22", "2026-10": sorts by time
};

/// The last one that was over at `now`, by the clocks of that IANA zone. Weeks begin on Monday (ISO 8601).
ReportSpan last_span(SpanKind kind, Timestamp now, std::string const& time_zone);

}  // namespace kefu
