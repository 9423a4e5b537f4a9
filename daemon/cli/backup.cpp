// SPDX-License-Identifier: Apache-2.0
#include "daemon/backup/backup.hpp"

#include "daemon/cli/commands.hpp"
#include "daemon/clock.hpp"
#include "daemon/snapshot.hpp"

#include <iostream>
#include <optional>

namespace kefu::cli {

namespace {

std::optional<Settings> settings_of(ConfigFile const& config, std::string const& state, int& code) {
    auto settings = read_settings(config, state);
    if (settings) return std::move(*settings);
    for (auto const& error : settings.error()) std::cerr << error.to_string() << '\n';
    code = findings;
    return std::nullopt;
}

}  // namespace

int backup(ConfigFile const& config, BackupOptions const& options) {
    int code = ok;
    if (!find_store("backup", config, options.state, code)) return code;
    auto settings = settings_of(config, options.state, code);
    if (!settings) return code;
    auto const made = make_backup({std::move(*settings), options.folder, options.media, system_now(), user()});
    if (!made) return report("backup", made.error().to_string());
    std::cout << made->folder.string() << ": " << made->files << (made->files == 1 ? " file, " : " files, ") << made->bytes << " bytes, checked\n";
    if (options.keep == 0) return ok;
    auto const dropped = drop_old_backups(options.folder, static_cast<std::size_t>(options.keep));
    if (!dropped) return report("backup", dropped.error().to_string());
    for (auto const& old : *dropped) std::cout << "removed " << old.string() << '\n';
    return ok;
}

int restore(ConfigFile const& config, RestoreOptions const& options) {
    int code = ok;
    if (options.only_check) {
        auto const wrong = check_backup(options.backup);
        if (!wrong) return report("restore", wrong.error().to_string());
        for (auto const& one : *wrong) std::cerr << one << '\n';
        if (!wrong->empty()) return findings;
        std::cout << options.backup << ": nothing is wrong with it\n";
        return ok;
    }
    auto const settings = settings_of(config, options.state, code);
    if (!settings) return code;
    auto const kept = restore_backup(options.backup, *settings, system_now());
    if (!kept) return report("restore", kept.error().to_string());
    std::cout << "restored: " << settings->store.path.string() << '\n';
    for (auto const& aside : *kept) std::cout << "what was there is kept as " << aside.string() << '\n';
    return ok;
}

}  // namespace kefu::cli
