// SPDX-License-Identifier: Apache-2.0
#include "daemon/dispatch.hpp"

#include "daemon/net/deadline.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/store_backends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <atomic>
#include <map>
#include <set>

/// The dispatcher over the real store, with a platform that does as it is told and keeps what it was given.
namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

SendResult delivered() { return {}; }
SendResult again(std::chrono::milliseconds after, bool maybe_sent = false) {
    return {.kind = SendResult::Kind::retry, .detail = "busy", .after = after, .platform_ids = {}, .maybe_sent = maybe_sent};
}
SendResult ended(SendResult::Kind kind) { return {.kind = kind, .detail = "because", .after = {}, .platform_ids = {}}; }

class RecordingConnector final : public Connector {
  public:
    struct Sent {
        std::string to;
        std::string text;
        SendAttempt attempt;
    };

    RecordingConnector(net::any_io_executor const& executor, std::string id)
        : executor_(executor), channel_(std::move(id)), gate_(executor, net::steady_timer::time_point::max()) {}

    ChannelId const& channel() const override { return channel_; }
    ChannelPolicy const& policy() const override { return policy_; }
    Result<Parsed> parse(Request const&, Timestamp) const override { return Error{Errc::unauthorized, "nothing comes in here"}; }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        sent.push_back({to, send.messages.at(0).text, attempt});
        EXPECT_TRUE(busy_.insert(to).second) << "two at a time for " << to;
        most_at_once = std::max(most_at_once, busy_.size());
        SendResult result = answer(sent.back());
        if (holding) {
            error_code ignored;
            co_await gate_.async_wait(net::redirect_error(net::use_awaitable, ignored));
        } else {
            co_await net::post(executor_, net::use_awaitable);
        }
        busy_.erase(to);
        ++finished;
        co_return result;
    }

    net::awaitable<Result<ProfileLearned>> profile(std::string sender) override {
        ++profiles_asked;
        auto learned = profile_of(sender);
        co_return learned;
    }
    net::awaitable<Result<Content>> content(Attachment attachment) override {
        ++contents_asked;
        auto bytes = content_of(attachment);
        co_return bytes;
    }

    void release() {
        holding = false;
        gate_.cancel();
    }
    std::vector<std::string> texts() const {
        std::vector<std::string> all;
        for (auto const& one : sent) all.push_back(one.text);
        return all;
    }

    std::function<SendResult(Sent const&)> answer = [](Sent const&) { return delivered(); };
    std::function<Result<ProfileLearned>(std::string const&)> profile_of = [](std::string const&) { return Error{Errc::not_found, "nobody knows"}; };
    std::function<Result<Content>(Attachment const&)> content_of = [](Attachment const&) { return Error{Errc::not_found, "gone"}; };
    bool holding = false;  ///< sends stay on the wire until release()
    std::vector<Sent> sent;
    std::size_t finished = 0;
    std::size_t most_at_once = 0;
    int profiles_asked = 0;
    int contents_asked = 0;

  private:
    net::any_io_executor executor_;
    ChannelId channel_;
    ChannelPolicy policy_;
    net::steady_timer gate_;
    std::set<std::string> busy_;
};

class RecordingNotifier final : public Notifier {
  public:
    std::string const& id() const override { return id_; }
    net::awaitable<SendResult> notify(Notice notice, SendAttempt attempt) override {
        told.push_back(std::move(notice));
        attempts.push_back(attempt);
        SendResult result = answers.empty() ? delivered() : answers.front();
        if (!answers.empty()) answers.erase(answers.begin());
        co_return result;
    }

    std::vector<SendResult> answers;
    std::vector<Notice> told;
    std::vector<SendAttempt> attempts;

  private:
    std::string id_ = "desk";
};

