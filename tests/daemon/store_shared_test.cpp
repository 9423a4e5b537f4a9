// SPDX-License-Identifier: Apache-2.0
#include "tests/support/all_stores.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <thread>

using testing::ElementsAre;
using testing::IsEmpty;

namespace kefu {

namespace {

/// Two daemons' stores on one database.
class SharedStore : public testing::Test {
  protected:
    void SetUp() override {
        if (!postgres_is_installed()) GTEST_SKIP() << "PostgreSQL is not installed";
        access_ = postgres_access(folder_.path());
        access_.url += "&application_name=" + folder_.path().filename().string();
        here = open("here");
        there = open("there");
    }
    void TearDown() override {
        for (auto* const store : {&here, &there})
            if (*store) (*store)->close();
    }

    std::unique_ptr<Store> open(std::string const& node, std::chrono::milliseconds longest_send = std::chrono::milliseconds{100}) {
        PostgresOptions options;
        options.access = access_;
        options.node = node;
        options.lease = std::chrono::seconds{3};  // looked after every half second
        options.longest_send = longest_send;
        auto respond = [this](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
            std::lock_guard const lock{mutex_};
            return shop(channel, std::move(conversation), event, now);
        };
        return open_postgres_store(std::move(options), std::move(respond), nobody).value();
    }
    PostgresDatabase database() const { return PostgresDatabase{access_}; }

    /// As another does when a node has been silent for longer than its lease.
    void end_lease(std::string const& node) {
        auto direct = database();
        Statement{direct, "DELETE FROM nodes WHERE name = ?"}.run(node);
    }
    /// Until the others have noticed: they look several times within a lease.
    static void until(std::function<bool()> const& happened) {
        auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (!happened() && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
        EXPECT_TRUE(happened());
    }

    static Applied apply(Store& store, Arrival arrival) {
        std::vector<Arrival> batch{std::move(arrival)};
        return run(store.apply(std::move(batch))).value().at(0);
    }
    static std::vector<OutboxItem> claim(Store& store) { return run(store.claim(noon, 100)).value(); }
    static Result<void> finish(Store& store, OutboxItem const& item, OutboxResult result = {}) {
        result.lease = item.lease;
        return run(store.finish(item.id, std::move(result), noon));
    }
    ConversationView view(std::string const& customer) { return run(here->view(ConversationId{"line-main/" + customer}, 1000)).value().value(); }

    std::function<Decision(ChannelId const&, Conversation, Event const&, Timestamp)> shop = simple_shop;
    std::unique_ptr<Store> here;
    std::unique_ptr<Store> there;

  private:
    TemporaryFolder folder_;
    PostgresAccess access_;
    std::mutex mutex_;
};

/// Answers that do not mind newer messages.
Decision patient_shop(ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
    auto decision = simple_shop(channel, std::move(conversation), event, now);
    for (auto& effect : decision.effects)
        if (auto* const send = std::get_if<Send>(&effect)) send->purpose = SendPurpose::holding;
    return decision;
}

}  // namespace

TEST_F(SharedStore, takes_an_event_that_comes_to_both_at_once_for_one) {
    constexpr int events = 60;
    std::atomic<int> duplicates{0};
    auto const deliver = [&](Store& store) {
        for (int i = 0; i < events; ++i)
            duplicates += apply(store, message_from("c" + std::to_string(i % 3), "hi", noon, "e" + std::to_string(i))).duplicate ? 1 : 0;
    };
    std::thread other{[&] { deliver(*there); }};
    deliver(*here);
    other.join();
    EXPECT_EQ(duplicates, events);
    EXPECT_EQ(run(here->counts()).value().journaled, static_cast<std::uint64_t>(events));
    EXPECT_EQ(run(here->counts()).value().conversations, 3U);
}

TEST_F(SharedStore, goes_on_from_what_the_other_made_of_a_conversation) {
    shop = patient_shop;
    for (int i = 0; i < 10; ++i) apply(i % 2 == 0 ? *here : *there, message_from("ann", std::to_string(i)));
    auto const seen = view("ann");
    EXPECT_EQ(seen.conversation.received, 10U);
    ASSERT_EQ(seen.history.size(), 20U);
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(seen.history[2 * i].text, std::to_string(i));
        EXPECT_EQ(seen.history[2 * i + 1].text, "re: " + std::to_string(i));
    }
}

TEST_F(SharedStore, keeps_every_message_when_both_are_busy_with_the_same_conversations) {
    shop = patient_shop;
    constexpr int callers = 8;
    constexpr int each = 25;
    auto const feed = [&](Store& store, std::string const& name) {
        std::vector<net::awaitable<Result<std::vector<Applied>>>> calls;
        for (int i = 0; i < callers * each; ++i) {
            // Each call touches two conversations, in one order here and in the other there.
            auto first = message_from("c" + std::to_string(i % 5), name, noon, name + std::to_string(i) + "a");
            auto second = message_from("c" + std::to_string((i + 2) % 5), name, noon, name + std::to_string(i) + "b");
            std::vector<Arrival> batch;
            batch.push_back(name == "here" ? first : second);
            batch.push_back(name == "here" ? second : first);
            calls.push_back(store.apply(std::move(batch)));
        }
        for (auto const& result : run_together(std::move(calls))) EXPECT_TRUE(result);
    };
    std::thread other{[&] { feed(*there, "there"); }};
    feed(*here, "here");
    other.join();
    std::uint64_t received = 0;
    for (int i = 0; i < 5; ++i) {
        auto const seen = view("c" + std::to_string(i));
        received += seen.conversation.received;
        EXPECT_EQ(seen.conversation.effects, seen.conversation.received);
    }
    EXPECT_EQ(received, 2U * 2U * callers * each);
    EXPECT_EQ(run(there->counts()).value().outbox_pending, 2U * 2U * callers * each);
}

TEST_F(SharedStore, sends_each_once_and_in_order_whoever_claims) {
    shop = patient_shop;
    for (int i = 0; i < 20; ++i)
        for (auto const* const customer : {"ann", "bob", "cyd"}) apply(i % 2 == 0 ? *here : *there, message_from(customer, std::to_string(i)));
    std::mutex mutex;
    std::map<std::string, std::vector<std::string>> sent;
    std::atomic<int> left{60};
    auto const work = [&](Store& store) {
        while (left > 0) {
            for (auto const& item : claim(store)) {
                {
                    std::lock_guard const lock{mutex};
                    sent[item.to].push_back(std::get<Send>(item.effect).messages.at(0).text);
                }
                EXPECT_TRUE(finish(store, item));
                --left;
            }
        }
    };
    std::thread other{[&] { work(*there); }};
    work(*here);
    other.join();
    for (auto const& [customer, texts] : sent) {
        ASSERT_EQ(texts.size(), 20U) << customer;
        for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i], "re: " + std::to_string(i)) << customer;
    }
}

