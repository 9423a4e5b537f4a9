// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/threaded_store.hpp"

#include "daemon/log.hpp"
#include "daemon/store/call_queue.hpp"
#include "daemon/store/reader.hpp"
#include "daemon/store/store_accounts.hpp"

#include <pthread.h>

#include <functional>
#include <optional>
#include <thread>
#include <utility>

/// Two threads. The store's thread takes everything that waits and makes one transaction of it (group commit): while it is on its way to the disk the
/// next ones gather. The reading thread serves people, whose slow questions must not hold up a commit.
namespace kefu {

namespace {

using Batch = Calls<StoreWriter>;

constexpr int most_repeats = 10;  // of a batch that other daemons were in the way of; each time one of those in the circle gets through

class ThreadedStore final : public Store {
  public:
    explicit ThreadedStore(StoreParts parts)
        : parts_(std::move(parts)),
          lease_(parts_.writer.lease),
          writer_(std::in_place, *parts_.writing, std::move(parts_.writer)),
          reader_(std::in_place, parts_.reading ? *parts_.reading : *parts_.writing),
          calls_("the store", parts_.max_queue),
          questions_("the store", parts_.max_queue) {
        writer_thread_ = std::thread{[this] { write(); }};
        if (parts_.reading) reader_thread_ = std::thread{[this] { read(); }};
    }

    ~ThreadedStore() override { ThreadedStore::close(); }

    net::awaitable<Result<std::vector<Applied>>> apply(std::vector<Arrival> batch) override {
        // Shared: what it will touch is named before, which looks at the same batch.
        auto const arrivals = std::make_shared<std::vector<Arrival> const>(std::move(batch));
        return change<std::vector<Applied>>([arrivals](StoreWriter& writer) { return writer.apply(*arrivals); },
                                            [arrivals](StoreWriter& writer) { writer.expect(*arrivals); });
    }
    net::awaitable<Result<std::size_t>> fire_timers(Timestamp now, std::size_t limit) override {
        return change<std::size_t>([=](StoreWriter& writer) { return writer.fire_timers(now, limit); });
    }
    net::awaitable<Result<std::vector<OutboxItem>>> claim(Timestamp now, std::size_t limit, std::map<ChannelId, std::size_t> room) override {
        return change<std::vector<OutboxItem>>([this, now, limit, room = std::move(room)](StoreWriter& writer) {
            return may_send() ? writer.claim(now, limit, room) : std::vector<OutboxItem>{};
        });
    }
    net::awaitable<Result<void>> finish(EffectId id, OutboxResult result, Timestamp now) override {
        auto const expect = [conversation = conversation_of(id)](StoreWriter& writer) { writer.expect(conversation); };
        return change<void>([id = std::move(id), result = std::move(result), now](StoreWriter& writer) { return writer.finish(id, result, now); }, expect);
    }
    bool may_send() const override { return lease_ == nullptr || lease_->lasts(parts_.longest_send); }

    net::awaitable<Result<void>> make_due(Timestamp now) override {
        return change<void>([now](StoreWriter& writer) {
            writer.make_due(now);
            return Result<void>{};
        });
    }
    net::awaitable<Result<std::optional<Timestamp>>> next_due() override {
        return change<std::optional<Timestamp>>([](StoreWriter& writer) { return writer.next_due(); });
    }
    net::awaitable<Result<std::optional<ConversationView>>> view(ConversationId id, std::size_t history) override {
        return question<std::optional<ConversationView>>([id = std::move(id), history](StoreReader& reader) { return reader.view(id, history); });
    }
    net::awaitable<Result<std::vector<ConversationView>>> list(ConversationFilter filter) override {
        return question<std::vector<ConversationView>>([filter = std::move(filter)](StoreReader& reader) { return reader.list(filter); });
    }
    net::awaitable<Result<StoreCounts>> counts() override {
        return question<StoreCounts>([](StoreReader& reader) { return reader.counts(); });
    }
    net::awaitable<Result<AgentLoads>> loads() override {
        return question<AgentLoads>([](StoreReader& reader) { return reader.loads(); });
    }
    net::awaitable<Result<QueueCounts>> queues(std::string agent) override {
        return question<QueueCounts>([agent = std::move(agent)](StoreReader& reader) { return reader.queues(agent); });
    }
    net::awaitable<Result<SearchResult>> search(std::string text, std::size_t limit) override {
        return question<SearchResult>([text = std::move(text), limit](StoreReader& reader) { return reader.search(text, limit); });
    }
    net::awaitable<Result<std::vector<DeadLetter>>> dead_letters(std::size_t limit) override {
        return question<std::vector<DeadLetter>>([limit](StoreReader& reader) { return reader.dead_letters(limit); });
    }
    net::awaitable<Result<void>> repeat(std::uint64_t number, std::string who, Timestamp now) override {
        return change<void>([number, who = std::move(who), now](StoreWriter& writer) { return writer.repeat(number, who, now); });
    }
    net::awaitable<Result<void>> drop(std::uint64_t number, std::string who, Timestamp now) override {
        return change<void>([number, who = std::move(who), now](StoreWriter& writer) { return writer.drop(number, who, now); });
    }
    net::awaitable<Result<void>> set_pause(Pause pause) override {
        return change<void>([pause = std::move(pause)](StoreWriter& writer) {
            writer.set_pause(pause);
            return Result<void>{};
        });
    }
    net::awaitable<Result<void>> clear_pause(std::string channel) override {
        return change<void>([channel = std::move(channel)](StoreWriter& writer) {
            writer.clear_pause(channel);
            return Result<void>{};
        });
    }
    net::awaitable<Result<std::vector<Pause>>> pauses() override {
        return change<std::vector<Pause>>([](StoreWriter& writer) { return writer.pauses(); });
    }

