// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/pause.hpp"

#include "daemon/store/open_store.hpp"

#include <functional>

namespace kefu {

namespace {

Result<void> with_database(StoreSettings const& store, std::function<void(Database&)> const& work) {
    auto const database = open_beside(store, Access::write);
    if (!database) return database.error();
    try {
        work(**database);
        return {};
    } catch (DatabaseError const& error) {
        return error.to_error(name_of(store));
    }
}

}  // namespace

Result<void> write_pause(StoreSettings const& store, Pause const& pause) {
    return with_database(store, [&](Database& database) {
        Statement{database, "INSERT INTO pauses (channel, who, since) VALUES (?, ?, ?) ON CONFLICT (channel) DO NOTHING"}.run(pause.channel, pause.by,
                                                                                                                              pause.since);
    });
}

Result<void> remove_pause(StoreSettings const& store, std::string const& channel) {
    return with_database(store, [&](Database& database) { Statement{database, "DELETE FROM pauses WHERE channel = ? OR ? = '*'"}.run(channel, channel); });
}

}  // namespace kefu
