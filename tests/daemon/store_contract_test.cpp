// SPDX-License-Identifier: Apache-2.0
#include "tests/support/all_stores.hpp"

#include <gmock/gmock.h>

#include <atomic>

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace kefu {

/// What every store promises: events, the journal and the state.
class StoreContract : public testing::TestWithParam<StoreBackend> {
  protected:
    StoreHarness shop{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::ValuesIn(all_store_backends()), [](auto const& test) { return std::string{test.param.name}; });

TEST_P(StoreContract, keeps_the_state_the_history_and_the_answer_of_a_message) {
    auto const applied = shop.apply(message_from("ann", "hello", noon, "e1"));
    EXPECT_FALSE(applied.duplicate);
    EXPECT_FALSE(applied.error);
    EXPECT_EQ(applied.sends, 1U);
    shop.restart();

    auto const view = shop.view("ann");
    EXPECT_EQ(view.conversation.received, 1U);
    EXPECT_EQ(view.conversation.sender, "ann");
    EXPECT_EQ(view.conversation.channel, ChannelId{"line-main"});
    ASSERT_EQ(view.history.size(), 2U);
    EXPECT_EQ(view.history[0].who, HistoryLine::Who::customer);
    EXPECT_EQ(view.history[0].text, "hello");
    EXPECT_EQ(view.history[0].at, noon);
    EXPECT_EQ(view.history[1].who, HistoryLine::Who::bot);
    EXPECT_EQ(view.history[1].text, "re: hello");
    EXPECT_EQ(view.history[1].state, "pending");
    EXPECT_EQ(view.history[0].id, "m-e1");
    EXPECT_EQ(view.history[1].id, view.conversation.id.value + "#1");
    ASSERT_EQ(view.history[1].sent.size(), 1U);
    EXPECT_EQ(view.history[1].sent[0].text, "re: hello");
}

TEST_P(StoreContract, recognises_a_redelivered_event_in_the_same_batch_and_after_a_restart) {
    std::vector<Arrival> batch{message_from("ann", "hello", noon, "e1"), message_from("ann", "hello", noon, "e1")};
    auto const applied = run(shop.store->apply(std::move(batch))).value();
    EXPECT_FALSE(applied[0].duplicate);
    EXPECT_TRUE(applied[1].duplicate);
    EXPECT_EQ(applied[1].journal, applied[0].journal);
    shop.restart();
    auto const again = shop.apply(message_from("ann", "hello", noon, "e1"));
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.journal, applied[0].journal);
    EXPECT_EQ(shop.counts().journaled, 1U);
    EXPECT_EQ(shop.counts().outbox_pending, 1U);
}

TEST_P(StoreContract, takes_the_same_event_id_of_two_channels_for_two_events) {
    auto other = message_from("ann", "hello", noon, "e1");
    other.channel = ChannelId{"webhooks"};
    other.conversation = ConversationId{"webhooks/ann"};
    EXPECT_FALSE(shop.apply(message_from("ann", "hello", noon, "e1")).duplicate);
    EXPECT_FALSE(shop.apply(other).duplicate);
    EXPECT_EQ(shop.counts().conversations, 2U);
}

TEST_P(StoreContract, never_takes_events_without_an_id_for_duplicates) {
    EXPECT_FALSE(shop.apply(message_from("ann", "hello")).duplicate);
    EXPECT_FALSE(shop.apply(message_from("ann", "hello")).duplicate);
    EXPECT_EQ(shop.counts().journaled, 2U);
}

TEST_P(StoreContract, applies_a_batch_in_order_to_one_conversation) {
    std::vector<Arrival> batch;
    for (int i = 0; i < 20; ++i) batch.push_back(message_from("ann", std::to_string(i)));
    run(shop.store->apply(std::move(batch))).value();
    auto const view = shop.view("ann", 5);
    EXPECT_EQ(view.conversation.received, 20U);
    ASSERT_EQ(view.history.size(), 5U);
    EXPECT_EQ(view.history[3].text, "19");
    EXPECT_EQ(view.history[4].text, "re: 19");
}

TEST_P(StoreContract, fails_only_the_call_whose_decision_throws) {
    shop.shop = [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        if (std::get<MessageReceived>(event).message.text == "poison") throw std::runtime_error("cannot think");
        return simple_shop(channel, std::move(conversation), event, now);
    };
    std::vector<net::awaitable<Result<std::vector<Applied>>>> calls;
    for (int i = 0; i < 30; ++i) {
        // The poison comes second in its call: what the call did before goes with it.
        std::vector<Arrival> batch{message_from("c" + std::to_string(i % 5), "fine " + std::to_string(i), noon, "f" + std::to_string(i))};
        if (i % 10 == 3) batch.push_back(message_from("c" + std::to_string(i % 5), "poison"));
        calls.push_back(shop.store->apply(std::move(batch)));
    }
    auto const results = run_together(std::move(calls));
    for (int i = 0; i < 30; ++i) {
        auto const& result = results[static_cast<std::size_t>(i)];
        if (i % 10 == 3) {
            ASSERT_FALSE(result) << i;
            EXPECT_EQ(result.error().code, Errc::environment);
            EXPECT_EQ(result.error().message, "nothing was stored, because of a fault in kefud: cannot think");
        } else {
            ASSERT_TRUE(result) << i;
        }
    }
    EXPECT_EQ(shop.counts().journaled, 27U);
    EXPECT_EQ(shop.counts().outbox_pending, 27U);
    EXPECT_EQ(shop.view("c3").conversation.received, 3U);
    EXPECT_EQ(shop.view("c0").conversation.received, 6U);
    // The failed call left no trace: its event id is still new.
    EXPECT_FALSE(shop.apply(message_from("c3", "fine 3", noon, "f3")).duplicate);
}

TEST_P(StoreContract, undoes_a_new_channel_and_conversation_with_the_call_that_made_them) {
    shop.shop = [](ChannelId const&, Conversation, Event const&, Timestamp) -> Decision { throw std::runtime_error("cannot think"); };
    std::vector<Arrival> batch{message_from("ann", "hello")};
    EXPECT_FALSE(run(shop.store->apply(std::move(batch))));
    EXPECT_FALSE(run(shop.store->view(ConversationId{"line-main/ann"}, 5)).value());
    shop.shop = simple_shop;
    shop.apply(message_from("ann", "hello"));
    EXPECT_EQ(shop.view("ann").conversation.received, 1U);
    EXPECT_EQ(shop.counts().conversations, 1U);
    EXPECT_EQ(shop.claim().at(0).channel, ChannelId{"line-main"});
}

TEST_P(StoreContract, refuses_a_decision_about_another_conversation) {
    shop.shop = [](ChannelId const&, Conversation, Event const&, Timestamp) { return Decision{}; };
    std::vector<Arrival> batch{message_from("ann", "hello")};
    auto const result = run(shop.store->apply(std::move(batch)));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::environment);
    EXPECT_EQ(shop.counts().journaled, 0U);
}