/// A shop that answers every message at once, never takes an answer back because of a newer message (except "short-lived"), and writes down what it hears of.
Decision small_shop(Conversation conversation, Event const& event, Timestamp now) {
    if (auto const* finished = std::get_if<SendFinished>(&event)) {
        conversation.owner_reason = std::string{send_outcome_names[static_cast<std::size_t>(finished->outcome)]} + ": " + finished->detail;
        return {std::move(conversation), {}, {}};
    }
    if (auto const* held = std::get_if<SendHeld>(&event)) return {std::move(conversation), {TellAgents{held->why}}, {}};
    if (auto const* media = std::get_if<MediaStored>(&event)) {
        conversation.owner_reason = media->file.empty() ? "no photo: " + media->why : "photo: " + media->file + " " + media->content_type;
        return {std::move(conversation), {}, {}};
    }
    auto const* received = std::get_if<MessageReceived>(&event);
    if (received == nullptr) return simple_shop(conversation.channel, std::move(conversation), event, now);
    ++conversation.received;
    Decision decision;
    auto const& message = received->message;
    auto const number = [&] { return EffectId{conversation.id.value + "#" + std::to_string(++conversation.effects)}; };
    if (message.text == "who am I")
        decision.effects.emplace_back(FetchProfile{conversation.sender});
    else if (!message.attachments.empty())
        for (auto const& attachment : message.attachments) decision.effects.emplace_back(FetchMedia{message.id, attachment});
    else if (message.text == "a person, please")
        decision.effects.emplace_back(Escalate{.reason = "asks_human",
                                               .tier = "aftersale",
                                               .urgent = false,
                                               .topic = "human",
                                               .summary = {},
                                               .evidence = {},
                                               .quote = message.text,
                                               .answer_by = {}});
    else if (message.text != "no answer") {
        Send send = send_for(conversation, "re: " + message.text, message.text == "short-lived" ? SendPurpose::answer : SendPurpose::holding);
        send.id = number();
        decision.effects.emplace_back(std::move(send));
    }
    decision.conversation = std::move(conversation);
    return decision;
}

SnapshotPtr snapshot_with_links() {
    Catalog catalog{Classifier::build({{"intents/topics.yaml", "topics:\n  human: {}\n"}}).value(), Templates::load({}).value(),
                    Guard::load({"guard.yaml", "rules: []\n"}).value(), Policy{}};
    Snapshot snapshot{Settings{}, std::move(catalog), {}};
    snapshot.settings.public_url = "https://kefud.example";
    return std::make_shared<Snapshot const>(std::move(snapshot));
}

/// What the dispatcher works on. Made and used inside one coroutine; stop() it at the end.
class World {
  public:
    explicit World(net::any_io_executor const& executor, std::size_t concurrency = 8) : executor_(executor), concurrency_(concurrency) {
        open();
        auto line_connector = std::make_unique<RecordingConnector>(executor, "line-main");
        auto web_connector = std::make_unique<RecordingConnector>(executor, "web");
        auto desk_notifier = std::make_unique<RecordingNotifier>();
        line = line_connector.get();
        web = web_connector.get();
        desk = desk_notifier.get();
        services->connectors.emplace("line-main", std::move(line_connector));
        services->connectors.emplace("web", std::move(web_connector));
        services->notifiers.emplace("desk", std::move(desk_notifier));
    }

    void open() {
        SqliteOptions options;
        options.path = (folder.path() / "kefud.db").string();
        auto shop = [this](ChannelId const&, Conversation conversation, Event const& event, Timestamp at) {
            if (auto const* finished = std::get_if<SendFinished>(&event); finished != nullptr && finished->outcome == SendOutcome::cancelled && on_cancelled)
                on_cancelled();
            return small_shop(std::move(conversation), event, at);
        };
        store = open_sqlite_store(std::move(options), shop, [](std::string_view) { return std::vector<std::string>{"desk"}; }).value();
    }

    void start() {
        dispatcher = std::make_unique<Dispatcher>(
            executor_, *store, [this] { return services; }, pool_, folder.path() / "media", [this] { return now; }, concurrency_);
        store->on_work([this] { dispatcher->wake(); });
        dispatcher->start();
    }