    net::awaitable<Result<void>> keep(Bookmark bookmark) override {
        return change<void>([bookmark = std::move(bookmark)](StoreWriter& writer) {
            writer.keep(bookmark);
            return Result<void>{};
        });
    }
    net::awaitable<Result<std::string>> bookmark(ChannelId channel, std::string name) override {
        return change<std::string>([channel = std::move(channel), name = std::move(name)](StoreWriter& writer) { return writer.bookmark(channel, name); });
    }

    net::awaitable<Result<std::uint64_t>> keep(CatalogVersion version, std::map<std::string, std::string> texts) override {
        return change<std::uint64_t>(
            [version = std::move(version), texts = std::move(texts)](StoreWriter& writer) { return writer.versions().keep(version, texts); });
    }
    net::awaitable<Result<std::vector<CatalogVersion>>> versions(std::size_t limit) override {
        return question<std::vector<CatalogVersion>>([limit](StoreReader& reader) { return reader.versions().newest(limit); });
    }
    net::awaitable<Result<std::map<std::string, std::string>>> texts(std::vector<std::string> hashes) override {
        return question<std::map<std::string, std::string>>([hashes = std::move(hashes)](StoreReader& reader) { return reader.versions().texts(hashes); });
    }
    net::awaitable<Result<WatchPage>> watch(WatchQuery query) override {
        return question<WatchPage>([query = std::move(query)](StoreReader& reader) { return reader.watch(query); });
    }
    net::awaitable<Result<Expired>> expire(Expiry before, std::size_t limit) override {
        return change<Expired>([before, limit](StoreWriter& writer) { return writer.expire(before, limit); });
    }
    net::awaitable<Result<Erased>> forget(ConversationId id, std::string who, Timestamp now, bool dry) override {
        auto const expect = [id](StoreWriter& writer) { writer.expect(id); };
        return change<Erased>([id = std::move(id), who = std::move(who), now, dry](StoreWriter& writer) { return writer.forget(id, who, now, dry); }, expect);
    }
    Accounts& accounts() override { return accounts_; }

    void on_work(std::function<void()> wake) override { parts_.listeners->on_work(std::move(wake)); }
    void on_change(std::function<void(std::vector<Changed>)> tell) override { parts_.listeners->on_change(std::move(tell)); }
    void on_commit(std::function<void(std::size_t, std::chrono::nanoseconds)> tell) override { parts_.listeners->on_commit(std::move(tell)); }

    void close() override {
        calls_.close();
        questions_.close();
        if (reader_thread_.joinable()) reader_thread_.join();
        if (!writer_thread_.joinable()) return;
        writer_thread_.join();
        reader_.reset();
        parts_.reading.reset();
        if (parts_.close) parts_.close(*parts_.writing);
        writer_.reset();
        parts_.writing.reset();
        parts_.close = nullptr;  // and with it what it holds, such as a lock
    }

  private:
    template <class T, class Work>
    net::awaitable<Result<T>> change(Work work) {
        return change<T>(std::move(work), [](StoreWriter&) {});
    }

    /// `expect` names what `work` will touch.
    template <class T, class Work, class Expect>
    net::awaitable<Result<T>> change(Work work, Expect expect) {
        return ask<T>(
            calls_, [work = std::move(work)](StoreWriter& writer) -> Result<T> { return work(writer); }, std::move(expect));
    }

