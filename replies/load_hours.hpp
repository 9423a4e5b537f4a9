// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/yaml.hpp"
#include "intents/source_text.hpp"
#include "replies/schedule.hpp"

namespace kefu {

/// Reads `hours`: mon to sun as lists of 'hh:mm-hh:mm'; `calendar`, the name of one of `calendars`; `holidays` and `workdays` as dates; `exceptions`, spans by
/// date. Spans that overlap are errors. The zone is the shop's and is set by whoever knows it.
Schedule load_hours(yaml::Value const& value, Calendars const& calendars, Errors& errors);

/// One span for every day: '09:00-21:00'.
Schedule load_daily(yaml::Value const& value, Errors& errors);

/// Reads calendars/<name>.yaml: `calendar`, its name; `holidays` and `workdays`, date → what it is called.
Checked<Calendars> load_calendars(std::vector<SourceText> const& files);

}  // namespace kefu
