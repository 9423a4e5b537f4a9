// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/store.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace kefu {

/// Who hears of commits: the store's own and, on a shared database, those of other daemons. From any thread.
class CommitListeners {
  public:
    void on_work(std::function<void()> wake) {
        std::lock_guard const lock{mutex_};
        wake_ = std::move(wake);
    }
    void on_change(std::function<void(std::vector<Changed>)> tell) {
        std::lock_guard const lock{mutex_};
        tell_ = std::move(tell);
    }
    void on_commit(std::function<void(std::size_t, std::chrono::nanoseconds)> tell) {
        std::lock_guard const lock{mutex_};
        committed_ = std::move(tell);
    }
    void committed(std::size_t calls, std::chrono::nanoseconds took) {
        std::lock_guard const lock{mutex_};
        if (committed_) committed_(calls, took);
    }
    void wake() {
        std::lock_guard const lock{mutex_};
        if (wake_) wake_();
    }
    void tell(std::vector<Changed> changes) {
        std::lock_guard const lock{mutex_};
        if (tell_) tell_(std::move(changes));
    }

  private:
    std::mutex mutex_;
    std::function<void()> wake_;
    std::function<void(std::vector<Changed>)> tell_;
    std::function<void(std::size_t, std::chrono::nanoseconds)> committed_;
};

}  // namespace kefu
