// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/http/client.hpp"

#include <memory>

/// Chat accounts behind a program that speaks OneBot (11.onebot.dev, 12.onebot.dev): mostly QQ. That program is called the implementation here.
///
/// content.hpp     what a message holds: segments, CQ codes; pure
/// frames.hpp      events and answers as values; pure
/// actions.hpp     what we ask for, and what an answer means; pure
/// calls.hpp       which answer belongs to which action
/// health.hpp      whether the account can be talked to; pure
/// pace.hpp        how fast it may write
/// link.hpp        a channel's live side: its connections and sends (link.cpp, send.cpp)
/// connection.hpp  one WebSocket; those we open; what was missed in a gap
/// routes.cpp      who may connect or post to us
/// onebot.cpp      the connector
namespace kefu::onebot {

inline constexpr ConnectorTraits traits{
    .receive =
        "v11 and v12: messages, recalls, what people write in the account's own program; WebSocket either way with a token, v11 posts with HMAC-SHA1, v12 "
        "webhooks with a token",
    .send = "text and images by URL; in groups as an answer to the message",
    .media = "fetched from the URL in the message, or with get_file (v12), at most 64 MiB; public addresses only unless allowed",
    .dedupe_key = "v11: conversation, `message_id` and time; v12: the event's `id`",
    .idempotency = "none",
    .order = "as they come over the connection",
    .ambiguous = "`unknown`, never sent again; its own words coming back within 60 s settle it",
    .limits =
        "2,000 UTF-16 units a text; 1 s between two messages in a conversation, 5 a second in all (settings); what comes while nobody is connected is lost "
        "unless the implementation has a history",
    .policy = {.server_error = SendEnd::unknown,
               .no_answer = SendEnd::unknown,
               .too_fast = SendEnd::refused,
               .no_connection = SendEnd::again,
               .bad_request = SendEnd::refused},
};

std::unique_ptr<Connector> make_connector(ChannelSetup setup);

}  // namespace kefu::onebot
