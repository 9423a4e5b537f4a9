// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "config/secrets.hpp"
#include "config/settings_field.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// kefud.yaml's `notifiers`.
namespace kefu {

enum class NotifierType { webhook, line_group, slack, teams, discord, wecom, dingtalk, feishu, telegram, email };
constexpr std::array<std::string_view, 10> names(NotifierType) {
    return {"webhook", "line_group", "slack", "teams", "discord", "wecom", "dingtalk", "feishu", "telegram", "email"};
}

enum class MailTls { starttls, implicit, none };
constexpr std::array<std::string_view, 3> names(MailTls) { return {"starttls", "implicit", "none"}; }

/// A robot that takes messages at an address. The address is the secret.
struct HookSettings {
    Secret url;

    static void fields(auto& self, auto&& field) {
        field("url", self.url, "the webhook's address; who knows it can post, so it is a secret", {.required = true, .example = "credential:team-hook"});
    }
    friend bool operator==(HookSettings const&, HookSettings const&) = default;
};

/// The same, where the robot also checks a signature.
struct SignedHookSettings {
    Secret url;
    Secret secret;

    static void fields(auto& self, auto&& field) {
        field("url", self.url, "the robot's webhook address; who knows it can post, so it is a secret", {.required = true, .example = "credential:team-hook"});
        field("secret", self.secret, "the robot's signing secret; empty: it was made with another kind of security", {.example = "credential:team-sign"});
    }
    friend bool operator==(SignedHookSettings const&, SignedHookSettings const&) = default;
};

struct TelegramGroupSettings {
    Secret token;
    std::string chat;
    std::string api_base = "https://api.telegram.org";

    static void fields(auto& self, auto&& field) {
        field("token", self.token, "the bot's token; the bot is a member of the group", {.required = true, .example = "credential:telegram-token"});
        field("chat", self.chat, "the group's id; a telegram channel with the same token never answers in it",
              {.required = true, .example = "'-1001234567890'"});
        field("api_base", self.api_base, "Telegram's Bot API", {.shape = Shape::url});
    }
    friend bool operator==(TelegramGroupSettings const&, TelegramGroupSettings const&) = default;
};

struct MailSettings {
    std::string server;
    std::uint16_t port = 587;
    MailTls tls = MailTls::starttls;
    std::string user;
    Secret password;
    std::string from;
    std::vector<std::string> to;

    static void fields(auto& self, auto&& field) {
        field("server", self.server, "the mail server", {.required = true, .example = "smtp.example.com"});
        field("port", self.port, "its port");
        field("tls", self.tls, "starttls: asked for and insisted on; implicit: TLS from the first byte (port 465); none: only to this machine");
        field("user", self.user, "who signs in; empty: nobody does", {.example = "kefud@example.com"});
        field("password", self.password, "with which password", {.example = "credential:mail-password"});
        field("from", self.from, "the sender's address", {.required = true, .example = "kefud@example.com"});
        field("to", self.to, "the receivers' addresses", {.required = true, .least = 1, .example = "[team@example.com]"});
    }
    friend bool operator==(MailSettings const&, MailSettings const&) = default;
};

struct NotifierSettings {
    std::string id;
    NotifierType type = NotifierType::webhook;
    std::string url;
    Secret secret;
    bool allow_private_addresses = false;
    HookSettings slack;
    HookSettings teams;
    HookSettings discord;
    HookSettings wecom;
    SignedHookSettings dingtalk;
    SignedHookSettings feishu;
    TelegramGroupSettings telegram;
    MailSettings email;
    ChannelId channel;
    std::string group;
    std::vector<std::string> tiers;
    std::string locale;

    static void fields(auto& self, auto&& field) {
        field("id", self.id, "the shop's name for it", {.required = true, .shape = Shape::name});
        field("type", self.type, "webhook: signed JSON to `url`; line_group: a paid push to `group` through `channel`; the others: a text where the team is",
              {.required = true});
        field("url", self.url, "where notifications are posted",
              {.required = true, .shape = Shape::url, .only_for = "webhook", .example = "https://desk.example.com/kefud"});
        field("secret", self.secret, "key (whsec_...) they are signed with; empty: not signed", {.only_for = "webhook", .example = "credential:desk-key"});
        field("allow_private_addresses", self.allow_private_addresses, "let its address lead to this machine or a private network");
        field("channel", self.channel, "the LINE channel that pushes",
              {.required = true, .shape = Shape::name, .only_for = "line_group", .example = "line-main"});
        field("group", self.group, "the group's id; the bot never answers in it",
              {.required = true, .only_for = "line_group", .example = "C0123456789abcdef0123456789abcdef"});
        field("slack", self.slack, "an incoming webhook of Slack, Mattermost or Rocket.Chat", {.required = true, .only_for = "slack"});
        field("teams", self.teams, "a Workflows webhook of Microsoft Teams", {.required = true, .only_for = "teams"});
        field("discord", self.discord, "a channel's webhook", {.required = true, .only_for = "discord"});
        field("wecom", self.wecom, "a group robot of WeCom", {.required = true, .only_for = "wecom"});
        field("dingtalk", self.dingtalk, "a group robot of DingTalk", {.required = true, .only_for = "dingtalk"});
        field("feishu", self.feishu, "a group robot of Feishu or Lark", {.required = true, .only_for = "feishu"});
        field("telegram", self.telegram, "a bot in a group", {.required = true, .only_for = "telegram"});
        field("email", self.email, "a mail to each receiver", {.required = true, .only_for = "email"});
        field("tiers", self.tiers, "the teams it calls; empty: all", {.example = "[supervisor, manager]"});
        field("locale", self.locale, "language of the notifications; empty: the shop's", {.shape = Shape::locale, .example = "cs"});
    }
    friend bool operator==(NotifierSettings const&, NotifierSettings const&) = default;
};

}  // namespace kefu
