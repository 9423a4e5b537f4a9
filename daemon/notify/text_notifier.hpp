// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/notifier_settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/http/client.hpp"
#include "daemon/notify/notifier.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace kefu {

/// A place where teams read short texts: how one goes there and what the answer means. A platform is one file that fills this in.
struct TextPlatform {
    /// What `most` counts.
    enum class Unit { utf16, bytes };

    std::string_view name;
    std::size_t most = 0;  ///< longest text, escaped; longer ones are cut between graphemes
    Unit unit = Unit::utf16;
    int a_minute = 0;  ///< messages in any minute; what is more is gathered into a digest

    /// A grapheme as it must stand so that customers' words are nothing but words there: no mentions, no markup.
    std::string (*escape)(std::string_view grapheme);
    /// `text` is escaped; `now` is for signatures.
    ClientRequest (*request)(NotifierSettings const& settings, std::string const& text, Timestamp now);
    /// Of an answer that came. `retry` without `after` leaves the wait to the notifier.
    SendResult (*read)(Response const& response);
};

TextPlatform const& slack_platform();
TextPlatform const& teams_platform();
TextPlatform const& discord_platform();
TextPlatform const& wecom_platform();
TextPlatform const& dingtalk_platform();
TextPlatform const& feishu_platform();
TextPlatform const& telegram_platform();

/// Texts go out at least once: they end with a link to the case, so a second one harms nobody. `http` outlives it.
std::unique_ptr<Notifier> make_text_notifier(NotifierSettings const& settings, TextPlatform const& platform, HttpClient& http, Clock clock);

/// `text` escaped and cut to what the platform takes, with "…" where something is missing.
std::string fitted(std::string_view text, TextPlatform const& platform);

std::string as_it_is(std::string_view grapheme);
/// With a backslash before what Markdown reads.
std::string escape_markdown(std::string_view grapheme);

/// DingTalk, "customize robot security": Base64 of HMAC-SHA256 with the secret over "<milliseconds>\n<secret>".
std::string dingtalk_sign(Secret const& secret, std::string_view milliseconds);
/// Feishu, "use bots in groups": the key is "<seconds>\n<secret>", and the message is empty.
std::string feishu_sign(Secret const& secret, std::string_view seconds);

/// What most platforms mean by a status: 2xx taken, 429 and 5xx later, anything else never.
SendResult result_of_status(std::string_view platform, Response const& response);

}  // namespace kefu
