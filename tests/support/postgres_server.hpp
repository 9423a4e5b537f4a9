// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/bucket.hpp"
#include "daemon/store/postgres.hpp"
#include "daemon/store/postgres_store.hpp"
#include "tests/support/source_dir.hpp"
#include "tests/support/store_support.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace kefu {

/// Whether there is a PostgreSQL to test with. Looks at files only: it is asked when tests are listed.
inline bool postgres_is_installed() {
    std::error_code none;
    for (auto const& version : std::filesystem::directory_iterator{"/usr/lib/postgresql", none})
        if (std::filesystem::exists(version.path() / "bin" / "initdb", none)) return true;
    return false;
}

/// The server of this test run: what KEFUD_TEST_POSTGRES names (a file that holds a URL), else one that is started now and stopped at the end.
inline std::string const& postgres_url() {
    static struct Server {
        Server() {
            char const* const given = std::getenv("KEFUD_TEST_POSTGRES");
            file = given != nullptr ? given : (std::filesystem::temp_directory_path() / ("kefud-pg-url-" + std::to_string(::getpid()))).string();
            if (given == nullptr) {
                owner = ::getpid();
                if (std::system(("'" + source_dir().string() + "/tests/support/postgres' start '" + file + "'").c_str()) != 0)
                    throw std::runtime_error("no PostgreSQL");
            }
            std::getline(std::ifstream{file} >> std::ws, url);
        }
        ~Server() {
            if (owner == ::getpid()) (void)!std::system(("'" + source_dir().string() + "/tests/support/postgres' stop '" + file + "'").c_str());
        }
        std::string file;
        std::string url;
        pid_t owner = 0;  // a forked child leaves it alone
    } const server;
    return server.url;
}

/// A schema of its own for each folder: an empty database in a millisecond.
inline PostgresAccess postgres_access(std::filesystem::path const& folder) {
    std::string const schema = "k" + std::to_string(stable_hash(folder.string()));
    PostgresAccess access;
    access.url = postgres_url();
    PostgresDatabase{access}.execute("CREATE SCHEMA IF NOT EXISTS " + schema);
    access.url += "&options=-csearch_path%3D" + schema;
    return access;
}

/// `pooled`: as behind a pooler that gives each transaction another connection.
inline StoreBackend postgres_backend(bool pooled = false) {
    return {pooled ? "postgresql_pooled" : "postgresql", [pooled](std::filesystem::path const& folder, Respond respond, NotifyRoute route) {
                PostgresOptions options;
                options.access = postgres_access(folder);
                options.access.prepared = !pooled;
                options.notify = !pooled;
                options.node = "tested";
                return open_postgres_store(std::move(options), std::move(respond), std::move(route));
            }};
}

}  // namespace kefu
