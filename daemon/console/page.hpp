// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/router.hpp"

namespace kefu {

/// /console/: the page that was built into the binary. Assets carry a hash in their names and may be kept for ever; the page itself is
/// asked for each time. Built without it (KEFUD_CONSOLE=OFF): 404 that says so.
void add_console_page(Router& router);

/// /api/openapi.json: what the API is.
void add_openapi(Router& router);

}  // namespace kefu
