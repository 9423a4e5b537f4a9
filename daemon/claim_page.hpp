// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api.hpp"
#include "daemon/http/router.hpp"

namespace kefu {

/// /claim: GET shows what the link in a notice is for and changes nothing, as previews and scanners fetch links too; POST takes the case for the team, once.
void add_claim_page(Router& router, ApiContext context);

}  // namespace kefu