TEST_F(SharedStore, fires_a_timer_once_whoever_looks) {
    std::atomic<int> fired{0};
    shop = [&](ChannelId const&, Conversation conversation, Event const& event, Timestamp now) {
        Decision decision;
        if (std::holds_alternative<TimerFired>(event)) ++conversation.received;
        if (std::holds_alternative<Noted>(event)) decision.effects.emplace_back(SetTimer{"quiet", now});
        decision.conversation = std::move(conversation);
        return decision;
    };
    for (int i = 0; i < 40; ++i) apply(*here, arrival_of("c" + std::to_string(i), Noted{"set"}));
    auto const look = [&](Store& store) {
        for (int empty = 0; empty < 3;) {
            auto const count = run(store.fire_timers(noon, 7)).value();
            fired += static_cast<int>(count);
            empty = count == 0 ? empty + 1 : 0;
        }
    };
    std::thread other{[&] { look(*there); }};
    look(*here);
    other.join();
    EXPECT_EQ(fired, 40);
    for (int i = 0; i < 40; ++i) EXPECT_EQ(view("c" + std::to_string(i)).conversation.received, 1U);
}

TEST_F(SharedStore, leaves_alone_what_the_other_is_sending) {
    apply(*here, message_from("ann", "hi"));
    ASSERT_EQ(claim(*there).size(), 1U);
    EXPECT_THAT(claim(*here), IsEmpty());
    EXPECT_EQ(run(here->counts()).value().outbox_in_flight, 1U);
}

TEST_F(SharedStore, takes_over_what_a_dead_daemon_was_sending_as_maybe_sent_and_refuses_its_late_result) {
    apply(*here, message_from("ann", "hi"));
    auto const late = claim(*there).at(0);
    end_lease("there");
    std::vector<OutboxItem> taken;
    until([&] {
        if (taken.empty()) taken = claim(*here);
        return !taken.empty();
    });
    EXPECT_TRUE(taken.at(0).maybe_sent);
    EXPECT_EQ(taken.at(0).attempts, 1);
    EXPECT_NE(taken.at(0).lease, late.lease);
    auto const refused = finish(*there, late);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::not_found);
    EXPECT_TRUE(finish(*here, taken.at(0)));
    EXPECT_EQ(view("ann").history.back().state, "delivered");
}

