// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

namespace kefu {

/// Leaves a system that fails alone for a while. After `pause` one try at a time finds out whether it is well again.
class CircuitBreaker {
  public:
    CircuitBreaker(int failures, std::chrono::milliseconds pause) : limit_(failures), pause_(pause) {}

    /// May it be asked now? Tell how it went with succeeded() or failed().
    bool admits(Timestamp now) {
        if (failures_ < limit_) return true;
        if (now < closed_until_) return false;
        closed_until_ = now + pause_;  // this one tries; the others wait for what it finds
        return true;
    }
    void succeeded() { failures_ = 0; }
    void failed(Timestamp now) {
        if (++failures_ >= limit_) closed_until_ = now + pause_;
    }

  private:
    int limit_;
    std::chrono::milliseconds pause_;
    int failures_ = 0;  ///< in a row
    Timestamp closed_until_{};
};

}  // namespace kefu
