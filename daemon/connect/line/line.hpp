// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/http/client.hpp"

#include <boost/json/array.hpp>

#include <memory>
#include <string_view>
#include <vector>

/// LINE Messaging API. Facts: developers.line.biz; section numbers in comments name its chapters.
namespace kefu::line {

/// True when `signature` (the x-line-signature header) is base64(HMAC-SHA256(secret, body)) for one of `secrets`. Constant time per secret.
bool verify(std::string_view body, std::string_view signature, std::vector<Secret> const& secrets);

/// What parse() needs to know of the account.
struct Account {
    ChannelId channel;
    std::string destination;                       ///< our own user id; empty: any
    std::vector<std::string> notification_groups;  ///< agents' groups: never answered
    bool answer_unmentioned = false;               ///< in groups
};

/// Reads a verified body. Events in standby carry no reply handle and are marked. bad_payload names the JSON member.
Result<Parsed> parse(Account const& account, std::string_view body, Timestamp now);

/// As LINE message objects: texts split at 4,900 UTF-16 units, at most five a call, quick replies on the last. The second array holds what did not fit.
struct Wire {
    boost::json::array messages;
    boost::json::array rest;
};
Wire to_wire(std::vector<OutboundMessage> const& messages);

/// What LINE says of messages without sending them ("Validate message objects of a reply message", "... a push message").
class Validator {
  public:
    /// `http` outlives it.
    Validator(ChannelSettings const& settings, HttpClient& http, Clock clock);
    ~Validator();

    /// bad_payload: LINE would refuse them, in its words. Others: LINE could not be asked.
    net::awaitable<Result<void>> check(std::vector<OutboundMessage> messages);

  private:
    std::shared_ptr<class Calls> calls_;
};

inline constexpr ConnectorTraits traits{
    .receive = "messages, stickers, photos, buttons, follows, unsends; HMAC-SHA256 over the body",
    .send = "text, stickers, images, quick replies; free with the reply token, else a paid push",
    .media = "fetched from LINE with the token",
    .dedupe_key = "`webhookEventId`",
    .idempotency = "push: X-Line-Retry-Key for 24 hours; reply: the token works once",
    .order = "as delivered; in standby stored, never answered",
    .ambiguous = "push: again under its key; reply: the token is asked again, then `unknown`",
    .limits = "4,900 UTF-16 units a text, 5 bubbles a call, 13 quick replies; the account's monthly quota",
    .policy = {.server_error = SendEnd::again,
               .no_answer = SendEnd::again,
               .too_fast = SendEnd::again,
               .no_connection = SendEnd::again,
               .bad_request = SendEnd::refused},
};

/// The account as a connector.
std::unique_ptr<Connector> make_connector(ChannelSetup setup);

}  // namespace kefu::line
