// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <chrono>
#include <functional>

namespace kefu {

/// Where the daemon's parts get the time from; tests turn their own.
using Clock = std::function<Timestamp()>;

inline Timestamp system_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

}  // namespace kefu
