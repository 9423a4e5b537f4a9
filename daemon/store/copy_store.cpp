// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/copy_store.hpp"

#include "daemon/store/bucket.hpp"
#include "daemon/store/postgres.hpp"
#include "daemon/store/postgres_migrate.hpp"
#include "daemon/store/sqlite_file.hpp"

#include <array>

namespace kefu {

namespace {

/// How a table's rows are read and written. The first column of `select` is the conversation that gives the bucket; NULL: the table has none.
/// `types` of the others: i integer, r real, t text, b bytes.
struct Table {
    char const* name;
    char const* columns;
    char const* types;
    char const* select;
};

constexpr std::array tables{
    Table{"channels", "number, name", "it", "SELECT NULL, number, name FROM channels"},
    Table{"conversations", "number, id, channel, newest, updated, owner, heat, deadline, agent, state", "itiiiiritt",
          "SELECT id, number, id, channel, newest, updated, owner, heat, deadline, agent, state FROM conversations"},
    Table{"journal", "number, previous, conversation, kind, state, received_at, occurred_at, message, why, event, raw", "iiiiiiitttb",
          "SELECT c.id, j.number, j.previous, j.conversation, j.kind, j.state, j.received_at, j.occurred_at, j.message, j.why, j.event, j.raw "
          "FROM journal j JOIN conversations c ON c.number = j.conversation"},
    Table{"seen", "channel, event, journal", "iti",
          "SELECT c.id, s.channel, s.event, s.journal FROM seen s JOIN journal j ON j.number = s.journal JOIN conversations c ON c.number = j.conversation"},
    Table{"timers", "conversation, name, due", "tti", "SELECT conversation, conversation, name, due FROM timers"},
    Table{"outbox",
          "number, id, conversation, channel, kind, state, lane, due, bot, attempts, maybe_sent, created, first_tried, escalation, recipient, detail, payload",
          "ittiiiiiiiiiiittt",
          "SELECT conversation, number, id, conversation, channel, kind, state, lane, due, bot, attempts, maybe_sent, created, first_tried, escalation, "
          "recipient, detail, payload FROM outbox"},
    Table{"escalations", "number, conversation, tier, what, opened_at, closed_at, claimed_by", "itttiit",
          "SELECT conversation, number, conversation, tier, what, opened_at, closed_at, claimed_by FROM escalations"},
    Table{"media", "conversation, message, file", "ttt", "SELECT conversation, conversation, message, file FROM media"},
    Table{"redacted", "conversation, message", "tt", "SELECT conversation, conversation, message FROM redacted"},
    Table{"audit", "number, at, conversation, action, who, detail", "iitttt", "SELECT NULL, number, at, conversation, action, who, detail FROM audit"},
    Table{"pauses", "channel, who, since", "tti", "SELECT NULL, channel, who, since FROM pauses"},
    Table{"bookmarks", "channel, name, value", "itt", "SELECT NULL, channel, name, value FROM bookmarks"},
    Table{"people", "name, role, password, totp, totp_pending, totp_step, recovery, disabled, created_at, seen_at", "titbbitiii",
          "SELECT NULL, name, role, password, totp, totp_pending, totp_step, recovery, disabled, created_at, seen_at FROM people"},
    Table{"invitations", "hash, name, role, expires_at", "ttii", "SELECT NULL, hash, name, role, expires_at FROM invitations"},
    Table{"sessions", "hash, person, started_at, seen_at", "ttii", "SELECT NULL, hash, person, started_at, seen_at FROM sessions"},
    Table{"catalog_versions", "number, at, who, why, hash, files", "iitttt", "SELECT NULL, number, at, who, why, hash, files FROM catalog_versions"},
    Table{"catalog_texts", "hash, text", "tt", "SELECT NULL, hash, text FROM catalog_texts"},
};

constexpr std::uint64_t rows_at_once = 1000;

/// Of another store's fault, with what to do.
class CannotCopy final : public DatabaseError {
  public:
    using DatabaseError::DatabaseError;
    bool local() const override { return false; }
    Error to_error(std::string const& name) const override { return {Errc::environment, name + ": " + what(), std::nullopt}; }
};

Value cell(Rows const& rows, int column, char type) {
    if (rows.null(column)) return nullptr;
    if (type == 'i') return rows.integer(column);
    if (type == 'r') return rows.real(column);
    if (type == 'b') return Blob{rows.text(column)};
    return rows.text(column);
}

std::string insert_into(Table const& table, bool bucketed) {
    std::string places = bucketed ? "?, " : "";
    for (std::size_t i = 0; table.types[i] != '\0'; ++i) places += i == 0 ? "?" : ", ?";
    return std::string{"INSERT INTO "} + table.name + " (" + (bucketed ? "bucket, " : "") + table.columns + ") VALUES (" + places + ")";
}

std::uint64_t copy(Table const& table, Database& from, PostgresDatabase& to, std::function<void(std::string_view, std::uint64_t)> const& progress) {
    std::uint64_t count = 0;
    bool const bucketed = std::string_view{table.select}.substr(7, 4) != "NULL";
    auto const insert = to.prepare(insert_into(table, bucketed));
    Statement select{from, table.select};
    auto rows = select.query();
    std::vector<Value> values;
    while (rows.next()) {
        values.clear();
        if (bucketed) values.emplace_back(bucket_of(rows.text(0)));
        for (int i = 0; table.types[i] != '\0'; ++i) values.push_back(cell(rows, i + 1, table.types[i]));
        if (++count % rows_at_once != 0) {
            insert->post(values);
        } else {
            insert->run(values);  // waits for those before it
            progress(table.name, count);
        }
    }
    progress(table.name, count);
    auto const found = static_cast<std::uint64_t>(to.integer(std::string{"SELECT count(*) FROM "} + table.name));
    if (found != count)
        throw CannotCopy{std::string{table.name} + ": " + std::to_string(count) + " rows were read and " + std::to_string(found) +
                         " are there; nothing was kept"};
    return count;
}

void go_on_counting(Database& from, PostgresDatabase& to) {
    Statement totals{from, "SELECT sequence, journaled, conversations FROM totals"};
    auto rows = totals.query();
    if (!rows.next()) throw CannotCopy{"the SQLite database has no totals"};
    Statement{to, "UPDATE totals SET journaled = ?, conversations = ? WHERE slot = 0"}.run(rows.integer(1), rows.integer(2));
    Statement{to, "SELECT setval('numbers', ?)"}.run(rows.integer(0) + 1);
    for (std::string const table : {"audit", "catalog_versions"})
        to.integer("SELECT setval(pg_get_serial_sequence('" + table + "', 'number'), (SELECT coalesce(max(number), 0) + 1 FROM " + table + "), false)");
}

}  // namespace

Result<CopiedRows> copy_to_postgres(std::string const& from, PostgresAccess const& to, std::function<void(std::string_view, std::uint64_t)> const& progress) {
    auto const lock = FileLock::take(from);  // what came while it is copied would be missing
    if (!lock) return lock.error();
    SqliteOptions options;
    options.path = from;
    auto const source = open_for_reading(options);
    if (!source) return source.error();
    std::string const name = name_of(to);
    PostgresDatabase target{to};
    try {
        if (auto const migrated = migrate(target, name, postgres_migrations()); !migrated) return migrated.error();
        (*source)->begin(Access::read);
        target.begin(Access::write);
        target.execute("SET LOCAL statement_timeout = 0; LOCK TABLE conversations, journal, people");
        if (target.integer("SELECT count(*) FROM nodes") + target.integer("SELECT count(*) FROM (SELECT 1 FROM journal LIMIT 1) j") +
                target.integer("SELECT count(*) FROM channels") + target.integer("SELECT count(*) FROM people") !=
            0)
            throw CannotCopy{"the database is not empty, or a daemon runs on it. Give this store one of its own"};
        CopiedRows copied;
        for (auto const& table : tables) copied.emplace_back(table.name, copy(table, **source, target, progress));
        go_on_counting(**source, target);
        target.commit();
        return copied;
    } catch (DatabaseError const& error) {
        target.roll_back();
        return error.to_error(name);
    }
}

}  // namespace kefu