TEST_P(StoreContract, knows_no_conversation_that_an_agent_invents) {
    auto const applied = shop.apply(agent_does("nobody", AgentAction::claim, "mei"));
    ASSERT_TRUE(applied.error);
    EXPECT_EQ(applied.error->code, Errc::not_found);
    EXPECT_EQ(shop.counts().conversations, 0U);
}

TEST_P(StoreContract, shows_notes_and_agents_words_in_the_history) {
    shop.apply(message_from("ann", "help"));
    shop.apply(agent_does("ann", AgentAction::claim, "mei"));
    shop.apply(agent_does("ann", AgentAction::note, "mei", "a regular"));
    shop.apply(agent_does("ann", AgentAction::reply, "mei", "hello Ann"));
    auto const view = shop.view("ann");
    ASSERT_EQ(view.history.size(), 4U);
    EXPECT_EQ(view.history[1].state, "cancelled");
    EXPECT_EQ(view.history[2].who, HistoryLine::Who::note);
    EXPECT_EQ(view.history[2].text, "a regular");
    EXPECT_EQ(view.history[2].name, "mei");
    EXPECT_EQ(view.history[3].who, HistoryLine::Who::agent);
    EXPECT_EQ(view.history[3].name, "mei");
    EXPECT_EQ(view.history[3].text, "hello Ann");
}

TEST_P(StoreContract, shows_what_a_person_wrote_on_the_platform_also_when_nobody_wrote_before) {
    EXPECT_FALSE(shop.apply(arrival_of("ann", AgentActed{AgentAction::reply, "seat 01", "hello Ann", false, {}, true})).error);
    auto const view = shop.view("ann");
    EXPECT_EQ(view.conversation.owner, Owner::person);
    ASSERT_EQ(view.history.size(), 1U);
    EXPECT_EQ(view.history[0].who, HistoryLine::Who::agent);
    EXPECT_EQ(view.history[0].name, "seat 01");
    EXPECT_EQ(view.history[0].text, "hello Ann");
}

TEST_P(StoreContract, keeps_a_bookmark_per_channel_and_name) {
    auto const keep = [&](char const* channel, char const* name, char const* value) {
        Bookmark mark{ChannelId{channel}, name, value};
        run(shop.store->keep(std::move(mark))).value();
    };
    auto const value = [&](char const* channel, char const* name) { return run(shop.store->bookmark(ChannelId{channel}, name)).value(); };
    EXPECT_EQ(value("one", "session"), "");
    keep("one", "session", "a");
    keep("two", "session", "b");
    keep("one", "session", "c");
    EXPECT_EQ(value("one", "session"), "c");
    EXPECT_EQ(value("two", "session"), "b");
    EXPECT_EQ(value("one", "other"), "");
}

