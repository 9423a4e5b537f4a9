// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/net/net.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

/// Coroutines waiting for a thread that does blocking work on a `Side`. Values cross over, and each coroutine goes on where it came from.
namespace kefu {

/// One coroutine that waits, and what it wants done.
template <class Side>
class Call {
  public:
    virtual ~Call() = default;

    /// Says what run() will touch, before any of the batch runs.
    virtual void announce(Side& side) = 0;
    /// May run more than once: only the last result counts. May throw.
    virtual void run(Side& side) = 0;
    virtual void fail(Error error) = 0;

    /// Where the coroutine goes on.
    virtual net::any_io_executor const& home() const = 0;
    /// Gives the coroutine the result of the last run() or fail(). Once, and at home only.
    virtual void deliver() = 0;
};

template <class Side>
using Calls = std::vector<std::unique_ptr<Call<Side>>>;

/// Lets all of them go on, in order. One post for all who live on the same executor: each post may wake its thread, which costs more than the post.
template <class Side>
void resume(Calls<Side> calls) {
    while (!calls.empty()) {
        // Once posted, a coroutine may end at once and take its io_context with it: everything that touches it goes along.
        net::any_io_executor const home = calls.front()->home();
        auto const elsewhere = std::stable_partition(calls.begin(), calls.end(), [&](auto const& call) { return call->home() == home; });
        Calls<Side> here(std::make_move_iterator(calls.begin()), std::make_move_iterator(elsewhere));
        calls.erase(calls.begin(), elsewhere);
        net::post(home, [here = std::move(here)] {
            for (auto const& call : here) call->deliver();
        });
    }
}

/// Bounded. push() from any thread, pop() from one.
template <class Side>
class CallQueue {
  public:
    CallQueue(std::string name, std::size_t limit) : name_(std::move(name)), limit_(limit) {}

    /// Nothing, or why it does not take it.
    std::optional<Error> push(std::unique_ptr<Call<Side>>& call) {
        std::lock_guard const lock{mutex_};
        if (closed_) return Error{Errc::unavailable, name_ + " is closed", std::nullopt};
        if (waiting_.size() >= limit_) return Error{Errc::unavailable, name_ + " is busy: " + std::to_string(limit_) + " calls are waiting", std::nullopt};
        waiting_.push_back(std::move(call));
        arrived_.notify_one();
        return std::nullopt;
    }

    /// Waits for the first, then up to `window` for more. Empty: closed, and nothing is left.
    Calls<Side> pop(std::size_t most, std::chrono::milliseconds window) {
        std::unique_lock lock{mutex_};
        arrived_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
        if (window.count() > 0) arrived_.wait_for(lock, window, [&] { return closed_ || waiting_.size() >= most; });
        Calls<Side> taken;
        taken.reserve(std::min(most, waiting_.size()));
        while (!waiting_.empty() && taken.size() < most) {
            taken.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        return taken;
    }

    void close() {
        std::lock_guard const lock{mutex_};
        closed_ = true;
        arrived_.notify_one();
    }

  private:
    std::string name_;
    std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::unique_ptr<Call<Side>>> waiting_;
    bool closed_ = false;
};

template <class Side, class T, class Work, class Announce, class Handler>
class CallOf final : public Call<Side> {
  public:
    CallOf(Work work, Announce announce, Handler handler)
        : work_(std::move(work)),
          announce_(std::move(announce)),
          handler_(std::move(handler)),
          home_(net::get_associated_executor(handler_)),
          guard_(net::prefer(home_, net::execution::outstanding_work.tracked)) {}

    void announce(Side& side) override { announce_(side); }
    void run(Side& side) override { result_.emplace(work_(side)); }
    void fail(Error error) override { result_.emplace(std::move(error)); }
    net::any_io_executor const& home() const override { return home_; }
    void deliver() override { std::move(handler_)(std::move(*result_)); }

  private:
    Work work_;
    Announce announce_;
    Handler handler_;
    net::any_io_executor home_;
    net::any_io_executor guard_;  ///< counts as work, so that io_context::run() does not return while somebody waits
    std::optional<Result<T>> result_;
};

/// Runs `work` (Side& -> Result<T>) on the thread behind `queue`, and before it `announce` (Side&), where that matters. Runs to its end even when the
/// coroutine is cancelled.
template <class T, class Side, class Work, class Announce>
net::awaitable<Result<T>> ask(CallQueue<Side>& queue, Work work, Announce announce) {
    auto start = [&queue, work = std::move(work), announce = std::move(announce)](auto handler) mutable {
        using Handler = decltype(handler);
        std::unique_ptr<Call<Side>> call = std::make_unique<CallOf<Side, T, Work, Announce, Handler>>(std::move(work), std::move(announce), std::move(handler));
        auto refused = queue.push(call);
        if (!refused) return;
        call->fail(std::move(*refused));
        Calls<Side> alone;
        alone.push_back(std::move(call));
        resume(std::move(alone));
    };
    return net::async_initiate<net::use_awaitable_t<> const, void(Result<T>)>(std::move(start), net::use_awaitable);
}

template <class T, class Side, class Work>
net::awaitable<Result<T>> ask(CallQueue<Side>& queue, Work work) {
    return ask<T>(queue, std::move(work), [](Side&) {});
}

}  // namespace kefu
