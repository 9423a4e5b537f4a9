// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/traits.hpp"

#include "daemon/connect/bridge/bridge.hpp"
#include "daemon/connect/chatwoot/chatwoot.hpp"
#include "daemon/connect/line/line.hpp"
#include "daemon/connect/messenger/messenger.hpp"
#include "daemon/connect/onebot/onebot.hpp"
#include "daemon/connect/telegram/telegram.hpp"
#include "daemon/connect/web_chat/web_chat.hpp"
#include "daemon/connect/webhooks/webhooks.hpp"
#include "daemon/connect/whatsapp/whatsapp.hpp"

#include <utility>

namespace kefu {

namespace {

constexpr std::pair<char const*, std::string_view ConnectorTraits::*> columns[] = {{"receives", &ConnectorTraits::receive},
                                                                                   {"sends", &ConnectorTraits::send},
                                                                                   {"photos and files", &ConnectorTraits::media},
                                                                                   {"a repeated delivery is known by", &ConnectorTraits::dedupe_key},
                                                                                   {"a repeated send is known by", &ConnectorTraits::idempotency},
                                                                                   {"order", &ConnectorTraits::order},
                                                                                   {"when nobody says whether it is out", &ConnectorTraits::ambiguous},
                                                                                   {"limits", &ConnectorTraits::limits}};

}  // namespace

ConnectorTraits const& traits_of(ChannelType type) {
    switch (type) {
        case ChannelType::line:
            return line::traits;
        case ChannelType::webhooks:
            return webhooks::traits;
        case ChannelType::bridge:
            return bridge::traits;
        case ChannelType::telegram:
            return telegram::traits;
        case ChannelType::messenger:
            return messenger::traits;
        case ChannelType::whatsapp:
            return whatsapp::traits;
        case ChannelType::chatwoot:
            return chatwoot::traits;
        case ChannelType::onebot:
            return onebot::traits;
        case ChannelType::web_chat:
            return web_chat::traits;
    }
    return line::traits;
}

std::string channels_page() {
    std::string page =
        "# Channels\n\nWhat each type of channel does, as its code declares it (`kefud schema channels` prints this page). How to connect one: README.md.\n\n| "
        "|";
    std::string line = "|---|";
    for (auto const& [title, member] : columns) {
        page += ' ' + std::string{title} + " |";
        line += "---|";
    }
    page += '\n' + line + '\n';
    auto const types = names(ChannelType{});
    for (std::size_t i = 0; i < types.size(); ++i) {
        page += "| `" + std::string{types[i]} + "` |";
        for (auto const& [title, member] : columns) page += ' ' + std::string{traits_of(static_cast<ChannelType>(i)).*member} + " |";
        page += '\n';
    }
    page +=
        "\n## What is tried again\n\n"
        "- **Certainly not out** (no connection, the platform's own word that it failed, too fast): again, with growing waits or as long as the platform says; "
        "a "
        "bot's answer for 10 minutes, then it is a person's case.\n"
        "- **Refused** (the text, the customer, the 24-hour window): never again; people hear the reason.\n"
        "- **The channel cannot send at all** (a token that is not valid, a permission): held and tried each minute; people hear of it once.\n"
        "- **Nobody says whether it is out** (time-out, a cut-off answer, a gateway's error page, a stop in the middle): again only where the platform knows "
        "the "
        "key; else it is `unknown`, never sent again, and people hear of it. A report that comes later settles it where the platform sends one.\n";
    return page;
}

}  // namespace kefu
