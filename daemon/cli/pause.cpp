// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/clock.hpp"
#include "daemon/snapshot.hpp"
#include "daemon/store/pause.hpp"

#include <algorithm>
#include <iostream>

namespace kefu::cli {

namespace {

/// The store, when settings can be read, have the channel (empty: all), and it exists.
std::optional<StoreSettings> store_with(ConfigFile const& config, std::string const& state, std::string const& channel, int& code) {
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
    return find_store("pause", config, state, code);
}

}  // namespace

int pause(ConfigFile const& config, std::string const& state, std::string const& channel) {
    int code = ok;
    auto const store = store_with(config, state, channel, code);
    if (!store) return code;
    Pause pause;
    pause.channel = channel.empty() ? "*" : channel;
    pause.by = user();
    pause.since = system_now();
    if (auto const done = write_pause(*store, pause); !done) return report("pause", done.error().to_string());
    std::cout << "paused: " << (channel.empty() ? "nothing is sent on any channel" : "nothing is sent on " + channel) << "; 'kefud resume' ends it\n";
    return ok;
}

int resume(ConfigFile const& config, std::string const& state, std::string const& channel) {
    int code = ok;
    auto const store = store_with(config, state, channel, code);
    if (!store) return code;
    if (auto const done = remove_pause(*store, channel.empty() ? "*" : channel); !done) return report("resume", done.error().to_string());
    std::cout << "resumed\n";
    return ok;
}

}  // namespace kefu::cli
