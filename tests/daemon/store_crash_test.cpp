// SPDX-License-Identifier: Apache-2.0
#include "tests/support/all_stores.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>

namespace kefu {

namespace {

constexpr std::size_t customers = 7;

Arrival numbered_message(std::uint64_t number) {
    return message_from("c" + std::to_string(number % customers), "n" + std::to_string(number), noon, "e" + std::to_string(number));
}

/// Answers that do not mind newer messages, so that every message has one send.
Decision answer_each(ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
    auto decision = simple_shop(channel, std::move(conversation), event, now);
    for (auto& effect : decision.effects)
        if (auto* const send = std::get_if<Send>(&effect)) send->purpose = SendPurpose::holding;
    return decision;
}

void report(int pipe, char kind, std::uint64_t number) {
    std::string const line = kind + std::to_string(number) + "\n";
    if (::write(pipe, line.data(), line.size()) < 0) ::_exit(3);
}

/// Applies messages for ever and reports each one that the store said is on disk ("a<number>").
net::awaitable<void> feed(Store& store, std::uint64_t& next, int pipe) {
    for (;;) {
        std::uint64_t const number = next++;
        std::vector<Arrival> batch{numbered_message(number)};
        auto const applied = co_await store.apply(std::move(batch));
        if (applied) report(pipe, 'a', number);
    }
}

/// Sends for ever: reports each send before it goes out ("s<number>").
net::awaitable<void> send_all(Store& store, int pipe) {
    for (;;) {
        auto const items = co_await store.claim(noon, 5);
        if (!items) continue;
        for (auto const& item : *items) {
            report(pipe, 's', std::stoull(std::get<Send>(item.effect).messages.at(0).text.substr(5)));  // "re: n<number>"
            OutboxResult done;
            auto const finished = co_await store.finish(item.id, std::move(done), noon);
            if (!finished) ::_exit(4);
        }
    }
}

[[noreturn]] void live_until_killed(StoreBackend const& backend, std::filesystem::path const& folder, std::uint64_t first, int pipe) {
    auto opened = backend.open(folder, answer_each, nobody);
    if (!opened) ::_exit(2);
    Store& store = *opened.value();
    net::io_context io{1};
    std::uint64_t next = first;
    auto const ignore = [](std::exception_ptr) {};
    for (int i = 0; i < 8; ++i) net::co_spawn(io, feed(store, next, pipe), ignore);
    net::co_spawn(io, send_all(store, pipe), ignore);
    io.run();
    ::_exit(5);
}

struct Reported {
    std::set<std::uint64_t> stored;
    std::multiset<std::uint64_t> sent;
};

/// Lets a child work on the store until it has stored `enough`, kills it with no warning, and adds what it reported.
void run_and_kill(StoreBackend const& backend, std::filesystem::path const& folder, std::uint64_t first, std::size_t enough, Reported& reported) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    pid_t const child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        ::close(ends[0]);
        live_until_killed(backend, folder, first, ends[1]);
    }
    ::close(ends[1]);
    std::string text;
    std::array<char, 4096> buffer{};
    std::size_t stored = 0;
    bool killed = false;
    auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    for (;;) {
        pollfd waiting{ends[0], POLLIN, 0};
        ::poll(&waiting, 1, 1000);
        bool const late = std::chrono::steady_clock::now() > give_up;
        if (!killed && (stored >= enough || late)) {
            ::kill(child, SIGKILL);
            killed = true;
        }
        if ((waiting.revents & (POLLIN | POLLHUP)) == 0) continue;
        auto const got = ::read(ends[0], buffer.data(), buffer.size());
        if (got <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        stored = static_cast<std::size_t>(std::count(text.begin(), text.end(), 'a'));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
    std::size_t at = 0;
    for (auto end = text.find('\n'); end != std::string::npos; at = end + 1, end = text.find('\n', at)) {
        std::uint64_t const number = std::stoull(text.substr(at + 1, end - at - 1));
        if (text[at] == 'a')
            reported.stored.insert(number);
        else
            reported.sent.insert(number);
    }
}

}  // namespace

class StoreCrash : public testing::TestWithParam<StoreBackend> {};
INSTANTIATE_TEST_SUITE_P(Stores, StoreCrash, testing::ValuesIn(all_store_backends()), [](auto const& test) { return std::string{test.param.name}; });

/// Killed in the middle of commits, several times: what was acknowledged is there, nothing is there twice, and every message has its one send, which was
/// sent, or is to be sent, or was under way and says so.
TEST_P(StoreCrash, loses_nothing_and_repeats_nothing) {
    TemporaryFolder const folder;
    Reported reported;
    constexpr std::uint64_t per_life = 1'000'000;
    for (std::uint64_t life = 0; life < 4; ++life) {
        run_and_kill(GetParam(), folder.path(), life * per_life, 40 + 30 * life, reported);
        if (HasFatalFailure()) return;
    }
    ASSERT_GE(reported.stored.size(), 300U);

    auto const store = GetParam().open(folder.path(), answer_each, nobody).value();
    std::map<std::uint64_t, bool> waiting;  // message -> maybe_sent
    for (auto items = run(store->claim(noon, 100)).value(); !items.empty(); items = run(store->claim(noon, 100)).value()) {
        for (auto const& item : items) {
            std::uint64_t const number = std::stoull(std::get<Send>(item.effect).messages.at(0).text.substr(5));
            EXPECT_TRUE(waiting.emplace(number, item.maybe_sent).second) << number << " is in the outbox twice";
            run(store->finish(item.id, OutboxResult{}, noon)).value();
        }
    }
    for (auto const number : reported.stored) {
        EXPECT_TRUE(waiting.contains(number) || reported.sent.contains(number)) << number << " was stored and has no send";
    }
    for (auto const number : reported.sent) {
        EXPECT_TRUE(!waiting.contains(number) || waiting.at(number)) << number << " may have been sent and does not say so";
    }
    // Every message is answered by exactly one send, over all lives.
    std::uint64_t received = 0;
    for (std::size_t i = 0; i < customers; ++i) {
        auto const view = run(store->view(ConversationId{"line-main/c" + std::to_string(i)}, 1'000'000)).value();
        if (!view) continue;
        std::uint64_t messages = 0;
        std::uint64_t delivered = 0;
        for (auto const& line : view->history) {
            messages += line.who == HistoryLine::Who::customer ? 1 : 0;
            delivered += line.state == "delivered" ? 1 : 0;
        }
        EXPECT_EQ(view->conversation.received, messages);
        EXPECT_EQ(view->conversation.effects, messages);
        EXPECT_EQ(delivered, messages);
        received += messages;
    }
    EXPECT_GE(received, reported.stored.size());
    for (auto const number : reported.stored) {
        std::vector<Arrival> batch{numbered_message(number)};
        EXPECT_TRUE(run(store->apply(std::move(batch))).value().at(0).duplicate) << number << " was acknowledged and is not known";
    }
    auto const counts = run(store->counts()).value();
    EXPECT_EQ(counts.outbox_pending, 0U);
    EXPECT_EQ(counts.outbox_in_flight, 0U);
    EXPECT_EQ(counts.journaled, received * 2);  // each message and the end of its send
}

}  // namespace kefu
