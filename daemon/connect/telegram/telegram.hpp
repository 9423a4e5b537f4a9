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

/// Telegram Bot API (core.telegram.org/bots/api). Its section names stand in comments.
namespace kefu::telegram {

/// What parse() needs to know of the bot.
struct Account {
    ChannelId channel;
    std::string bot_id;                           ///< the token's first part
    std::string user_name;                        ///< without '@'; empty: not learned yet, mentions are not seen
    std::vector<std::string> notification_chats;  ///< the shop's own people: never answered
    bool answer_unmentioned = false;              ///< in groups
};

/// Reads one Update. Messages carry update_id as their sequence: up to `max_connections` updates travel side by side. A callback query puts the call that
/// ends its button's waiting into Parsed::answer. bad_payload names the JSON member.
Result<Parsed> parse(Account const& account, std::string_view body, Timestamp now);

/// A call of the Bot API: its method and parameters, without chat_id.
struct Call {
    std::string method;
    boost::json::object parameters;
};

/// As calls, in order: texts of at most 4,096 UTF-16 units without parse_mode (a stray '_' would fail the whole message), photos by URL, quick replies as
/// buttons under the last. `reply_to`: the message to answer in a group; empty: none. Stickers of other platforms are left out.
std::vector<Call> to_calls(std::vector<OutboundMessage> const& messages, std::string_view reply_to);

inline constexpr ConnectorTraits traits{
    .receive = "messages, photos, voice, files, albums, buttons, blocking; secret_token in a header",
    .send = "text without markup, photos by URL, quick replies as buttons",
    .media = "fetched with getFile, at most 20 MB",
    .dedupe_key = "`update_id`",
    .idempotency = "none",
    .order = "by `update_id` within the quiet window",
    .ambiguous = "`unknown`, never sent again",
    .limits = "4,096 UTF-16 units a text; a 429's retry_after for the chat, for the whole bot when two chats are put off",
    .policy = {.server_error = SendEnd::unknown,
               .no_answer = SendEnd::unknown,
               .too_fast = SendEnd::again,
               .no_connection = SendEnd::again,
               .bad_request = SendEnd::refused,
               .waits_as_told = true},
};

/// The bot as a connector.
std::unique_ptr<Connector> make_connector(ChannelSetup setup);

}  // namespace kefu::telegram
