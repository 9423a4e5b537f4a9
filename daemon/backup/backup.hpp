// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"
#include "config/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// Copies of what the daemon keeps, made while it runs, and the way back. A backup is a folder, kefud-20261122T083000Z, with
///   kefud.sqlite3   the store as of one moment, its integrity checked
///   claim.key, model.kefud, catalog/...   what else lies in the state folder and cannot be made anew
///   media/...       customers' photos and files, when asked for
///   manifest.json   {"format":"kefud-backup-1","made_at","made_by","kefud","schema","files":{path: SHA-256}}
/// Secrets and kefud.yaml are not in it. All functions block.
namespace kefu {

struct BackupRequest {
    Settings settings;
    std::filesystem::path into;  ///< the folder of backups; made when there is none
    bool media = false;
    Timestamp made_at{};
    std::string made_by;
};

struct BackupMade {
    std::filesystem::path folder;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
};

/// Under its name only when it is complete, checked and on disk. environment: it cannot be read or written, or the copy is damaged.
Result<BackupMade> make_backup(BackupRequest const& request);

/// Removes the oldest backups of `into` until `keep` are left; the value: which. Other files there are left alone.
Result<std::vector<std::filesystem::path>> drop_old_backups(std::filesystem::path const& into, std::size_t keep);

/// What is wrong with a backup: files missing or changed, a damaged store, a schema this kefud does not know. Empty: nothing. environment: no backup.
Result<std::vector<std::string>> check_backup(std::filesystem::path const& folder);

/// Puts a backup that has nothing wrong in the place of what is there; that is kept beside it under a name with .before-restore-TIME in it.
/// conflict: a daemon is using the store. environment: the backup is damaged, and everything is as it was; or the disk
/// does not take it: then the store is the old one or the restored one, whole, and some files of the backup may be missing beside it.
Result<std::vector<std::filesystem::path>> restore_backup(std::filesystem::path const& folder, Settings const& settings, Timestamp now);

}  // namespace kefu
