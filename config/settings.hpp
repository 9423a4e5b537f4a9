// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "config/order_settings.hpp"
#include "config/secrets.hpp"
#include "config/settings_field.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the operator wrote in kefud.yaml. Each struct's `fields` says everything about its settings once: key, member, meaning, limits.
/// Reading, the editors' JSON Schema, the reference and kefud.yaml itself are all made from it; the defaults are the members' own.
namespace kefu {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

enum class ChannelType { line, webhooks };
constexpr std::array<std::string_view, 2> names(ChannelType) { return {"line", "webhooks"}; }

enum class ChannelMode { auto_, draft, off };
constexpr std::array<std::string_view, 3> names(ChannelMode) { return {"auto", "draft", "off"}; }

enum class GroupAnswers { mentioned, always, never };
constexpr std::array<std::string_view, 3> names(GroupAnswers) { return {"mentioned", "always", "never"}; }

enum class NotifierType { webhook, line_group };
constexpr std::array<std::string_view, 2> names(NotifierType) { return {"webhook", "line_group"}; }

enum class LogLevel { debug, info, warning, error };
constexpr std::array<std::string_view, 4> names(LogLevel) { return {"debug", "info", "warning", "error"}; }

enum class LogFormat { text, json };
constexpr std::array<std::string_view, 2> names(LogFormat) { return {"text", "json"}; }

/// The name of an enumerator as it stands in YAML.
template <class Enum>
requires requires(Enum e) { names(e); }
constexpr std::string_view name_of(Enum e) { return names(e)[static_cast<std::size_t>(e)]; }

struct TlsSettings {
    std::filesystem::path certificate;
    std::filesystem::path key;

    bool enabled() const { return !certificate.empty(); }

    static void fields(auto& self, auto&& field) {
        field("certificate", self.certificate, "PEM file with the certificate chain; empty: no TLS, a proxy in front does it");
        field("key", self.key, "PEM file with its private key");
    }
    friend bool operator==(TlsSettings const&, TlsSettings const&) = default;
};

struct HttpLimits {
    ByteSize max_body{1u << 20};
    ByteSize max_header{16u << 10};
    int connections = 4096;
    milliseconds idle = 75s;
    milliseconds read = 15s;
    milliseconds write = 15s;

    static void fields(auto& self, auto&& field) {
        field("max_body", self.max_body, "largest request body; more is answered with 413", {.least = 1024, .most = 256 << 20});
        field("max_header", self.max_header, "largest request header; more is answered with 431", {.least = 1024, .most = 1 << 20});
        field("connections", self.connections, "connections at the same time; more are answered with 503", {.least = 1, .most = 1'000'000});
        field("idle", self.idle, "how long a connection may wait for its next request", {.least = 1000});
        field("read", self.read, "how long reading one request may take", {.least = 100});
        field("write", self.write, "how long writing one answer may take", {.least = 100});
    }
    friend bool operator==(HttpLimits const&, HttpLimits const&) = default;
};

struct ListenSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    int threads = 1;
    bool activation = true;
    TlsSettings tls;
    HttpLimits limits;

    static void fields(auto& self, auto&& field) {
        field("address", self.address, "IP address to listen on; 0.0.0.0 or :: is all of them", {.shape = Shape::ip});
        field("port", self.port, "TCP port; 0 takes a free one and logs it");
        field("threads", self.threads, "threads that serve connections", {.least = 1, .most = 256});
        field("activation", self.activation, "use the sockets systemd passes, when it passes any, instead of address and port");
        field("tls", self.tls, "HTTPS without a proxy in front");
        field("limits", self.limits, "what one client may take");
    }
    friend bool operator==(ListenSettings const&, ListenSettings const&) = default;
};

struct ShopConfig {
    std::string name = "kefud demo";
    std::string locale = "zh-Hant";
    std::string time_zone = "Asia/Taipei";
    std::vector<std::string> order_numbers;

    static void fields(auto& self, auto&& field) {
        field("name", self.name, "its name in texts to customers: {shop}");
        field("locale", self.locale, "language of customers whose language is not known yet", {.shape = Shape::locale});
        field("time_zone", self.time_zone, "where opening hours and dates are meant", {.shape = Shape::time_zone});
        field("order_numbers", self.order_numbers,
              "regular expressions (RE2) of the shop's order numbers; empty: 5 to 20 letters and digits with at least 4 digits",
              {.example = "['\\bTW\\d{8}\\b']"});
    }
    friend bool operator==(ShopConfig const&, ShopConfig const&) = default;
};

