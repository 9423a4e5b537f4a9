// SPDX-License-Identifier: Apache-2.0
#include "daemon/backup/sqlite_copy.hpp"
#include "daemon/console/catalog_draft.hpp"
#include "daemon/console/desk.hpp"
#include "daemon/doctor/doctor.hpp"
#include "daemon/snapshot.hpp"
#include "daemon/store/open_store.hpp"
#include "daemon/store/reader.hpp"
#include "daemon/store/sqlite_migrate.hpp"

#include <optional>

/// What the daemon keeps: the store and the catalog.
namespace kefu {

using namespace std::chrono_literals;

namespace {

using Kind = Finding::Kind;

constexpr auto clock_slack = 1min;
constexpr auto waits_long = 10min;

/// What the store tells through its own reader. Throws DatabaseError.
void examine_contents(Findings& findings, Patient const& patient) {
    auto database = open_beside(patient.settings.store, Access::read);
    if (!database) {
        findings.push_back({Kind::wrong, "store", database.error().message, "check the owner and the rights of the file and its folder"});
        return;
    }
    auto const counts = StoreReader{**database}.counts();
    findings.push_back(
        {Kind::fine, "store", "is whole: " + std::to_string(counts.journaled) + " events of " + std::to_string(counts.conversations) + " conversations", {}});
    if (counts.outbox_dead > 0)
        findings.push_back({Kind::warning, "store", std::to_string(counts.outbox_dead) + " sends or notices were given up and nobody has looked",
                            "repeat or drop them: dead letters in the console"});
    if (counts.oldest_pending && patient.now - *counts.oldest_pending > waits_long)
        findings.push_back({Kind::warning, "store", "work has waited in the outbox since " + to_rfc3339(*counts.oldest_pending),
                            "is sending paused (kefud resume), or a channel down (GET /api/v1/channels)?"});
    Timestamp const newest{std::chrono::milliseconds{(*database)->integer("SELECT coalesce(received_at, 0) FROM journal ORDER BY number DESC LIMIT 1")}};
    if (newest > patient.now + clock_slack)
        findings.push_back({Kind::wrong, "clock", "the newest event was stored at " + to_rfc3339(newest) + ", which is still to come", "set the clock right"});
    if ((*database)->integer("SELECT count(*) FROM pauses") > 0) findings.push_back({Kind::warning, "store", "sending is paused", "kefud resume"});
}

Findings examine_what_is_in_it(Patient const& patient) {
    Findings findings;
    try {
        examine_contents(findings, patient);
    } catch (DatabaseError const& error) {
        findings.push_back({Kind::wrong, "store", error.what(), "use the kefud that the daemon runs"});
    }
    return findings;
}

}  // namespace

Findings examine_store(Patient const& patient) {
    if (patient.settings.store.type != StoreType::sqlite) return examine_what_is_in_it(patient);
    auto const& path = patient.settings.store.path;
    std::error_code unreadable;
    if (!std::filesystem::exists(path, unreadable))
        return {{Kind::warning, "store", path.string() + " does not exist yet", "start the daemon once; or was it started with --state?"}};
    auto const schema = schema_of(path);
    if (!schema) return {{Kind::wrong, "store", schema.error().message, "run it as root, or as the daemon's user"}};
    int const known = store_migrations().back().version;
    if (*schema > known)
        return {{Kind::wrong, "store", "has version " + std::to_string(*schema) + ", this kefud knows versions up to " + std::to_string(known),
                 "install the newer kefud again, or restore a backup that is older"}};
    auto const damage = damage_of(path);
    if (!damage) return {{Kind::wrong, "store", damage.error().message, "look at the disk"}};
    if (!damage->empty())
        return {{Kind::wrong, "store", "is damaged: " + damage->front(),
                 "stop the daemon, keep the file, and restore the last backup (kefud restore); look at the disk with smartctl"}};
    if (*schema < known)
        return {{Kind::fine, "store", "is whole; version " + std::to_string(*schema) + " becomes " + std::to_string(known) + " at the next start", {}}};
    return examine_what_is_in_it(patient);
}

Findings examine_catalog(Patient const& patient) {
    auto const& settings = patient.settings;
    auto const folder = catalog_folder(settings);
    std::error_code unreadable;
    bool const built_in = settings.catalog.path.empty() && !std::filesystem::exists(folder / "policy.yaml", unreadable);
    if (built_in) return {{Kind::fine, "catalog", "is the one built in", {}}};
    auto const texts = read_catalog(folder);
    if (!texts) return {{Kind::wrong, "catalog", texts.error().front().to_string(), "kefud check names each mistake"}};
    auto const snapshot = draft_snapshot(settings, *texts);
    if (!snapshot)
        return {{Kind::wrong, "catalog", std::to_string(snapshot.error().size()) + " mistakes, the first: " + snapshot.error().front().to_string(),
                 "kefud check names each; until then the daemon keeps what it has, and does not start anew"}};
    auto database = open_beside(settings.store, Access::read);
    if (!database) return {{Kind::fine, "catalog", "has no mistake", {}}};
    try {
        auto const newest = VersionTables{**database}.newest(1);
        if (newest.empty() || newest.front().hash == catalog_hash(*texts))
            return {{Kind::fine, "catalog", "has no mistake and is what was published last", {}}};
        return {{Kind::warning, "catalog", folder.string() + " is not what " + newest.front().by + " published at " + to_rfc3339(newest.front().at),
                 "somebody edited the files: publish them in the console, or go back to a version there"}};
    } catch (DatabaseError const&) {
        return {{Kind::fine, "catalog", "has no mistake; the store could not be asked what was published", {}}};
    }
}

}  // namespace kefu
