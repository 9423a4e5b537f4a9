// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/task_group.hpp"

#include "daemon/log.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

#include <list>
#include <utility>
#include <vector>

namespace kefu {

namespace {

struct RunningTask {
    std::string name;
    net::cancellation_signal signal;
    bool started = false;
    bool cancelled = false;  ///< before it started
};

void log_outcome(std::string const& name, std::exception_ptr const& thrown) {
    if (!thrown) return;
    try {
        std::rethrow_exception(thrown);
    } catch (boost::system::system_error const& error) {
        // A cancelled task that awaits once more is ended by Asio in this way: that is how it should stop.
        if (error.code() == net::error::operation_aborted) return;
        log_error("task_failed", {{"task", name}, {"why", error.what()}});
    } catch (std::exception const& error) {
        log_error("task_failed", {{"task", name}, {"why", error.what()}});
    } catch (...) {
        log_error("task_failed", {{"task", name}, {"why", "an exception of an unknown type"}});
    }
}

/// Asio awaits once before a task, and once more after one that never waited. A cancellation that arrived by then would throw there: out of io_context::run().
net::awaitable<void> run(std::shared_ptr<RunningTask> running, net::awaitable<void> task) {
    running->started = true;
    if (running->cancelled) co_return;
    std::exception_ptr thrown;
    try {
        co_await std::move(task);
    } catch (...) {
        thrown = std::current_exception();
    }
    log_outcome(running->name, thrown);
    co_await this_coro::throw_if_cancelled(false);
}

}  // namespace

/// Shared with the completion handlers, so that a group may go before an executor that will never run again.
struct TaskGroup::State {
    net::any_io_executor executor;
    std::list<std::shared_ptr<RunningTask>> tasks;
    std::list<net::steady_timer*> joining;

    explicit State(net::any_io_executor e) : executor(std::move(e)) {}

    void ended(std::list<std::shared_ptr<RunningTask>>::iterator task) {
        tasks.erase(task);
        if (!tasks.empty()) return;
        for (auto* timer : joining) timer->cancel();
    }
};

TaskGroup::TaskGroup(net::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() {
    for (auto const& task : state_->tasks) log_warn("task_left_behind", {{"task", task->name}});
}

void TaskGroup::spawn(std::string name, net::awaitable<void> task) {
    auto running = std::make_shared<RunningTask>();
    running->name = std::move(name);
    auto const place = state_->tasks.insert(state_->tasks.end(), running);
    auto const slot = running->signal.slot();
    net::co_spawn(state_->executor, run(std::move(running), std::move(task)),
                  net::bind_cancellation_slot(slot, [state = state_, place](std::exception_ptr const&) { state->ended(place); }));
}

void TaskGroup::cancel() {
    // A task may end, and leave the list, while it is told to stop.
    std::vector<std::shared_ptr<RunningTask>> const now(state_->tasks.begin(), state_->tasks.end());
    for (auto const& task : now) {
        task->cancelled = true;
        if (task->started) task->signal.emit(net::cancellation_type::terminal);
    }
}

net::awaitable<bool> TaskGroup::join(std::chrono::milliseconds limit) {
    auto const state = state_;
    if (state->tasks.empty()) co_return true;
    net::steady_timer timer{state->executor, limit};
    auto const place = state->joining.insert(state->joining.end(), &timer);
    error_code cut_short;
    try {
        co_await timer.async_wait(net::redirect_error(net::use_awaitable, cut_short));
    } catch (...) {
        state->joining.erase(place);
        throw;
    }
    state->joining.erase(place);
    co_return state->tasks.empty();
}

std::size_t TaskGroup::size() const { return state_->tasks.size(); }
net::any_io_executor TaskGroup::executor() const { return state_->executor; }

}  // namespace kefu
