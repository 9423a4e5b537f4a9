// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/http/message.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

/// Sending on platforms that know no idempotency key: Telegram, Messenger, WhatsApp, Chatwoot. Whatever may be out is never sent again.
namespace kefu {

/// A call that got no answer: certainly not sent is tried again, all else is unknown.
SendResult without_answer(Error const& error);

/// A server's fault without the platform's own word about it: a gateway's page, a cut-off body. It may have been carried out.
SendResult answer_unreadable(std::string_view platform, int status);

/// Sends part after part, each with one call of `send_part`, in order, and stops at the first that does not go. A part that the platform puts off for
/// moments is waited for; once one is out, nothing is put off to another try, as that would begin anew.
/// unknown: an earlier try may be out (`attempt`), or some parts are and the rest is not.
net::awaitable<SendResult> send_parts(std::size_t parts, std::function<net::awaitable<SendResult>(std::size_t)> send_part, SendAttempt attempt,
                                      SendSettings limits);

/// What a button of ours carries, and the words it stands for; nothing when the button is not ours.
std::string button_data(QuickReply const& reply);
std::optional<std::string> words_of_button(std::string_view data);

}  // namespace kefu
