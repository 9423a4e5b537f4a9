// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/dispatch.hpp"

#include "daemon/net/deadline.hpp"
#include "tests/support/news.hpp"
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
namespace kefu::dispatch_world {

using namespace std::chrono_literals;

inline SendResult delivered() { return {}; }
inline SendResult again(std::chrono::milliseconds after, bool maybe_sent = false) {
    return {.kind = SendResult::Kind::retry, .detail = "busy", .after = after, .platform_ids = {}, .maybe_sent = maybe_sent};
}
inline SendResult ended(SendResult::Kind kind) { return {.kind = kind, .detail = "because", .after = {}, .platform_ids = {}}; }

class RecordingConnector final : public Connector {
  public:
    struct Sent {
        std::string to;
        std::string text;
        SendAttempt attempt;
    };

    RecordingConnector(net::any_io_executor const& executor, News& news, std::string id)
        : Connector(named(std::move(id)), {}), executor_(executor), news_(news), gate_(executor, net::steady_timer::time_point::max()) {}

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        sent.push_back({to, send.messages.at(0).text, attempt});
        news_.tell();
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
        news_.tell();
        co_return result;
    }

    net::awaitable<Result<ProfileLearned>> profile(std::string sender) override {
        ++profiles_asked;
        news_.tell();
        auto learned = profile_of(sender);
        co_return learned;
    }
    net::awaitable<Result<Content>> content(Attachment attachment) override {
        ++contents_asked;
        news_.tell();
        auto bytes = content_of(attachment);
        co_return bytes;
    }

    net::awaitable<void> content_kept(Attachment attachment) override {
        contents_kept.push_back(attachment.platform_id);
        news_.tell();
        co_return;
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
    std::vector<std::string> contents_kept;

  private:
    static ChannelSettings named(std::string id) {
        ChannelSettings settings;
        settings.id = ChannelId{std::move(id)};
        return settings;
    }

    net::any_io_executor executor_;
    News& news_;
    net::steady_timer gate_;
    std::set<std::string> busy_;
};

class RecordingNotifier final : public Notifier {
  public:
    explicit RecordingNotifier(News& news) : news_(news) {}
    std::string const& id() const override { return id_; }
    net::awaitable<SendResult> notify(Notice notice, SendAttempt attempt) override {
        told.push_back(std::move(notice));
        news_.tell();
        attempts.push_back(attempt);
        SendResult result = answers.empty() ? delivered() : answers.front();
        if (!answers.empty()) answers.erase(answers.begin());
        co_return result;
    }

    std::vector<SendResult> answers;
    std::vector<Notice> told;
    std::vector<SendAttempt> attempts;

  private:
    News& news_;
    std::string id_ = "desk";
};

/// A shop that answers every message at once, never takes an answer back because of a newer message (except "short-lived"), and writes down what it hears of.
inline Decision small_shop(Conversation conversation, Event const& event, Timestamp now) {
    if (auto const* finished = std::get_if<SendFinished>(&event)) {
        conversation.owner_reason = std::string{send_outcome_names[static_cast<std::size_t>(finished->outcome)]} + ": " + finished->detail;
        return {std::move(conversation), {}, {}};
    }
    if (auto const* held = std::get_if<SendHeld>(&event)) return {std::move(conversation), {TellAgents{held->why}}, {}};
    if (auto const* media = std::get_if<MediaStored>(&event)) {
        conversation.owner_reason = media->file.empty() ? "no photo: " + media->why : "photo: " + media->file + " " + media->content_type;
        return {std::move(conversation), {}, {}};
    }
    if (auto const* assigned = std::get_if<Assigned>(&event)) {
        conversation.agent = assigned->agent;
        conversation.owner_reason = assigned->agent.empty() ? "nobody" : assigned->agent + " of " + assigned->tier;
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
    else if (message.text == "somebody, please") {
        conversation.owner = Owner::waiting;
        decision.effects.emplace_back(Assign{"aftersale", "en", {}});
    } else if (message.text != "no answer") {
        Send send = send_for(conversation, "re: " + message.text, message.text == "short-lived" ? SendPurpose::answer : SendPurpose::holding);
        send.id = number();
        decision.effects.emplace_back(std::move(send));
    }
    decision.conversation = std::move(conversation);
    return decision;
}

inline SnapshotPtr snapshot_with_links() {
    Catalog catalog{Classifier::build({{"intents/topics.yaml", "topics:\n  human: {}\n"}}).value(), Templates::load({}).value(),
                    Guard::load({"guard.yaml", "rules: []\n"}).value(), Playbooks{}, Policy{}};
    Snapshot snapshot{Settings{}, std::move(catalog), {}};
    snapshot.settings.public_url = "https://kefud.example";
    return std::make_shared<Snapshot const>(std::move(snapshot));
}

/// What the dispatcher works on. Made and used inside one coroutine; stop() it at the end.
class World {
  public:
    explicit World(net::any_io_executor const& executor, std::size_t concurrency = 8) : news(executor), executor_(executor), concurrency_(concurrency) {
        open();
        auto line_connector = std::make_unique<RecordingConnector>(executor, news, "line-main");
        auto web_connector = std::make_unique<RecordingConnector>(executor, news, "web");
        auto desk_notifier = std::make_unique<RecordingNotifier>(news);
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
        store = open_sqlite_store(std::move(options), shop, [](ChannelId const&, std::string_view) { return std::vector<std::string>{"desk"}; }).value();
    }

    void start() {
        dispatcher = std::make_unique<Dispatcher>(
            executor_, *store, [this] { return services; }, roster, pool_, folder.path() / "media", [this] { return now; }, concurrency_);
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
        while (line->sent.size() < count) co_await news.next();
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
    News news;                           ///< of whatever the platform or the desk is asked
    std::shared_ptr<Services> services = std::make_shared<Services>();
    RecordingConnector* line = nullptr;
    RecordingConnector* web = nullptr;
    RecordingNotifier* desk = nullptr;
    Roster roster;
    std::unique_ptr<Store> store;
    std::unique_ptr<Dispatcher> dispatcher;

  private:
    net::any_io_executor executor_;
    std::size_t concurrency_;
    net::thread_pool pool_{1};
};

inline net::awaitable<void> in_world(net::awaitable<void> (*test)(World&), std::size_t concurrency) {
    auto const executor = co_await this_coro::executor;
    World world{executor, concurrency};
    co_await test(world);
    co_await world.stop();
}

inline void run_test(net::awaitable<void> (*test)(World&), std::size_t concurrency = 8) { run(in_world(test, concurrency)); }

}  // namespace kefu::dispatch_world
