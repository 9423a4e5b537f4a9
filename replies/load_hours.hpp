// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/yaml.hpp"
#include "replies/schedule.hpp"

namespace kefu {

/// Reads `hours`: mon to sun as lists of 'hh:mm-hh:mm', and holidays as dates. Spans that overlap are errors. The zone is the shop's and is set by
/// whoever knows it.
Schedule load_hours(yaml::Value const& value, Errors& errors);

}  // namespace kefu