    net::awaitable<void> apply(Arrival arrival) {
        std::vector<Arrival> batch;
        batch.push_back(std::move(arrival));
        auto const applied = co_await store->apply(std::move(batch));
        EXPECT_TRUE(applied.has_value());
    }
    net::awaitable<void> says(std::string customer, std::string text) {
        Arrival arrival = message_from(customer, text, now);
        co_await apply(std::move(arrival));
    }
    net::awaitable<void> says_on(std::string channel, std::string customer, std::string text) {
        Arrival arrival = message_from(customer, text, now);
        arrival.channel = ChannelId{channel};
        arrival.conversation = ConversationId{channel + "/" + customer};
        co_await apply(std::move(arrival));
    }

    net::awaitable<void> until_sent(std::size_t count) {
        while (line->sent.size() < count) co_await sleep_for(1ms);
    }
    /// Until everything that is due is done and its end is stored.
    net::awaitable<void> until_idle() {
        while (true) {
            // Three questions at three moments: only when nothing happened in between do they make one picture.
            auto const before = co_await counts();
            auto const due = co_await store->next_due();
            auto const after = co_await counts();
            bool const same = before.journaled == after.journaled && before.outbox_pending == after.outbox_pending;
            bool const waits = before.outbox_in_flight == 0 && after.outbox_in_flight == 0 && (!due.value() || **due > now);
            if (same && waits) co_return;
            co_await sleep_for(1ms);
        }
    }
    net::awaitable<StoreCounts> counts() {
        auto const counted = co_await store->counts();
        co_return counted.value();
    }
    /// Time passes; the dispatcher looks again, and what is due then is done.
    net::awaitable<void> passes(std::chrono::milliseconds time) {
        now += time;
        dispatcher->wake();
        co_await until_idle();
    }

    net::awaitable<ConversationView> view(std::string customer) {
        ConversationId id{"line-main/" + customer};
        auto view = co_await store->view(std::move(id), 50);
        co_return std::move(view.value().value());
    }
    /// What the shop heard last of its sends.
    net::awaitable<std::string> heard(std::string customer) {
        auto const view_now = co_await view(customer);
        co_return view_now.conversation.owner_reason;
    }

    net::awaitable<void> stop(std::chrono::milliseconds limit = 5s) {
        if (dispatcher) co_await dispatcher->stop(limit);
        store->on_work({});
        dispatcher.reset();
        pool_.join();
        store->close();
    }

    TemporaryFolder folder;
    Timestamp now = noon;
    std::function<void()> on_cancelled;  ///< called on the store's thread
    std::shared_ptr<Services> services = std::make_shared<Services>();
    RecordingConnector* line = nullptr;
    RecordingConnector* web = nullptr;
    RecordingNotifier* desk = nullptr;
    std::unique_ptr<Store> store;
    std::unique_ptr<Dispatcher> dispatcher;

  private:
    net::any_io_executor executor_;
    std::size_t concurrency_;
    net::thread_pool pool_{1};
};

net::awaitable<void> in_world(net::awaitable<void> (*test)(World&), std::size_t concurrency) {
    auto const executor = co_await this_coro::executor;
    World world{executor, concurrency};
    co_await test(world);
    co_await world.stop();
}

void run_test(net::awaitable<void> (*test)(World&), std::size_t concurrency = 8) { run(in_world(test, concurrency)); }

net::awaitable<void> sends_once(World& world) {
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    EXPECT_THAT(world.line->texts(), ElementsAre("re: hello"));
    auto const& sent = world.line->sent.at(0);
    EXPECT_EQ(sent.to, "U1");
    EXPECT_EQ(sent.attempt.number, 1);
    EXPECT_FALSE(sent.attempt.maybe_sent);
    auto const view = co_await world.view("U1");
    EXPECT_EQ(view.conversation.owner_reason, "delivered: ");
    EXPECT_EQ(view.history.back().state, "delivered");
    EXPECT_EQ(world.dispatcher->counts().delivered, 1u);
}
TEST(Dispatcher, sends_what_was_decided_once_and_says_that_it_arrived) { run_test(sends_once); }

