// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace kefu {

struct Backoff {
    std::chrono::milliseconds first{1000};
    std::chrono::milliseconds longest{60000};
};

/// From [0, 1): each thread has a generator of its own.
inline double random_share() {
    thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_real_distribution<>{}(random);
}

/// How long to wait before try `attempt` + 1 (the first try is 1): `first`, doubled each time up to `longest`, of which the second half is
/// random, so that many who failed together do not come back together. `random` is from [0, 1].
inline std::chrono::milliseconds backoff_after(int attempt, double random, Backoff limits = {}) {
    auto const doublings = std::clamp(attempt - 1, 0, 30);
    auto const full = std::min(static_cast<double>(limits.longest.count()), static_cast<double>(limits.first.count()) * static_cast<double>(1LL << doublings));
    auto const share = 0.5 + 0.5 * std::clamp(random, 0.0, 1.0);
    return std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(full * share)};
}

}  // namespace kefu
