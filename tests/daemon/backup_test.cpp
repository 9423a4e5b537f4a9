// SPDX-License-Identifier: Apache-2.0
#include "daemon/backup/backup.hpp"
#include "daemon/backup/sqlite_copy.hpp"

#include "tests/support/evidence_world.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

namespace kefu {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Backup : public testing::Test {
  protected:
    Backup() {
        settings.state = shop.folder();
        settings.store.path = shop.folder() / "kefud.db";
        settings.store.media = shop.folder() / "media";
        write_bytes(shop.folder() / "claim.key", "key");
        write_bytes(shop.folder() / "catalog/replies/cs.yaml", "texts");
        write_bytes(shop.folder() / "media/ab/photo.jpg", "photo");
    }

    BackupMade make(Timestamp at = noon, bool media = true) { return make_backup({settings, into(), media, at, "tester"}).value(); }
    fs::path into() const { return shop.folder() / "backups"; }
    std::vector<std::string> wrong(fs::path const& folder) { return check_backup(folder).value(); }

    StoreHarness shop{sqlite_backend()};
    Settings settings;
};

TEST_F(Backup, holds_what_the_daemon_keeps_and_nobody_else_may_read_it) {
    shop.apply(message_from("mei", "hello"));
    auto const made = make();
    EXPECT_EQ(made.folder.filename(), "kefud-20260921T141320Z");
    for (auto const* file : {"kefud.sqlite3", "claim.key", "catalog/replies/cs.yaml", "media/ab/photo.jpg", "manifest.json"})
        EXPECT_TRUE(fs::exists(made.folder / file)) << file;
    struct stat mode {};
    ASSERT_EQ(::stat((made.folder / "kefud.sqlite3").c_str(), &mode), 0);
    EXPECT_EQ(mode.st_mode & 0777u, 0600u);
    ASSERT_EQ(::stat(made.folder.c_str(), &mode), 0);
    EXPECT_EQ(mode.st_mode & 0777u, 0700u);
    EXPECT_THAT(wrong(made.folder), IsEmpty());
    EXPECT_FALSE(fs::exists(make(noon + std::chrono::seconds{1}, false).folder / "media"));
}

TEST_F(Backup, is_of_one_moment_while_messages_come_in) {
    std::atomic<bool> stop{false};
    std::thread busy{[&] {
        for (int i = 0; !stop; ++i) shop.apply(message_from("mei", std::to_string(i)));
    }};
    for (int i = 0; i < 5; ++i) {
        auto const made = make(noon + std::chrono::seconds{i});
        EXPECT_THAT(wrong(made.folder), IsEmpty());
    }
    stop = true;
    busy.join();
}

TEST_F(Backup, shows_what_was_changed_or_is_missing) {
    shop.apply(message_from("mei", "hello"));
    auto const folder = make().folder;
    write_bytes(folder / "claim.key", "another");
    fs::remove(folder / "catalog/replies/cs.yaml");
    EXPECT_THAT(wrong(folder), ElementsAre("catalog/replies/cs.yaml is missing or cannot be read", "claim.key is not as it was when the backup was made"));
    EXPECT_EQ(restore_backup(folder, settings, noon).error().code, Errc::environment);
    EXPECT_THAT(check_backup(shop.folder()).error().message, HasSubstr("no backup of kefud"));
}

TEST_F(Backup, is_not_put_under_a_running_daemon) {
    auto const folder = make().folder;
    auto const restored = restore_backup(folder, settings, noon);
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, Errc::conflict);
    EXPECT_THAT(restored.error().message, HasSubstr("another kefud is using this database"));
}

TEST_F(Backup, brings_back_what_was_there_and_keeps_what_it_replaces) {
    shop.apply(message_from("mei", "before"));
    auto const folder = make().folder;
    shop.apply(message_from("mei", "after"));
    write_bytes(shop.folder() / "catalog/replies/cs.yaml", "newer texts");
    shop.store->close();
    shop.store.reset();
    auto const kept = restore_backup(folder, settings, noon).value();
    EXPECT_THAT(kept, Contains(fs::path{settings.store.path.string() + ".before-restore-20260921T141320Z"}));
    EXPECT_EQ(read_bytes(shop.folder() / "catalog/replies/cs.yaml"), "texts");
    shop.open();
    auto const history = shop.view("mei").history;
    EXPECT_THAT(history, SizeIs(2)) << "the message and its answer";
    EXPECT_EQ(history.front().text, "before");
}

TEST_F(Backup, keeps_the_log_of_what_it_replaces_under_the_name_that_belongs_to_it) {
    auto const folder = make().folder;
    shop.store->close();
    shop.store.reset();
    auto const path = settings.store.path.string();
    write_bytes(path + "-wal", "what a killed daemon had not copied yet");
    auto const kept = restore_backup(folder, settings, noon).value();
    EXPECT_THAT(kept, Contains(fs::path{path + ".before-restore-20260921T141320Z-wal"}));
}

TEST_F(Backup, lets_the_oldest_go_and_nothing_else) {
    for (int i = 0; i < 4; ++i) make(noon + std::chrono::seconds{i}, false);
    write_bytes(into() / "kefud-notes/readme", "mine");
    auto const dropped = drop_old_backups(into(), 2).value();
    EXPECT_THAT(dropped, ElementsAre(into() / "kefud-20260921T141320Z", into() / "kefud-20260921T141321Z"));
    EXPECT_TRUE(fs::exists(into() / "kefud-20260921T141322Z"));
    EXPECT_TRUE(fs::exists(into() / "kefud-notes/readme"));
}

TEST_F(Backup, leaves_nothing_behind_when_there_is_nothing_to_copy) {
    settings.store.path = shop.folder() / "nothing.db";
    EXPECT_FALSE(make_backup({settings, into(), false, noon, "tester"}));
    EXPECT_TRUE(fs::is_empty(into()));
}

TEST(StoreDamage, is_found) {
    TemporaryFolder folder;
    write_bytes(folder.path() / "x.db", std::string(5000, 'x'));
    EXPECT_THAT(damage_of(folder.path() / "x.db").value(), SizeIs(1));
    EXPECT_FALSE(damage_of(folder.path() / "none.db"));
}

}  // namespace
}  // namespace kefu
