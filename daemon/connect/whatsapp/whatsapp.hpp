// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/http/client.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string_view>
#include <vector>

/// WhatsApp Cloud API (developers.facebook.com/docs/whatsapp/cloud-api).
namespace kefu::whatsapp {

/// What parse() needs to know of the number.
struct Account {
    ChannelId channel;
    std::string phone_number_id;
};

/// Reads a verified body: what is for this number; `for_others_too` when it holds others'. A customer is known by the business-scoped user id where there is
/// one, else by the phone number. Statuses become reports on the send whose id they bring back. not_found: nothing is for this number.
/// bad_payload names the JSON member.
Result<Parsed> parse(Account const& account, std::string_view body, Timestamp now);

/// As the bodies of calls, in order: texts of at most 4,096 UTF-16 units, images by URL, up to three quick replies as buttons under the last text. The last
/// carries `id` as biz_opaque_callback_data, which statuses bring back.
std::vector<boost::json::object> to_wire(std::vector<OutboundMessage> const& messages, std::string_view to, EffectId const& id);

inline constexpr ConnectorTraits traits{
    .receive = "messages, media, choices, statuses; HMAC-SHA256 over the bytes as received",
    .send = "text, images by URL, up to 3 quick replies as buttons; nothing after 24 hours",
    .media = "fetched by media id with the token",
    .dedupe_key = "`wamid`",
    .idempotency = "none; a status brings back the id of the send",
    .order = "by `timestamp` within the quiet window",
    .ambiguous = "`unknown`, never sent again; its status settles it",
    .limits = "4,096 UTF-16 units a text, one message each 6 s to one customer when sustained",
    .policy = {.server_error = SendEnd::unknown,
               .no_answer = SendEnd::unknown,
               .too_fast = SendEnd::again,
               .no_connection = SendEnd::again,
               .bad_request = SendEnd::refused},
};

/// The number as a connector.
std::unique_ptr<Connector> make_connector(ChannelSetup setup);

}  // namespace kefu::whatsapp
