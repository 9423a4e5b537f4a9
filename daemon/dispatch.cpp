// SPDX-License-Identifier: Apache-2.0
#include "daemon/dispatch.hpp"

#include "daemon/log.hpp"
#include "daemon/net/deadline.hpp"
#include "daemon/outbox_work.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;

namespace {

constexpr auto set_back = 5s;      // a clock that went back by less delays nothing for long
constexpr auto longest_idle = 1s;  // also without a wake-up we look: `kefud resume` is another process

std::chrono::milliseconds back_off(int attempt) { return std::min<std::chrono::milliseconds>(1s * (1 << std::min(attempt, 8)), 5min); }

}  // namespace

struct Dispatcher::State : std::enable_shared_from_this<Dispatcher::State> {
    State(net::any_io_executor const& ex, Store& the_store, std::function<ServicesPtr()> the_services, Roster& the_roster, net::thread_pool& the_pool,
          std::filesystem::path the_media, Clock the_clock, std::size_t most)
        : executor(ex),
          store(the_store),
          services(std::move(the_services)),
          clock(the_clock),
          concurrency(most),
          idle(ex),
          loop(ex),
          work(ex),
          outbox({the_store, services, the_roster, the_pool, std::move(the_media), std::move(the_clock)}, counts, work) {}

    net::any_io_executor executor;
    Store& store;
    std::function<ServicesPtr()> services;
    Clock clock;
    std::size_t concurrency;  ///< of what is no send
    net::steady_timer idle;
    TaskGroup loop;
    TaskGroup work;
    DispatchCounts counts;
    OutboxWork outbox;
    std::map<ChannelId, std::size_t> in_flight;  ///< sends by their channel; without one: all else
    std::atomic<bool> woken{false};
    std::deque<OutboxItem> assigns;  ///< one at a time: each must see what the one before gave to whom
    bool assigning = false;
    std::optional<std::chrono::milliseconds> clock_ahead;  ///< of the steady one, which nobody sets; none: not looked yet
    bool stopping = false;
    std::atomic<bool> closed{false};

    /// Sleeps until woken, or until `limit` has passed. A wake-up that came since the last look returns at once.
    net::awaitable<void> wait(std::chrono::milliseconds limit) {
        if (woken.exchange(false)) co_return;
        idle.expires_after(limit);
        if (woken.exchange(false)) co_return;
        error_code ignored;
        co_await idle.async_wait(net::redirect_error(net::use_awaitable, ignored));
        woken = false;
    }

    static ChannelId share_of(OutboxItem const& item) { return item.kind == OutboxItem::Kind::send ? item.channel : ChannelId{""}; }

    struct Room {
        std::map<ChannelId, std::size_t> of;
        std::size_t total = 0;
        bool full = false;  ///< somebody has none
    };
    /// Each account has a share of its own (send.concurrency), so that a flood or a slow platform on one holds up no other.
    Room room_now() const {
        Room room;
        auto const add = [&](ChannelId const& id, std::size_t most) {
            auto const found = in_flight.find(id);
            std::size_t const left = most - std::min(most, found == in_flight.end() ? std::size_t{0} : found->second);
            room.of.insert_or_assign(id, left);
            room.total += left;
            room.full = room.full || left == 0;
        };
        ServicesPtr const current = services();
        add(ChannelId{""}, concurrency);
        for (auto const& [id, connector] : current->connectors) {
            auto const most = current->sends_at_once.find(id);
            add(ChannelId{id}, most == current->sends_at_once.end() ? concurrency : most->second);
        }
        return room;
    }

    /// Also at the first look: nobody knows what the clock did before.
    bool clock_went_back() {
        auto const steady = std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
        auto const ahead = clock().time_since_epoch() - steady;
        bool const back = !clock_ahead || ahead + set_back < *clock_ahead;
        clock_ahead = ahead;
        return back;
    }

    net::awaitable<void> run() {
        int failures = 0;
        while (!stopping) {
            if (clock_went_back()) {
                auto const made_due = co_await store.make_due(clock());
                if (!made_due) {
                    clock_ahead.reset();  // to be done at the next look
                    log_warn("waiting_work_not_made_due", {{"why", made_due.error().message}});
                }
            }
            auto const fired = co_await store.fire_timers(clock(), 500);
            Room room = room_now();
            bool const full = room.full;
            Result<std::vector<OutboxItem>> items{std::vector<OutboxItem>{}};
            if (fired && room.total > 0) items = co_await store.claim(clock(), room.total, std::move(room.of));
            if (!fired || !items) {
                Error const& error = !fired ? fired.error() : items.error();
                ++failures;
                auto const pause = std::min<std::chrono::milliseconds>(200ms * (1 << std::min(failures, 5)), 5s);
                log_error("store_unavailable", {{"why", error.message}, {"again_in_ms", pause.count()}});
                co_await sleep_for(pause);
                continue;
            }
            failures = 0;
            for (auto& item : *items) {
                ++in_flight[share_of(item)];
                if (item.kind == OutboxItem::Kind::assign) {
                    assigns.push_back(std::move(item));
                    continue;
                }
                std::string name = "outbox " + item.id.value;
                work.spawn(std::move(name), carry_out(shared_from_this(), std::move(item)));
            }
            if (!assigns.empty() && !std::exchange(assigning, true)) work.spawn("assignments", carry_out_assigns(shared_from_this()));
            if (items->empty() && *fired == 0) co_await wait_for_work(full);
        }
    }

