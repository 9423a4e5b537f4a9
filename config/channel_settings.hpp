// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "config/secrets.hpp"
#include "config/settings_field.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// kefud.yaml's `channels`: one struct a platform, and what all of them have.
namespace kefu {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

enum class ChannelType { line, webhooks, bridge, telegram, messenger, whatsapp, chatwoot, onebot, web_chat };
constexpr std::array<std::string_view, 9> names(ChannelType) {
    return {"line", "webhooks", "bridge", "telegram", "messenger", "whatsapp", "chatwoot", "onebot", "web_chat"};
}

constexpr bool is_meta(ChannelType type) { return type == ChannelType::messenger || type == ChannelType::whatsapp; }

/// Meta posts for all accounts of an app to one address; bridges are told apart by their tokens, web chats by the id in the script tag.
constexpr bool may_share_path(ChannelType left, ChannelType right) {
    return (is_meta(left) && is_meta(right)) || (left == right && (left == ChannelType::bridge || left == ChannelType::web_chat));
}

enum class ChannelMode { auto_, draft, off };
constexpr std::array<std::string_view, 3> names(ChannelMode) { return {"auto", "draft", "off"}; }

enum class GroupAnswers { mentioned, always, never };
constexpr std::array<std::string_view, 3> names(GroupAnswers) { return {"mentioned", "always", "never"}; }

enum class LineTokenKind { stateless, v2_1 };
constexpr std::array<std::string_view, 2> names(LineTokenKind) { return {"stateless", "v2_1"}; }

struct LineIssueSettings {
    std::string channel_id;
    LineTokenKind kind = LineTokenKind::stateless;
    Secret private_key;
    std::string key_id;
    milliseconds lifetime = 24h;

    static void fields(auto& self, auto&& field) {
        field("channel_id", self.channel_id, "the channel's id, from its basic settings; empty: no token is issued", {.example = "'1654321987'"});
        field("kind", self.kind, "stateless: any number, 15 minutes each; v2_1: 30 at most, needs `private_key`");
        field("private_key", self.private_key, "assertion signing key: an RSA private key in PEM; empty: the first of `channel_secrets` proves who asks",
              {.example = "credential:line-key"});
        field("key_id", self.key_id, "what the console calls the key (kid)", {.example = "536e453c-aa93-4449-8e90-add2608783c6"});
        field("lifetime", self.lifetime, "how long a token of kind v2_1 is good; renewed when a fifth is left", {.least = 600'000, .most = 2'592'000'000});
    }
    friend bool operator==(LineIssueSettings const&, LineIssueSettings const&) = default;
};

struct LineQuotaSettings {
    int customers = 0;
    int team = 0;

    static void fields(auto& self, auto&& field) {
        field("customers", self.customers, "for customers, when no free reply is possible any more; 0: as many as there are", {.least = 0});
        field("team", self.team, "for notices to groups of the shop's own people, one for each member; 0: as many as there are", {.least = 0});
    }
    friend bool operator==(LineQuotaSettings const&, LineQuotaSettings const&) = default;
};

struct LineSettings {
    std::string destination;
    std::vector<Secret> channel_secrets;
    Secret access_token;
    LineIssueSettings issue;
    LineQuotaSettings quota;
    std::string api_base = "https://api.line.me";
    std::string data_base = "https://api-data.line.me";
    std::vector<std::string> notification_groups;
    bool profiles = true;
    bool mark_as_read = true;
    bool loading = true;

