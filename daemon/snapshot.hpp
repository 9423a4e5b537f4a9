// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/settings.hpp"
#include "replies/catalog.hpp"
#include "replies/decide.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kefu {

/// Settings and catalog of one moment: immutable, swapped whole on reload.
struct Snapshot {
    Settings settings;
    Catalog catalog;
    std::map<std::string, ChannelPolicy> channels;      ///< by channel id
    std::optional<Error> without_model = std::nullopt;  ///< why the learned layer is missing and patterns decide alone

    /// The channel's policy; the default one for a channel that is not configured (any more).
    ChannelPolicy const& channel(ChannelId const& id) const;
};
using SnapshotPtr = std::shared_ptr<Snapshot const>;

/// The settings alone; without a file, the defaults. `state`, when not empty, replaces the file's own. Every error with its place.
Checked<Settings> read_settings(std::optional<std::string> const& config_file, std::string const& state = {});

/// Reads the settings file and its catalog (a folder, or what is built in). Without a file: the demo policy built into the binary. `state` and `catalog`, when
/// not empty, replace the file's own. Every error with its place.
Checked<SnapshotPtr> load_snapshot(std::optional<std::string> const& config_file, std::string const& state = {}, std::string const& catalog = {});

/// The same of settings and texts that were read before: a draft, for instance. `config_file` is only for messages; empty: no model of the state folder.
Checked<SnapshotPtr> make_snapshot(Settings settings, CatalogSources const& sources, std::string const& config_file);

/// What the console has published, when kefud.yaml names no folder: `state`/catalog.
std::filesystem::path published_catalog(Settings const& settings);

/// The language of the one market whose platform the channel's id names ("taobao", "wangwang-2": zh-Hans); empty: it names none. A short message in
/// characters that both kinds of Chinese share is answered in it.
std::string_view market_locale(std::string_view channel_id);

/// /etc/kefud/kefud.yaml when it is readable: what commands use that were given no --config.
std::optional<std::string> default_config_file();

/// The message with its meaning (the conversation's language is the prior) and whether it came too late to be answered as new.
MessageReceived understand(Snapshot const& snapshot, ChannelPolicy const& channel, Conversation const& conversation, MessageReceived received, Timestamp now);

/// A decision and, of a message, what it was made of.
struct Handled {
    Decision decision;  ///< the first of `why` says how the message was read
    std::optional<Classification> meaning;
};

/// understand() for messages, then respond(). What live traffic runs.
Handled handle(Snapshot const& snapshot, ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now);

}  // namespace kefu
