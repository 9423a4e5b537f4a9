// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"
#include "config/channel_settings.hpp"
#include "daemon/connect/web_chat/frames.hpp"
#include "daemon/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Who is at the other end, from what they can show. Pure, but for the random numbers of a new token.
namespace kefu::web_chat {

/// 256 random bits that are a visitor's only key to their conversation.
std::string new_token();

/// Where the answers of one person go, and what their conversation is named after: "visitor:" and a hash of the token, so that the store holds no key; or
/// "user:" and the shop's own id of a customer whose signature is right.
struct Person {
    std::string sender;
    std::string new_token;  ///< to be kept by the page; empty: they have one, or need none
};

/// Nothing: a user whose signature (HMAC-SHA256 of the id with one of `secrets`, in lower-case hexadecimal digits) is wrong or cannot be checked. A token that
/// is none of ours is nobody's: its owner becomes a new visitor.
std::optional<Person> person_of(Hello const& hello, std::vector<Secret> const& secrets);

/// What an upload shows instead of the token: good for 12 hours, for one person, for as long as the daemon runs.
std::string new_ticket(std::string_view sender, std::string_view key, Timestamp now);
/// Whose it is; nothing when it is not genuine or too old.
std::optional<std::string> sender_of_ticket(std::string_view ticket, std::string_view key, Timestamp now);

/// True when web pages of the request's Origin may use this channel: the listed ones, and our own page. Programs that name no origin may not.
bool origin_may(Request const& request, WebChatSettings const& settings);

}  // namespace kefu::web_chat
