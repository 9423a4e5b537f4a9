// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/console/traffic.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The owner's mirror: tables made of what happened. Pure.
namespace kefu {

struct ReportColumn {
    std::string_view name;
    std::string_view type;  ///< time, text, integer, number, share (0 to 1), seconds, money
};

/// Nothing, a text, or a number; a time is milliseconds since 1970.
using Cell = std::variant<std::monostate, std::string, double>;

struct Report {
    std::string_view name;
    std::vector<ReportColumn> columns;
    std::vector<std::vector<Cell>> rows;
};

/// Their names, in the order people read them.
std::vector<std::string_view> const& report_names();

/// not_found: no report is called so.
Result<Report> make_report(std::string_view name, Traffic const& traffic);

}  // namespace kefu
