// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite_store.hpp"

#include "daemon/log.hpp"
#include "daemon/store/call_queue.hpp"
#include "daemon/store/sqlite_file.hpp"
#include "daemon/store/sqlite_reader.hpp"
#include "daemon/store/sqlite_writer.hpp"
#include "daemon/store/store_accounts.hpp"

#include <pthread.h>

#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

/// Two threads. The store's thread takes everything that waits and makes one transaction of it (group commit): while it is on its way to the disk the
/// next ones gather. The reading thread serves people, whose slow questions must not hold up a commit.
namespace kefu {

namespace {

using Batch = Calls<SqliteWriter>;

class SqliteStore final : public Store {
  public:
    /// `reading` is null for a database in memory: then reads happen on the store's thread.
    SqliteStore(SqliteOptions options, OpenFile file, std::unique_ptr<Database> reading, Respond respond, NotifyRoute route)
        : options_(std::move(options)),
          lock_(std::move(file.lock)),
          writing_(std::move(file.database)),
          reading_(std::move(reading)),
          writer_(std::in_place, *writing_, options_.cache_conversations, std::move(respond), std::move(route)),
          reader_(std::in_place, reading_ ? *reading_ : *writing_),
          calls_("the store", options_.max_queue),
          questions_("the store", options_.max_queue) {
        writer_thread_ = std::thread{[this] { write(); }};
        if (reading_) reader_thread_ = std::thread{[this] { read(); }};
    }

    ~SqliteStore() override { SqliteStore::close(); }

    net::awaitable<Result<std::vector<Applied>>> apply(std::vector<Arrival> batch) override {
        return change<std::vector<Applied>>([batch = std::move(batch)](SqliteWriter& writer) { return writer.apply(batch); });
    }
    net::awaitable<Result<std::size_t>> fire_timers(Timestamp now, std::size_t limit) override {
        return change<std::size_t>([=](SqliteWriter& writer) { return writer.fire_timers(now, limit); });
    }
    net::awaitable<Result<std::vector<OutboxItem>>> claim(Timestamp now, std::size_t limit, std::map<ChannelId, std::size_t> room) override {
        return change<std::vector<OutboxItem>>([now, limit, room = std::move(room)](SqliteWriter& writer) { return writer.claim(now, limit, room); });
    }
    net::awaitable<Result<void>> finish(EffectId id, OutboxResult result, Timestamp now) override {
        return change<void>([id = std::move(id), result = std::move(result), now](SqliteWriter& writer) { return writer.finish(id, result, now); });
    }
    net::awaitable<Result<std::optional<Timestamp>>> next_due() override {
        return change<std::optional<Timestamp>>([](SqliteWriter& writer) { return writer.next_due(); });
    }
    net::awaitable<Result<std::optional<ConversationView>>> view(ConversationId id, std::size_t history) override {
        return question<std::optional<ConversationView>>([id = std::move(id), history](SqliteReader& reader) { return reader.view(id, history); });
    }
    net::awaitable<Result<std::vector<ConversationView>>> list(ConversationFilter filter) override {
        return question<std::vector<ConversationView>>([filter = std::move(filter)](SqliteReader& reader) { return reader.list(filter); });
    }
    net::awaitable<Result<StoreCounts>> counts() override {
        return question<StoreCounts>([](SqliteReader& reader) { return reader.counts(); });
    }
    net::awaitable<Result<AgentLoads>> loads() override {
        return question<AgentLoads>([](SqliteReader& reader) { return reader.loads(); });
    }
    net::awaitable<Result<QueueCounts>> queues(std::string agent) override {
        return question<QueueCounts>([agent = std::move(agent)](SqliteReader& reader) { return reader.queues(agent); });
    }
    net::awaitable<Result<SearchResult>> search(std::string text, std::size_t limit) override {
        return question<SearchResult>([text = std::move(text), limit](SqliteReader& reader) { return reader.search(text, limit); });
    }
    net::awaitable<Result<std::vector<DeadLetter>>> dead_letters(std::size_t limit) override {
        return question<std::vector<DeadLetter>>([limit](SqliteReader& reader) { return reader.dead_letters(limit); });
    }
    net::awaitable<Result<void>> repeat(std::uint64_t number, std::string who, Timestamp now) override {
        return change<void>([number, who = std::move(who), now](SqliteWriter& writer) { return writer.repeat(number, who, now); });
    }
    net::awaitable<Result<void>> drop(std::uint64_t number, std::string who, Timestamp now) override {
        return change<void>([number, who = std::move(who), now](SqliteWriter& writer) { return writer.drop(number, who, now); });
    }
    net::awaitable<Result<void>> set_pause(Pause pause) override {
        return change<void>([pause = std::move(pause)](SqliteWriter& writer) {
            writer.set_pause(pause);
            return Result<void>{};
        });
    }
    net::awaitable<Result<void>> clear_pause(std::string channel) override {
        return change<void>([channel = std::move(channel)](SqliteWriter& writer) {
            writer.clear_pause(channel);
            return Result<void>{};
        });
    }
    net::awaitable<Result<std::vector<Pause>>> pauses() override {
        return change<std::vector<Pause>>([](SqliteWriter& writer) { return writer.pauses(); });
    }

