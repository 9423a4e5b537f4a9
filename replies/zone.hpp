// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unicode/calendar.h>

#include <string>

namespace kefu {

/// A Gregorian calendar in that IANA zone (UTC when ICU does not know it), for this thread alone. Making one costs far more than using one,
/// so each thread keeps the last: good until the next call, set its time before reading a field.
icu::Calendar& calendar_in(std::string const& zone);

}  // namespace kefu