net::awaitable<void> finds_old_work(World& world) {
    co_await world.says("U1", "hello");
    world.start();
    co_await world.until_sent(1);
    co_await world.until_idle();
    EXPECT_THAT(world.line->texts(), ElementsAre("re: hello"));
}
TEST(Dispatcher, finds_at_its_start_what_was_left) { run_test(finds_old_work); }

constexpr int conversations = 60;
constexpr int messages_each = 6;

net::awaitable<void> many(World& world) {
    for (int message = 0; message < messages_each; ++message)
        for (int customer = 0; customer < conversations; ++customer) {
            std::string who = "U" + std::to_string(customer);
            std::string what = std::to_string(message);
            co_await world.says(std::move(who), std::move(what));
        }
    world.start();
    co_await world.until_sent(conversations * messages_each);
    co_await world.until_idle();
    std::map<std::string, std::vector<std::string>> by_customer;
    for (auto const& one : world.line->sent) by_customer[one.to].push_back(one.text);
    EXPECT_EQ(by_customer.size(), static_cast<std::size_t>(conversations));
    for (auto const& [who, texts] : by_customer) EXPECT_THAT(texts, ElementsAre("re: 0", "re: 1", "re: 2", "re: 3", "re: 4", "re: 5")) << who;
    EXPECT_LE(world.line->most_at_once, 7u);
    EXPECT_GE(world.line->most_at_once, 2u);
    EXPECT_EQ(world.dispatcher->counts().delivered, static_cast<std::uint64_t>(conversations * messages_each));
}
TEST(Dispatcher, sends_hundreds_few_at_a_time_each_once_and_in_order) { run_test(many, 7); }

net::awaitable<void> retries(World& world) {
    world.line->answer = [](auto const& sent) { return sent.attempt.number < 3 ? again(30s) : delivered(); };
    world.start();
    co_await world.says("U1", "first");
    co_await world.says("U1", "second");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(29s);
    EXPECT_THAT(world.line->texts(), ElementsAre("re: first"));
    co_await world.passes(1s);
    EXPECT_THAT(world.line->texts(), ElementsAre("re: first", "re: first"));
    co_await world.passes(30s);
    // What is behind it waits for it, and then has a count of its own.
    EXPECT_THAT(world.line->texts(), ElementsAre("re: first", "re: first", "re: first", "re: second"));
    auto const& third = world.line->sent.at(2).attempt;
    EXPECT_EQ(third.number, 3);
    EXPECT_EQ(third.first_tried, noon);
    EXPECT_EQ(world.line->sent.at(3).attempt.number, 1);
    EXPECT_EQ(world.dispatcher->counts().retried, 3u);
}
TEST(Dispatcher, tries_again_when_the_platform_says_and_keeps_the_order) { run_test(retries); }

// Every repetition used to count as "may be out", also after "certainly not": LINE replies were then given up, and a newer message could not replace the
// answer.
net::awaitable<void> passes_maybe_sent_on(World& world) {
    world.line->answer = [](auto const& sent) { return again(1s, sent.attempt.number == 2); };
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(1s);
    co_await world.passes(1s);
    co_await world.passes(1s);
    std::vector<bool> maybe_sent;
    for (auto const& sent : world.line->sent) maybe_sent.push_back(sent.attempt.maybe_sent);
    EXPECT_THAT(maybe_sent, ElementsAre(false, false, true, true));
}
TEST(Dispatcher, tells_the_next_try_whether_an_earlier_one_may_be_out) { run_test(passes_maybe_sent_on); }

net::awaitable<void> holds(World& world) {
    world.line->answer = [](auto const& sent) {
        auto result = again(60s);
        result.kind = SendResult::Kind::hold;
        return sent.attempt.number < 3 ? result : delivered();
    };
    world.services->snapshot = snapshot_with_links();
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(60s);
    co_await world.passes(60s);
    EXPECT_EQ(world.line->sent.size(), 3u);
    EXPECT_FALSE(world.line->sent.at(1).attempt.maybe_sent);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "delivered: ");
    EXPECT_EQ(world.desk->told.size(), 1u) << "people are told once, not with every try";
    EXPECT_EQ(world.desk->told.at(0).what, "busy");
}
TEST(Dispatcher, keeps_what_a_channel_cannot_send_for_the_moment) { run_test(holds); }

