// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/http/client.hpp"
#include "daemon/notify/notifier.hpp"

#include <memory>
#include <string_view>
#include <vector>

/// A Chatwoot agent bot (developers.chatwoot.com): it answers what is `pending`; agents have what is `open`, on their own desk.
namespace kefu::chatwoot {

/// X-Chatwoot-Signature is "sha256=" and the hex HMAC-SHA256 of "<X-Chatwoot-Timestamp>.<body>", at most 5 minutes old. Without secrets nothing is checked:
/// the path is the secret then.
Result<void> verify(Request const& request, std::vector<Secret> const& secrets, Timestamp now);

/// What parse() needs to know of the account.
struct Account {
    ChannelId channel;
    std::string number;
};

/// Reads a verified body. Incoming public messages; in a conversation that is not pending they are marked as on standby. What an agent wrote there, and their
/// putting a conversation back or closing it, has happened. not_found: another account's. bad_payload names the JSON member.
/// `delivery`: X-Chatwoot-Delivery, the event id of what has no message.
Result<Parsed> parse(Account const& account, std::string_view delivery, std::string_view body, Timestamp now);

inline constexpr ConnectorTraits traits{
    .receive = "public messages, agents' answers, statuses; HMAC-SHA256 with time, or an unguessable path",
    .send = "text, image addresses; hands over by opening the conversation with a private note",
    .media = "fetched from the URL in the message; public addresses only unless allowed",
    .dedupe_key = "the message's id; for statuses the delivery's",
    .idempotency = "none",
    .order = "as delivered; what is not pending is stored, never answered",
    .ambiguous = "`unknown`, never sent again",
    .limits = "10,000 UTF-16 units a text",
    .policy = {.server_error = SendEnd::unknown,
               .no_answer = SendEnd::unknown,
               .too_fast = SendEnd::again,
               .no_connection = SendEnd::again,
               .bad_request = SendEnd::refused},
};

/// The agent bot as a connector; a customer is "account/conversation".
std::unique_ptr<Connector> make_connector(ChannelSetup setup);

/// Handing over there: an escalation opens the conversation with a private note that says why; handed back is pending, resolved is resolved.
/// `http` outlives it.
std::unique_ptr<Notifier> make_desk(ChannelSettings const& settings, std::string id, HttpClient& http);

}  // namespace kefu::chatwoot
