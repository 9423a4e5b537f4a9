// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "intents/money.hpp"
#include "replies/authority.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

/// What an agent notes in a case: what the customer was given, within the agent's authority, and tags.
namespace kefu::api {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_why = 1'000;  // bytes
constexpr std::size_t longest_tag = 64;
constexpr std::size_t most_tags_at_once = 32;
constexpr double most_amount = 1e9;

bool allows_kind(Tier const& tier, std::string_view kind) {
    auto const& kinds = tier.authority.kinds;
    return tier.unlimited || kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool has_authority(Tier const& tier) { return tier.unlimited || tier.authority != Authority{}; }

/// Nobody wrote an amount down: none may be given.
double limit(std::map<std::string, double> const& limits, std::string const& currency) {
    auto const found = limits.find(currency);
    return found == limits.end() ? 0 : found->second;
}

std::optional<double> per_order(Tier const& tier, std::string const& currency) {
    if (tier.unlimited) return std::nullopt;
    return limit(tier.authority.per_order, currency);
}

std::optional<double> per_day(Tier const& tier, std::string const& currency) {
    auto const found = tier.authority.per_day.find(currency);
    if (tier.unlimited || found == tier.authority.per_day.end()) return std::nullopt;
    return found->second;
}

/// The lowest tier above that may give this kind of thing and that much; empty: none.
std::string who_may(Policy const& policy, Tier const& tier, Conversation const& conversation, std::string const& kind, double amount,
                    std::string const& currency, Timestamp now) {
    for (auto const& above : policy.tiers) {
        if (policy.rank(above.name) <= policy.rank(tier.name) || !has_authority(above) || !allows_kind(above, kind)) continue;
        auto const left = left_to_give(conversation, currency, per_order(above, currency), per_day(above, currency), now);
        if (!left || amount <= *left) return above.name;
    }
    return {};
}

Response refused(Tier const& tier, std::string const& what, std::string const& above) {
    return problem(409, "Not possible now", tier.name + " may not give " + what + "; " + (above.empty() ? "nobody may" : above + " may decide about it"));
}

std::string names_of_kinds() {
    std::string names;
    for (auto const kind : concession_kinds) names += (names.empty() ? "" : ", ") + std::string{kind};
    return names;
}

net::awaitable<Response> concede(ContextPtr context, Request request, std::string agent) {
    auto const asked = read_asked(request);
    if (auto const* wrong = std::get_if<Response>(&asked)) co_return *wrong;
    auto const& [body, conversation] = std::get<Asked>(asked);
    AgentConceded given;
    given.agent = agent;
    given.kind = text_in(body, "kind");
    given.why = text_in(body, "why");
    if (std::find(concession_kinds.begin(), concession_kinds.end(), given.kind) == concession_kinds.end())
        co_return problem(400, "Unknown 'kind'", "'kind' is one of " + names_of_kinds() + ".");
    if (given.why.empty()) co_return problem(400, "'why' is missing", "Why does the customer get it? It is kept with the concession.");
    if (given.why.size() > longest_why) co_return problem(400, "'why' is too long", "At most 1,000 bytes.");
    if (auto const* amount = body.if_contains("amount"); amount != nullptr) {
        if (!amount->is_number()) co_return problem(400, "'amount' is not a number", "In units of the currency: 120, 99.5.");
        given.amount = amount->to_number<double>();
    }
    if (!(given.amount >= 0 && given.amount <= most_amount)) co_return problem(400, "'amount' is out of range", "From 0 to 1,000,000,000.");

    ServicesPtr const services = context->services();
    Policy const& policy = services->snapshot->catalog.policy;
    given.currency = text_in(body, "currency");
    if (given.currency.empty()) given.currency = policy.currency;
    if (!is_currency_code(given.currency)) co_return problem(400, "'currency' is no currency", "ISO 4217, such as TWD or CZK.");

    auto const view = co_await context->store.view(conversation, 1);
    if (!view) co_return failure(view.error());
    if (!*view) co_return problem(404, "No such conversation", "Give its id as the list shows it.");
    Tier const& tier = tier_of(services->snapshot->settings, policy, agent);
    given.tier = tier.name;
    given.above = who_may(policy, tier, (*view)->conversation, given.kind, given.amount, given.currency, context->clock());
    if (!has_authority(tier)) co_return refused(tier, "anything", given.above);
    if (!allows_kind(tier, given.kind)) co_return refused(tier, given.kind, given.above);
    given.per_order = per_order(tier, given.currency);
    given.per_day = per_day(tier, given.currency);
    Event event = std::move(given);
    Response response = co_await happen(context, conversation, std::move(event), agent, "concede");
    co_return response;
}

/// The tags under that name; nothing when they are no tags.
std::optional<std::vector<std::string>> tags_in(json::object const& body, std::string_view name) {
    std::vector<std::string> tags;
    auto const* list = body.if_contains(name);
    if (list == nullptr) return tags;
    if (!list->is_array() || list->get_array().size() > most_tags_at_once) return std::nullopt;
    for (auto const& one : list->get_array()) {
        if (!one.is_string()) return std::nullopt;
        std::string tag{one.get_string()};
        bool const plain = std::none_of(tag.begin(), tag.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == ','; });
        if (tag.empty() || tag.size() > longest_tag || !plain) return std::nullopt;
        tags.push_back(std::move(tag));
    }
    return tags;
}

net::awaitable<Response> tag(ContextPtr context, Request request, std::string agent) {
    auto const asked = read_asked(request);
    if (auto const* wrong = std::get_if<Response>(&asked)) co_return *wrong;
    auto const& [body, conversation] = std::get<Asked>(asked);
    auto add = tags_in(body, "add");
    auto remove = tags_in(body, "remove");
    if (!add || !remove || (add->empty() && remove->empty()))
        co_return problem(400, "The tags cannot be read", "'add' and 'remove' are lists of at most 32 words of up to 64 bytes, without spaces and commas.");
    AgentTagged tagged;
    tagged.agent = agent;
    tagged.add = std::move(*add);
    tagged.remove = std::move(*remove);
    Event event = std::move(tagged);
    Response response = co_await happen(context, conversation, std::move(event), agent, "tag");
    co_return response;
}

json::object left_json(std::map<std::string, double> const& limits, Conversation const& conversation, Timestamp now, bool of_a_day) {
    json::object left;
    for (auto const& [currency, most] : limits) {
        auto const given = of_a_day ? given_in_a_day(conversation, currency, now) : given_for_order(conversation, currency);
        left[currency] = std::max(0.0, std::round((most - given) * 100) / 100);
    }
    return left;
}

}  // namespace

