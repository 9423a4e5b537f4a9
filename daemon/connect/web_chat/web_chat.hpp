// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/connect/web_chat/desk.hpp"

#include <memory>

/// The chat on the shop's own pages: one script tag, a WebSocket to us, nobody else in between (docs/web-chat.md).
///
/// frames.hpp     what the page and we say to each other, pure
/// identity.hpp   who may connect, and who it is, pure
/// hub.hpp        who has the chat open
/// connection.cpp one WebSocket: hello, history, messages into the store
/// uploads.cpp    photos
/// page.cpp       widget.js, and a page with it
/// web_chat.cpp   the connector
/// page/          what runs in the browser
///
/// The journal is the only memory: a page that comes back says which line it saw last and is given what followed. So a send is delivered when the journal has
/// it, whether somebody looks or not.
namespace kefu::web_chat {

inline constexpr ConnectorTraits traits{
    .receive = "messages, read and typing marks; web pages of `origins` only, a token of 256 random bits or the shop's signature of its customer's id",
    .send = "text, images, buttons",
    .media = "photos (JPEG, PNG, GIF, WebP by their content) are uploaded by the page",
    .dedupe_key = "the page's id of the message, for each visitor",
    .idempotency = "the send's number in its conversation, which the page knows",
    .order = "the page sends a message when the one before is stored; ours as they went out",
    .ambiguous = "again: the page shows each number once",
    .limits = "4000 characters and 4 photos a message; messages a minute by visitor and by address",
    .policy = {.server_error = SendEnd::never,
               .no_answer = SendEnd::never,
               .too_fast = SendEnd::never,
               .no_connection = SendEnd::never,
               .bad_request = SendEnd::never},
};

std::unique_ptr<Connector> make_connector(ChannelSetup setup);

}  // namespace kefu::web_chat