net::awaitable<void> ends(World& world) {
    world.line->answer = [](auto const& sent) { return ended(sent.to == "U1" ? SendResult::Kind::refused : SendResult::Kind::unknown); };
    world.start();
    co_await world.says("U1", "hello");
    co_await world.says("U2", "hello");
    co_await world.until_sent(2);
    co_await world.until_idle();
    auto const first = co_await world.view("U1");
    auto const second = co_await world.view("U2");
    EXPECT_EQ(first.conversation.owner_reason, "refused: because");
    EXPECT_EQ(first.history.back().state, "refused");
    EXPECT_EQ(second.conversation.owner_reason, "unknown: because");
    EXPECT_EQ(second.history.back().state, "unknown");
    co_await world.passes(1h);
    EXPECT_EQ(world.line->sent.size(), 2u);
    EXPECT_EQ(world.dispatcher->counts().refused, 1u);
    EXPECT_EQ(world.dispatcher->counts().unknown, 1u);
}
TEST(Dispatcher, makes_events_of_refused_and_unknown_and_never_repeats_them) { run_test(ends); }

// Used to stay in flight until the next start, with everything of its conversation behind it.
net::awaitable<void> survives_faults(World& world) {
    world.line->answer = [](auto const& sent) -> SendResult {
        if (sent.text == "re: trap") throw std::logic_error("not thought of");
        return delivered();
    };
    world.start();
    co_await world.says("U1", "trap");
    co_await world.until_sent(1);
    co_await world.until_idle();
    auto const view = co_await world.view("U1");
    EXPECT_EQ(view.conversation.owner_reason, "unknown: a fault in kefud: not thought of");
    co_await world.says("U2", "hello");
    co_await world.until_sent(2);
}
TEST(Dispatcher, makes_an_unknown_outcome_of_a_fault_of_its_own) { run_test(survives_faults); }

net::awaitable<void> too_old(World& world) {
    world.line->answer = [](auto const&) { return again(11min); };
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(11min);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "refused: not deliverable for 10 minutes; too old to send now");
    EXPECT_EQ(world.line->sent.size(), 1u);
}
// The limit never held, because every repetition counted as "may be out".
TEST(Dispatcher, refuses_an_answer_that_could_not_go_out_for_ten_minutes) { run_test(too_old); }

net::awaitable<void> too_old_and_maybe_sent(World& world) {
    world.line->answer = [](auto const&) { return again(11min, true); };
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(11min);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "unknown: no answer for 10 minutes whether it is out; too old to send again");
    EXPECT_EQ(world.line->sent.size(), 1u);
}
TEST(Dispatcher, calls_an_old_answer_that_may_be_out_unknown) { run_test(too_old_and_maybe_sent); }

net::awaitable<void> old_words_of_a_person(World& world) {
    world.line->answer = [](auto const& sent) { return sent.attempt.number == 1 ? again(11min) : delivered(); };
    co_await world.says("U1", "no answer");
    Arrival claim = agent_does("U1", AgentAction::claim, "mei");
    co_await world.apply(std::move(claim));
    Arrival words = agent_does("U1", AgentAction::reply, "mei", "I am on it");
    co_await world.apply(std::move(words));
    world.start();
    co_await world.until_sent(1);
    co_await world.until_idle();
    co_await world.passes(11min);
    EXPECT_THAT(world.line->texts(), ElementsAre("I am on it", "I am on it"));
}
TEST(Dispatcher, sends_what_a_person_wrote_however_late) { run_test(old_words_of_a_person); }

