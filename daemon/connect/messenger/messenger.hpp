// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/http/client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <string_view>
#include <vector>

/// Messenger Platform and Instagram messaging (developers.facebook.com/docs/messenger-platform).
namespace kefu::messenger {

/// What parse() needs to know of the page.
struct Account {
    ChannelId channel;
    std::string page_id;
    std::string app_id;  ///< an echo of another app, or of none, is a person answering in the page's inbox
};

/// Reads a verified body: this page's entries; `for_others_too` when it holds others'. Messages under `standby` are marked: another app holds the thread.
/// An echo of our own settles the send whose id it carries. not_found: no entry is this page's. bad_payload names the JSON member.
Result<Parsed> parse(Account const& account, std::string_view body, Timestamp now);

/// As `message` objects of the Send API, in order: texts of at most `units` UTF-16 units, images by URL, quick replies on the last, which also carries `id` as
/// metadata: its echo brings it back.
std::vector<boost::json::object> to_wire(std::vector<OutboundMessage> const& messages, std::size_t units, EffectId const& id);

inline constexpr ConnectorTraits traits{
    .receive = "messages, attachments, postbacks, echoes, handover; HMAC-SHA256 over the bytes as received",
    .send = "text, images by URL, quick replies; after 24 hours only people, as HUMAN_AGENT, for 7 days",
    .media = "fetched from the URL in the message",
    .dedupe_key = "`mid`",
    .idempotency = "none; an echo brings back the id of the send",
    .order = "by `timestamp` within the quiet window; in standby stored, never answered",
    .ambiguous = "`unknown`, never sent again; its echo settles it",
    .limits = "2,000 UTF-16 units a text (Instagram 333), 13 quick replies",
    .policy = {.server_error = SendEnd::unknown,
               .no_answer = SendEnd::unknown,
               .too_fast = SendEnd::again,
               .no_connection = SendEnd::again,
               .bad_request = SendEnd::refused},
};

/// The page as a connector.
std::unique_ptr<Connector> make_connector(ChannelSetup setup);

}  // namespace kefu::messenger
