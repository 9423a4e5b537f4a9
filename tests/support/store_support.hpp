// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/store.hpp"

#include "tests/support/run.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the tests of every store share: a backend to open, a folder to open it in, events to feed it and a shop that answers simply.
namespace kefu {

/// One implementation under test. `open` may be called again for the same folder after the store before was closed.
struct StoreBackend {
    char const* name;
    std::function<Result<std::unique_ptr<Store>>(std::filesystem::path const& folder, Respond respond, NotifyRoute route)> open;
};

inline void PrintTo(StoreBackend const& backend, std::ostream* out) { *out << backend.name; }

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "kefud-store-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;
    std::filesystem::path const& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

inline constexpr Timestamp noon{std::chrono::milliseconds{1'790'000'000'000}};

inline Arrival arrival_of(std::string const& customer, Event event, Timestamp at = noon, std::string event_id = {}) {
    Arrival arrival;
    arrival.channel = ChannelId{"line-main"};
    arrival.conversation = ConversationId{"line-main/" + customer};
    arrival.sender = customer;
    arrival.event_id = std::move(event_id);
    arrival.event = std::move(event);
    arrival.occurred_at = at;
    arrival.received_at = at;
    arrival.raw = R"({"type":"message"})";
    return arrival;
}

inline Arrival message_from(std::string const& customer, std::string const& text, Timestamp at = noon, std::string event_id = {}) {
    MessageReceived received;
    received.message.id = MessageId{event_id.empty() ? "m-" + text : "m-" + event_id};
    received.message.sender = customer;
    received.message.text = text;
    received.message.sent_at = at;
    return arrival_of(customer, received, at, std::move(event_id));
}

inline Arrival agent_does(std::string const& customer, AgentAction action, std::string const& agent, std::string const& text = {}) {
    return arrival_of(customer, AgentActed{action, agent, text, false});
}

/// A send by the bot, numbered as decide() numbers them.
inline Send send_for(Conversation& conversation, std::string const& text, SendPurpose purpose = SendPurpose::answer) {
    Send send;
    send.id = EffectId{conversation.id.value + "#" + std::to_string(++conversation.effects)};
    send.messages.emplace_back().text = text;
    send.purpose = purpose;
    send.by = purpose == SendPurpose::agent ? conversation.agent : "bot";
    send.knows_message = conversation.received;
    return send;
}

/// A small shop: answers every message with "re: <text>", lets agents claim, reply, hand back and resolve, and remembers nothing else.
inline Decision simple_shop(ChannelId const&, Conversation conversation, Event const& event, Timestamp now) {
    Decision decision;
    if (auto const* const received = std::get_if<MessageReceived>(&event)) {
        ++conversation.received;
        conversation.last_message_at = now;
        decision.why.emplace_back("a message");
        if (conversation.owner == Owner::bot) decision.effects.emplace_back(send_for(conversation, "re: " + received->message.text));
    } else if (auto const* const acted = std::get_if<AgentActed>(&event)) {
        auto const own = [&](Owner owner, std::string agent) {
            conversation.owner = owner;
            conversation.owner_since = now;
            conversation.agent = std::move(agent);
            decision.effects.emplace_back(CancelSends{"an agent acted"});
        };
        switch (acted->action) {
            case AgentAction::claim:
                own(Owner::person, acted->agent);
                break;
            case AgentAction::reply:
                if (conversation.owner != Owner::person) own(Owner::person, acted->elsewhere ? std::string{} : acted->agent);
                if (acted->elsewhere) break;
                decision.effects.emplace_back(send_for(conversation, acted->text, SendPurpose::agent));
                break;
            case AgentAction::hand_back:
                own(Owner::bot, {});
                break;
            case AgentAction::resolve:
                own(Owner::closed, {});
                break;
            case AgentAction::note:
            case AgentAction::approve:
            case AgentAction::discard:
                break;
        }
    } else if (auto const* const given = std::get_if<AgentAssigned>(&event)) {
        conversation.agent = given->to;
    } else if (auto const* const profile = std::get_if<ProfileLearned>(&event)) {
        conversation.display_name = profile->display_name;
    }
    decision.conversation = std::move(conversation);
    return decision;
}

inline std::vector<std::string> nobody(ChannelId const&, std::string_view) { return {}; }

/// Runs all of them at once on one io_context, as many callers would.
template <class T>
std::vector<T> run_together(std::vector<net::awaitable<T>> all) {
    net::io_context io{1};
    net::steady_timer const reactor{io};  // its waits end before the lock is free, so that `io` may go while a store's thread is still in post()
    std::vector<std::optional<T>> results(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        net::co_spawn(io, std::move(all[i]), [&results, i](std::exception_ptr thrown, T value) {
            if (thrown) std::rethrow_exception(thrown);
            results[i] = std::move(value);
        });
    }
    io.run();
    std::vector<T> values;
    values.reserve(results.size());
    for (auto& result : results) values.push_back(std::move(result.value()));
    return values;
}

/// A store in a folder of its own, answered by a shop that the test may change.
class StoreHarness {
  public:
    explicit StoreHarness(StoreBackend const& backend) : backend_(backend) { open(); }

    void open() {
        auto opened = backend_.open(
            folder_.path(),
            [this](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
                return shop(channel, std::move(conversation), event, now);
            },
            [this](ChannelId const& channel, std::string_view tier) { return route(channel, tier); });
        store = std::move(opened).value();
    }

    /// As after a clean stop.
    void restart() {
        store->close();
        store.reset();
        open();
    }

    Applied apply(Arrival arrival) {
        std::vector<Arrival> batch;
        batch.push_back(std::move(arrival));
        return run(store->apply(std::move(batch))).value().at(0);
    }
    std::vector<OutboxItem> claim(Timestamp now = noon, std::size_t limit = 100) { return run(store->claim(now, limit)).value(); }
    /// The texts of what may go now, as sends.
    std::vector<std::string> claim_texts(Timestamp now = noon) {
        std::vector<std::string> texts;
        for (auto const& item : claim(now))
            if (auto const* const send = std::get_if<Send>(&item.effect)) texts.push_back(send->messages.at(0).text);
        return texts;
    }
    void finish(EffectId const& id, OutboxResult::Kind kind = OutboxResult::Kind::done, Timestamp now = noon) {
        OutboxResult result;
        result.kind = kind;
        result.detail = "because";
        run(store->finish(id, std::move(result), now)).value();
    }
    ConversationView view(std::string const& customer, std::size_t history = 50) {
        return run(store->view(ConversationId{"line-main/" + customer}, history)).value().value();
    }
    StoreCounts counts() { return run(store->counts()).value(); }

    Respond shop = simple_shop;  ///< called on the store's thread; change it only while no call is under way
    NotifyRoute route = nobody;
    std::unique_ptr<Store> store;

    std::filesystem::path const& folder() const { return folder_.path(); }

  private:
    StoreBackend backend_;
    TemporaryFolder folder_;
};

}  // namespace kefu