    static void fields(auto& self, auto&& field) {
        field("destination", self.destination, "user id of the official account, as webhooks name it; empty: not checked",
              {.example = "U0123456789abcdef0123456789abcdef"});
        field("channel_secrets", self.channel_secrets, "the account's channel secret; a list, so that the old and the new one both count while it is replaced",
              {.required = true, .least = 1, .example = "[credential:line-secret]"});
        field("access_token", self.access_token, "channel access token (long-lived); this or `issue`", {.example = "credential:line-token"});
        field("issue", self.issue, "instead of `access_token`: LINE issues tokens that end, and kefud renews them");
        field("quota", self.quota, "how many of a month's paid messages may be used for what");
        field("api_base", self.api_base, "LINE's API", {.shape = Shape::url});
        field("data_base", self.data_base, "LINE's API for photos and files", {.shape = Shape::url});
        field("notification_groups", self.notification_groups, "groups of the shop's own people: never answered in",
              {.example = "[C0123456789abcdef0123456789abcdef]"});
        field("profiles", self.profiles, "fetch a new customer's name and language once");
        field("mark_as_read", self.mark_as_read, "mark a customer's messages as read when they are answered, where the account does not do so by itself");
        field("loading", self.loading, "show a customer that the answer takes a moment");
    }
    friend bool operator==(LineSettings const&, LineSettings const&) = default;
};

struct WebhooksSettings {
    std::vector<Secret> secrets;
    std::string send_to;
    Secret send_secret;
    bool accept_svix_prefix = false;
    bool allow_private_addresses = false;

    static void fields(auto& self, auto&& field) {
        field("secrets", self.secrets, "keys (whsec_...); one of them must have signed each request",
              {.required = true, .least = 1, .example = "[credential:shop-webhook]"});
        field("send_to", self.send_to, "where replies are posted", {.required = true, .shape = Shape::url, .example = "https://chat.example.com/kefud"});
        field("send_secret", self.send_secret, "key (whsec_...) replies are signed with; empty: the first of `secrets`", {.example = "credential:shop-reply"});
        field("accept_svix_prefix", self.accept_svix_prefix, "also take the headers svix-id, svix-timestamp, svix-signature");
        field("allow_private_addresses", self.allow_private_addresses, "let `send_to` lead to this machine or a private network");
    }
    friend bool operator==(WebhooksSettings const&, WebhooksSettings const&) = default;
};

struct BridgeSettings {
    std::vector<std::string> accounts;
    std::string bridge;
    std::vector<Secret> tokens;
    std::vector<std::string> origins;
    std::vector<Secret> secrets;
    std::string callback;
    bool durable_sends = false;
    bool allow_private_addresses = false;

    static void fields(auto& self, auto&& field) {
        field("accounts", self.accounts, "the chat accounts the bridge serves, as it names them", {.required = true, .least = 1, .example = "[tb-flagship]"});
        field("bridge", self.bridge, "the id of the one program that may use the tokens; empty: any", {.example = "qn-pc-07"});
        field("tokens", self.tokens, "what it proves itself with (kfb_ and 40 hex digits, or sha256: and the hash of that); two while one is replaced",
              {.example = "[credential:bridge-token]"});
        field("origins", self.origins, "web pages that may connect; others may not", {.example = "[https://chat.example.com]"});
        field("secrets", self.secrets, "without a WebSocket: keys (whsec_...) it signs its requests with; the first signs ours",
              {.example = "[credential:bridge-webhook]"});
        field("callback", self.callback, "without a WebSocket: where sends are posted; empty: the bridge fetches them",
              {.shape = Shape::url, .example = "https://bridge.example.com/kefud"});
        field("durable_sends", self.durable_sends, "without a WebSocket: the bridge remembers handled sends for ever, so that a doubtful one may be repeated");
        field("allow_private_addresses", self.allow_private_addresses, "let `callback`, photos and files be on this machine or a private network");
    }
    friend bool operator==(BridgeSettings const&, BridgeSettings const&) = default;
};

struct TelegramSettings {
    Secret token;
    Secret webhook_secret;
    std::string api_base = "https://api.telegram.org";
    std::vector<std::string> notification_chats;

    static void fields(auto& self, auto&& field) {
        field("token", self.token, "the bot's token, as BotFather gave it", {.required = true, .example = "credential:telegram-token"});
        field("webhook_secret", self.webhook_secret, "the secret_token given to setWebhook; Telegram sends it with each update",
              {.required = true, .example = "credential:telegram-secret"});
        field("api_base", self.api_base, "Telegram's Bot API", {.shape = Shape::url});
        field("notification_chats", self.notification_chats, "chats of the shop's own people: never answered in", {.example = "['-1001234567890']"});
    }
    friend bool operator==(TelegramSettings const&, TelegramSettings const&) = default;
};

struct MessengerSettings {
    std::string page_id;
    std::string app_id;
    std::vector<Secret> app_secrets;
    Secret verify_token;
    Secret access_token;
    std::string api_base = "https://graph.facebook.com/v23.0";
    bool instagram = false;
    bool profiles = true;
    bool allow_private_addresses = false;