TEST_P(StoreContract, tells_each_notifier_of_an_escalation_and_of_its_end) {
    shop.route = [](ChannelId const&, std::string_view tier) {
        return tier == "manager" ? std::vector<std::string>{"slack", "mail"} : std::vector<std::string>{};
    };
    shop.shop = [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        auto decision = simple_shop(channel, std::move(conversation), event, now);
        if (auto const* const noted = std::get_if<Noted>(&event)) {
            Escalate escalate;
            escalate.reason = "abuse";
            escalate.tier = "manager";
            escalate.quote = "you fools";
            if (noted->kind == "escalate") decision.effects.emplace_back(escalate);
            if (noted->kind == "tell") decision.effects.emplace_back(TellAgents{"wrote again"});
            if (noted->kind == "close") decision.effects.emplace_back(CloseEscalation{"solved"});
        }
        return decision;
    };
    EXPECT_EQ(shop.apply(arrival_of("ann", Noted{"escalate"})).sends, 2U);
    auto const opened = shop.claim();
    ASSERT_EQ(opened.size(), 2U);
    EXPECT_EQ(opened[0].kind, OutboxItem::Kind::notify);
    EXPECT_EQ(opened[0].to, "slack");
    EXPECT_EQ(opened[1].to, "mail");
    EXPECT_NE(opened[0].id, opened[1].id);
    EXPECT_EQ(std::get<Escalate>(opened[0].effect).quote, "you fools");
    EXPECT_EQ(shop.counts().escalations_open, 1U);
    EXPECT_EQ(shop.view("ann").escalations.at(0).id, opened[0].escalation);
    for (auto const& item : opened) shop.finish(item.id);

    shop.apply(arrival_of("ann", Noted{"tell"}));
    auto const told = shop.claim();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(std::get<TellAgents>(told[0].effect).what, "wrote again");
    EXPECT_EQ(told[0].escalation, opened[0].escalation);

    shop.apply(agent_does("ann", AgentAction::claim, "mei"));
    EXPECT_EQ(shop.view("ann").escalations.at(0).claimed_by, "mei");
    shop.apply(agent_does("ann", AgentAction::hand_back, "mei"));
    EXPECT_EQ(shop.view("ann").escalations.at(0).claimed_by, "");

    shop.apply(arrival_of("ann", Noted{"close"}, noon + std::chrono::hours{1}));
    auto const closed = shop.claim(noon + std::chrono::hours{1});
    ASSERT_EQ(closed.size(), 2U);
    EXPECT_EQ(std::get<CloseEscalation>(closed[0].effect).why, "solved");
    EXPECT_EQ(shop.view("ann").escalations.at(0).closed_at, noon + std::chrono::hours{1});
    EXPECT_EQ(shop.counts().escalations_open, 0U);
}

TEST_P(StoreContract, wipes_a_message_that_was_taken_back_and_deletes_its_files) {
    shop.shop = [](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
        auto decision = simple_shop(channel, std::move(conversation), event, now);
        if (auto const* const received = std::get_if<MessageReceived>(&event)) {
            Escalate escalate;
            escalate.quote = "my number is\n" + received->message.text;
            decision.effects.emplace_back(escalate);
            for (auto const& attachment : received->message.attachments) decision.effects.emplace_back(FetchMedia{received->message.id, attachment});
        }
        if (auto const* const unsent = std::get_if<MessageUnsent>(&event)) decision.effects.emplace_back(RedactMessage{unsent->message});
        return decision;
    };
    auto secret = message_from("ann", "0912-345-678", noon, "e1");
    secret.raw = R"({"text":"0912-345-678"})";
    auto& message = std::get<MessageReceived>(secret.event).message;
    message.attachments.push_back({ContentKind::image, "p1", "https://example.org/face.jpg", "face.jpg"});
    message.attachments.push_back({ContentKind::image, "p2", "", ""});
    shop.apply(secret);
    shop.apply(message_from("ann", "something else", noon, "e2"));
    shop.apply(arrival_of("ann", MediaStored{message.id, "ab/1.jpg", "image/jpeg", ""}));
    EXPECT_THAT(shop.view("ann").history.at(0).media, ElementsAre("ab/1.jpg"));

    shop.apply(arrival_of("ann", MessageUnsent{message.id}));
    auto const view = shop.view("ann");
    EXPECT_EQ(view.history[0].text, "");
    EXPECT_EQ(view.history[0].state, "unsent");
    EXPECT_THAT(view.history[0].media, IsEmpty());
    EXPECT_THAT(view.history[0].attachments, ElementsAre(ContentKind::image, ContentKind::image));
    EXPECT_EQ(view.history[2].text, "something else");
    EXPECT_EQ(view.escalations.at(1).what.quote, "my number is\n");
    EXPECT_EQ(view.escalations.at(0).what.quote, "my number is\nsomething else");

    // A photo whose fetch was under way arrives after all: it is deleted too.
    shop.apply(arrival_of("ann", MediaStored{message.id, "ab/2.jpg", "image/jpeg", ""}));
    EXPECT_THAT(shop.view("ann").history.at(0).media, IsEmpty());
    std::vector<std::string> deleted;
    for (auto const& item : shop.claim()) {
        EXPECT_NE(item.kind, OutboxItem::Kind::fetch_media);
        if (item.kind == OutboxItem::Kind::delete_media) deleted.push_back(item.to);
    }
    EXPECT_THAT(deleted, UnorderedElementsAre("ab/1.jpg", "ab/2.jpg"));
}

