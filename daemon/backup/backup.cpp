// SPDX-License-Identifier: Apache-2.0
#include "daemon/backup/backup.hpp"

#include "daemon/backup/manifest.hpp"
#include "daemon/backup/sqlite_copy.hpp"
#include "daemon/catalog_files.hpp"
#include "daemon/console/desk.hpp"
#include "daemon/crypto.hpp"
#include "daemon/store/sqlite_file.hpp"
#include "daemon/store/sqlite_migrate.hpp"
#include "daemon/version.hpp"
#include "daemon/write_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace kefu {

namespace fs = std::filesystem;

namespace {

constexpr char const* store_name = "kefud.sqlite3";

/// "20261122T083000Z"
std::string compact(Timestamp at) {
    auto text = to_rfc3339(at);
    text.resize(text.find('.'));
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text + 'Z';
}

Error cannot(fs::path const& path, std::string const& why) { return {Errc::environment, path.string() + ": " + why, std::nullopt}; }

/// One file, private and synced.
Result<void> copy_one(fs::path const& from, fs::path const& to) {
    auto const bytes = read_file(from);
    if (!bytes) return bytes.error();
    return write_file(to, *bytes, 0600);
}

/// What is to be kept beside the store: name in the backup → where it is.
std::vector<std::pair<std::string, fs::path>> other_files(Settings const& settings, bool media) {
    std::vector<std::pair<std::string, fs::path>> all;
    auto const add_folder = [&](std::string const& name, fs::path const& folder) {
        std::error_code unreadable;
        std::error_code gone;
        for (fs::recursive_directory_iterator entry{folder, fs::directory_options::skip_permission_denied, unreadable}, end; !unreadable && entry != end;
             entry.increment(unreadable))
            if (entry->is_regular_file(gone)) all.emplace_back(name + '/' + entry->path().lexically_relative(folder).string(), entry->path());
    };
    std::error_code absent;
    for (auto const& file : {settings.state / "claim.key", model_file(settings.state)})
        if (fs::exists(file, absent)) all.emplace_back(file.filename().string(), file);
    add_folder("catalog", catalog_folder(settings));
    if (media) add_folder("media", settings.store.media);
    return all;
}

/// Everything into `folder`, the manifest last.
Result<BackupMade> fill(BackupRequest const& request, fs::path const& folder) {
    BackupMade made;
    Manifest manifest{request.made_at, request.made_by, program_version(), 0, {}};
    if (auto const copied = copy_database(request.settings.store.path, folder / store_name); !copied) return copied.error();
    auto const damage = damage_of(folder / store_name);
    if (!damage) return damage.error();
    if (!damage->empty()) return cannot(request.settings.store.path, "is damaged: " + damage->front() + ". Keep it, and restore the last good backup");
    auto const schema = schema_of(folder / store_name);
    if (!schema) return schema.error();
    manifest.schema = *schema;
    manifest.files.emplace(store_name, "");
    for (auto const& [name, file] : other_files(request.settings, request.media)) {
        std::error_code gone;
        auto const copied = copy_one(file, folder / name);
        if (!copied && !fs::exists(file, gone)) continue;  // deleted meanwhile, as photos are
        if (!copied) return copied.error();
        manifest.files.emplace(name, "");
    }
    for (auto& [name, hash] : manifest.files) {
        auto hashed = hash_of_file(folder / name);
        if (!hashed) return cannot(folder / name, "cannot be read");
        hash = std::move(*hashed);
        ++made.files;
        made.bytes += fs::file_size(folder / name);
    }
    if (auto const written = write_file(folder / manifest_name, to_json_text(manifest), 0600); !written) return written.error();
    if (auto const synced = sync_to_disk(folder); !synced) return synced.error();
    return made;
}

Error not_ours() { return {Errc::environment, "the store is a PostgreSQL database: back it up with pg_dump, or as its operator does", std::nullopt}; }

bool is_backup(fs::path const& folder) {
    std::error_code unreadable;
    return folder.filename().string().starts_with("kefud-") && fs::exists(folder / manifest_name, unreadable);
}

/// Gives what is restored to whom the state folder belongs to: root restores, another user runs the daemon.
void give_to_owner_of(fs::path const& state, fs::path const& file) {
    struct stat folder {};
    if (::geteuid() == 0 && ::stat(state.c_str(), &folder) == 0) (void)!::lchown(file.c_str(), folder.st_uid, folder.st_gid);
}

}  // namespace

