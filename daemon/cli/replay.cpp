// SPDX-License-Identifier: Apache-2.0
#include "daemon/replay.hpp"

#include "daemon/cli/commands.hpp"
#include "daemon/clock.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <iostream>
#include <vector>

namespace kefu::cli {

namespace {

constexpr std::size_t most_samples = 20;

std::string_view name_of(ReplayKind kind) { return replay_kind_names.at(static_cast<std::size_t>(kind)); }

void print_json(ReplayChange const& change) {
    boost::json::object line;
    line["kind"] = name_of(change.kind);
    line["conversation"] = change.conversation.value;
    line["at"] = to_rfc3339(change.at);
    line["text"] = change.text;
    line["before"] = change.before;
    line["after"] = change.after;
    std::cout << boost::json::serialize(line) << '\n';
}

void print_sample(ReplayChange const& change) {
    auto const shown = [](std::string const& value) { return value.empty() ? std::string{"(none)"} : value; };
    std::cout << '\n'
              << to_rfc3339(change.at) << ' ' << change.conversation.value << "\n  " << change.text << "\n  " << name_of(change.kind) << ": "
              << shown(change.before) << " → " << shown(change.after) << '\n';
}

void print_totals(ReplayTotals const& totals) {
    std::cout << totals.messages << " messages in " << totals.conversations << " conversations; changed:";
    for (std::size_t kind = 0; kind < totals.changed.size(); ++kind) std::cout << ' ' << replay_kind_names[kind] << ' ' << totals.changed[kind];
    std::cout << '\n';
}

SnapshotPtr load(ConfigFile const& config, ReplayOptions const& options, std::string const& catalog) {
    auto const snapshot = load_snapshot(config, options.state, catalog);
    if (snapshot) return *snapshot;
    for (auto const& error : snapshot.error()) std::cerr << error.to_string() << '\n';
    return nullptr;
}

}  // namespace

int replay(ConfigFile const& config, ReplayOptions const& options) {
    int code = ok;
    auto const store = find_store("replay", config, options.state, code);
    if (!store) return code;
    ReplayRequest request{*store, load(config, options, {}), load(config, options, options.catalog), system_now() - std::chrono::days{options.days}};
    if (!request.published || !request.draft) return findings;

    std::vector<ReplayChange> samples;
    auto const totals = kefu::replay(request, [&](ReplayChange const& change) {
        if (options.json)
            print_json(change);
        else if (samples.size() < most_samples)
            samples.push_back(change);
    });
    if (!totals) return report("replay", totals.error().to_string());
    if (options.json) return ok;
    print_totals(*totals);
    for (auto const& sample : samples) print_sample(sample);
    return ok;
}

}  // namespace kefu::cli
