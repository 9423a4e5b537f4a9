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

constexpr std::pair<char const*, SendEnd SendPolicy::*> ends[] = {{"500", &SendPolicy::server_error},
                                                                  {"received, no answer", &SendPolicy::no_answer},
                                                                  {"too fast (429)", &SendPolicy::too_fast},
                                                                  {"no connection", &SendPolicy::no_connection},
                                                                  {"bad request (400)", &SendPolicy::bad_request}};

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
        "# Channels\n\nWhat each type of channel does, as its code declares it (`kefud schema channels` prints this page). How to connect one: "
        "[LINE](connect-line.md), [Telegram](connect-telegram.md), [Messenger, Instagram, WhatsApp](connect-meta.md), [Chatwoot](connect-chatwoot.md), "
        "[a chat on your own pages](web-chat.md), [QQ and others through OneBot](connect-onebot.md), [a bridge](connect-bridge.md) for chats that only a "
        "program of yours can reach, [webhooks](connect-webhooks.md) for anything of your own.\n\n| "
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
        "\n## How a send ends\n\nWhat each connector makes of the other side's answer; a test holds them to it. *again*: repeated with growing waits "
        "(`send.first_retry` to "
        "`send.longest_retry`), a bot's answer for 10 minutes, a colleague's until it goes. *`unknown`*: never repeated, people are told that it may be out. "
        "*refused*: "
        "never repeated, people are told why.\n\n| |";
    line = "|---|";
    for (auto const& [title, member] : ends) {
        page += ' ' + std::string{title} + " |";
        line += "---|";
    }
    page += " waits as long as it is told |\n" + line + "---|\n";
    for (std::size_t i = 0; i < types.size(); ++i) {
        auto const& policy = traits_of(static_cast<ChannelType>(i)).policy;
        page += "| `" + std::string{types[i]} + "` |";
        for (auto const& [title, member] : ends) page += ' ' + std::string{send_end_names[static_cast<std::size_t>(policy.*member)]} + " |";
        page += policy.waits_as_told ? " yes |\n" : " - |\n";
    }
    page +=
        "\nA LINE reply is asked for again with its token, which works once, and is `unknown` after that; the line above is about pushes. A bridge with "
        "`durable_sends` "
        "is asked again instead of `unknown`. OneBot as over HTTP; over a WebSocket what was not answered is `unknown`, too. A web chat has nobody to answer: "
        "what is "
        "in the journal is shown when the page is there.\n\n"
        "Order: a conversation's sends go one at a time, in the order they were decided; the next waits until the one before has ended, however it ends. "
        "Fairness: each "
        "account has `send.concurrency` places of its own and never takes another's, so that a flood or a slow platform on one account holds up no other, nor "
        "notices to "
        "people. A host that failed eight times in a row is left alone for two seconds, then tried with one request at a time.\n";
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
