// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/console/report.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Reports as files for spreadsheets.
namespace kefu {

/// One cell of a CSV file (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it: customers choose names such as
/// "=HYPERLINK(...)" (OWASP, "CSV Injection").
std::string csv_text(std::string_view text);

/// UTF-8 with the mark that Excel wants, lines ending in CR LF. Times as RFC 3339.
std::string to_csv(Report const& report);

/// A workbook with a sheet for each. Times are shown on the clocks of that zone. Blocks: it goes through a temporary file.
Result<std::string> to_xlsx(std::vector<Report> const& reports, std::string const& time_zone);

}  // namespace kefu