net::awaitable<void> pauses(World& world) {
    Pause pause{"line-main", "mei", noon};
    auto const paused = co_await world.store->set_pause(std::move(pause));
    EXPECT_TRUE(paused.has_value());
    world.start();
    co_await world.says("U1", "hello");
    co_await world.says_on("web", "c1", "hello");
    while (world.web->sent.empty()) co_await sleep_for(1ms);
    co_await world.passes(1s);
    EXPECT_THAT(world.line->sent, IsEmpty());
    std::string channel = "line-main";
    auto const resumed = co_await world.store->clear_pause(std::move(channel));
    EXPECT_TRUE(resumed.has_value());
    co_await world.until_sent(1);
}
TEST(Dispatcher, sends_nothing_on_a_paused_channel_and_goes_on_when_it_is_resumed) { run_test(pauses); }

net::awaitable<void> no_such_channel(World& world) {
    world.start();
    co_await world.says_on("old-shop", "c1", "hello");
    while (world.dispatcher->counts().delivered == 0) {
        ConversationId id{"old-shop/c1"};
        auto const view = co_await world.store->view(std::move(id), 1);
        if (view.value()->conversation.owner_reason == "refused: channel old-shop is not configured any more") co_return;
        co_await sleep_for(1ms);
    }
    ADD_FAILURE() << "sent to a channel that is not there";
}
TEST(Dispatcher, refuses_what_is_for_a_channel_that_is_gone) { run_test(no_such_channel); }

// --- profiles and photos

net::awaitable<void> learns(World& world) {
    world.line->profile_of = [](std::string const& sender) { return ProfileLearned{"name of " + sender, "cs"}; };
    world.start();
    co_await world.says("U1", "who am I");
    while (world.line->profiles_asked == 0) co_await sleep_for(1ms);
    co_await world.until_idle();
    auto const view = co_await world.view("U1");
    EXPECT_EQ(view.conversation.display_name, "name of U1");
}
TEST(Dispatcher, tells_the_shop_the_customers_name) { run_test(learns); }

net::awaitable<void> learns_nothing(World& world) {
    world.start();
    co_await world.says("U1", "who am I");
    while (world.line->profiles_asked == 0) co_await sleep_for(1ms);
    co_await world.until_idle();
    co_await world.passes(1h);
    EXPECT_EQ(world.line->profiles_asked, 1);
    auto const counts = co_await world.counts();
    EXPECT_EQ(counts.outbox_pending, 0u);
}
TEST(Dispatcher, goes_on_without_a_profile_that_the_platform_does_not_tell) { run_test(learns_nothing); }

net::awaitable<void> learns_late(World& world) {
    world.line->profile_of = [](std::string const&) { return Error{Errc::unavailable, "LINE answered 500"}; };
    world.start();
    co_await world.says("U1", "who am I");
    while (world.line->profiles_asked == 0) co_await sleep_for(1ms);
    co_await world.until_idle();
    for (int i = 0; i < 20; ++i) co_await world.passes(5min);
    EXPECT_EQ(world.line->profiles_asked, 9);
    auto const counts = co_await world.counts();
    EXPECT_EQ(counts.outbox_pending, 0u);
}
TEST(Dispatcher, asks_for_a_profile_again_but_not_for_ever) { run_test(learns_late); }

Arrival photos(std::string const& customer, std::vector<std::string> const& ids) {
    Arrival arrival = message_from(customer, "");
    auto& message = std::get<MessageReceived>(arrival.event).message;
    message.id = MessageId{"m1"};
    for (auto const& id : ids) message.attachments.push_back({.kind = ContentKind::image, .platform_id = id, .url = {}, .file_name = "../../evil.jpg"});
    return arrival;
}

net::awaitable<void> keeps_photos(World& world) {
    world.line->content_of = [](Attachment const& attachment) { return Connector::Content{"bytes of " + attachment.platform_id, "image/png"}; };
    world.start();
    Arrival arrival = photos("U1", {"1", "2"});
    co_await world.apply(std::move(arrival));
    while (world.line->contents_asked < 2) co_await sleep_for(1ms);
    co_await world.until_idle();
    auto const view = co_await world.view("U1");
    EXPECT_THAT(view.conversation.owner_reason, testing::MatchesRegex("photo: ../[0-9a-f]*\\.png image/png"));
    std::set<std::string> bytes;
    for (auto const& file : view.history.at(0).media) bytes.insert(read_text(world.folder.path() / "media" / file));
    EXPECT_THAT(bytes, ElementsAre("bytes of 1", "bytes of 2"));
}
TEST(Dispatcher, keeps_every_photo_of_a_message) { run_test(keeps_photos); }

