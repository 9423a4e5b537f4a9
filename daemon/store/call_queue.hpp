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

    /// May run more than once: only the last result counts. May throw.
    virtual void run(Side& side) = 0;
    virtual void fail(Error error) = 0;

    /// Gives the coroutine the result of the last run() or fail(), on its own executor.
    virtual void resume() = 0;
};

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
    std::vector<std::unique_ptr<Call<Side>>> pop(std::size_t most, std::chrono::milliseconds window) {
        std::unique_lock lock{mutex_};
        arrived_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
        if (window.count() > 0) arrived_.wait_for(lock, window, [&] { return closed_ || waiting_.size() >= most; });
        std::vector<std::unique_ptr<Call<Side>>> taken;
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

template <class Side, class T, class Work, class Handler>
class CallOf final : public Call<Side> {
  public:
    CallOf(Work work, Handler handler)
        : work_(std::move(work)),
          handler_(std::move(handler)),
          home_(net::get_associated_executor(handler_)),
          guard_(net::prefer(home_, net::execution::outstanding_work.tracked)) {}

    void run(Side& side) override { result_.emplace(work_(side)); }
    void fail(Error error) override { result_.emplace(std::move(error)); }
    void resume() override {
        // Once posted, the caller may end at once and take its io_context with it: everything that touches it goes along.
        auto finish = [handler = std::move(handler_), result = std::move(*result_), guard = std::move(guard_)]() mutable {
            std::move(handler)(std::move(result));
        };
        net::post(home_, std::move(finish));
    }

  private:
    Work work_;
    Handler handler_;
    net::any_io_executor home_;
    net::any_io_executor guard_;  ///< counts as work, so that io_context::run() does not return while somebody waits
    std::optional<Result<T>> result_;
};

/// Runs `work` (Side& -> Result<T>) on the thread behind `queue`. Runs to its end even when the coroutine is cancelled.
template <class T, class Side, class Work>
net::awaitable<Result<T>> ask(CallQueue<Side>& queue, Work work) {
    auto start = [&queue, work = std::move(work)](auto handler) mutable {
        using Handler = decltype(handler);
        std::unique_ptr<Call<Side>> call = std::make_unique<CallOf<Side, T, Work, Handler>>(std::move(work), std::move(handler));
        auto refused = queue.push(call);
        if (!refused) return;
        call->fail(std::move(*refused));
        call->resume();
    };
    return net::async_initiate<net::use_awaitable_t<> const, void(Result<T>)>(std::move(start), net::use_awaitable);
}

}  // namespace kefu
