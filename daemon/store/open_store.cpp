// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/open_store.hpp"

#include "daemon/store/postgres.hpp"
#include "daemon/store/postgres_store.hpp"
#include "daemon/store/sqlite_file.hpp"

#include <unistd.h>

#include <array>
#include <utility>

namespace kefu {

namespace {

constexpr std::chrono::milliseconds to_spare{2000};  // between the end of a send's time-out and that of the lease under which it began

SqliteOptions sqlite_options(StoreSettings const& settings) {
    SqliteOptions options;
    options.path = settings.path.string();
    options.commit_window = settings.commit_window;
    options.busy_timeout = settings.busy_timeout;
    options.cache_conversations = static_cast<std::size_t>(settings.cache_conversations);
    options.max_queue = static_cast<std::size_t>(settings.max_queue);
    return options;
}

std::string machine_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "kefud";
}

PostgresOptions postgres_options(StoreSettings const& settings, std::filesystem::path const& state) {
    PostgresOptions options;
    options.access = access_of(settings);
    std::error_code unknown;
    options.node = settings.node.empty() ? machine_name() + ":" + std::filesystem::absolute(state, unknown).string() : settings.node;
    options.lease = settings.lease;
    options.longest_send = settings.longest_send + to_spare;
    options.notify = settings.notify;
    options.commit_window = settings.commit_window;
    options.cache_conversations = static_cast<std::size_t>(settings.cache_conversations);
    options.max_queue = static_cast<std::size_t>(settings.max_queue);
    return options;
}

}  // namespace

PostgresAccess access_of(StoreSettings const& settings) {
    PostgresAccess access;
    access.url = settings.url;
    access.password = settings.password.reveal();
    access.tls = names(settings.tls).at(static_cast<std::size_t>(settings.tls));
    bool const checked = settings.tls == StoreTls::verify_ca || settings.tls == StoreTls::verify_full;
    if (checked) access.ca_certificate = settings.ca.string();
    access.prepared = settings.prepared;
    access.timeout = settings.timeout;
    return access;
}

std::string name_of(StoreSettings const& settings) { return settings.type == StoreType::postgresql ? name_of(access_of(settings)) : settings.path.string(); }

Result<std::unique_ptr<Store>> open_store(StoreSettings const& settings, std::filesystem::path const& state, Respond respond, NotifyRoute route) {
    if (settings.type == StoreType::postgresql) return open_postgres_store(postgres_options(settings, state), std::move(respond), std::move(route));
    return open_sqlite_store(sqlite_options(settings), std::move(respond), std::move(route));
}

Result<std::unique_ptr<Database>> open_beside(StoreSettings const& settings, Access access) {
    if (settings.type == StoreType::postgresql) return open_postgres(access_of(settings));
    if (access == Access::read) return open_for_reading(sqlite_options(settings));
    try {
        auto database = std::make_unique<SqliteDatabase>(settings.path.string(), SQLITE_OPEN_READWRITE);
        sqlite3_busy_timeout(database->handle(), static_cast<int>(settings.busy_timeout.count()));
        return Result<std::unique_ptr<Database>>{std::move(database)};
    } catch (SqliteError const& error) {
        return error.to_error(settings.path.string());
    }
}

}  // namespace kefu