net::awaitable<void> waits_for_photos(World& world) {
    auto const asked = std::make_shared<int>(0);
    world.line->content_of = [asked](Attachment const&) -> Result<Connector::Content> {
        if (++*asked < 3) return Error{Errc::unavailable, "LINE is still preparing it"};
        return Connector::Content{"bytes", "video/mp4"};
    };
    world.start();
    Arrival arrival = photos("U1", {"1"});
    co_await world.apply(std::move(arrival));
    while (world.line->contents_asked < 1) co_await sleep_for(1ms);
    co_await world.until_idle();
    co_await world.passes(5min);
    co_await world.passes(5min);
    auto const heard = co_await world.heard("U1");
    EXPECT_THAT(heard, StartsWith("photo: "));
}
TEST(Dispatcher, asks_again_for_a_photo_that_is_not_ready) { run_test(waits_for_photos); }

net::awaitable<void> loses_photos(World& world) {
    world.start();
    Arrival arrival = photos("U1", {"1"});
    co_await world.apply(std::move(arrival));
    while (world.line->contents_asked < 1) co_await sleep_for(1ms);
    co_await world.until_idle();
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "no photo: gone");
    EXPECT_EQ(world.line->contents_asked, 1);
}
TEST(Dispatcher, says_why_there_is_no_photo) { run_test(loses_photos); }

net::awaitable<void> cannot_keep_photos(World& world) {
    world.line->content_of = [](Attachment const&) { return Connector::Content{"bytes", "image/png"}; };
    std::ofstream{world.folder.path() / "media"} << "a file where the folder should be";
    world.start();
    Arrival arrival = photos("U1", {"1"});
    co_await world.apply(std::move(arrival));
    while (world.line->contents_asked < 1) co_await sleep_for(1ms);
    co_await world.until_idle();
    std::filesystem::remove(world.folder.path() / "media");
    co_await world.passes(5min);
    auto const heard = co_await world.heard("U1");
    EXPECT_THAT(heard, StartsWith("photo: "));
}
TEST(Dispatcher, fetches_a_photo_again_that_could_not_be_written) { run_test(cannot_keep_photos); }

// --- people

net::awaitable<void> calls_people(World& world) {
    world.services->snapshot = snapshot_with_links();
    world.desk->answers = {again(10s)};
    world.start();
    co_await world.says("U1", "a person, please");
    while (world.desk->told.empty()) co_await sleep_for(1ms);
    co_await world.until_idle();
    co_await world.passes(10s);
    EXPECT_EQ(world.desk->told.size(), 2u);
    if (world.desk->told.size() != 2) co_return;
    auto const& notice = world.desk->told[1];
    EXPECT_EQ(notice.kind, Notice::Kind::escalated);
    EXPECT_EQ(notice.id, world.desk->told[0].id);
    EXPECT_EQ(world.desk->attempts[1].number, 2);
    EXPECT_EQ(notice.link, "https://kefud.example/#/conversation/line-main/U1");
    EXPECT_EQ(notice.view.history.at(0).text, "a person, please");
    EXPECT_TRUE(notice.escalation.has_value());
    if (notice.escalation) {
        EXPECT_EQ(notice.escalation->what.reason, "asks_human");
    }
}
TEST(Dispatcher, calls_people_until_they_are_told) { run_test(calls_people); }