    static void fields(auto& self, auto&& field) {
        field("page_id", self.page_id, "the page's id (Instagram: the professional account's), as webhooks name it",
              {.required = true, .example = "'1122334455'"});
        field("app_id", self.app_id, "the app's id: what other apps or people send on the page is a person taking over",
              {.required = true, .example = "'200300400'"});
        field("app_secrets", self.app_secrets, "the app's secret; a list, so that the old and the new one both count while it is replaced",
              {.required = true, .least = 1, .example = "[credential:meta-app-secret]"});
        field("verify_token", self.verify_token, "what Meta must say when it checks the address; any text of yours",
              {.required = true, .example = "credential:meta-verify"});
        field("access_token", self.access_token, "page access token", {.required = true, .example = "credential:messenger-token"});
        field("api_base", self.api_base, "Meta's Graph API with its version", {.shape = Shape::url});
        field("instagram", self.instagram, "the account is an Instagram one: its texts are shorter");
        field("profiles", self.profiles, "fetch a new customer's name once");
        field("allow_private_addresses", self.allow_private_addresses, "let addresses of photos lead to this machine or a private network");
    }
    friend bool operator==(MessengerSettings const&, MessengerSettings const&) = default;
};

struct WhatsAppSettings {
    std::string phone_number_id;
    std::vector<Secret> app_secrets;
    Secret verify_token;
    Secret access_token;
    std::string api_base = "https://graph.facebook.com/v23.0";

    static void fields(auto& self, auto&& field) {
        field("phone_number_id", self.phone_number_id, "the id of the business phone number (not the number itself)",
              {.required = true, .example = "'106540352242922'"});
        field("app_secrets", self.app_secrets, "the app's secret; a list, so that the old and the new one both count while it is replaced",
              {.required = true, .least = 1, .example = "[credential:meta-app-secret]"});
        field("verify_token", self.verify_token, "what Meta must say when it checks the address; any text of yours",
              {.required = true, .example = "credential:meta-verify"});
        field("access_token", self.access_token, "access token of a system user with whatsapp_business_messaging",
              {.required = true, .example = "credential:whatsapp-token"});
        field("api_base", self.api_base, "Meta's Graph API with its version", {.shape = Shape::url});
    }
    friend bool operator==(WhatsAppSettings const&, WhatsAppSettings const&) = default;
};

struct ChatwootSettings {
    std::string url;
    std::string account;
    Secret access_token;
    std::vector<Secret> secrets;
    bool allow_private_addresses = false;

    static void fields(auto& self, auto&& field) {
        field("url", self.url, "where Chatwoot lives", {.required = true, .shape = Shape::url, .example = "https://chat.example.com"});
        field("account", self.account, "the account's number, as in Chatwoot's addresses", {.required = true, .example = "'1'"});
        field("access_token", self.access_token, "the agent bot's access token", {.required = true, .example = "credential:chatwoot-token"});
        field("secrets", self.secrets, "what Chatwoot 4.13 and later sign with; empty: not signed, then `path` must end in something nobody can guess",
              {.example = "[credential:chatwoot-secret]"});
        field("allow_private_addresses", self.allow_private_addresses, "let addresses of photos lead to this machine or a private network");
    }
    friend bool operator==(ChatwootSettings const&, ChatwootSettings const&) = default;
};

enum class OneBotVersion { v11, v12 };
constexpr std::array<std::string_view, 2> names(OneBotVersion) { return {"v11", "v12"}; }

struct OneBotSettings {
    OneBotVersion version = OneBotVersion::v11;
    std::string account;
    std::string platform;
    std::vector<Secret> tokens;
    std::vector<Secret> secrets;
    std::string connect;
    std::string connect_events;
    std::string api;
    milliseconds answer = 30s;
    milliseconds pause = 1s;
    int rate = 5;
    ByteSize max_frame{std::uint64_t{16} << 20};
    bool history = true;
    std::vector<std::string> other_bots;
    bool allow_private_addresses = false;

