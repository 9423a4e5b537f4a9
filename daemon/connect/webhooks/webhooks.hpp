// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/http/client.hpp"

#include <memory>
#include <string_view>

/// The generic channel: anything that can sign a Standard Webhook can talk to kefud.
///
/// In:  {"type":"message.received","data":{"conversation","sender"?,"id","text"?,"sent_at"? (RFC 3339),"attachments"?:[{"kind","url","name"?}],
///       "name"?,"language"?}}; also message.unsent {conversation, id}, button.pressed {conversation, id, data}, customer.followed and customer.left
///       {conversation}. Or the same as a CloudEvent (cloud_events.hpp): `type` and `data` mean the same there.
/// Out: {"type":"message.send","timestamp","data":{"id","conversation","to","by","messages":[{"text"?,"sticker"?,"image"?,"quick_replies"?}]}}; the webhook-id
/// is the
///      effect's id and stays the same over retries, so the receiver can drop repetitions.
namespace kefu::webhooks {

struct CloudEvent;

/// Reads a verified body; `webhook_id` is the event id. bad_payload names the JSON member.
Result<Parsed> parse(ChannelId const& channel, std::string_view webhook_id, std::string_view body, Timestamp now);

/// The same from a CloudEvent; `body` is kept as evidence.
Result<Parsed> parse(ChannelId const& channel, CloudEvent const& given, std::string_view body, Timestamp now);

inline constexpr ConnectorTraits traits{
    .receive = "messages, files by URL, buttons, unsends, follows; Standard Webhooks signature, as its own JSON or as CloudEvents 1.0",
    .send = "text, stickers, images, quick replies as signed JSON",
    .media = "fetched from the URL in the message; public addresses only unless allowed",
    .dedupe_key = "`webhook-id`; structured CloudEvents: `source` and `id`",
    .idempotency = "`webhook-id`, the same on every try",
    .order = "as delivered",
    .ambiguous = "again under the same `webhook-id` for a day; a bot's answer for 10 minutes",
    .limits = "the receiver's; Retry-After is honoured, 410 ends it",
    .policy = {.server_error = SendEnd::again,
               .no_answer = SendEnd::again,
               .too_fast = SendEnd::again,
               .no_connection = SendEnd::again,
               .bad_request = SendEnd::again,
               .waits_as_told = true},
};

std::unique_ptr<Connector> make_connector(ChannelSetup setup);

/// One signed POST and what its answer means (Standard Webhooks, "Delivery"): 2xx taken; 410 never again; 429, 5xx, no answer: again later, the id
/// makes repetition safe. `after` is what the receiver's Retry-After says, a day at most; 0: it says nothing, the caller has a schedule. Shared with the
/// webhook notifier.
net::awaitable<SendResult> post(HttpClient& http, ClientRequest request, std::string id, Secret secret, Timestamp now);

}  // namespace kefu::webhooks
