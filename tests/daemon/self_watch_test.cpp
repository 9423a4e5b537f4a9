// SPDX-License-Identifier: Apache-2.0
#include "daemon/watch/self_watch.hpp"

#include "tests/support/api_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

// --- what is a difference -----------------------------------------------------------------------------------------------------------------

Watched calm() {
    Watched watched;
    watched.conversation.id = ConversationId{"line-main/mei"};
    return watched;
}

Watched with_a_question(Timestamp at = noon) {
    Watched watched = calm();
    watched.conversation.unanswered.push_back({1, MessageId{"m1"}, "?", {}, {}, at, 0, false});
    return watched;
}

struct DifferenceCase {
    char const* name;
    std::function<Watched()> watched;
    std::vector<Difference> expected;
};
void PrintTo(DifferenceCase const& one, std::ostream* out) { *out << one.name; }
class Differences : public testing::TestWithParam<DifferenceCase> {};

TEST_P(Differences, are_what_nothing_will_ever_finish) { EXPECT_EQ(differences_in(GetParam().watched(), noon + 10min, 2min), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(Rules, Differences,
                         testing::Values(DifferenceCase{"nothing_open", calm, {}},  //
                                         DifferenceCase{"a_question_that_nothing_answers", [] { return with_a_question(); }, {Difference::unanswered}},
                                         DifferenceCase{"a_young_question", [] { return with_a_question(noon + 9min); }, {}},
                                         DifferenceCase{"a_question_in_its_quiet_window",
                                                        [] {
                                                            auto watched = with_a_question();
                                                            watched.timers = {"quiet"};
                                                            return watched;
                                                        },
                                                        {}},
                                         DifferenceCase{"a_question_that_waits_for_an_order",
                                                        [] {
                                                            auto watched = with_a_question();
                                                            watched.other_work = true;
                                                            return watched;
                                                        },
                                                        {}},
                                         DifferenceCase{"a_question_that_a_person_has",
                                                        [] {
                                                            auto watched = with_a_question();
                                                            watched.conversation.owner = Owner::person;
                                                            return watched;
                                                        },
                                                        {}},
                                         DifferenceCase{"a_question_of_somebody_who_left",
                                                        [] {
                                                            auto watched = with_a_question();
                                                            watched.conversation.reachable = false;
                                                            return watched;
                                                        },
                                                        {}},
                                         DifferenceCase{"an_answer_on_its_way",
                                                        [] {
                                                            auto watched = calm();
                                                            watched.conversation.answering_with = EffectId{"line-main/mei#1"};
                                                            watched.sends = {"line-main/mei#1"};
                                                            return watched;
                                                        },
                                                        {}},
                                         DifferenceCase{"an_answer_that_is_nowhere",
                                                        [] {
                                                            auto watched = calm();
                                                            watched.conversation.answering_with = EffectId{"line-main/mei#1"};
                                                            return watched;
                                                        },
                                                        {Difference::send_lost}},
                                         DifferenceCase{"an_answer_that_waits_for_approval",
                                                        [] {
                                                            auto watched = calm();
                                                            watched.conversation.answering_with = EffectId{"line-main/mei#1"};
                                                            watched.conversation.draft = Send{};
                                                            return watched;
                                                        },
                                                        {}},
                                         DifferenceCase{"somebodys_words_that_are_nowhere",
                                                        [] {
                                                            auto watched = calm();
                                                            watched.conversation.owner = Owner::person;
                                                            watched.sends_lost = 1;
                                                            return watched;
                                                        },
                                                        {Difference::send_lost}},
                                         DifferenceCase{"waiting_and_nobody_knows",
                                                        [] {
                                                            auto watched = calm();
                                                            watched.conversation.owner = Owner::waiting;
                                                            return watched;
                                                        },
                                                        {Difference::nobody_called}},
                                         DifferenceCase{"waiting_for_who_was_called",
                                                        [] {
                                                            auto watched = calm();
                                                            watched.conversation.owner = Owner::waiting;
                                                            watched.calls = 1;
                                                            return watched;
                                                        },
                                                        {}}),
                         [](auto const& test) { return std::string{test.param.name}; });

// --- when people hear of it ---------------------------------------------------------------------------------------------------------------

TEST(Alarm, is_told_once_then_by_the_hour_and_when_it_is_over) {
    Alarm alarm;
    EXPECT_EQ(alarm.note(false, noon, 1h), Alarm::Change::none);
    EXPECT_EQ(alarm.note(true, noon, 1h), Alarm::Change::begun);
    EXPECT_EQ(alarm.note(true, noon + 59min, 1h), Alarm::Change::none);
    EXPECT_EQ(alarm.note(true, noon + 60min, 1h), Alarm::Change::goes_on);
    EXPECT_EQ(alarm.since(), noon);
    EXPECT_EQ(alarm.note(true, noon + 61min, 1h), Alarm::Change::none);
    EXPECT_EQ(alarm.note(false, noon + 62min, 1h), Alarm::Change::over);
    EXPECT_EQ(alarm.note(false, noon + 63min, 1h), Alarm::Change::none);
    EXPECT_EQ(alarm.note(true, noon + 64min, 1h), Alarm::Change::begun);
}

// --- over a store -------------------------------------------------------------------------------------------------------------------------

class Recorder final : public Notifier {
  public:
    std::string const& id() const override { return id_; }
    net::awaitable<SendResult> notify(Notice notice, SendAttempt) override {
        told.push_back(std::move(notice));
        co_return SendResult{};
    }
    std::vector<Notice> told;

  private:
    std::string id_ = "desk";
};

/// Keeps the question and asks for nothing: what a bug would do.
Decision shop_that_forgets(ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
    auto const* received = std::get_if<MessageReceived>(&event);
    if (received == nullptr || received->message.text != "lost") return simple_shop(channel, std::move(conversation), event, now);
    conversation.unanswered.push_back({1, received->message.id, "lost", {}, {}, now, 0, false});
    return {std::move(conversation), {}, {}};
}

class SelfWatching : public testing::Test {
  protected:
    SelfWatching() {
        shop.shop = shop_that_forgets;
        Snapshot snapshot{Settings{},
                          Catalog{Classifier::build({{"intents/topics.yaml", "topics:\n  human: {}\n"}}).value(), Templates::load({}).value(),
                                  Guard::load({"guard.yaml", api_world::guard_yaml}).value(), Playbooks{}, Policy{}},
                          {}};
        NotifierSettings desk;
        desk.id = "desk";
        snapshot.settings.notifiers.push_back(desk);
        snapshot.settings.public_url = "https://kefud.example";
        auto services = std::make_shared<Services>();
        services->snapshot = std::make_shared<Snapshot const>(std::move(snapshot));
        auto recorder = std::make_unique<Recorder>();
        recorder_ = recorder.get();
        services->notifiers.emplace("desk", std::move(recorder));
        services_ = std::move(services);
    }

    void look(int times = 1) {
        for (int i = 0; i < times; ++i) run(watch_.look());
    }
    double differences(char const* kind) { return services_->metrics->watch_differences.of(kind).Value(); }
    std::vector<std::string> told() const {
        std::vector<std::string> all;
        for (auto const& notice : recorder_->told) all.push_back(notice.what);
        return all;
    }

    StoreHarness shop{sqlite_backend()};
    Timestamp now = noon;

  private:
    Recorder* recorder_ = nullptr;
    ServicesPtr services_;
    SelfWatch watch_{*shop.store, [this] { return services_; }, [this] { return now; }};
};

TEST_F(SelfWatching, has_nothing_to_say_while_all_is_answered) {
    shop.apply(message_from("mei", "hello"));
    shop.finish(shop.claim().at(0).id);
    shop.apply(agent_does("jan", AgentAction::note, "x"));
    now = noon + 1h;
    look(3);
    EXPECT_THAT(told(), IsEmpty());
    EXPECT_EQ(differences("unanswered"), 0);
}

TEST_F(SelfWatching, tells_people_of_a_message_that_was_left_lying_until_it_is_answered) {
    shop.apply(message_from("mei", "lost"));
    now = noon + 1min;
    look(3);
    EXPECT_THAT(told(), IsEmpty()) << "it is young";
    now = noon + 3min;
    look();
    EXPECT_THAT(told(), IsEmpty()) << "seen once is not certain";
    look();
    EXPECT_THAT(told(), ElementsAre(HasSubstr("has no answer and nothing is on its way")));
    EXPECT_THAT(told().front(), HasSubstr("1: line-main/mei"));
    EXPECT_EQ(differences("unanswered"), 1);
    look(5);
    EXPECT_THAT(told(), SizeIs(1)) << "not again and again";
    now = noon + 64min;
    look();
    EXPECT_THAT(told(), SizeIs(2));
    shop.apply(agent_does("mei", AgentAction::claim, "jan"));
    look();
    EXPECT_THAT(told(), SizeIs(3));
    EXPECT_THAT(told().back(), StartsWith("over: "));
    EXPECT_EQ(differences("unanswered"), 0);
}

TEST_F(SelfWatching, notices_work_that_nobody_takes_unless_sending_is_paused) {
    shop.apply(message_from("mei", "hello"));
    now = noon + 10min;
    run(shop.store->set_pause({"*", "jan", noon})).value();
    look(2);
    EXPECT_EQ(differences("outbox_late"), 0);
    run(shop.store->clear_pause("*")).value();
    look(2);
    EXPECT_EQ(differences("outbox_late"), 1);
    shop.finish(shop.claim(now).at(0).id);
    look();
    EXPECT_EQ(differences("outbox_late"), 0);
}

TEST_F(SelfWatching, looks_at_each_row_once) {
    shop.apply(message_from("mei", "lost"));
    for (int i = 0; i < 50; ++i) shop.apply(message_from("mei", std::to_string(i)));
    shop.apply(message_from("jan", "answered at once"));
    WatchQuery query;
    query.before = noon + 1h;
    query.limit = 30;
    auto const first = run(shop.store->watch(query)).value();
    EXPECT_TRUE(first.more);
    EXPECT_THAT(first.conversations, SizeIs(1));
    query.after = first.until;
    query.limit = 1000;
    auto const second = run(shop.store->watch(query)).value();
    EXPECT_FALSE(second.more);
    EXPECT_EQ(second.until, second.newest);
    query.after = second.until;
    EXPECT_THAT(run(shop.store->watch(query)).value().conversations, IsEmpty());
    query.again = {ConversationId{"line-main/mei"}, ConversationId{"line-main/nobody"}};
    EXPECT_THAT(run(shop.store->watch(query)).value().conversations, SizeIs(1));
}

}  // namespace
}  // namespace kefu
