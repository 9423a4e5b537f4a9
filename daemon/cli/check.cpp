// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "config/schema.hpp"
#include "daemon/connect/traits.hpp"
#include "daemon/metrics/metrics.hpp"
#include "daemon/snapshot.hpp"

#include <unistd.h>
#include <cstdio>
#include <filesystem>
#include <iostream>

namespace kefu::cli {

int report(std::string const& what, std::string const& message) {
    std::fprintf(stderr, "kefud %s: %s\n", what.c_str(), message.c_str());
    return environment;
}

std::optional<StoreSettings> find_store(std::string const& command, ConfigFile const& config, std::string const& state, int& code) {
    auto const settings = read_settings(config, state);
    if (!settings) {
        for (auto const& error : settings.error()) std::cerr << error.to_string() << '\n';
        code = findings;
        return std::nullopt;
    }
    auto const& store = settings->store;
    if (store.type != StoreType::sqlite || std::filesystem::exists(store.path)) return store;
    code = report(command, store.path.string() + " does not exist; is this the daemon's configuration, and was it started with --state?");
    return std::nullopt;
}

std::string user() {
    char const* name = ::getlogin();
    return name == nullptr ? "command line" : name;
}

int check(ConfigFile const& config, bool online) {
    auto const snapshot = load_snapshot(config);
    if (!snapshot) {
        bool only_environment = true;
        for (auto const& error : snapshot.error()) {
            std::cerr << error.to_string() << '\n';
            only_environment = only_environment && error.code == Errc::environment;
        }
        std::cerr << snapshot.error().size() << (snapshot.error().size() == 1 ? " error\n" : " errors\n");
        return only_environment ? environment : findings;
    }
    if (auto const& why = (*snapshot)->without_model) {
        std::cerr << why->to_string() << "\n1 error; until then the patterns alone decide\n";
        return findings;
    }
    auto const& catalog = (*snapshot)->catalog;
    std::cout << "ok: " << (config ? *config : "built-in demo policy") << ": " << (*snapshot)->settings.channels.size() << " channels, "
              << catalog.classifier.languages().size() << " languages, " << catalog.templates.ids().size() << " templates in "
              << catalog.templates.locales().size() << " locales, " << catalog.policy.rules.size() << " rules\n";
    return online ? check_online(**snapshot) : ok;
}

int print_schema(std::string const& format) {
    if (format == "json")
        std::cout << settings_schema() << '\n';
    else if (format == "markdown")
        std::cout << settings_reference();
    else if (format == "channels")
        std::cout << channels_page();
    else if (format == "metrics")
        std::cout << metrics_page();
    else
        std::cout << settings_example();
    return ok;
}

}  // namespace kefu::cli
