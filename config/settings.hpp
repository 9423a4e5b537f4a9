// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "config/notifier_settings.hpp"
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

enum class LogLevel { debug, info, warning, error };
constexpr std::array<std::string_view, 4> names(LogLevel) { return {"debug", "info", "warning", "error"}; }

enum class LogFormat { text, json };
constexpr std::array<std::string_view, 2> names(LogFormat) { return {"text", "json"}; }

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
        field("path", self.path,
              "folder with packs, templates and policy; empty: what the console published in `state`/catalog, else the ones built into the program");
    }
    friend bool operator==(CatalogSettings const&, CatalogSettings const&) = default;
};

enum class StoreType { sqlite, postgresql };
constexpr std::array<std::string_view, 2> names(StoreType) { return {"sqlite", "postgresql"}; }

/// As libpq's sslmode has them.
enum class StoreTls { disable, prefer, require, verify_ca, verify_full };
constexpr std::array<std::string_view, 5> names(StoreTls) { return {"disable", "prefer", "require", "verify-ca", "verify-full"}; }

struct StoreSettings {
    StoreType type = StoreType::sqlite;
    std::filesystem::path path = "kefud.sqlite3";
    std::string url;
    Secret password;
    StoreTls tls = StoreTls::verify_full;
    std::filesystem::path ca = "/etc/ssl/certs/ca-certificates.crt";
    bool prepared = true;
    bool notify = true;
    std::string node;
    milliseconds lease = 30s;
    milliseconds timeout = 10s;
    std::filesystem::path media = "media";
    milliseconds commit_window{0};
    milliseconds busy_timeout = 5s;
    int cache_conversations = 50'000;
    int max_queue = 10'000;
    milliseconds longest_send = 10s;  ///< of all channels; not a setting of its own

