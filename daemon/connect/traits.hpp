// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"

#include <array>
#include <string>
#include <string_view>

namespace kefu {

/// How a send ends that did not simply go.
enum class SendEnd {
    again,    ///< tried again, for a bot's answer 10 minutes, for a colleague's as long as it takes
    unknown,  ///< never sent again; people hear of it
    refused,  ///< never sent again; people hear the reason
    never,    ///< it cannot come to that
};
inline constexpr std::array<std::string_view, 4> send_end_names{"again", "`unknown`", "refused", "-"};

/// What a connector makes of the peer's answers. tests/daemon/send_policy_test.cpp holds every connector to it.
struct SendPolicy {
    SendEnd server_error;  ///< a 500 that is not the platform's own word
    SendEnd no_answer;     ///< the request was received, then nothing
    SendEnd too_fast;      ///< 429, as the platform says it
    SendEnd no_connection;
    SendEnd bad_request;         ///< 400, as the platform says it
    bool waits_as_told = false;  ///< too fast: as long as the platform says
};

/// What people may rely on with a platform, in words. Each connector declares its own beside its make_connector(); docs/channels.md is made of them.
struct ConnectorTraits {
    std::string_view receive;      ///< what comes in, and how it is known to be genuine
    std::string_view send;         ///< what goes out
    std::string_view media;        ///< how photos and files get here
    std::string_view dedupe_key;   ///< what a repeated delivery has in common with the first
    std::string_view idempotency;  ///< how the platform tells a repeated send
    std::string_view order;        ///< of messages in one conversation
    std::string_view ambiguous;    ///< what happens to a send when nobody says whether it is out
    std::string_view limits;       ///< of one message, and of how often
    SendPolicy policy;
};

/// Of a platform; the compiler names the one that is missing.
ConnectorTraits const& traits_of(ChannelType type);

/// docs/channels.md, in Markdown.
std::string channels_page();

}  // namespace kefu