Tier const& tier_of(Settings const& settings, Policy const& policy, std::string_view agent) {
    Tier const* highest = policy.tiers.empty() ? &policy.tier({}) : &policy.tiers.back();
    auto const found = std::find_if(settings.agents.begin(), settings.agents.end(), [&](auto const& one) { return one.name == agent; });
    if (found == settings.agents.end()) return policy.tier({});  // nobody wrote down what they may give: the default
    if (found->tiers.empty()) return *highest;
    auto const by_rank = [&](auto const& a, auto const& b) { return policy.rank(a) < policy.rank(b); };
    return policy.tier(*std::max_element(found->tiers.begin(), found->tiers.end(), by_rank));
}

void add_concessions(json::object& object, Conversation const& conversation, Tier const& tier, Timestamp now) {
    json::array list;
    for (auto const& given : conversation.conceded) {
        json::object one{{"at", to_rfc3339(given.at)}, {"kind", given.kind}, {"amount", given.amount}, {"currency", given.currency}, {"by", given.by}};
        if (!given.order.empty()) one["order"] = given.order;
        list.push_back(std::move(one));
    }
    object["concessions"] = std::move(list);
    auto const offer = conversation.open.facts.find("offer");
    if (offer != conversation.open.facts.end() && std::holds_alternative<std::string>(offer->second)) object["offer"] = std::get<std::string>(offer->second);

    json::object authority{{"tier", tier.name}};
    if (tier.unlimited) {
        authority["unlimited"] = true;
    } else {
        authority["may"] = json::array(tier.authority.kinds.begin(), tier.authority.kinds.end());
        authority["left_for_order"] = left_json(tier.authority.per_order, conversation, now, false);
        authority["left_today"] = left_json(tier.authority.per_day, conversation, now, true);
    }
    object["authority"] = std::move(authority);
}

std::vector<Route> case_routes() { return {{"POST", "/concede", concede}, {"POST", "/tag", tag}}; }

}  // namespace kefu::api
