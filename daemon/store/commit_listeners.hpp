// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/store.hpp"

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
};

}  // namespace kefu