    static void fields(auto& self, auto&& field) {
        field("type", self.type, "where it is: a file beside this daemon, or a PostgreSQL server that several daemons share");
        field("path", self.path, "sqlite: the database, in `state`");
        field("url", self.url, "postgresql: user, server and database, without the password; several servers with commas between: the one that takes writes",
              {.example = "postgresql://kefud@db.example.com/kefud"});
        field("password", self.password, "postgresql: the user's password", {.example = "credential:postgresql"});
        field("tls", self.tls, "postgresql: how the connection is protected; a socket on this machine needs nothing");
        field("ca", self.ca, "postgresql: PEM file with the certificates that the server's must come from");
        field("prepared", self.prepared, "postgresql: keep statements on the server; false behind a pooler that gives each transaction another connection");
        field("notify", self.notify, "postgresql: tell the other daemons of work at once; false behind such a pooler: they look once a second");
        field("node", self.node, "postgresql: this daemon's name among those that share the database; empty: the machine's name and `state`");
        field("lease", self.lease, "postgresql: how long after a daemon died the others take over what it was sending; longer than the longest `send.timeout`",
              {.least = 5000, .most = 600'000});
        field("timeout", self.timeout, "postgresql: how long the server may take for one answer", {.least = 1000, .most = 120'000});
        field("media", self.media, "folder for customers' photos and files, in `state`");
        field("commit_window", self.commit_window, "how long a commit waits for more messages; 0: only while the one before is written", {.most = 1000});
        field("busy_timeout", self.busy_timeout, "how long to wait when another process, such as a backup, has the database locked");
        field("cache_conversations", self.cache_conversations, "conversations kept in memory", {.least = 100, .most = 10'000'000});
        field("max_queue", self.max_queue, "messages that may wait for the disk; more are refused with 503, so that the platform tries again",
              {.least = 100, .most = 10'000'000});
    }
    friend bool operator==(StoreSettings const&, StoreSettings const&) = default;
};

struct AgentSettings {
    std::string name;
    Secret token;
    std::vector<std::string> languages;
    std::vector<std::string> tiers;
    int capacity = 5;

    static void fields(auto& self, auto&& field) {
        field("name", self.name, "shown to colleagues and in the journal", {.required = true, .shape = Shape::name, .example = "mei"});
        field("token", self.token, "signs in to the API (Authorization: Bearer)", {.required = true, .example = "credential:agent-mei"});
        field("languages", self.languages, "languages this person answers; empty: all", {.shape = Shape::locale, .example = "[zh-Hant, en]"});
        field("tiers", self.tiers, "teams this person belongs to; empty: all", {.example = "[aftersale]"});
        field("capacity", self.capacity, "conversations at the same time; who has as many is given no more", {.least = 1, .most = 1000});
    }
    friend bool operator==(AgentSettings const&, AgentSettings const&) = default;
};

struct ApiSettings {
    bool enabled = true;
    std::string path = "/api/v1";
    milliseconds online_for = 5min;

    static void fields(auto& self, auto&& field) {
        field("enabled", self.enabled, "serve the API");
        field("path", self.path, "where its URLs begin", {.shape = Shape::url_path});
        field("online_for", self.online_for, "how long after their last call an agent who said to be online counts as there", {.least = 1000});
    }
    friend bool operator==(ApiSettings const&, ApiSettings const&) = default;
};

struct ConsoleSettings {
    bool enabled = true;
    milliseconds idle = 12h;
    milliseconds longest = 168h;
    bool behind_proxy = false;

    static void fields(auto& self, auto&& field) {
        field("enabled", self.enabled, "serve it under /console/, and let people sign in with a password");
        field("idle", self.idle, "who does nothing for that long is signed out", {.least = 60'000});
        field("longest", self.longest, "after that long everybody signs in again", {.least = 60'000});
        field("behind_proxy", self.behind_proxy,
              "who tries passwords too often is known by the last address in X-Forwarded-For; only when a proxy of yours writes it");
    }
    friend bool operator==(ConsoleSettings const&, ConsoleSettings const&) = default;
};

struct LogSettings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    bool mask = true;

    static void fields(auto& self, auto&& field) {
        field("level", self.level, "the least important lines that are written");
        field("format", self.format, "text for people (with fields of their own where systemd's journal reads it), json for log collectors");
        field("mask", self.mask, "mask order numbers, phone numbers and e-mail addresses");
    }
    friend bool operator==(LogSettings const&, LogSettings const&) = default;
};

struct RetentionSettings {
    std::chrono::days raw{90};
    std::chrono::days texts{400};
    std::chrono::days media{400};
    std::chrono::days cases{400};
    std::chrono::days audit{1100};

    static void fields(auto& self, auto&& field) {
        field("raw", self.raw, "days that events are kept as the platform sent them, with signatures (evidence needs them); 0: for ever",
              {.least = 0, .most = 36'500});
        field("texts", self.texts, "days that messages, decisions and sends are kept; 0: for ever", {.least = 0, .most = 36'500});
        field("media", self.media, "days that photos and files are kept; 0: for ever", {.least = 0, .most = 36'500});
        field("cases", self.cases, "days that closed hand-overs are kept, and what is known of customers after their last message is gone; 0: for ever",
              {.least = 0, .most = 36'500});
        field("audit", self.audit, "days that it is kept who did what; 0: for ever", {.least = 0, .most = 36'500});
    }
    friend bool operator==(RetentionSettings const&, RetentionSettings const&) = default;
};

struct WatchSettings {
    milliseconds patience = 2min;

    static void fields(auto& self, auto&& field) {
        field("patience", self.patience, "how old a message is when it must have an answer, a reason for silence, a person, or something under way",
              {.least = 1000});
    }
    friend bool operator==(WatchSettings const&, WatchSettings const&) = default;
};

/// Where /metrics is served.
enum class MetricsServer { off, main, own };
constexpr std::array<std::string_view, 3> names(MetricsServer) { return {"off", "main", "own"}; }

struct MetricsSettings {
    MetricsServer serve = MetricsServer::off;
    std::string address = "127.0.0.1";
    std::uint16_t port = 9464;
    Secret token;
    bool allow_without_token = false;

    static void fields(auto& self, auto&& field) {
        field("serve", self.serve, "off; main: where platforms talk to kefud, with a token; own: at an address and port of its own");
        field("address", self.address, "own: IP address; any but this machine's own needs a token", {.shape = Shape::ip});
        field("port", self.port, "own: TCP port; 0 takes a free one and logs it");
        field("token", self.token, "what Prometheus shows (Authorization: Bearer); empty: anybody who gets there may read",
              {.example = "credential:metrics-token"});
        field("allow_without_token", self.allow_without_token, "serve it without a token also where others may reach it");
    }
    friend bool operator==(MetricsSettings const&, MetricsSettings const&) = default;
};

struct OutgoingSettings {
    std::string proxy;
    Secret proxy_authorization;
    std::vector<std::string> direct;

    static void fields(auto& self, auto&& field) {
        field("proxy", self.proxy, "HTTP proxy for requests to platforms, notifiers and shops; empty: none. https goes through it as a tunnel (CONNECT)",
              {.shape = Shape::url, .example = "http://proxy.example.com:3128"});
        field("proxy_authorization", self.proxy_authorization, "what the proxy wants to hear (Proxy-Authorization), such as 'Basic ...'",
              {.example = "credential:proxy"});
        field("direct", self.direct, "hosts that are reached without the proxy; .example.com is all below it", {.example = "[localhost, .intern.example.com]"});
    }
    friend bool operator==(OutgoingSettings const&, OutgoingSettings const&) = default;
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
    OutgoingSettings outgoing;
    ConsoleSettings console;
    RetentionSettings retention;
    WatchSettings watch;
    MetricsSettings metrics;
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
        field("outgoing", self.outgoing, "requests that kefud makes");
        field("console", self.console, "the web page where agents answer, operators edit and owners look");
        field("retention", self.retention, "how long what is kept");
        field("watch", self.watch, "the daemon watches itself: nothing that was accepted is left lying");
        field("metrics", self.metrics, "numbers for Prometheus, at /metrics");
        field("log", self.log, "the daemon's own log, on standard error");
    }
    friend bool operator==(Settings const&, Settings const&) = default;
};

}  // namespace kefu
