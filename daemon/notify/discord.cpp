// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/payload.hpp"
#include "daemon/notify/text_notifier.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>

/// A channel's webhook of Discord (discord.com/developers/docs/resources/webhook, "Execute Webhook").
namespace kefu {

namespace json = boost::json;

namespace {

ClientRequest discord_request(NotifierSettings const& settings, std::string const& text, Timestamp) {
    ClientRequest out;
    out.url = settings.discord.url.reveal();
    out.url += out.url.find('?') == std::string::npos ? "?wait=true" : "&wait=true";
    // Without it a customer's "@everyone" would call everyone.
    json::object mentions{{"parse", json::array{}}};
    out.body = json::serialize(json::object{{"content", text}, {"allowed_mentions", std::move(mentions)}});
    return out;
}

/// "Rate Limits": retry_after is a number of seconds, with decimals.
SendResult read_discord(Response const& response) {
    SendResult result = result_of_status("Discord", response);
    if (response.status != 429) return result;
    auto const body = payload::read_object(response.body);
    auto const* wait = body ? body->if_contains("retry_after") : nullptr;
    double const seconds = wait == nullptr ? 0 : wait->is_double() ? wait->get_double() : wait->is_int64() ? static_cast<double>(wait->get_int64()) : 0;
    if (seconds > 0 && seconds < 86'400) result.after = std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(seconds * 1000))};
    return result;
}

}  // namespace

TextPlatform const& discord_platform() {
    static constexpr TextPlatform platform{"Discord", 2000, TextPlatform::Unit::utf16, 28, escape_markdown, discord_request, read_discord};
    return platform;
}

}  // namespace kefu