    template <class T, class Work>
    net::awaitable<Result<T>> question(Work work) {
        if (parts_.reading) return ask<T>(questions_, [work = std::move(work)](StoreReader& reader) -> Result<T> { return work(reader); });
        return ask<T>(calls_, [this, work = std::move(work)](StoreWriter& writer) -> Result<T> {
            writer.write_out();
            return work(*reader_);
        });
    }

    void write() {
        pthread_setname_np(pthread_self(), "kefud-store");
        for (Batch batch = calls_.pop(parts_.max_batch, parts_.commit_window); !batch.empty(); batch = calls_.pop(parts_.max_batch, parts_.commit_window)) {
            auto const began = std::chrono::steady_clock::now();
            committed_now_ = false;
            carry_out(batch);
            if (committed_now_) parts_.listeners->committed(batch.size(), std::chrono::steady_clock::now() - began);
            bool const work = writer_->made_work();
            auto changed = writer_->take_changes();
            resume(std::move(batch));
            if (parts_.committed && (work || !changed.empty())) parts_.committed(work, changed);
            if (work) parts_.listeners->wake();
            if (!changed.empty()) parts_.listeners->tell(std::move(changed));
        }
    }

    /// All calls in one transaction. When the work of one throws (a bug, not the disk), everything is rolled back and done once more with a savepoint
    /// around each call, so that only that one fails; savepoints cost too much to have them always. Running a call twice is safe: nothing of the first
    /// time is left, and respond() is pure.
    void carry_out(Batch& batch) {
        Outcome outcome = Outcome::in_the_way;
        bool careful = false;
        for (int repeats = 0; outcome != Outcome::done; ++repeats) {
            outcome = try_once(batch, careful, repeats == most_repeats);
            careful = careful || outcome == Outcome::faulty;
        }
    }

    /// done: every call has its result. in_the_way: other daemons were; the same again. faulty: somebody's work threw.
    enum class Outcome { done, in_the_way, faulty };

    Outcome try_once(Batch& batch, bool careful, bool last) {
        try {
            writer_->begin(careful);
            if (parts_.writing->shared()) {
                for (auto& call : batch) call->announce(*writer_);
                writer_->lock();
            }
            for (auto& call : batch) careful ? run_alone(*call) : call->run(*writer_);
            writer_->commit();
            committed_now_ = true;
            return Outcome::done;
        } catch (std::exception const& error) {
            writer_->roll_back();
            auto const* const failure = dynamic_cast<DatabaseError const*>(&error);
            if (!last && failure != nullptr && failure->passing()) return Outcome::in_the_way;
            if (!careful && !ends_transaction(error)) return Outcome::faulty;
            fail_all(batch, error);
            return Outcome::done;
        }
    }

    void run_alone(Call<StoreWriter>& call) {
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
        auto const* const failure = dynamic_cast<DatabaseError const*>(&error);
        Error const why = failure != nullptr ? failure->to_error(parts_.name) : Error{Errc::environment, parts_.name + ": " + error.what(), std::nullopt};
        log_error("store_commit_failed", {{"calls", batch.size()}, {"why", why.message}});
        for (auto& call : batch) call->fail(why);
    }

    void read() {
        pthread_setname_np(pthread_self(), "kefud-reader");
        constexpr std::chrono::milliseconds at_once{0};
        for (Calls<StoreReader> one = questions_.pop(1, at_once); !one.empty(); one = questions_.pop(1, at_once)) {
            auto& call = *one.front();
            try {
                call.run(*reader_);
            } catch (DatabaseError const& error) {
                call.fail(error.to_error(parts_.name));
            } catch (std::exception const& error) {
                call.fail({Errc::environment, parts_.name + ": " + error.what(), std::nullopt});
            }
            resume(std::move(one));
        }
    }

    StoreParts parts_;
    Lease const* lease_;
    std::optional<StoreWriter> writer_;  ///< store's thread only
    std::optional<StoreReader> reader_;  ///< reading thread only, or the store's when there is none
    CallQueue<StoreWriter> calls_;
    CallQueue<StoreReader> questions_;
    StoreAccounts accounts_{calls_, parts_.reading ? &questions_ : nullptr};
    bool committed_now_ = false;  ///< store's thread only
    std::thread writer_thread_;
    std::thread reader_thread_;
};

}  // namespace

Result<std::unique_ptr<Store>> run_store(StoreParts parts) {
    std::string const name = parts.name;
    try {
        std::unique_ptr<Store> store = std::make_unique<ThreadedStore>(std::move(parts));
        return store;
    } catch (DatabaseError const& error) {  // preparing the statements: the schema is not what its version says
        Error broken = error.to_error(name);
        broken.code = Errc::environment;
        return broken;
    }
}

}  // namespace kefu