struct CatalogSettings {
    std::filesystem::path path;

    static void fields(auto& self, auto&& field) {
        field("path", self.path, "folder with packs, templates and policy; empty: the ones built into the program");
    }
    friend bool operator==(CatalogSettings const&, CatalogSettings const&) = default;
};

struct StoreSettings {
    std::filesystem::path path = "kefud.sqlite3";
    std::filesystem::path media = "media";
    milliseconds commit_window{0};
    milliseconds busy_timeout = 5s;
    std::chrono::days keep_days{400};
    int cache_conversations = 50'000;
    int max_queue = 10'000;

    static void fields(auto& self, auto&& field) {
        field("path", self.path, "the SQLite database, in `state`");
        field("media", self.media, "folder for customers' photos and files, in `state`");
        field("commit_window", self.commit_window, "how long a commit waits for more messages; 0: only while the one before is written", {.most = 1000});
        field("busy_timeout", self.busy_timeout, "how long to wait when another process, such as a backup, has the database locked");
        field("keep_days", self.keep_days, "days until messages and photos are deleted; 0: never", {.least = 0, .most = 36'500});
        field("cache_conversations", self.cache_conversations, "conversations kept in memory", {.least = 100, .most = 10'000'000});
        field("max_queue", self.max_queue, "messages that may wait for the disk; more are refused with 503, so that the platform tries again",
              {.least = 100, .most = 10'000'000});
    }
    friend bool operator==(StoreSettings const&, StoreSettings const&) = default;
};

struct LineSettings {
    std::string destination;
    std::vector<Secret> channel_secrets;
    Secret access_token;
    std::string api_base = "https://api.line.me";
    std::string data_base = "https://api-data.line.me";
    std::vector<std::string> notification_groups;
    bool profiles = true;

    static void fields(auto& self, auto&& field) {
        field("destination", self.destination, "user id of the official account, as webhooks name it; empty: not checked",
              {.example = "U0123456789abcdef0123456789abcdef"});
        field("channel_secrets", self.channel_secrets, "the account's channel secret; a list, so that the old and the new one both count while it is replaced",
              {.required = true, .least = 1, .example = "[credential:line-secret]"});
        field("access_token", self.access_token, "channel access token (long-lived)", {.required = true, .example = "credential:line-token"});
        field("api_base", self.api_base, "LINE's API", {.shape = Shape::url});
        field("data_base", self.data_base, "LINE's API for photos and files", {.shape = Shape::url});
        field("notification_groups", self.notification_groups, "groups of the shop's own people: never answered in",
              {.example = "[C0123456789abcdef0123456789abcdef]"});
        field("profiles", self.profiles, "fetch a new customer's name and language once");
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
    GroupAnswers groups = GroupAnswers::mentioned;
    LineSettings line;
    WebhooksSettings webhooks;
    SendSettings send;

    static void fields(auto& self, auto&& field) {
        field("id", self.id, "the shop's name for it; stays the same for ever, stored conversations carry it", {.required = true, .shape = Shape::name});
        field("type", self.type, "the platform's protocol", {.required = true});
        field("path", self.path, "where the platform posts its webhooks; empty: /webhook/<id>", {.shape = Shape::url_path, .example = "/webhook/line-main"});
        field("mode", self.mode, "auto: answers are sent; draft: a person approves each; off: only journaled and handed over");
        field("locale", self.locale, "language of customers whose language is not known yet; empty: the shop's", {.shape = Shape::locale, .example = "cs"});
        field("quiet_window", self.quiet_window, "wait this long for the rest of a burst of messages; without it: the policy's",
              {.most = 600'000, .example = "2s"});
        field("stale_after", self.stale_after, "messages older than this are not answered blindly; without it: the policy's",
              {.least = 1000, .example = "10m"});
        field("groups", self.groups, "which messages in groups are answered");
        field("line", self.line, "the official account", {.required = true, .only_for = "line"});
        field("webhooks", self.webhooks, "Standard Webhooks, both ways", {.required = true, .only_for = "webhooks"});
        field("send", self.send, "how replies go out");
    }
    friend bool operator==(ChannelSettings const&, ChannelSettings const&) = default;
};

struct NotifierSettings {
    std::string id;
    NotifierType type = NotifierType::webhook;
    std::string url;
    Secret secret;
    bool allow_private_addresses = false;
    ChannelId channel;
    std::string group;
    std::vector<std::string> tiers;
    std::string locale;

    static void fields(auto& self, auto&& field) {
        field("id", self.id, "the shop's name for it", {.required = true, .shape = Shape::name});
        field("type", self.type, "webhook: signed JSON to `url`; line_group: a paid push to `group` through `channel`", {.required = true});
        field("url", self.url, "where notifications are posted",
              {.required = true, .shape = Shape::url, .only_for = "webhook", .example = "https://desk.example.com/kefud"});
        field("secret", self.secret, "key (whsec_...) they are signed with; empty: not signed", {.only_for = "webhook", .example = "credential:desk-key"});
        field("allow_private_addresses", self.allow_private_addresses, "let `url` lead to this machine or a private network", {.only_for = "webhook"});
        field("channel", self.channel, "the LINE channel that pushes",
              {.required = true, .shape = Shape::name, .only_for = "line_group", .example = "line-main"});
        field("group", self.group, "the group's id; the bot never answers in it",
              {.required = true, .only_for = "line_group", .example = "C0123456789abcdef0123456789abcdef"});
        field("tiers", self.tiers, "the teams it calls; empty: all", {.example = "[supervisor, manager]"});
        field("locale", self.locale, "language of the notifications; empty: the shop's", {.shape = Shape::locale, .example = "cs"});
    }
    friend bool operator==(NotifierSettings const&, NotifierSettings const&) = default;
};

struct AgentSettings {
    std::string name;
    Secret token;
    std::vector<std::string> languages;
    std::vector<std::string> tiers;

    static void fields(auto& self, auto&& field) {
        field("name", self.name, "shown to colleagues and in the journal", {.required = true, .shape = Shape::name, .example = "mei"});
        field("token", self.token, "signs in to the API (Authorization: Bearer)", {.required = true, .example = "credential:agent-mei"});
        field("languages", self.languages, "languages this person answers; empty: all", {.shape = Shape::locale, .example = "[zh-Hant, en]"});
        field("tiers", self.tiers, "teams this person belongs to; empty: all", {.example = "[aftersale]"});
    }
    friend bool operator==(AgentSettings const&, AgentSettings const&) = default;
};

struct ApiSettings {
    bool enabled = true;
    std::string path = "/api/v1";

    static void fields(auto& self, auto&& field) {
        field("enabled", self.enabled, "serve the API");
        field("path", self.path, "where its URLs begin", {.shape = Shape::url_path});
    }
    friend bool operator==(ApiSettings const&, ApiSettings const&) = default;
};

struct LogSettings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    bool mask = true;

    static void fields(auto& self, auto&& field) {
        field("level", self.level, "the least important lines that are written");
        field("format", self.format, "text for people, json for log collectors");
        field("mask", self.mask, "mask order numbers, phone numbers and e-mail addresses");
    }
    friend bool operator==(LogSettings const&, LogSettings const&) = default;
};

struct Settings {
    bool allow_plain_secrets = false;
    std::filesystem::path state = "/var/lib/kefud";
    std::string public_url;
    milliseconds shutdown_grace = 10s;
    ListenSettings listen;
    ShopConfig shop;
    CatalogSettings catalog;
    StoreSettings store;
    std::vector<ChannelSettings> channels;
    std::vector<NotifierSettings> notifiers;
    std::vector<AgentSettings> agents;
    OrderSettings orders;
    ApiSettings api;
    LogSettings log;

    static void fields(auto& self, auto&& field) {
        field("allow_plain_secrets", self.allow_plain_secrets,
              "let secrets stand in this file itself, for trying things out; else each is file:/path, env:NAME or credential:NAME");
        field("state", self.state, "folder for what kefud writes");
        field("public_url", self.public_url, "how the world reaches this daemon, for links in notifications; empty: no links",
              {.shape = Shape::url, .example = "https://kefud.example.com"});
        field("shutdown_grace", self.shutdown_grace, "how long stopping may wait for work that has begun; less than systemd's TimeoutStopSec",
              {.most = 300'000});
        field("listen", self.listen, "the HTTP server that platforms, agents and monitoring talk to");
        field("shop", self.shop, "the shop itself");
        field("catalog", self.catalog, "what kefud understands and says");
        field("store", self.store, "the journal: every message, decision and send");
        field("channels", self.channels, "accounts on platforms that customers write to");
        field("notifiers", self.notifiers, "how people hear that a customer waits for them");
        field("agents", self.agents, "the people who answer what the bot hands over");
        field("orders", self.orders, "the shop's system that knows where an order is");
        field("api", self.api, "the API for agents and tools");
        field("log", self.log, "the daemon's own log, on standard error");
    }
    friend bool operator==(Settings const&, Settings const&) = default;
};

}  // namespace kefu
