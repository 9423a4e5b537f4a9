// SPDX-License-Identifier: Apache-2.0
#include "daemon/claim_page.hpp"

#include "daemon/api_parts.hpp"
#include "daemon/http/target.hpp"
#include "daemon/log.hpp"
#include "daemon/markup.hpp"
#include "daemon/notify/claim_link.hpp"
#include "daemon/notify/notifiers.hpp"
#include "replies/conversation.hpp"

#include <memory>
#include <utility>

namespace kefu {

namespace {

using api::ContextPtr;

Response page(int status, ClaimPage const& words, std::string_view title, std::string const& body) {
    Response response;
    response.status = status;
    response.headers.set("Content-Type", "text/html; charset=utf-8");
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("X-Robots-Tag", "noindex");
    response.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'");
    response.body =
        "<!doctype html><html lang=\"" + std::string{words.locale_tag} +
        "\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>" + escape_markup(title) +
        "</title><style>body{font:1.1em system-ui;margin:2em auto;max-width:30em;padding:0 1em}button{font:inherit;padding:.8em 1.2em}</style><h1>" +
        escape_markup(title) + "</h1>" + body + "</html>";
    return response;
}

std::string paragraph(std::string_view text) { return "<p>" + escape_markup(text) + "</p>"; }

/// What a link leads to now.
struct Found {
    Claim claim;
    ConversationView view;
    EscalationRow escalation;
};

struct Looked {
    std::optional<Found> found;
    std::optional<Response> instead;  ///< when there is nothing to take
};

net::awaitable<Looked> look(ContextPtr context, std::string token) {
    Looked looked;
    ServicesPtr const services = context->services();
    auto const claim = read_claim(token, services->claim_key, context->clock());
    if (!claim || services->claim_key.empty()) {
        auto const& words = claim_page_words(services->snapshot->settings.shop.locale);
        looked.instead = page(403, words, words.bad, {});
        co_return looked;
    }
    auto const& words = claim_page_words(claim->locale);
    auto view = co_await context->store.view(claim->conversation, 1);
    if (!view) {
        looked.instead = problem(503, "Not now", view.error().message);
        co_return looked;
    }
    EscalationRow const* escalation = nullptr;
    if (*view)
        for (auto const& row : (*view)->escalations)
            if (row.id == claim->escalation) escalation = &row;
    if (escalation == nullptr || escalation->closed_at) {
        looked.instead = page(410, words, words.closed, {});
    } else if (!escalation->claimed_by.empty()) {
        looked.instead = page(409, words, words.taken, paragraph(escalation->claimed_by));
    } else {
        EscalationRow const row = *escalation;
        looked.found = Found{*claim, std::move(**view), row};
    }
    co_return looked;
}

std::string about(Found const& found) {
    Conversation const& conversation = found.view.conversation;
    std::string const& who = conversation.display_name.empty() ? conversation.sender : conversation.display_name;
    return paragraph(who + " · " + found.escalation.what.reason + " → " + found.claim.team);
}

net::awaitable<Response> show(ContextPtr context, Request request) {
    std::string const token = request.query["t"];
    Looked looked = co_await look(context, token);
    if (looked.instead) co_return std::move(*looked.instead);
    auto const& words = claim_page_words(looked.found->claim.locale);
    std::string body = about(*looked.found) + paragraph(words.explain);
    body += "<form method=\"post\" action=\"?t=" + escape_markup(token) + "\"><button>" + escape_markup(words.button) + "</button></form>";
    co_return page(200, words, words.title, body);
}

net::awaitable<Response> take(ContextPtr context, Request request) {
    std::string const token = request.query["t"];
    Looked looked = co_await look(context, token);
    if (looked.instead) co_return std::move(*looked.instead);
    Found const found = std::move(*looked.found);
    auto const& words = claim_page_words(found.claim.locale);
    AgentActed acted;
    acted.action = AgentAction::claim;
    acted.agent = std::string{team_prefix} + found.claim.team;
    Arrival arrival = arrival_in(found.view.conversation, std::move(acted), context->clock());
    // Two fingers on two phones: the second is a repetition of the first.
    arrival.event_id = "claim/" + found.claim.conversation.value + '/' + std::to_string(found.claim.escalation);
    auto const applied = co_await api::apply_act(context, std::move(arrival));
    if (!applied) co_return problem(503, "Not now", applied.error().message);
    if (applied->error || applied->duplicate) co_return page(409, words, words.taken, {});
    log_info("case_claimed", {{"conversation", found.claim.conversation.value}, {"team", found.claim.team}, {"remote", request.remote}});
    co_return page(200, words, words.done, about(found));
}

}  // namespace

void add_claim_page(Router& router, ApiContext context) {
    auto const shared = std::make_shared<ApiContext const>(std::move(context));
    router.add("GET", "/claim", [shared](Request request) { return show(shared, std::move(request)); });
    router.add("POST", "/claim", [shared](Request request) { return take(shared, std::move(request)); });
}

}  // namespace kefu
