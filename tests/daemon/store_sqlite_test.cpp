// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/pause.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/sqlite_migrate.hpp"
#include "tests/support/store_backends.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

using testing::HasSubstr;
using testing::Not;

namespace kefu {

namespace {

class SqliteFile : public testing::Test {
  protected:
    std::string file() const { return (folder.path() / "kefud.db").string(); }
    Result<std::unique_ptr<Store>> open(SqliteOptions options = {}) const {
        options.path = file();
        return open_sqlite_store(std::move(options), simple_shop, nobody);
    }
    /// Why it does not open.
    Error refusal() const {
        auto const opened = open();
        return opened ? Error{Errc::environment, "it opened", std::nullopt} : opened.error();
    }
    StoreSettings settings() const {
        StoreSettings all;
        all.path = file();
        return all;
    }
    void write_file(std::string const& bytes) const { std::ofstream{file(), std::ios::binary} << bytes; }

    TemporaryFolder folder;
};

std::string bytes_of(std::filesystem::path const& path) {
    std::ostringstream all;
    all << std::ifstream{path, std::ios::binary}.rdbuf();
    return all.str();
}

Applied apply_one(Store& store, Arrival arrival) {
    std::vector<Arrival> batch;
    batch.push_back(std::move(arrival));
    return run(store.apply(std::move(batch))).value().at(0);
}

}  // namespace

TEST_F(SqliteFile, is_made_for_its_owner_alone) {
    auto store = open().value();
    for (auto const* const suffix : {"", "-wal", "-shm", ".lock"}) {
        struct stat status {};
        ASSERT_EQ(::stat((file() + suffix).c_str(), &status), 0) << suffix;
        EXPECT_EQ(status.st_mode & 0777U, 0600U) << suffix;
    }
}

TEST_F(SqliteFile, keeps_its_promises_about_the_disk) {
    open().value()->close();
    SqliteDatabase database{file(), SQLITE_OPEN_READWRITE};
    EXPECT_EQ(database.text("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(database.integer("PRAGMA user_version"), store_migrations().back().version);
    EXPECT_EQ(database.text("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteFile, of_a_newer_kefud_is_refused_with_what_to_do) {
    open().value()->close();
    int const known = store_migrations().back().version;
    SqliteDatabase{file(), SQLITE_OPEN_READWRITE}.execute("PRAGMA user_version = " + std::to_string(known + 6));
    EXPECT_EQ(refusal().code, Errc::environment);
    EXPECT_EQ(refusal().message, file() + ": the database has version " + std::to_string(known + 6) + ", this kefud knows versions up to " +
                                     std::to_string(known) +
                                     ": a newer kefud wrote it. Install that kefud again, or put back the copy made before the upgrade (" + file() +
                                     ".before-v" + std::to_string(known + 1) + " or later) and delete " + file() + "-wal and " + file() + "-shm");
}

TEST_F(SqliteFile, of_another_program_is_refused) {
    SqliteDatabase{file(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE}.execute("CREATE TABLE bookmarks (url TEXT)");
    EXPECT_EQ(refusal().message, file() + ": this is another program's database. Give kefud a file of its own");
}

TEST_F(SqliteFile, that_is_no_database_is_refused_and_left_alone) {
    std::string const letter(5000, 'a');
    write_file(letter);
    EXPECT_EQ(refusal().code, Errc::environment);
    EXPECT_EQ(refusal().message, file() + ": this is not a kefud database. Move the file away, or put back a backup");
    EXPECT_EQ(bytes_of(file()), letter);
}

TEST_F(SqliteFile, that_is_damaged_is_an_environment_error) {
    {
        auto store = open().value();
        for (int i = 0; i < 200; ++i) apply_one(*store, message_from("c" + std::to_string(i), "hello"));
        store->close();
    }
    std::string bytes = bytes_of(file());
    for (std::size_t page = 4096; page < bytes.size(); page += 4096) bytes.replace(page, 64, std::string(64, '\x7f'));
    write_file(bytes);
    auto opened = open();
    Error why;
    if (!opened) {
        why = opened.error();
    } else {
        std::vector<Arrival> batch{message_from("c7", "again")};
        auto const applied = run(opened.value()->apply(std::move(batch)));
        ASSERT_FALSE(applied);
        why = applied.error();
    }
    EXPECT_EQ(why.code, Errc::environment);
    EXPECT_THAT(why.message, HasSubstr("the database is damaged"));
    EXPECT_THAT(why.message, HasSubstr("put back a backup"));
}

TEST_F(SqliteFile, in_a_folder_that_is_not_there_is_an_environment_error) {
    SqliteOptions options;
    options.path = (folder.path() / "nowhere" / "kefud.db").string();
    auto const opened = open_sqlite_store(options, simple_shop, nobody);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::environment);
    EXPECT_THAT(opened.error().message, HasSubstr("No such file or directory"));
}

TEST_F(SqliteFile, is_used_by_one_daemon_at_a_time) {
    auto store = open().value();
    EXPECT_EQ(refusal().message, file() + ": another kefud is using this database. Stop it first");
    store->close();
    EXPECT_TRUE(open());
}

TEST_F(SqliteFile, is_copied_before_it_is_migrated) {
    {
        auto store = open().value();
        apply_one(*store, message_from("ann", "hello"));
        store->close();
    }
    int const known = store_migrations().back().version;
    std::vector<Migration> migrations(store_migrations().begin(), store_migrations().end());
    migrations.push_back({known + 1, "ALTER TABLE channels ADD COLUMN colour TEXT"});
    SqliteDatabase database{file(), SQLITE_OPEN_READWRITE};
    ASSERT_TRUE(migrate(database, file(), migrations));
    EXPECT_EQ(database.integer("PRAGMA user_version"), known + 1);
    EXPECT_EQ(database.integer("SELECT count(*) FROM pragma_table_info('channels') WHERE name = 'colour'"), 1);

    std::string const copy = file() + ".before-v" + std::to_string(known + 1);
    struct stat status {};
    ASSERT_EQ(::stat(copy.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    SqliteDatabase before{copy, SQLITE_OPEN_READONLY};
    EXPECT_EQ(before.integer("PRAGMA user_version"), known);
    EXPECT_EQ(before.integer("SELECT count(*) FROM journal"), 2);

    // The way back, as the refusal tells it. A log left behind would be read into the copy.
    std::filesystem::rename(copy, file());
    std::filesystem::remove(file() + "-wal");
    std::filesystem::remove(file() + "-shm");
    EXPECT_TRUE(open());
}

TEST_F(SqliteFile, stays_as_it_was_when_a_migration_fails) {
    open().value()->close();
    int const known = store_migrations().back().version;
    std::vector<Migration> migrations(store_migrations().begin(), store_migrations().end());
    migrations.push_back({known + 1, "CREATE TABLE half (a); CREATE TABLE half (a)"});
    SqliteDatabase database{file(), SQLITE_OPEN_READWRITE};
    auto const migrated = migrate(database, file(), migrations);
    ASSERT_FALSE(migrated);
    EXPECT_THAT(migrated.error().message, HasSubstr("upgrading the database failed, it is as it was"));
    EXPECT_EQ(database.integer("PRAGMA user_version"), known);
    EXPECT_EQ(database.integer("SELECT count(*) FROM sqlite_master WHERE name = 'half'"), 0);
}

/// max_page_count makes SQLite say SQLITE_FULL, as a full disk does.
TEST_F(SqliteFile, on_a_full_disk_stores_nothing_says_so_and_goes_on_when_there_is_room) {
    SqliteOptions small;
    small.max_pages = 80;
    auto store = open(small).value();
    std::vector<std::string> stored;
    std::optional<Error> full;
    for (int i = 0; i < 2000 && !full; ++i) {
        std::string const id = "e" + std::to_string(i);
        std::vector<Arrival> batch{message_from("c" + std::to_string(i), std::string(500, 'x'), noon, id)};
        auto const applied = run(store->apply(std::move(batch)));
        if (applied)
            stored.push_back(id);
        else
            full = applied.error();
    }
    ASSERT_TRUE(full);
    EXPECT_EQ(full->code, Errc::unavailable);
    EXPECT_EQ(full->message, file() + ": the disk is full (or the database's size limit is reached); nothing was stored. Free some space");
    EXPECT_EQ(run(store->counts()).value().journaled, stored.size());
    EXPECT_EQ(run(store->counts()).value().conversations, stored.size());

    // Callers that waited together fail together, and the conversations they touched are read anew.
    std::vector<net::awaitable<Result<std::vector<Applied>>>> calls;
    for (int i = 0; i < 20; ++i) {
        std::vector<Arrival> batch{message_from("c0", std::string(5000, 'x'))};
        calls.push_back(store->apply(std::move(batch)));
    }
    std::uint64_t more = 0;
    for (auto const& result : run_together(std::move(calls))) more += result ? 1 : 0;
    EXPECT_LT(more, 20U);
    EXPECT_EQ(run(store->view(ConversationId{"line-main/c0"}, 1)).value()->conversation.received, 1 + more);
    store->close();

    store = open().value();
    EXPECT_EQ(run(store->counts()).value().journaled, stored.size() + more);
    for (auto const& id : stored) EXPECT_TRUE(apply_one(*store, message_from("c0", "again", noon, id)).duplicate);
    EXPECT_FALSE(apply_one(*store, message_from("c" + std::to_string(stored.size()), "x", noon, "e" + std::to_string(stored.size()))).duplicate);
}

TEST_F(SqliteFile, takes_a_pause_from_another_process_before_the_next_send) {
    auto store = open().value();
    apply_one(*store, message_from("ann", "hello"));
    ASSERT_TRUE(write_pause(settings(), {"*", "root", noon}));
    EXPECT_TRUE(run(store->claim(noon, 10)).value().empty());
    EXPECT_EQ(run(store->pauses()).value().at(0).by, "root");
    ASSERT_TRUE(remove_pause(settings(), "*"));
    EXPECT_EQ(run(store->claim(noon, 10)).value().size(), 1U);
}

TEST_F(SqliteFile, is_not_made_by_a_pause) {
    EXPECT_FALSE(write_pause(settings(), {"*", "root", noon}));
    EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(SqliteFile, says_so_when_another_program_holds_the_database) {
    SqliteOptions impatient;
    impatient.busy_timeout = std::chrono::milliseconds{20};
    auto store = open(impatient).value();
    SqliteDatabase other{file(), SQLITE_OPEN_READWRITE};
    other.execute("BEGIN IMMEDIATE");
    std::vector<Arrival> batch{message_from("ann", "hello")};
    auto const refused = run(store->apply(std::move(batch)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("another program holds the database"));
    other.execute("ROLLBACK");
    EXPECT_FALSE(apply_one(*store, message_from("ann", "hello")).duplicate);
}

/// Not even the file's free space has the words any more.
TEST_F(SqliteFile, has_no_trace_of_what_was_taken_back) {
    auto respond = [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        auto decision = simple_shop(channel, std::move(conversation), event, now);
        decision.effects.clear();
        if (auto const* const unsent = std::get_if<MessageUnsent>(&event)) decision.effects.emplace_back(RedactMessage{unsent->message});
        return decision;
    };
    SqliteOptions options;
    options.path = file();
    auto store = open_sqlite_store(options, respond, nobody).value();
    auto secret = message_from("ann", "my secret is xyzzy", noon, "e1");
    secret.raw = "raw xyzzy";
    apply_one(*store, secret);
    apply_one(*store, message_from("ann", "never mind"));
    apply_one(*store, arrival_of("ann", MessageUnsent{MessageId{"m-e1"}}));
    store->close();
    EXPECT_THAT(bytes_of(file()), Not(HasSubstr("xyzzy")));
    EXPECT_THAT(bytes_of(file()), HasSubstr("never mind"));
}

TEST_F(SqliteFile, refuses_calls_beyond_the_queue) {
    SqliteOptions options;
    options.max_queue = 4;
    options.commit_window = std::chrono::milliseconds{50};  // so that all come while the first ones wait
    auto store = open(options).value();
    std::vector<net::awaitable<Result<std::vector<Applied>>>> calls;
    for (int i = 0; i < 10; ++i) {
        std::vector<Arrival> batch{message_from("ann", std::to_string(i))};
        calls.push_back(store->apply(std::move(batch)));
    }
    std::size_t stored = 0;
    for (auto const& result : run_together(std::move(calls))) {
        stored += result ? 1U : 0U;
        if (!result) {
            EXPECT_EQ(result.error().code, Errc::unavailable);
            EXPECT_EQ(result.error().message, "the store is busy: 4 calls are waiting");
        }
    }
    EXPECT_LT(stored, 10U);
    EXPECT_EQ(run(store->counts()).value().journaled, stored);
}

TEST(SqliteInMemory, does_what_a_file_does) {
    SqliteOptions options;
    options.path = ":memory:";
    auto store = open_sqlite_store(options, simple_shop, nobody).value();
    apply_one(*store, message_from("ann", "hello"));
    EXPECT_EQ(run(store->view(ConversationId{"line-main/ann"}, 5)).value()->history.size(), 2U);
    EXPECT_EQ(run(store->counts()).value().journaled, 1U);
    EXPECT_EQ(run(store->list({})).value().size(), 1U);
}

}  // namespace kefu
