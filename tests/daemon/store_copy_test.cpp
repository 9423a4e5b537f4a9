// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/accounts.hpp"
#include "daemon/store/copy_store.hpp"
#include "tests/support/all_stores.hpp"

#include <gmock/gmock.h>

using testing::HasSubstr;

namespace kefu {

namespace {

class StoreCopy : public testing::Test {
  protected:
    void SetUp() override {
        if (!postgres_is_installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    }
    std::string file() const { return (folder.path() / "kefud.db").string(); }
    std::unique_ptr<Store> open(StoreBackend const& backend) const { return backend.open(folder.path(), simple_shop, nobody).value(); }
    static void say(Store& store, std::string const& customer, std::string const& event) {
        std::vector<Arrival> batch{message_from(customer, "hi " + event, noon, event)};
        EXPECT_TRUE(run(store.apply(std::move(batch))));
    }
    Result<CopiedRows> copy() const {
        return copy_to_postgres(file(), postgres_access(folder.path()), [](std::string_view, std::uint64_t) {});
    }

    TemporaryFolder folder;
};

}  // namespace

TEST_F(StoreCopy, holds_everything_and_goes_on_where_the_other_was) {
    StoreCounts before;
    std::size_t lines = 0;
    {
        auto const store = open(sqlite_backend());
        for (int i = 0; i < 1500; ++i) say(*store, "c" + std::to_string(i % 40), "e" + std::to_string(i));
        AuditEntry entry{0, noon, "root", "person_added", "ann", {}};
        Person person;
        person.name = "ann";
        person.totp = std::string{"\0\xff", 2};
        EXPECT_TRUE(run(store->accounts().add(person, entry)));
        run(store->set_pause({"web", "root", noon})).value();
        before = run(store->counts()).value();
        lines = run(store->view(ConversationId{"line-main/c7"}, 1000)).value()->history.size();
        store->close();
    }
    auto const copied = copy();
    ASSERT_TRUE(copied) << copied.error().message;
    auto const store = open(postgres_backend());
    auto const counts = run(store->counts()).value();
    EXPECT_EQ(counts.journaled, before.journaled);
    EXPECT_EQ(counts.conversations, 40U);
    EXPECT_EQ(counts.outbox_pending, before.outbox_pending);
    auto const view = run(store->view(ConversationId{"line-main/c7"}, 1000)).value().value();
    EXPECT_EQ(view.conversation.received, 38U);
    EXPECT_EQ(view.history.size(), lines);
    std::vector<Arrival> known{message_from("c7", "hi", noon, "e7")};
    EXPECT_TRUE(run(store->apply(std::move(known))).value().at(0).duplicate);
    say(*store, "c7", "new");
    EXPECT_EQ(run(store->view(ConversationId{"line-main/c7"}, 2)).value()->history.at(0).text, "hi new");
    EXPECT_EQ(run(store->accounts().person("ann")).value()->totp, (std::string{"\0\xff", 2}));
    EXPECT_EQ(run(store->pauses()).value().size(), 1U);
    store->close();
}

TEST_F(StoreCopy, is_not_made_into_a_database_that_has_something) {
    open(sqlite_backend())->close();
    {
        auto const store = open(postgres_backend());
        say(*store, "ann", "e1");
        store->close();
    }
    auto const copied = copy();
    ASSERT_FALSE(copied);
    EXPECT_THAT(copied.error().message, HasSubstr("the database is not empty"));
}

TEST_F(StoreCopy, is_not_made_of_what_a_daemon_is_using) {
    auto const store = open(sqlite_backend());
    auto const copied = copy();
    ASSERT_FALSE(copied);
    EXPECT_THAT(copied.error().message, HasSubstr("another kefud is using this database"));
    store->close();
}

}  // namespace kefu