/// It comes back to life with another lease, under which its old results count as little.
TEST_F(SharedStore, gives_a_daemon_that_was_thought_dead_a_new_lease) {
    apply(*here, message_from("ann", "hi"));
    auto const late = claim(*here).at(0);
    end_lease("here");
    std::vector<OutboxItem> again;
    until([&] {
        if (again.empty()) again = claim(*here);
        return !again.empty();
    });
    EXPECT_NE(again.at(0).lease, late.lease);
    EXPECT_EQ(finish(*here, late).error().code, Errc::not_found);
    EXPECT_TRUE(finish(*here, again.at(0)));
}

TEST_F(SharedStore, begins_no_send_that_could_outlive_its_lease) {
    apply(*here, message_from("ann", "hi"));
    auto const slow = open("slow", std::chrono::seconds{4});
    EXPECT_FALSE(slow->may_send());
    EXPECT_THAT(claim(*slow), IsEmpty());
    EXPECT_TRUE(here->may_send());
    EXPECT_EQ(claim(*here).size(), 1U);
    slow->close();
}

TEST_F(SharedStore, starts_again_with_what_it_was_sending_itself) {
    apply(*here, message_from("ann", "hi"));
    ASSERT_EQ(claim(*here).size(), 1U);
    auto const successor = open("here");  // it was killed; nobody gave the lease back
    auto const items = claim(*successor);
    ASSERT_EQ(items.size(), 1U);
    EXPECT_TRUE(items[0].maybe_sent);
    EXPECT_TRUE(finish(*successor, items[0]));
    successor->close();
}

TEST_F(SharedStore, tells_of_work_and_changes_that_the_other_made) {
    std::mutex mutex;
    bool woken = false;
    std::vector<Changed> changes;
    there->on_work([&] {
        std::lock_guard const lock{mutex};
        woken = true;
    });
    there->on_change([&](std::vector<Changed> all) {
        std::lock_guard const lock{mutex};
        changes.insert(changes.end(), all.begin(), all.end());
    });
    int customers = 0;
    until([&] {
        apply(*here, message_from("c" + std::to_string(customers++), "hi"));  // what is said before the other listens is not heard
        std::lock_guard const lock{mutex};
        return woken && !changes.empty();
    });
    std::lock_guard const lock{mutex};
    ASSERT_FALSE(changes.empty());
    EXPECT_EQ(changes[0].channel, ChannelId{"line-main"});
    EXPECT_TRUE(changes[0].is_new);
    there->on_work(nullptr);
    there->on_change(nullptr);
}

TEST_F(SharedStore, counts_what_both_stored) {
    apply(*here, message_from("ann", "1"));
    apply(*there, message_from("bob", "2"));
    EXPECT_EQ(run(here->counts()).value().journaled, 2U);
    EXPECT_EQ(run(there->counts()).value().conversations, 2U);
}

/// A customer's id that PostgreSQL cannot store as text fails alone, not with everybody in its batch.
TEST_F(SharedStore, refuses_an_id_that_is_no_text_and_takes_those_beside_it) {
    std::vector<net::awaitable<Result<std::vector<Applied>>>> calls;
    for (auto const& customer : {std::string{"ann"}, std::string{"b\0b", 3}, std::string{"c\xff"}, std::string{"dan"}}) {
        std::vector<Arrival> batch{message_from(customer, "hi", noon, "e" + std::to_string(calls.size()))};
        calls.push_back(here->apply(std::move(batch)));
    }
    auto const results = run_together(std::move(calls));
    EXPECT_TRUE(results[0]);
    EXPECT_FALSE(results[1]);
    EXPECT_FALSE(results[2]);
    EXPECT_TRUE(results[3]);
    EXPECT_EQ(run(here->counts()).value().journaled, 2U);
}

TEST_F(SharedStore, goes_on_when_its_connections_were_cut) {
    apply(*here, message_from("ann", "1"));
    auto direct = database();
    Statement{direct,
              "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = "
              "current_setting('application_name')"}
        .run();
    until([&] {
        std::vector<Arrival> batch{message_from("ann", "2", noon, "e2")};
        return run(here->apply(std::move(batch))).has_value();
    });
    EXPECT_EQ(view("ann").conversation.received, 2U);
}

}  // namespace kefu