net::awaitable<void> nobody_to_call(World& world) {
    world.services->notifiers.clear();
    world.desk = nullptr;
    world.start();
    co_await world.says("U1", "a person, please");
    for (auto counts = co_await world.counts(); counts.outbox_dead == 0; counts = co_await world.counts()) co_await sleep_for(1ms);
    co_await world.until_idle();
    auto const counts = co_await world.counts();
    EXPECT_EQ(counts.outbox_pending, 0u);
}
TEST(Dispatcher, keeps_for_people_to_see_what_a_notifier_that_is_gone_should_have_said) { run_test(nobody_to_call); }

// --- stopping and crashing

net::awaitable<void> stops(World& world) {
    auto const executor = co_await this_coro::executor;
    world.line->holding = true;
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    net::post(executor, [&world] { world.line->release(); });  // once stop() waits
    co_await world.dispatcher->stop(5s);
    EXPECT_EQ(world.line->finished, 1u);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "delivered: ");
    co_await world.says("U2", "too late");
    EXPECT_EQ(world.line->sent.size(), 1u);
}
TEST(Dispatcher, waits_for_what_is_on_the_wire_when_it_stops_and_takes_no_more) { run_test(stops); }

net::awaitable<void> stops_while_claiming(World& world) {
    // The store is in the middle of claim(): it takes back an outdated answer and gives out another one.
    std::atomic<bool> claiming{false};
    std::atomic<bool> go_on{false};
    world.on_cancelled = [&] {
        claiming = true;
        claiming.notify_all();
        go_on.wait(false);
    };
    co_await world.says("U1", "short-lived");
    co_await world.says("U1", "no answer");
    co_await world.says("U2", "hello");
    auto const executor = co_await this_coro::executor;
    world.start();
    while (!claiming) co_await sleep_for(1ms);
    net::post(executor, [&go_on] {
        go_on = true;
        go_on.notify_all();
    });
    co_await world.dispatcher->stop(5s);
    EXPECT_EQ(world.line->sent.size(), 1u);
    EXPECT_EQ(world.line->finished, 1u);
    auto const heard = co_await world.heard("U2");
    EXPECT_EQ(heard, "delivered: ");
}
// What a claim gave out while stop() was called was cut off, and its outcome unknown.
TEST(Dispatcher, carries_out_what_it_was_just_given_when_it_stops) { run_test(stops_while_claiming); }

net::awaitable<void> is_cut_off(World& world) {
    world.line->holding = true;
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    co_await world.dispatcher->stop(1ms);
    auto const counts = co_await world.counts();
    EXPECT_EQ(counts.outbox_in_flight, 1u);
    world.store->on_work({});
    world.dispatcher.reset();
    world.store->close();

    world.open();
    auto const executor = co_await this_coro::executor;
    auto second = std::make_unique<RecordingConnector>(executor, "line-main");
    auto const after = std::make_shared<Services>();
    world.line = second.get();
    after->connectors.emplace("line-main", std::move(second));
    world.services = after;
    world.now += 1min;
    world.start();
    co_await world.until_sent(1);
    co_await world.until_idle();
    auto const& attempt = world.line->sent.at(0).attempt;
    EXPECT_EQ(attempt.number, 2);
    EXPECT_TRUE(attempt.maybe_sent);
    EXPECT_EQ(attempt.first_tried, noon);
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "delivered: ");
}
TEST(Dispatcher, tells_the_platform_after_a_crash_that_a_send_may_be_out) { run_test(is_cut_off); }

net::awaitable<void> cannot_store_the_outcome(World& world) {
    world.line->holding = true;
    world.start();
    co_await world.says("U1", "hello");
    co_await world.until_sent(1);
    world.store->on_work({});
    world.store->close();  // before the platform has answered
    world.line->release();
    while (world.line->finished == 0) co_await sleep_for(1ms);
    co_await world.dispatcher->stop(1ms);
    world.dispatcher.reset();

    world.open();
    world.start();
    co_await world.until_sent(2);
    co_await world.until_idle();
    EXPECT_TRUE(world.line->sent.at(1).attempt.maybe_sent);
}
TEST(Dispatcher, does_not_forget_a_send_whose_outcome_could_not_be_stored) { run_test(cannot_store_the_outcome); }

}  // namespace
}  // namespace kefu
