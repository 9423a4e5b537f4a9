// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_backends.hpp"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

/// How many messages a second the store takes, each on disk before its caller goes on, by how many callers wait at once; beside it what one
/// fdatasync costs in the same folder: with one caller that is the limit. KEFUD_BENCH_DIR chooses the folder (default: the temporary one).
namespace kefu {

namespace {

std::filesystem::path bench_folder() {
    char const* const chosen = std::getenv("KEFUD_BENCH_DIR");
    std::string name = ((chosen != nullptr ? std::filesystem::path{chosen} : std::filesystem::temp_directory_path()) / "kefud-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the benchmark");
    return name;
}

struct Folder {
    std::filesystem::path path = bench_folder();
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

/// Microseconds of one fdatasync after writing 16 KiB, the size of a small commit.
double sync_cost(std::filesystem::path const& folder) {
    int const file = ::open((folder / "sync").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    std::string const bytes(16384, 'x');
    constexpr int times = 50;
    auto const start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) {
        if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0) break;
    }
    auto const spent = std::chrono::steady_clock::now() - start;
    ::close(file);
    return std::chrono::duration<double, std::micro>(spent).count() / times;
}

/// What a small conversation remembers: counts, an open case, the last line said. The timer stands for the quiet window.
Decision remember(ChannelId const&, Conversation conversation, Event const& event, Timestamp now) {
    Decision decision;
    if (std::holds_alternative<MessageReceived>(event)) {
        ++conversation.received;
        conversation.last_message_at = now;
        conversation.language = "zh-Hant";
        conversation.open.topic = "where_is_it";
        conversation.told["tracking"] = 1;
        decision.effects.emplace_back(SetTimer{"quiet", now + std::chrono::seconds{2}});
        decision.why.emplace_back("tracking: waits for the quiet window");
    }
    decision.conversation = std::move(conversation);
    return decision;
}

/// As remember(), and answers at once: one send into the outbox for each message.
Decision answer(ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
    auto decision = remember(channel, std::move(conversation), event, now);
    if (std::holds_alternative<MessageReceived>(event)) decision.effects = {send_for(decision.conversation, "您好，您的包裹正在路上，預計明天送達。", SendPurpose::holding)};
    return decision;
}

Arrival bench_message(std::uint64_t number) {
    auto const id = std::to_string(100'000'000'000'000 + number);
    auto arrival = message_from("U8622f62091a54" + std::to_string(number * 7919 % 5000), "請問我的包裹到哪裡了？訂單 A20391", noon, "01JQ" + id + "WEBHOOKEVT");
    auto& message = std::get<MessageReceived>(arrival.event);
    message.meaning.language = "zh-Hant";
    message.meaning.labels = {Label::tracking};
    message.meaning.topics = {{"where_is_it", 0.93}};
    arrival.raw = R"({"type":"message","message":{"type":"text","id":"468789577898262530","quoteToken":"q3Plxr4AgKd","text":"請問我的包裹到哪裡了？訂單 A20391"},)"
                  R"("webhookEventId":"01H810YECXQQZ37VAXPF6H9E6T","deliveryContext":{"isRedelivery":false},"timestamp":1692251666727,)"
                  R"("source":{"type":"user","userId":"U8622f62091a54"},"replyToken":"38ef843bde154d9b91c21320ffd17a0f","mode":"active"})";
    return arrival;
}

net::awaitable<void> caller(Store& store, std::uint64_t& number, std::uint64_t until) {
    while (number < until) {
        std::vector<Arrival> batch;
        batch.push_back(bench_message(number++));
        auto const applied = co_await store.apply(std::move(batch));
        if (!applied) throw std::runtime_error(applied.error().message);
    }
}

void run_callers(Store& store, std::int64_t callers, std::uint64_t& number, std::uint64_t messages) {
    net::io_context io{1};
    std::uint64_t const until = number + messages;
    for (std::int64_t i = 0; i < callers; ++i) {
        net::co_spawn(io, caller(store, number, until), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    }
    io.run();
}

void apply_messages(benchmark::State& state, Respond const& respond) {
    Folder const folder;
    auto store = sqlite_backend().open(folder.path, respond, nobody).value();
    std::uint64_t number = 0;
    auto const per_round = static_cast<std::uint64_t>(state.range(0)) * 200;
    for (auto _ : state) run_callers(*store, state.range(0), number, per_round);
    state.SetItemsProcessed(static_cast<std::int64_t>(number));
    state.counters["fdatasync_us"] = sync_cost(folder.path);
    store->close();
}

void waits_for_quiet(benchmark::State& state) { apply_messages(state, remember); }
void answers_at_once(benchmark::State& state) { apply_messages(state, answer); }

/// The dispatcher's part: claim, and the end of each send.
void sends(benchmark::State& state) {
    Folder const folder;
    auto store = sqlite_backend().open(folder.path, answer, nobody).value();
    std::uint64_t number = 0;
    std::int64_t sent = 0;
    for (auto _ : state) {
        state.PauseTiming();
        run_callers(*store, 64, number, 2000);
        state.ResumeTiming();
        for (auto items = run(store->claim(noon, 64)).value(); !items.empty(); items = run(store->claim(noon, 64)).value()) {
            std::vector<net::awaitable<Result<void>>> calls;
            for (auto const& item : items) calls.push_back(store->finish(item.id, OutboxResult{}, noon));
            sent += static_cast<std::int64_t>(items.size());
            run_together(std::move(calls));
        }
    }
    state.SetItemsProcessed(sent);
    state.counters["fdatasync_us"] = sync_cost(folder.path);
    store->close();
}

BENCHMARK(waits_for_quiet)->Arg(1)->Arg(16)->Arg(64)->UseRealTime();
BENCHMARK(answers_at_once)->Arg(1)->Arg(16)->Arg(64)->UseRealTime();
BENCHMARK(sends)->UseRealTime();

}  // namespace

}  // namespace kefu