    net::awaitable<Result<void>> keep(Bookmark bookmark) override {
        return change<void>([bookmark = std::move(bookmark)](SqliteWriter& writer) {
            writer.keep(bookmark);
            return Result<void>{};
        });
    }
    net::awaitable<Result<std::string>> bookmark(ChannelId channel, std::string name) override {
        return change<std::string>([channel = std::move(channel), name = std::move(name)](SqliteWriter& writer) { return writer.bookmark(channel, name); });
    }

    net::awaitable<Result<std::uint64_t>> keep(CatalogVersion version, std::map<std::string, std::string> texts) override {
        return change<std::uint64_t>(
            [version = std::move(version), texts = std::move(texts)](SqliteWriter& writer) { return writer.versions().keep(version, texts); });
    }
    net::awaitable<Result<std::vector<CatalogVersion>>> versions(std::size_t limit) override {
        return question<std::vector<CatalogVersion>>([limit](SqliteReader& reader) { return reader.versions().newest(limit); });
    }
    net::awaitable<Result<std::map<std::string, std::string>>> texts(std::vector<std::string> hashes) override {
        return question<std::map<std::string, std::string>>([hashes = std::move(hashes)](SqliteReader& reader) { return reader.versions().texts(hashes); });
    }
    Accounts& accounts() override { return accounts_; }

    void on_work(std::function<void()> wake) override {
        std::lock_guard const lock{wake_mutex_};
        wake_ = std::move(wake);
    }

    void on_change(std::function<void(std::vector<Changed>)> tell) override {
        std::lock_guard const lock{wake_mutex_};
        tell_ = std::move(tell);
    }

