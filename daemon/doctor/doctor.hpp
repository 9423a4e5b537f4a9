// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"
#include "config/settings.hpp"
#include "daemon/net/net.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Looks whether what the daemon stands on is sound, and says what to do where it is not. `kefud doctor`. Changes nothing.
namespace kefu {

class HttpClient;

struct Finding {
    enum class Kind { fine, warning, wrong };
    Kind kind = Kind::fine;
    std::string about;  ///< store, disk, catalog, clock, files, certificate, daemon, listen, a channel's id
    std::string what;
    std::string todo;  ///< what to do; empty when it is fine
};
using Findings = std::vector<Finding>;

/// What is looked at.
struct Patient {
    Settings settings;
    std::filesystem::path config_file;  ///< empty: none
    Timestamp now{};
};

// Each looks at one thing. They block on the disk; none throws.
Findings examine_store(Patient const& patient);        ///< opens, is whole (SQLite's integrity_check), has our schema; what waits in it
Findings examine_disk(Patient const& patient);         ///< room for the next days, and for a copy before a migration
Findings examine_catalog(Patient const& patient);      ///< loads; is what was published last
Findings examine_clock(Patient const& patient);        ///< the system keeps it right, nothing in the journal is from the future
Findings examine_files(Patient const& patient);        ///< nobody else may read the store, the media, the secrets
Findings examine_certificate(Patient const& patient);  ///< of listen.tls: its last day, its key
Findings examine_daemon(Patient const& patient);       ///< runs? its limit of open files
Findings examine_listening(Patient const& patient);    ///< in the open without TLS, links that lead nowhere

/// Asks the platforms of LINE channels: the token, the webhook they know, this month's paid messages; and compares clocks.
net::awaitable<Findings> examine_line(Patient const& patient, HttpClient& http);

/// All but the last.
Findings examine(Patient const& patient);

}  // namespace kefu
