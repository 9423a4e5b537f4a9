// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/pause.hpp"

#include "daemon/store/sqlite.hpp"

namespace kefu {

namespace {

constexpr char const* busy = "PRAGMA busy_timeout = 5000";

}  // namespace

Result<void> write_pause(std::string const& path, Pause const& pause) {
    try {
        Database database{path, SQLITE_OPEN_READWRITE};
        database.execute(busy);
        Statement{database, "INSERT INTO pauses (channel, who, since) VALUES (?, ?, ?) ON CONFLICT (channel) DO NOTHING"}.run(pause.channel, pause.by,
                                                                                                                              pause.since);
        return {};
    } catch (SqliteError const& error) {
        return error.to_error(path);
    }
}

Result<void> remove_pause(std::string const& path, std::string const& channel) {
    try {
        Database database{path, SQLITE_OPEN_READWRITE};
        database.execute(busy);
        Statement{database, "DELETE FROM pauses WHERE channel = ? OR ? = '*'"}.run(channel, channel);
        return {};
    } catch (SqliteError const& error) {
        return error.to_error(path);
    }
}

}  // namespace kefu
