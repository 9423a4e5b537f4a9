// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/clock.hpp"
#include "daemon/snapshot.hpp"
#include "daemon/store/pause.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace kefu::cli {

namespace {

/// The store's file, when settings can be read, have the channel (empty: all), and the file exists.
std::optional<std::string> store_path(ConfigFile const& config, std::string const& state, std::string const& channel, int& code) {
    auto const snapshot = load_snapshot(config, state);
    if (!snapshot) {
        code = check(config);
        return std::nullopt;
    }
    auto const& channels = (*snapshot)->settings.channels;
    bool const known = std::any_of(channels.begin(), channels.end(), [&](auto const& one) { return one.id.value == channel; });
    if (!channel.empty() && !known) {
        std::string names;
        for (auto const& one : channels) names += (names.empty() ? "" : ", ") + one.id.value;
        std::cerr << "kefud: there is no channel '" << channel << "'; " << (names.empty() ? "the configuration has none" : "there is: " + names) << '\n';
        code = usage;
        return std::nullopt;
    }
    std::string const path = (*snapshot)->settings.store.path.string();
    if (!std::filesystem::exists(path)) {
        code = report("pause", path + " does not exist; is this the daemon's configuration, and was it started with --state?");
        return std::nullopt;
    }
    return path;
}

}  // namespace

int pause(ConfigFile const& config, std::string const& state, std::string const& channel) {
    int code = ok;
    auto const path = store_path(config, state, channel, code);
    if (!path) return code;
    Pause pause;
    pause.channel = channel.empty() ? "*" : channel;
    pause.by = user();
    pause.since = system_now();
    if (auto const done = write_pause(*path, pause); !done) return report("pause", done.error().to_string());
    std::cout << "paused: " << (channel.empty() ? "nothing is sent on any channel" : "nothing is sent on " + channel) << "; 'kefud resume' ends it\n";
    return ok;
}

int resume(ConfigFile const& config, std::string const& state, std::string const& channel) {
    int code = ok;
    auto const path = store_path(config, state, channel, code);
    if (!path) return code;
    if (auto const done = remove_pause(*path, channel.empty() ? "*" : channel); !done) return report("resume", done.error().to_string());
    std::cout << "resumed\n";
    return ok;
}

}  // namespace kefu::cli