Result<BackupMade> make_backup(BackupRequest const& request) {
    if (request.settings.store.type != StoreType::sqlite) return not_ours();
    std::error_code error;
    fs::create_directories(request.into, error);
    if (error) return cannot(request.into, error.message());
    fs::path const folder = request.into / ("kefud-" + compact(request.made_at));
    fs::path const partial = request.into / (".kefud-" + compact(request.made_at) + ".partial");
    fs::remove_all(partial, error);
    if (::mkdir(partial.c_str(), 0700) != 0) return cannot(partial, std::strerror(errno));
    auto made = fill(request, partial);
    if (made) {
        fs::rename(partial, folder, error);
        if (error) made = cannot(folder, error.message());
    }
    if (!made) {
        fs::remove_all(partial, error);
        return made.error();
    }
    if (auto const synced = sync_to_disk(request.into); !synced) return synced.error();
    made->folder = folder;
    return made;
}

Result<std::vector<fs::path>> drop_old_backups(fs::path const& into, std::size_t keep) {
    std::vector<fs::path> all;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(into, error))
        if (is_backup(entry.path())) all.push_back(entry.path());
    if (error) return cannot(into, error.message());
    std::sort(all.begin(), all.end());  // their names are their times
    all.resize(all.size() > keep ? all.size() - keep : 0);
    for (auto const& old : all) {
        fs::remove_all(old, error);
        if (error) return cannot(old, error.message());
    }
    return all;
}

Result<std::vector<std::string>> check_backup(fs::path const& folder) {
    auto const manifest = read_manifest(folder);
    if (!manifest) return manifest.error();
    std::vector<std::string> wrong;
    for (auto const& [name, hash] : manifest->files) {
        auto const found = hash_of_file(folder / name);
        if (!found)
            wrong.push_back(name + " is missing or cannot be read");
        else if (*found != hash)
            wrong.push_back(name + " is not as it was when the backup was made");
    }
    if (!manifest->files.contains(store_name)) wrong.push_back("the store is not in it");
    if (!wrong.empty()) return wrong;
    if (int const known = store_migrations().back().version; manifest->schema > known)
        wrong.push_back("its store has version " + std::to_string(manifest->schema) + ", this kefud knows versions up to " + std::to_string(known));
    auto damage = damage_of(folder / store_name);
    if (!damage) return damage.error();
    for (auto& one : *damage) wrong.push_back("the store: " + one);
    return wrong;
}

Result<std::vector<fs::path>> restore_backup(fs::path const& folder, Settings const& settings, Timestamp now) {
    if (settings.store.type != StoreType::sqlite) return not_ours();
    auto const wrong = check_backup(folder);
    if (!wrong) return wrong.error();
    if (!wrong->empty()) return cannot(folder, "not restored, the backup is damaged: " + wrong->front());
    auto const manifest = read_manifest(folder);
    if (!manifest) return manifest.error();
    std::error_code error;
    fs::create_directories(settings.store.path.parent_path(), error);
    auto const lock = FileLock::take(settings.store.path.string());
    if (!lock) return Error{Errc::conflict, lock.error().message + ": systemctl stop kefud kefud.socket", std::nullopt};

    std::string const ending = ".before-restore-" + compact(now);
    std::vector<fs::path> kept;
    auto const put_aside = [&](fs::path const& path, fs::path const& aside) -> Result<void> {
        if (!fs::exists(path, error)) return {};
        fs::rename(path, aside, error);
        if (error) return cannot(path, error.message());
        kept.push_back(aside);
        return {};
    };
    fs::path const store = settings.store.path;
    fs::path const incoming = store.string() + ".restoring";
    fs::remove(incoming, error);
    if (auto const copied = copy_database(folder / store_name, incoming); !copied) return copied.error();
    give_to_owner_of(settings.state, incoming);
    // What was not yet copied from the log into the old file goes with it, under the name by which SQLite finds it again.
    for (auto const* suffix : {"", "-wal", "-shm"})
        if (auto const moved = put_aside(store.string() + suffix, store.string() + ending + suffix); !moved) return moved.error();
    fs::rename(incoming, store, error);
    if (error) return cannot(store, error.message());

    fs::path const catalog = catalog_folder(settings);
    bool const has_catalog = std::any_of(manifest->files.begin(), manifest->files.end(), [](auto const& file) { return file.first.starts_with("catalog/"); });
    if (has_catalog)
        if (auto const moved = put_aside(catalog, catalog.string() + ending); !moved) return moved.error();
    for (auto const& [name, hash] : manifest->files) {
        if (name == store_name) continue;
        fs::path const to = name.starts_with("catalog/") ? catalog / name.substr(8)
                            : name.starts_with("media/") ? settings.store.media / name.substr(6)
                                                         : settings.state / name;
        if (auto const copied = copy_one(folder / name, to); !copied) return copied.error();
        give_to_owner_of(settings.state, to);
        for (auto owned = to; owned != settings.state && owned.has_relative_path() && owned.string().starts_with(settings.state.string());
             owned = owned.parent_path())
            give_to_owner_of(settings.state, owned);
    }
    if (auto const synced = sync_to_disk(store.parent_path()); !synced) return synced.error();
    return kept;
}

}  // namespace kefu
