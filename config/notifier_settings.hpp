// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "config/secrets.hpp"
#include "config/settings_field.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

/// kefud.yaml's `notifiers`.
namespace kefu {

enum class NotifierType { webhook, line_group };
constexpr std::array<std::string_view, 2> names(NotifierType) { return {"webhook", "line_group"}; }

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

}  // namespace kefu
