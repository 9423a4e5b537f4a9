// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api.hpp"

namespace kefu {

/// Adds GET /metrics, in Prometheus' text format. With `metrics.token` set only for who has it (Authorization: Bearer); the setting is read at each request, so
/// a reload changes it. A store that does not answer is told as kefud_store_up 0, not as an error.
void add_metrics(Router& router, ApiContext context);

}  // namespace kefu
