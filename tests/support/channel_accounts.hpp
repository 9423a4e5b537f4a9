// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/chatwoot/chatwoot.hpp"
#include "daemon/connect/messenger/messenger.hpp"
#include "daemon/connect/telegram/telegram.hpp"
#include "daemon/connect/whatsapp/whatsapp.hpp"

#include <memory>
#include <string>

/// One account on each platform without idempotency keys, with the ids and test secrets of specs/other-channel-samples.jsonl.
namespace kefu::channel_accounts {

constexpr char const* telegram_token = "777:telegram-token-that-nobody-may-see";
constexpr char const* telegram_secret = "kefud_tg_secret-0123456789";
constexpr char const* app_secret = "8f14e45fceea167a5a36dedd4bea2543";
constexpr char const* verify_token = "kefud-verify-1";
constexpr char const* graph_token = "graph-token-that-nobody-may-see";
constexpr char const* chatwoot_secret = "chatwoot-bot-secret-0001";
constexpr char const* chatwoot_token = "chatwoot-token-that-nobody-may-see";

/// `url`: of the platform's stand-in.
inline ChannelSettings settings_for(ChannelType type, std::string const& url) {
    ChannelSettings settings;
    settings.type = type;
    settings.id = ChannelId{std::string{name_of(type)}};
    settings.locale = "en";
    settings.telegram.token = Secret{telegram_token};
    settings.telegram.webhook_secret = Secret{telegram_secret};
    settings.telegram.api_base = url;
    settings.messenger.page_id = "1122334455";
    settings.messenger.app_id = "200300400";
    settings.messenger.app_secrets = settings.whatsapp.app_secrets = {Secret{app_secret}};
    settings.messenger.verify_token = settings.whatsapp.verify_token = Secret{verify_token};
    settings.messenger.access_token = settings.whatsapp.access_token = Secret{graph_token};
    settings.messenger.api_base = settings.whatsapp.api_base = url + "/v23.0";
    settings.messenger.allow_private_addresses = settings.chatwoot.allow_private_addresses = true;
    settings.whatsapp.phone_number_id = "106540352242922";
    settings.chatwoot.url = url;
    settings.chatwoot.account = "1";
    settings.chatwoot.access_token = Secret{chatwoot_token};
    settings.chatwoot.secrets = {Secret{chatwoot_secret}};
    return settings;
}

inline std::unique_ptr<Connector> make(ChannelSettings const& settings, HttpClient& http, Clock clock) {
    switch (settings.type) {
        case ChannelType::messenger:
            return messenger::make_connector({settings, ChannelPolicy{}, http, std::move(clock)});
        case ChannelType::whatsapp:
            return whatsapp::make_connector({settings, ChannelPolicy{}, http, std::move(clock)});
        case ChannelType::chatwoot:
            return chatwoot::make_connector({settings, ChannelPolicy{}, http, std::move(clock)});
        default:
            return telegram::make_connector({settings, ChannelPolicy{}, http, std::move(clock)});
    }
}

}  // namespace kefu::channel_accounts
