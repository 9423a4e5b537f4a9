// SPDX-License-Identifier: Apache-2.0
#include "daemon/doctor/doctor.hpp"

#include "daemon/http/client.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <cstdlib>
#include <ctime>
#include <optional>
#include <utility>

/// What LINE says of our accounts (Messaging API reference: "Get webhook endpoint information", "Get the target limit for sending messages this month",
/// "Get number of messages sent this month"). Whether webhook redelivery is on, no API tells.
namespace kefu {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

using Kind = Finding::Kind;

constexpr auto clock_off = 30s;  // LINE's signatures carry no time, but reply tokens live a minute

/// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<Timestamp> http_date(std::string_view text) {
    std::tm parts{};
    if (::strptime(std::string{text}.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return std::nullopt;
    return Timestamp{std::chrono::seconds{::timegm(&parts)}};
}

struct LineAnswer {
    int status = 0;
    json::object body;
    std::optional<Timestamp> date;
};

net::awaitable<Result<LineAnswer>> ask(HttpClient& http, ChannelSettings const& channel, std::string path) {
    ClientRequest request;
    request.method = "GET";
    request.url = channel.line.api_base + path;
    request.headers.set("Authorization", "Bearer " + channel.line.access_token.reveal());
    auto const response = co_await http.fetch(std::move(request));
    if (!response) co_return response.error();
    LineAnswer said;
    said.status = response->status;
    said.date = http_date(response->headers.get("Date"));
    error_code broken;
    auto document = json::parse(response->body, broken);
    if (!broken && document.is_object()) said.body = std::move(document.get_object());
    co_return said;
}

std::optional<std::int64_t> number_in(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return value->get_int64();
}

void judge_endpoint(Findings& findings, ChannelSettings const& channel, Settings const& settings, LineAnswer const& said) {
    std::string const id = channel.id.value;
    if (said.status == 401) {
        findings.push_back(
            {Kind::wrong, id, "LINE refuses the access token", "issue a new one in the LINE Developers Console and put it into the secret's file"});
        return;
    }
    if (said.status == 404) {
        findings.push_back(
            {Kind::wrong, id, "LINE knows no webhook of this account", "Messaging API → Webhook settings: enter " + settings.public_url + channel.path});
        return;
    }
    auto const* endpoint = said.body.if_contains("endpoint");
    auto const* active = said.body.if_contains("active");
    if (said.status != 200 || endpoint == nullptr || !endpoint->is_string()) {
        findings.push_back({Kind::warning, id, "LINE answered " + std::to_string(said.status) + " when asked for the webhook", "try again later"});
        return;
    }
    std::string const url{endpoint->get_string()};
    if (!url.ends_with(channel.path))
        findings.push_back({Kind::wrong, id, "LINE sends to " + url + ", this channel's path is " + channel.path,
                            "enter the right URL in LINE's webhook settings, or set the channel's path"});
    else if (active == nullptr || !active->is_bool() || !active->get_bool())
        findings.push_back({Kind::wrong, id, "the webhook is switched off", "Messaging API → Webhook settings: switch Use webhook on"});
    else
        findings.push_back({Kind::fine, id, "LINE sends to " + url + "; whether Webhook redelivery is on, LINE tells nobody: look there once", {}});
}

void judge_quota(Findings& findings, std::string const& id, LineAnswer const& limit, LineAnswer const& used) {
    auto const most = number_in(limit.body, "value");
    auto const sent = number_in(used.body, "totalUsage");
    if (!most || !sent) return;  // an account without a limit
    std::string const what = std::to_string(*sent) + " of " + std::to_string(*most) + " paid messages of this month are used";
    if (*sent >= *most)
        findings.push_back({Kind::wrong, id, what, "only replies go out until the next month; buy more"});
    else if (*sent * 100 >= *most * 80)
        findings.push_back({Kind::warning, id, what, "buy more, or expect that only replies go out"});
    else
        findings.push_back({Kind::fine, id, what, {}});
}

}  // namespace

net::awaitable<Findings> examine_line(Patient const& patient, HttpClient& http) {
    Findings findings;
    bool clock_seen = false;
    for (auto const& channel : patient.settings.channels) {
        if (channel.type != ChannelType::line || channel.line.access_token.empty()) continue;
        auto const endpoint = co_await ask(http, channel, "/v2/bot/channel/webhook/endpoint");
        if (!endpoint) {
            findings.push_back(
                {Kind::warning, channel.id.value, "LINE cannot be asked: " + endpoint.error().message, "look at the network, and at outgoing.proxy"});
            continue;
        }
        judge_endpoint(findings, channel, patient.settings, *endpoint);
        if (endpoint->date && !std::exchange(clock_seen, true)) {
            auto const apart = *endpoint->date > patient.now ? *endpoint->date - patient.now : patient.now - *endpoint->date;
            if (apart > clock_off)
                findings.push_back({Kind::wrong, "clock", "is " + std::to_string(apart.count() / 1000) + " s away from LINE's", "timedatectl set-ntp true"});
        }
        auto const limit = co_await ask(http, channel, "/v2/bot/message/quota");
        auto const used = co_await ask(http, channel, "/v2/bot/message/quota/consumption");
        if (limit && used) judge_quota(findings, channel.id.value, *limit, *used);
    }
    co_return findings;
}

}  // namespace kefu