TEST_P(StoreContract, lists_the_angriest_first_then_the_nearest_deadline) {
    struct Row {
        char const* customer;
        double heat;
        int minutes;
        Owner owner;
    };
    std::vector<Row> const rows{{"calm", 0, 0, Owner::bot},
                                {"soon", 0.5, 10, Owner::waiting},
                                {"late", 0.5, 90, Owner::waiting},
                                {"never", 0.5, 0, Owner::person},
                                {"hot", 0.9, 0, Owner::person}};
    for (auto const& row : rows) {
        shop.shop = [row](ChannelId const&, Conversation conversation, Event const&, Timestamp) {
            Decision decision;
            conversation.heat = row.heat;
            conversation.owner = row.owner;
            if (row.owner == Owner::person) conversation.agent = row.customer;
            if (row.minutes > 0) conversation.answer_by = noon + std::chrono::minutes{row.minutes};
            decision.conversation = std::move(conversation);
            return decision;
        };
        shop.apply(arrival_of(row.customer, Noted{"prepare"}));
    }
    auto const list = [&](ConversationFilter filter) {
        std::vector<std::string> customers;
        for (auto const& view : run(shop.store->list(std::move(filter))).value()) customers.push_back(view.conversation.sender);
        return customers;
    };
    EXPECT_THAT(list({}), ElementsAre("hot", "soon", "late", "never", "calm"));
    EXPECT_THAT(list({Owner::waiting, "", "", 100}), ElementsAre("soon", "late"));
    EXPECT_THAT(list({std::nullopt, "", "never", 100}), ElementsAre("never"));
    EXPECT_THAT(list({std::nullopt, "line-main", "", 2}), ElementsAre("hot", "soon"));
    EXPECT_THAT(list({std::nullopt, "elsewhere", "", 2}), IsEmpty());
}

TEST_P(StoreContract, wakes_the_dispatcher_when_there_is_work_and_only_then) {
    std::atomic<int> woken{0};
    shop.store->on_work([&] { ++woken; });
    shop.apply(message_from("ann", "hello", noon, "e1"));
    run(shop.store->next_due()).value();  // the wake comes after the answer to the call; this one waits for it
    EXPECT_EQ(woken, 1);
    shop.apply(message_from("ann", "hello", noon, "e1"));
    shop.apply(arrival_of("ann", Noted{"nothing"}));
    run(shop.store->next_due()).value();
    EXPECT_EQ(woken, 1);
    run(shop.store->set_pause({"*", "mei", noon})).value();
    run(shop.store->clear_pause("*")).value();
    run(shop.store->next_due()).value();
    EXPECT_EQ(woken, 2);
}

TEST_P(StoreContract, finishes_what_waits_and_refuses_what_comes_after_closing) {
    std::vector<net::awaitable<Result<std::vector<Applied>>>> calls;
    for (int i = 0; i < 100; ++i) {
        std::vector<Arrival> batch{message_from("ann", std::to_string(i))};
        calls.push_back(shop.store->apply(std::move(batch)));
    }
    net::io_context io{1};
    std::atomic<int> stored{0};
    for (auto& call : calls) net::co_spawn(io, std::move(call), [&](std::exception_ptr, Result<std::vector<Applied>> result) { stored += result ? 1 : 0; });
    io.poll();  // all of them wait for the store, some may be done
    shop.store->close();
    io.run();
    EXPECT_EQ(stored, 100);
    auto const late = run(shop.store->counts());
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::unavailable);
    EXPECT_EQ(late.error().message, "the store is closed");
    shop.open();
    EXPECT_EQ(shop.counts().journaled, 100U);
}

}  // namespace kefu