    static void fields(auto& self, auto&& field) {
        field("version", self.version, "of OneBot");
        field("account", self.account, "the chat account, as the implementation names it (self_id; v12: self.user_id)",
              {.required = true, .example = "'10001000'"});
        field("platform", self.platform, "v12, where one connection carries several: the account's platform (self.platform)", {.example = "qq"});
        field("tokens", self.tokens, "access tokens the implementation may use; the first is ours towards it", {.example = "[credential:onebot-token]"});
        field("secrets", self.secrets, "v11 over HTTP POST: keys of X-Signature; empty: events are not taken this way",
              {.example = "[credential:onebot-secret]"});
        field("connect", self.connect, "where the implementation listens for WebSockets (forward); empty: it connects to `path` (reverse)",
              {.shape = Shape::ws_url, .example = "ws://127.0.0.1:3001"});
        field("connect_events", self.connect_events, "forward with two connections: events come from here, `connect` is for actions",
              {.shape = Shape::ws_url, .example = "ws://127.0.0.1:6700/event"});
        field("api", self.api, "its HTTP address for actions, when it posts events over HTTP", {.shape = Shape::url, .example = "http://127.0.0.1:5700"});
        field("answer", self.answer, "how long it may take to say that a text is out, pictures four times as long; then nobody knows",
              {.least = 100, .most = 120'000});
        field("pause", self.pause, "between two messages in one conversation, up to half more at random; the platform bans who is too fast", {.most = 60'000});
        field("rate", self.rate, "messages a second in all conversations together", {.least = 1, .most = 1000});
        field("max_frame", self.max_frame, "largest message over a WebSocket; pictures may be inside", {.least = 65'536, .most = 256 << 20});
        field("history", self.history, "after a gap, ask for what was missed, where the implementation can (NapCat)");
        field("other_bots", self.other_bots, "accounts that are never answered: other bots, the platform's own services", {.example = "['2854196310']"});
        field("allow_private_addresses", self.allow_private_addresses, "let photos and files be on this machine or a private network");
    }
    friend bool operator==(OneBotSettings const&, OneBotSettings const&) = default;
};

struct WebChatSettings {
    std::vector<std::string> origins;
    bool page = false;
    std::string title;
    std::vector<Secret> identity_secrets;
    ByteSize max_file{1u << 20};
    int messages_per_minute = 20;
    int messages_per_minute_per_address = 200;
    int connections = 2000;
    int connections_per_address = 50;
    milliseconds idle = 2h;
    bool behind_proxy = false;

    static void fields(auto& self, auto&& field) {
        field("origins", self.origins, "web pages that may have the chat, as browsers name them: scheme, host, and port when it is not the usual one",
              {.example = "[https://shop.example.com]"});
        field("page", self.page, "also serve a page of its own with the chat, at `path`");
        field("title", self.title, "what stands above the chat; empty: the shop's name", {.example = "Customer service"});
        field("identity_secrets", self.identity_secrets,
              "keys the shop signs the ids of signed-in customers with; two while one is replaced; empty: everybody is an unknown visitor",
              {.example = "[credential:chat-identity]"});
        field("max_file", self.max_file, "largest photo; listen.limits.max_body must not be less", {.least = 1024, .most = 64 << 20});
        field("messages_per_minute", self.messages_per_minute, "of one visitor; more wait in their browser", {.least = 1, .most = 6000});
        field("messages_per_minute_per_address", self.messages_per_minute_per_address, "of all visitors of one IP address together",
              {.least = 1, .most = 60'000});
        field("connections", self.connections, "open chats at the same time", {.least = 1, .most = 1'000'000});
        field("connections_per_address", self.connections_per_address, "open chats of one IP address", {.least = 1, .most = 1'000'000});
        field("idle", self.idle, "how long a chat may be open without anybody doing something in it", {.least = 60'000});
        field("behind_proxy", self.behind_proxy, "the visitor's address is the last one in X-Forwarded-For; only when a proxy of yours writes it");
    }
    friend bool operator==(WebChatSettings const&, WebChatSettings const&) = default;
};

struct SendSettings {
    milliseconds timeout = 10s;
    milliseconds connect = 3s;
    int concurrency = 64;
    milliseconds first_retry = 1s;
    milliseconds longest_retry = 5min;

    static void fields(auto& self, auto&& field) {
        field("timeout", self.timeout, "how long one send may take, connecting included", {.least = 100, .most = 60'000});
        field("connect", self.connect, "how long connecting may take", {.least = 100, .most = 60'000});
        field("concurrency", self.concurrency, "sends at the same time", {.least = 1, .most = 1024});
        field("first_retry", self.first_retry, "wait before the second try; doubles each time", {.least = 10});
        field("longest_retry", self.longest_retry, "longest wait between two tries", {.least = 10});
    }
    friend bool operator==(SendSettings const&, SendSettings const&) = default;
};

struct ChannelSettings {
    ChannelId id;
    ChannelType type = ChannelType::line;
    std::string path;
    ChannelMode mode = ChannelMode::auto_;
    std::string locale;
    std::optional<milliseconds> quiet_window;
    std::optional<milliseconds> stale_after;
    std::optional<milliseconds> quiet_alarm;
    GroupAnswers groups = GroupAnswers::mentioned;
    LineSettings line;
    WebhooksSettings webhooks;
    BridgeSettings bridge;
    TelegramSettings telegram;
    MessengerSettings messenger;
    WhatsAppSettings whatsapp;
    ChatwootSettings chatwoot;
    OneBotSettings onebot;
    WebChatSettings web_chat;
    SendSettings send;

    static void fields(auto& self, auto&& field) {
        field("id", self.id, "the shop's name for it; stays the same for ever, stored conversations carry it", {.required = true, .shape = Shape::name});
        field("type", self.type, "the platform's protocol", {.required = true});
        field("path", self.path, "where the platform posts its webhooks; empty: /webhook/<id>, for bridges /bridge/v1, for web chats /chat",
              {.shape = Shape::url_path, .example = "/webhook/line-main"});
        field("mode", self.mode, "auto: answers are sent; draft: a person approves each; off: only journaled and handed over");
        field("locale", self.locale,
              "language of customers whose language is not known yet; empty: zh-Hans where the id names a platform of mainland China (taobao), else the shop's",
              {.shape = Shape::locale, .example = "cs"});
        field("quiet_window", self.quiet_window, "wait this long for the rest of a burst of messages; without it: the policy's",
              {.most = 600'000, .example = "2s"});
        field("stale_after", self.stale_after, "messages older than this are not answered blindly; without it: the policy's",
              {.least = 1000, .example = "10m"});
        field("quiet_alarm", self.quiet_alarm, "say so when nothing came in for this long: the platform may have lost our address; without it: never",
              {.least = 60'000, .example = "12h"});
        field("groups", self.groups, "which messages in groups are answered");
        field("line", self.line, "the official account", {.required = true, .only_for = "line"});
        field("webhooks", self.webhooks, "Standard Webhooks, both ways", {.required = true, .only_for = "webhooks"});
        field("bridge", self.bridge, "a program with access to a chat of its own (docs/bridge.md)", {.required = true, .only_for = "bridge"});
        field("telegram", self.telegram, "the bot", {.required = true, .only_for = "telegram"});
        field("messenger", self.messenger, "the page, or Instagram account", {.required = true, .only_for = "messenger"});
        field("whatsapp", self.whatsapp, "the number on WhatsApp's Cloud API", {.required = true, .only_for = "whatsapp"});
        field("chatwoot", self.chatwoot, "the agent bot", {.required = true, .only_for = "chatwoot"});
        field("onebot", self.onebot, "the chat account behind a OneBot implementation", {.required = true, .only_for = "onebot"});
        field("web_chat", self.web_chat, "a chat on the shop's own pages (docs/web-chat.md)", {.required = true, .only_for = "web_chat"});
        field("send", self.send, "how replies go out");
    }
    friend bool operator==(ChannelSettings const&, ChannelSettings const&) = default;
};

}  // namespace kefu
