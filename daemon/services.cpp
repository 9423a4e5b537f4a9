// SPDX-License-Identifier: Apache-2.0
#include "daemon/services.hpp"

#include "daemon/connect/bridge/bridge.hpp"
#include "daemon/connect/chatwoot/chatwoot.hpp"
#include "daemon/connect/line/line.hpp"
#include "daemon/connect/messenger/messenger.hpp"
#include "daemon/connect/onebot/onebot.hpp"
#include "daemon/connect/telegram/telegram.hpp"
#include "daemon/connect/web_chat/web_chat.hpp"
#include "daemon/connect/webhooks/webhooks.hpp"
#include "daemon/connect/whatsapp/whatsapp.hpp"
#include "daemon/notify/email.hpp"
#include "daemon/notify/notifiers.hpp"
#include "daemon/notify/text_notifier.hpp"
#include "daemon/orders/order_lookups.hpp"

#include <algorithm>

namespace kefu {

namespace {

std::unique_ptr<OrderLookup> make_order_lookup(Settings const& settings, HttpClient& http, net::thread_pool& pool, Clock const& clock) {
    auto const& orders = settings.orders;
    switch (orders.type) {
        case OrderSystem::http:
            return make_http_order_lookup(orders.http, mapping_of(orders, settings.shop.time_zone), http, clock);
        case OrderSystem::file:
            return make_file_order_lookup(orders.file, mapping_of(orders, settings.shop.time_zone), pool);
        case OrderSystem::none:
            break;
    }
    return nullptr;
}

using MakeConnector = std::unique_ptr<Connector> (*)(ChannelSetup);

constexpr MakeConnector maker_of(ChannelType type) {
    switch (type) {
        case ChannelType::line:
            return line::make_connector;
        case ChannelType::webhooks:
            return webhooks::make_connector;
        case ChannelType::bridge:
            return bridge::make_connector;
        case ChannelType::telegram:
            return telegram::make_connector;
        case ChannelType::messenger:
            return messenger::make_connector;
        case ChannelType::whatsapp:
            return whatsapp::make_connector;
        case ChannelType::chatwoot:
            return chatwoot::make_connector;
        case ChannelType::onebot:
            return onebot::make_connector;
        case ChannelType::web_chat:
            return web_chat::make_connector;
    }
    return nullptr;
}

std::unique_ptr<Notifier> make_notifier(NotifierSettings const& notifier, Services const& services, ServiceTools const& tools) {
    auto const text = [&](TextPlatform const& platform) { return make_text_notifier(notifier, platform, tools.http, tools.clock); };
    switch (notifier.type) {
        case NotifierType::webhook:
            return make_webhook_notifier(notifier, tools.http, tools.clock);
        case NotifierType::line_group: {
            auto const line = services.connectors.find(notifier.channel.value);
            return line == services.connectors.end() ? nullptr : make_line_group_notifier(notifier, *line->second);
        }
        case NotifierType::slack:
            return text(slack_platform());
        case NotifierType::teams:
            return text(teams_platform());
        case NotifierType::discord:
            return text(discord_platform());
        case NotifierType::wecom:
            return text(wecom_platform());
        case NotifierType::dingtalk:
            return text(dingtalk_platform());
        case NotifierType::feishu:
            return text(feishu_platform());
        case NotifierType::telegram:
            return text(telegram_platform());
        case NotifierType::email:
            return make_mail_notifier(notifier, tools.mail, tools.clock);
    }
    return nullptr;
}

/// The desk behind an agent bot hears of its own channel's conversations, beside the notifiers. No notifier's id has a colon.
std::string desk_of(ChannelId const& channel) { return "desk:" + channel.value; }

}  // namespace

ServicesPtr make_services(SnapshotPtr snapshot, ServiceTools const& tools, ServicesPtr const& before) {
    auto services = std::make_shared<Services>();
    Settings const& settings = snapshot->settings;
    for (auto const& channel : settings.channels) {
        ChannelPolicy const& policy = snapshot->channels.at(channel.id.value);
        auto connector = maker_of(channel.type)({channel, policy, tools.http, tools.clock, settings.shop.name, settings.store.media, &tools.pool});
        auto const predecessor = before ? before->connectors.find(channel.id.value) : decltype(before->connectors.end()){};
        if (before && predecessor != before->connectors.end() && connector->succeed(*predecessor->second)) services->succeeded.insert(channel.id.value);
        services->by_path[channel.path].push_back(connector.get());
        if (channel.type == ChannelType::chatwoot)
            services->notifiers.emplace(desk_of(channel.id), chatwoot::make_desk(channel, desk_of(channel.id), tools.http));
        services->connectors.emplace(channel.id.value, std::move(connector));
    }
    for (auto const& notifier : settings.notifiers)
        if (auto one = make_notifier(notifier, *services, tools)) services->notifiers.emplace(notifier.id, std::move(one));
    for (auto const& channel : settings.channels) services->sends_at_once.emplace(channel.id.value, static_cast<std::size_t>(channel.send.concurrency));
    if (before) services->health = before->health;
    services->orders = make_order_lookup(settings, tools.http, tools.pool, tools.clock);
    services->http = &tools.http.counts();
    services->metrics = tools.metrics;
    services->claim_key = tools.claim_key;
    services->snapshot = std::move(snapshot);
    return services;
}

void retire_others(Services const& before, Services const& after) {
    for (auto const& [id, connector] : before.connectors)
        if (!after.succeeded.contains(id)) connector->retire();
}

std::string locale_of_notifier(Settings const& settings, std::string_view id) {
    for (auto const& notifier : settings.notifiers)
        if (notifier.id == id) return notifier.locale;
    return settings.shop.locale;
}

std::vector<std::string> notifiers_for(Settings const& settings, ChannelId const& channel, std::string_view tier) {
    std::vector<std::string> ids;
    for (auto const& one : settings.channels)
        if (one.id == channel && one.type == ChannelType::chatwoot) ids.push_back(desk_of(channel));
    for (auto const& notifier : settings.notifiers)
        if (notifier.tiers.empty() || std::find(notifier.tiers.begin(), notifier.tiers.end(), tier) != notifier.tiers.end()) ids.push_back(notifier.id);
    return ids;
}

}  // namespace kefu
