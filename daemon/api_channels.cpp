// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

/// How each channel is, for who is on call.
namespace kefu::api {

namespace json = boost::json;

namespace {

json::object quota_json(Quota const& quota) {
    json::object object{{"used", quota.used}, {"to_customers", quota.to_customers}, {"to_team", quota.to_team}};
    if (quota.limit) object["limit"] = *quota.limit;
    return object;
}

json::object channel_json(ChannelSettings const& settings, ChannelRecord const& record, Timestamp now) {
    auto const report = assess(settings, record, now);
    json::array reasons;
    for (auto const& reason : report.reasons) reasons.push_back(json::object{{"kind", std::string{reason.kind}}, {"what", reason.what}});
    json::array errors;
    for (auto const& [trouble, seen] : record.errors)
        errors.push_back(json::object{{"kind", std::string{trouble_names[static_cast<std::size_t>(trouble)]}},
                                      {"count", seen.count},
                                      {"last", to_rfc3339(seen.last)},
                                      {"meaning", std::string{meaning_of(trouble)}},
                                      {"detail", seen.detail}});
    json::object object{{"id", settings.id.value},
                        {"type", std::string{name_of(settings.type)}},
                        {"state", std::string{channel_state_names[static_cast<std::size_t>(report.state)]}},
                        {"reasons", std::move(reasons)},
                        {"since", to_rfc3339(record.since)},
                        {"errors", std::move(errors)}};
    auto const& account = record.account;
    if (record.last_in) object["last_in"] = to_rfc3339(*record.last_in);
    if (record.last_out) object["last_out"] = to_rfc3339(*record.last_out);
    if (account.connected) object["connected"] = *account.connected;
    if (account.quota) object["quota"] = quota_json(*account.quota);
    if (account.token_until) object["token_until"] = to_rfc3339(*account.token_until);
    return object;
}

net::awaitable<Response> channels(ContextPtr context, Request, std::string) {
    ServicesPtr const services = context->services();
    Timestamp const now = context->clock();
    json::array list;
    for (auto const& channel : services->snapshot->settings.channels) list.push_back(channel_json(channel, services->health->of(channel.id, now), now));
    json::object const body{{"channels", std::move(list)}};
    co_return json_response(json::serialize(body));
}

}  // namespace

std::vector<Route> channel_routes() { return {{"GET", "/channels", channels}}; }

}  // namespace kefu::api
