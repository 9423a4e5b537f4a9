// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/dispatch.hpp"
#include "daemon/http/router.hpp"
#include "daemon/intake.hpp"
#include "daemon/services.hpp"
#include "daemon/store/store.hpp"

#include <functional>
#include <string>

namespace kefu {

/// What the API's handlers work on. All of it outlives the router.
struct ApiContext {
    Store& store;
    std::function<ServicesPtr()> services;
    Clock clock;
    IntakeCounts const& intake;
    DispatchCounts const& dispatch;
    std::function<bool()> stopping;
};

/// Adds the agents' JSON API under `base` (bearer token of an agent in kefud.yaml):
///   GET  /conversations?owner=waiting&channel=&agent=&limit=    angriest and nearest deadline first
///   GET  /conversation?id=ID&history=50                         state, history, escalations, the draft that waits for approval
///   POST /claim | /reply | /hand-back | /resolve | /note        {"conversation": ID, "text"?, "override"?: true}
///   POST /draft/approve | /draft/discard                        {"conversation": ID, "draft"?: ID, "text"?, "override"?: true}
///   GET  /status      POST /pause | /resume {"channel"?}
/// A reply claims the conversation, unless a colleague has it. `text` in an approval is said instead of the draft's; `draft` is the one that was looked at.
/// Errors are problem JSON: 401, 404, 409 (a colleague has it, or the guard warns: say "override": true to send it all the same).
void add_api(Router& router, std::string const& base, ApiContext context);

/// GET /healthz (the process answers) and GET /readyz (it takes messages: 503 with reasons when not).
void add_health(Router& router, ApiContext context);

}  // namespace kefu
