// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"

#include <string>
#include <string_view>

namespace kefu {

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
};

/// Of a platform; the compiler names the one that is missing.
ConnectorTraits const& traits_of(ChannelType type);

/// docs/channels.md, in Markdown.
std::string channels_page();

}  // namespace kefu