    void close() override {
        calls_.close();
        questions_.close();
        if (reader_thread_.joinable()) reader_thread_.join();
        if (!writer_thread_.joinable()) return;
        writer_thread_.join();
        // Best effort: what is in the log is as safe as what is in the file.
        reader_.reset();
        if (reading_) {
            reading_.reset();
            sqlite3_wal_checkpoint_v2(writing_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        }
        writer_.reset();
        writing_.reset();
        lock_ = FileLock{};
    }

  private:
    template <class T, class Work>
    net::awaitable<Result<T>> change(Work work) {
        return ask<T>(calls_, [work = std::move(work)](SqliteWriter& writer) -> Result<T> { return work(writer); });
    }

    template <class T, class Work>
    net::awaitable<Result<T>> question(Work work) {
        if (reading_) return ask<T>(questions_, [work = std::move(work)](SqliteReader& reader) -> Result<T> { return work(reader); });
        return ask<T>(calls_, [this, work = std::move(work)](SqliteWriter& writer) -> Result<T> {
            writer.write_out();
            return work(*reader_);
        });
    }

    void write() {
        pthread_setname_np(pthread_self(), "kefud-store");
        for (Batch batch = calls_.pop(options_.max_batch, options_.commit_window); !batch.empty();
             batch = calls_.pop(options_.max_batch, options_.commit_window)) {
            carry_out(batch);
            bool const wake = writer_->made_work();
            auto changed = writer_->take_changes();
            resume(std::move(batch));
            if (wake) wake_dispatcher();
            if (!changed.empty()) tell(std::move(changed));
        }
    }

    /// All calls in one transaction. When the work of one throws (a bug, not the disk), everything is rolled back and done once more with a savepoint
    /// around each call, so that only that one fails; savepoints cost too much to have them always. Running a call twice is safe: nothing of the first
    /// time is left, and respond() is pure.
    void carry_out(Batch& batch) {
        if (!try_once(batch, false)) try_once(batch, true);
    }

    /// True when every call has its result; always so when careful.
    bool try_once(Batch& batch, bool careful) {
        try {
            writer_->begin(careful);
            for (auto& call : batch) careful ? run_alone(*call) : call->run(*writer_);
            writer_->commit();
            return true;
        } catch (std::exception const& error) {
            writer_->roll_back();
            if (!careful && !ends_transaction(error)) return false;
            fail_all(batch, error);
            return true;
        }
    }

    void run_alone(Call<SqliteWriter>& call) {
        try {
            writer_->part([&] { call.run(*writer_); });
        } catch (std::exception const& error) {
            if (ends_transaction(error)) throw;
            log_error("store_call_failed", {{"why", error.what()}});
            call.fail({Errc::environment, std::string{"nothing was stored, because of a fault in kefud: "} + error.what(), std::nullopt});
        }
    }

    /// The commit did not happen, so nobody's work did.
    void fail_all(Batch& batch, std::exception const& error) {
        auto const* const sqlite = dynamic_cast<SqliteError const*>(&error);
        Error const why = sqlite != nullptr ? sqlite->to_error(options_.path) : Error{Errc::environment, options_.path + ": " + error.what(), std::nullopt};
        log_error("store_commit_failed", {{"calls", batch.size()}, {"why", why.message}});
        for (auto& call : batch) call->fail(why);
    }

    void read() {
        pthread_setname_np(pthread_self(), "kefud-reader");
        constexpr std::chrono::milliseconds at_once{0};
        for (Calls<SqliteReader> one = questions_.pop(1, at_once); !one.empty(); one = questions_.pop(1, at_once)) {
            auto& call = *one.front();
            try {
                call.run(*reader_);
            } catch (SqliteError const& error) {
                call.fail(error.to_error(options_.path));
            } catch (std::exception const& error) {
                call.fail({Errc::environment, options_.path + ": " + error.what(), std::nullopt});
            }
            resume(std::move(one));
        }
    }

    void wake_dispatcher() {
        std::lock_guard const lock{wake_mutex_};
        if (wake_) wake_();
    }

    void tell(std::vector<Changed> changed) {
        std::lock_guard const lock{wake_mutex_};
        if (tell_) tell_(std::move(changed));
    }

    SqliteOptions options_;
    FileLock lock_;
    std::unique_ptr<Database> writing_;
    std::unique_ptr<Database> reading_;
    std::optional<SqliteWriter> writer_;  ///< store's thread only
    std::optional<SqliteReader> reader_;  ///< reading thread only, or the store's for a database in memory
    CallQueue<SqliteWriter> calls_;
    CallQueue<SqliteReader> questions_;
    StoreAccounts accounts_{calls_, reading_ ? &questions_ : nullptr};
    std::mutex wake_mutex_;
    std::function<void()> wake_;
    std::function<void(std::vector<Changed>)> tell_;
    std::thread writer_thread_;
    std::thread reader_thread_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(SqliteOptions options, Respond respond, NotifyRoute route) {
    auto file = open_for_writing(options);
    if (!file) return file.error();
    std::unique_ptr<Database> reading;
    if (!in_memory(options)) {
        auto opened = open_for_reading(options);
        if (!opened) return opened.error();
        reading = std::move(*opened);
    }
    std::string const path = options.path;
    try {
        std::unique_ptr<Store> store =
            std::make_unique<SqliteStore>(std::move(options), std::move(*file), std::move(reading), std::move(respond), std::move(route));
        return store;
    } catch (SqliteError const& error) {  // preparing the statements: the schema is not what its version says
        Error broken = error.to_error(path);
        broken.code = Errc::environment;
        return broken;
    }
}

}  // namespace kefu
