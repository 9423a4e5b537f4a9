// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/console/live.hpp"
#include "daemon/console/report_room.hpp"
#include "daemon/console/sessions.hpp"
#include "daemon/dispatch.hpp"
#include "daemon/http/router.hpp"
#include "daemon/intake.hpp"
#include "daemon/roster.hpp"
#include "daemon/services.hpp"
#include "daemon/store/store.hpp"

#include <functional>
#include <string>

namespace kefu {

struct Desk;

/// What the API's handlers work on. All of it outlives the router.
struct ApiContext {
    Store& store;
    std::function<ServicesPtr()> services;
    net::thread_pool& pool;  ///< for files and what takes a moment
    Roster& roster;
    Clock clock;
    IntakeCounts const& intake;
    DispatchCounts const& dispatch;
    std::function<bool()> stopping;
    SignIn& sign_in;
    LiveHub& live;
    Desk& desk;
    ReportRoom& reports;
};

/// Adds the JSON API under `base`, for who is signed in to the console and for the agents of kefud.yaml with their bearer tokens. All of it is described in
/// console/openapi.json; the agents' part:
///   GET  /conversations?owner=waiting&channel=&agent=&limit=    angriest and nearest deadline first
///   GET  /conversation?id=ID&history=50                         state, history, escalations, the draft that waits for approval
///   POST /claim | /reply | /hand-back | /resolve | /note        {"conversation": ID, "text"?, "override"?: true}
///   POST /draft/approve | /draft/discard                        {"conversation": ID, "draft"?: ID, "text"?, "override"?: true}
///   POST /assign                                                {"conversation": ID, "to": AGENT, "why"?}
///   POST /concede                                               {"conversation": ID, "kind", "amount"?, "currency"?, "why"}
///   POST /tag                                                   {"conversation": ID, "add"?: [...], "remove"?: [...]}
///   POST /presence                                              {"state": "online" | "away"}
///   GET  /agents                                                who there is: tiers, languages, online or away, load, capacity
///   GET  /channels                                              how each channel is: state with reasons, last in and out, errors by kind, quota, token
///   GET  /status      POST /pause | /resume {"channel"?}
/// A reply claims the conversation, unless a colleague has it. `text` in an approval is said instead of the draft's; `draft` is the one that was looked at.
/// Who is online is given conversations in which a person is needed. Online ends by itself `api.online_for` after the agent's last call of any kind.
/// A conversation's `agent` is who has it, or whose turn it is while it waits (`assignment` says until when); the list filters by it.
/// `assign` gives a conversation to a colleague: while it waits it is their turn then; from a person's hands it goes straight into theirs, if they are online.
/// `concede` records what the agent gave the customer, within the authority of the highest tier the agent belongs to (policy.yaml); above it: 409, with what is
/// left and the tier that may decide. A conversation's `concessions` and `authority` show both.
/// Errors are problem JSON: 401, 403 (a higher role may, or the CSRF token is missing), 404, 409 (a colleague has it, or the guard warns: say "override": true
/// to send it all the same).
void add_api(Router& router, std::string const& base, ApiContext context);

/// GET /healthz (the process answers) and GET /readyz (it takes messages: 503 with reasons when not).
void add_health(Router& router, ApiContext context);

}  // namespace kefu
