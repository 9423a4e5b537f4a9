// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// A table in a text file (RFC 4180), as spreadsheets export it: a byte order mark is passed over, and the separator is whichever of ',', ';' and tab the first
/// line has most of. Every row has as many cells as the first line; empty lines are left out.
struct Csv {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

/// bad_payload, naming the line: not UTF-8, a quote that is not closed, a row that is too long. A shorter row is filled up.
Result<Csv> read_csv(std::string_view text);

}  // namespace kefu