    /// `full`: what is due may be what has no room; the end of a send wakes us.
    net::awaitable<void> wait_for_work(bool full) {
        auto const due = co_await store.next_due();
        std::chrono::milliseconds limit = longest_idle;
        if (due && *due) limit = std::clamp<std::chrono::milliseconds>(**due - clock(), full ? 20ms : 1ms, longest_idle);
        co_await wait(limit);
    }

    static net::awaitable<void> carry_out(std::shared_ptr<State> self, OutboxItem item) {
        EffectId const id = item.id;
        ChannelId const share = share_of(item);
        ChannelId const channel = item.channel;
        int const attempts = item.attempts;
        std::optional<FetchMedia> media;
        if (auto const* wanted = std::get_if<FetchMedia>(&item.effect)) media = *wanted;
        std::uint64_t const lease = item.lease;
        bool const may_start = item.kind != OutboxItem::Kind::send || self->store.may_send();
        OutboxResult result;
        try {
            if (may_start)
                result = co_await self->outbox.attempt(std::move(item));
            else
                result = not_begun(self->clock());
        } catch (boost::system::system_error const& error) {
            if (error.code() == net::error::operation_aborted) throw;  // stop() cut it off: it comes back as "may be out"
            result = failed(id, error);
        } catch (std::exception const& error) {
            result = failed(id, error);
        }
        if (result.kind == OutboxResult::Kind::retry && result.retry_at == Timestamp{}) result.retry_at = self->clock() + back_off(attempts);
        result.lease = lease;
        bool stored = false;
        for (int tries = 0;; ++tries) {
            auto const finished = co_await self->store.finish(id, result, self->clock());
            stored = finished.has_value();
            if (stored) break;
            if (finished.error().code == Errc::not_found) {
                // Another daemon thought us dead and has it now, or its conversation was forgotten.
                log_warn("outcome_refused", {{"effect", id.value}, {"why", finished.error().message}});
                break;
            }
            // The store is full or slow: the outcome must not be lost, or the send would be repeated.
            log_error("outcome_not_stored", {{"effect", id.value}, {"why", finished.error().message}});
            bool const slept = co_await sleep_for(back_off(tries));
            if (!slept) break;
        }
        if (--self->in_flight[share] == 0) self->in_flight.erase(share);
        self->wake_here();
        if (media && stored) co_await self->outbox.settled(channel, std::move(*media), std::move(result));
    }

    static net::awaitable<void> carry_out_assigns(std::shared_ptr<State> self) {
        while (!self->assigns.empty()) {
            OutboxItem item = std::move(self->assigns.front());
            self->assigns.pop_front();
            auto one = carry_out(self, std::move(item));
            co_await std::move(one);
        }
        self->assigning = false;
    }

    /// A fault of ours must not leave it in flight, with its conversation waiting behind it: people are told instead.
    static OutboxResult failed(EffectId const& id, std::exception const& error) {
        log_error("outbox_item_failed", {{"effect", id.value}, {"why", error.what()}});
        return {OutboxResult::Kind::unknown, std::string{"a fault in kefud: "} + error.what(), {}, false, {}};
    }

    /// Our lease may end before the send would: then another daemon could send it too.
    static OutboxResult not_begun(Timestamp now) { return {OutboxResult::Kind::retry, "the lease was about to end", now + 1s, false, {}}; }

    void wake_here() {
        woken = true;
        idle.cancel();
    }
};

Dispatcher::Dispatcher(net::any_io_executor const& executor, Store& store, std::function<ServicesPtr()> services, Roster& roster, net::thread_pool& pool,
                       std::filesystem::path media, Clock clock, std::size_t concurrency)
    : state_(std::make_shared<State>(executor, store, std::move(services), roster, pool, std::move(media), std::move(clock), concurrency)) {}

Dispatcher::~Dispatcher() { state_->closed = true; }

void Dispatcher::start() { state_->loop.spawn("dispatcher", state_->run()); }

void Dispatcher::wake() {
    // Many commits, one wake-up: only the first posts.
    if (state_->woken.exchange(true)) return;
    net::post(state_->executor, [state = state_] {
        if (!state->closed) state->idle.cancel();
    });
}

net::awaitable<void> Dispatcher::stop(std::chrono::milliseconds limit) {
    state_->stopping = true;
    state_->wake_here();
    auto const until = std::chrono::steady_clock::now() + limit;
    // The loop first: what a claim under way brings is in flight already, and is carried out.
    co_await state_->loop.join(limit);
    state_->loop.cancel();
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    bool const finished = co_await state_->work.join(std::max(left, std::chrono::milliseconds{0}));
    if (!finished) state_->work.cancel();
    co_await state_->work.join(std::chrono::seconds{2});
    co_await state_->loop.join(std::chrono::seconds{2});
}

DispatchCounts const& Dispatcher::counts() const { return state_->counts; }

}  // namespace kefu
