// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/payload.hpp"
#include "daemon/notify/text_notifier.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

/// A bot in a Telegram group (core.telegram.org/bots/api, sendMessage). Plain text, without parse_mode: nothing in it is markup. The token is part of the
/// address, which nothing logs.
namespace kefu {

namespace json = boost::json;

namespace {

ClientRequest telegram_request(NotifierSettings const& settings, std::string const& text, Timestamp) {
    ClientRequest out;
    out.url = settings.telegram.api_base + "/bot" + settings.telegram.token.reveal() + "/sendMessage";
    out.body =
        json::serialize(json::object{{"chat_id", settings.telegram.chat}, {"text", text}, {"link_preview_options", json::object{{"is_disabled", true}}}});
    return out;
}

SendResult read_telegram(Response const& response) {
    SendResult result = result_of_status("Telegram", response);
    auto const body = payload::read_object(response.body);
    if (!body || result.kind == SendResult::Kind::delivered) return result;
    result.detail += ": " + payload::text_of(*body, "description");
    auto const* parameters = payload::object_of(*body, "parameters");
    auto const wait = parameters == nullptr ? std::nullopt : payload::integer_of(*parameters, "retry_after");
    if (wait && response.status == 429) result.after = std::chrono::seconds{std::clamp<std::int64_t>(*wait, 1, 86'400)};
    return result;
}

}  // namespace

TextPlatform const& telegram_platform() {
    static constexpr TextPlatform platform{"Telegram",       4096,         TextPlatform::Unit::utf16, 18, as_it_is,
                                           telegram_request, read_telegram};  // 20 a minute in a group
    return platform;
}

}  // namespace kefu
