// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace kefu {

/// How to reach a database.
struct PostgresAccess {
    std::string url;  ///< postgresql://user@host:port/database or "host=... dbname=..."; several hosts: the one that can be written is taken
    std::string password;
    std::string tls;                            ///< libpq's sslmode; empty: what the URL says
    std::string ca_certificate;                 ///< a file; empty: the system's
    bool prepared = true;                       ///< false behind a pooler that gives each transaction another connection: nothing is kept on the server then
    std::chrono::milliseconds timeout{10'000};  ///< for connecting, and for one answer
};

/// Its host, port and database, for people; never the password.
std::string name_of(PostgresAccess const& access);

}  // namespace kefu
