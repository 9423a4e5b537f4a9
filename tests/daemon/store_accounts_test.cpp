// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/accounts.hpp"
#include "tests/support/all_stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// People, links and sessions, for every store.
namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class StoreAccountsTest : public testing::TestWithParam<StoreBackend> {
  protected:
    Accounts& accounts() { return shop_.store->accounts(); }
    static AuditEntry entry(std::string action) { return {0, noon, "test", std::move(action), "", ""}; }
    static Person person(std::string name, Role role, std::string password = "hash") {
        Person made;
        made.name = std::move(name);
        made.role = role;
        made.password = std::move(password);
        made.created_at = noon;
        return made;
    }
    void add(Person const& made) { ASSERT_TRUE(run(accounts().add(made, entry("added")))); }
    Result<Person> change(std::string name, PersonEdit edit) { return run(accounts().change(std::move(name), std::move(edit), entry("changed"))); }
    static PersonEdit role(Role to) {
        return [to](Person& one) -> Result<void> {
            one.role = to;
            return {};
        };
    }

    StoreHarness shop_{GetParam()};
};

TEST_P(StoreAccountsTest, keeps_a_person_whole) {
    auto mei = person("mei", Role::operator_);
    mei.totp = std::string("\0\1secret", 8);
    mei.totp_step = 7;
    mei.recovery = {"one", "two"};
    add(mei);
    EXPECT_EQ(run(accounts().person("mei")).value(), mei);
    EXPECT_EQ(run(accounts().person("nobody")).value(), std::nullopt);
    EXPECT_EQ(run(accounts().add(mei, entry("again"))).error().code, Errc::conflict);
    EXPECT_EQ(change("nobody", role(Role::admin)).error().code, Errc::not_found);
}

TEST_P(StoreAccountsTest, is_never_left_without_an_admin_who_can_sign_in) {
    add(person("ada", Role::admin));
    add(person("bob", Role::admin, ""));  // has no password yet
    EXPECT_EQ(change("ada", role(Role::owner)).error().code, Errc::conflict);
    EXPECT_EQ(change("ada", forget_secrets).error().code, Errc::conflict);
    EXPECT_TRUE(change("ada", forget_second_factor));
    add(person("eve", Role::admin));
    EXPECT_EQ(change("ada", role(Role::owner)).value().role, Role::owner);
    EXPECT_EQ(change("eve", role(Role::owner)).error().code, Errc::conflict);
}

TEST_P(StoreAccountsTest, changes_nothing_when_the_edit_objects) {
    add(person("ada", Role::admin));
    auto const refused = change("ada", [](Person& one) -> Result<void> {
        one.password = "other";
        return Error{Errc::unauthorized, "no"};
    });
    EXPECT_EQ(refused.error().code, Errc::unauthorized);
    EXPECT_EQ(run(accounts().person("ada")).value()->password, "hash");
}

TEST_P(StoreAccountsTest, lets_a_link_be_used_once_and_in_time) {
    run(accounts().invite({"h1", "", Role::admin, noon + 1h}, entry("link"))).value();
    EXPECT_EQ(run(accounts().invitation("h1", noon)).value()->role, Role::admin);
    EXPECT_FALSE(run(accounts().invitation("h1", noon + 1h)).value());
    EXPECT_EQ(run(accounts().accept("h1", "ada", "hash", noon + 2h)).error().code, Errc::not_found);
    EXPECT_EQ(run(accounts().accept("h1", "ada", "hash", noon)).value().role, Role::admin);
    EXPECT_EQ(run(accounts().accept("h1", "eve", "hash", noon)).error().code, Errc::not_found);
    // A link for nobody in particular takes nobody's place.
    run(accounts().invite({"h2", "", Role::admin, noon + 1h}, entry("link"))).value();
    EXPECT_EQ(run(accounts().accept("h2", "ada", "other", noon)).error().code, Errc::conflict);
    // A newer link for somebody replaces the older one.
    run(accounts().invite({"h3", "ada", Role::agent, noon + 1h}, entry("link"))).value();
    run(accounts().invite({"h4", "ada", Role::agent, noon + 1h}, entry("link"))).value();
    EXPECT_FALSE(run(accounts().invitation("h3", noon)).value());
    EXPECT_EQ(run(accounts().accept("h4", "", "other", noon)).value().role, Role::admin) << "the person's own role counts";
}

TEST_P(StoreAccountsTest, ends_sessions_one_by_one_and_all_but_one) {
    add(person("ada", Role::admin));
    for (auto const* hash : {"s1", "s2", "s3"}) run(accounts().start({hash, "ada", noon, noon}, entry("signed_in"))).value();
    run(accounts().seen("s1", noon + 5min)).value();
    EXPECT_EQ(run(accounts().signed_in("s1")).value()->session.seen_at, noon + 5min);
    EXPECT_EQ(run(accounts().person("ada")).value()->seen_at, noon + 5min);
    run(accounts().end("s1", entry("signed_out"))).value();
    EXPECT_FALSE(run(accounts().signed_in("s1")).value());
    run(accounts().end_all("ada", "s3")).value();
    EXPECT_FALSE(run(accounts().signed_in("s2")).value());
    EXPECT_EQ(run(accounts().signed_in("s3")).value()->person.name, "ada");
}

TEST_P(StoreAccountsTest, shows_the_audit_newest_first_page_by_page) {
    for (auto const* action : {"a", "b", "c"}) run(accounts().record(entry(action))).value();
    auto const first = run(accounts().audit({0, 2, "", "", ""})).value();
    EXPECT_EQ(first[0].action, "c");
    auto const next = run(accounts().audit({first[1].number, 2, "", "", ""})).value();
    EXPECT_THAT(next.size(), 1u);
    EXPECT_EQ(next[0].action, "a");
    EXPECT_EQ(run(accounts().audit({0, 9, "", "b", ""})).value().size(), 1u);
    EXPECT_EQ(run(accounts().audit({0, 9, "nobody", "", ""})).value().size(), 0u);
}

TEST_P(StoreAccountsTest, keeps_versions_of_the_catalog_and_each_text_once) {
    CatalogVersion first{0, noon, "file", "as it was", "hash-1", {{"policy.yaml", "p"}, {"guard.yaml", "g"}}};
    CatalogVersion second{0, noon, "olga", "a comma", "hash-2", {{"policy.yaml", "q"}, {"guard.yaml", "g"}}};
    EXPECT_EQ(run(shop_.store->keep(first, {{"p", "policy"}, {"g", "guard"}})).value(), 1u);
    EXPECT_EQ(run(shop_.store->keep(second, {{"q", "policy,"}, {"g", "guard"}})).value(), 2u);
    auto const versions = run(shop_.store->versions(10)).value();
    ASSERT_EQ(versions.size(), 2u);
    EXPECT_EQ(versions[0].why, "a comma");
    EXPECT_EQ(versions[1].files, first.files);
    std::vector<std::string> const hashes{"p", "g", "unknown"};
    std::map<std::string, std::string> const texts{{"p", "policy"}, {"g", "guard"}};
    EXPECT_EQ(run(shop_.store->texts(hashes)).value(), texts);
}

INSTANTIATE_TEST_SUITE_P(Every, StoreAccountsTest, testing::ValuesIn(all_store_backends()), [](auto const& test) { return std::string{test.param.name}; });

}  // namespace
}  // namespace kefu
