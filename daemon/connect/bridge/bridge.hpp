// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/http/client.hpp"

#include <memory>

/// Programs that have access to a chat themselves and carry its messages: kefud bridge protocol v1 (docs/bridge.md has it for their authors).
///
/// frames.hpp     frames as values, pure
/// hub.hpp        who is connected, which sends wait
/// upgrade.cpp    who may connect
/// connection.cpp one WebSocket: hello, events into the store, acks
/// webhook.cpp    bridges without one
/// blobs.hpp      files they upload
/// bridge.cpp     the connector
namespace kefu::bridge {

inline constexpr ConnectorTraits traits{
    .receive = "messages, recalls, read marks, colleagues' answers, whether an account is online; a token for the WebSocket, or Standard Webhooks signatures",
    .send = "text and images, as far as the bridge says it can; others as text",
    .media = "fetched from the URL in the message, or given as data:; public addresses only unless allowed",
    .dedupe_key = "the account and the event's id",
    .idempotency = "the send's id, for as long as the bridge remembers it",
    .order = "by `seq` of the bridge's session",
    .ambiguous = "again under its id when the session went on or `durable_sends` holds; else `unknown`, unless an echo or a result comes within 120 s",
    .limits = "8 messages a send, as many sends at once as the bridge says",
    .policy = {.server_error = SendEnd::unknown,
               .no_answer = SendEnd::unknown,
               .too_fast = SendEnd::again,
               .no_connection = SendEnd::again,
               .bad_request = SendEnd::refused},
};

std::unique_ptr<Connector> make_connector(ChannelSetup setup);

}  // namespace kefu::bridge
