// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite.hpp"
#include "tests/support/all_stores.hpp"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

/// How many messages a second the store takes, each on disk before its caller goes on, by how many callers wait at once; beside it what one
/// fdatasync costs in the same folder: with one caller that is the limit. KEFUD_BENCH_DIR chooses the folder (default: the temporary one);
/// KEFUD_BENCH_STORE=postgresql measures that one (KEFUD_TEST_POSTGRES: on which server; the one it starts itself does not sync); KEFUD_BENCH_ROWS the size of
/// the full store (default: 200,000 messages; the claim is for 10,000,000, which takes 10 GB and some minutes).
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
    if (std::holds_alternative<MessageReceived>(event))
        decision.effects = {send_for(decision.conversation, "您好，您的包裹正在路上，預計明天送達。", SendPurpose::holding)};
    return decision;
}

/// Customers write in no order: neighbours in time must not be neighbours in the file. (SplitMix64)
std::uint64_t shuffled(std::uint64_t number) {
    number += 0x9e3779b97f4a7c15U;
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31U);
}

Arrival bench_message(std::uint64_t number, std::uint64_t customers) {
    auto const id = std::to_string(100'000'000'000'000 + number);
    auto arrival =
        message_from("U8622f62091a54" + std::to_string(shuffled(number) % customers), "請問我的包裹到哪裡了？訂單 A20391", noon, "01JQ" + id + "WEBHOOKEVT");
    auto& message = std::get<MessageReceived>(arrival.event);
    message.meaning.language = "zh-Hant";
    message.meaning.labels = {Label::tracking};
    message.meaning.topics = {{"where_is_it", 0.93}};
    arrival.raw =
        R"({"type":"message","message":{"type":"text","id":"468789577898262530","quoteToken":"q3Plxr4AgKd","text":"請問我的包裹到哪裡了？訂單 A20391"},)"
        R"("webhookEventId":"01H810YECXQQZ37VAXPF6H9E6T","deliveryContext":{"isRedelivery":false},"timestamp":1692251666727,)"
        R"("source":{"type":"user","userId":"U8622f62091a54"},"replyToken":"38ef843bde154d9b91c21320ffd17a0f","mode":"active"})";
    return arrival;
}

/// Where the messages come from, and how many there were.
struct Crowd {
    std::uint64_t customers = 5000;
    std::uint64_t number = 0;
};

net::awaitable<void> caller(Store& store, Crowd& crowd, std::uint64_t until) {
    while (crowd.number < until) {
        std::vector<Arrival> batch;
        batch.push_back(bench_message(crowd.number++, crowd.customers));
        auto const applied = co_await store.apply(std::move(batch));
        if (!applied) throw std::runtime_error(applied.error().message);
    }
}

void run_callers(Store& store, std::int64_t callers, Crowd& crowd, std::uint64_t messages) {
    net::io_context io{1};
    std::uint64_t const until = crowd.number + messages;
    for (std::int64_t i = 0; i < callers; ++i) {
        net::co_spawn(io, caller(store, crowd, until), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    }
    io.run();
}

StoreBackend bench_backend() {
    char const* const wanted = std::getenv("KEFUD_BENCH_STORE");
    return wanted != nullptr && std::string_view{wanted} == "postgresql" ? postgres_backend() : sqlite_backend();
}

void apply_messages(benchmark::State& state, std::filesystem::path const& folder, Respond const& respond, Crowd crowd) {
    auto store = bench_backend().open(folder, respond, nobody).value();
    run_callers(*store, 64, crowd, 2 * crowd.customers);  // nearly everybody has written before
    std::uint64_t const before = crowd.number;
    auto const per_round = static_cast<std::uint64_t>(state.range(0)) * 200;
    for (auto _ : state) run_callers(*store, state.range(0), crowd, per_round);
    state.SetItemsProcessed(static_cast<std::int64_t>(crowd.number - before));
    state.counters["fdatasync_us"] = sync_cost(folder);
    store->close();
}

void waits_for_quiet(benchmark::State& state) {
    Folder const folder;
    apply_messages(state, folder.path, remember, {});
}
void answers_at_once(benchmark::State& state) {
    Folder const folder;
    apply_messages(state, folder.path, answer, {});
}

/// A store that has run for years: so many messages of a tenth as many customers, as the daemon would have written them.
void fill(std::filesystem::path const& folder, std::uint64_t rows) {
    {
        auto store = sqlite_backend().open(folder, remember, nobody).value();
        std::vector<Arrival> batch{bench_message(0, 1)};
        run(store->apply(std::move(batch))).value();
        store->close();
    }
    SqliteDatabase database{(folder / "kefud.db").string(), SQLITE_OPEN_READWRITE};
    database.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144");
    auto const all = std::to_string(rows);
    std::string const numbers = "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 99 + " + all + ") INSERT INTO ";
    database.execute("BEGIN");
    database.execute(numbers +
                     "journal SELECT i, max(0, i - 1000), i % 1000, 1, 0, 1780000000000 + i, 1780000000000 + i, 'm' || i, j.why, j.event, j.raw "
                     "FROM n, (SELECT * FROM journal WHERE kind = 1 LIMIT 1) j");
    database.execute(numbers + "seen SELECT 1, '01JP' || (100000000000000 + i) || 'WEBHOOKEVT', i FROM n");
    database.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + all + " / 10) INSERT INTO conversations " +
                     "SELECT 1000000000 + i, 'line-main/U8622f62091a54' || i, 1, 99 + i, c.updated, c.owner, c.heat, c.deadline, c.agent, "
                     "replace(c.state, 'U8622f62091a540', 'U8622f62091a54' || i) FROM n, (SELECT * FROM conversations LIMIT 1) c");
    database.execute("UPDATE totals SET sequence = 2000000000");
    database.execute("COMMIT");
    database.execute("PRAGMA journal_mode = WAL");
}

/// The full store is made once; customers beyond the first 5,000 are only written about, not heard of.
std::filesystem::path const& full_folder() {
    static Folder const folder;
    static bool const filled = [] {
        char const* const rows = std::getenv("KEFUD_BENCH_ROWS");
        fill(folder.path, rows != nullptr ? std::stoull(rows) : 200'000);
        return true;
    }();
    static_cast<void>(filled);
    return folder.path;
}

void waits_for_quiet_in_a_full_store(benchmark::State& state) {
    if (std::string_view{bench_backend().name} != "sqlite") return state.SkipWithError("is filled through SQLite");
    static std::uint64_t heard = 0;  // event ids go on from one run to the next
    heard += 10'000'000;
    apply_messages(state, full_folder(), remember, {5000, heard});
}

/// The dispatcher's part: claim, and the end of each send.
void sends(benchmark::State& state) {
    Folder const folder;
    auto store = bench_backend().open(folder.path, answer, nobody).value();
    Crowd crowd;
    std::int64_t sent = 0;
    for (auto _ : state) {
        state.PauseTiming();
        run_callers(*store, 64, crowd, 2000);
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

BENCHMARK(waits_for_quiet)->Arg(1)->Arg(16)->Arg(64)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(waits_for_quiet_in_a_full_store)->Arg(64)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(answers_at_once)->Arg(1)->Arg(16)->Arg(64)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(sends)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace

}  // namespace kefu
