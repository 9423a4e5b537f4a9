// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/snapshot.hpp"
#include "daemon/store/copy_store.hpp"
#include "daemon/store/open_store.hpp"

#include <unistd.h>

#include <filesystem>
#include <iostream>

/// `kefud store`: moving from one kind of database to the other.
namespace kefu::cli {

int copy_store(std::string const& from, std::string const& to) {
    auto const settings = read_settings(to, {});
    if (!settings) {
        for (auto const& error : settings.error()) std::cerr << error.to_string() << '\n';
        return findings;
    }
    if (settings->store.type != StoreType::postgresql) {
        std::cerr << "kefud store copy: " << to << ": its store is of type sqlite; write type: postgresql and url\n";
        return usage;
    }
    if (!std::filesystem::exists(from)) return report("store copy", from + " does not exist");
    bool const watched = ::isatty(STDOUT_FILENO) == 1;
    auto const copied = copy_to_postgres(from, access_of(settings->store), [watched](std::string_view table, std::uint64_t rows) {
        if (watched) std::cout << '\r' << table << ' ' << rows << "  " << std::flush;
    });
    if (watched) std::cout << '\r';
    if (!copied) return report("store copy", copied.error().message);
    for (auto const& [table, rows] : *copied) std::cout << table << ": " << rows << '\n';
    std::cout << "copied to " << name_of(settings->store) << "; every count is the same there. Start the daemon with " << to << '\n';
    return ok;
}

}  // namespace kefu::cli
