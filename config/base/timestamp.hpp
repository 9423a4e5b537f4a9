// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kefu {

/// A moment, UTC, in whole milliseconds. The pure layers get it as an argument; only `daemon/` reads a clock.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// "2026-11-22T08:30:00.000Z"
std::string to_rfc3339(Timestamp at);

/// Reads RFC 3339 with any offset and any number of fraction digits (cut to milliseconds). Nothing when malformed.
std::optional<Timestamp> from_rfc3339(std::string_view text);

/// Milliseconds since 1970, as stored and as platforms send them.
inline std::int64_t to_millis(Timestamp at) { return at.time_since_epoch().count(); }
inline Timestamp from_millis(std::int64_t millis) { return Timestamp{std::chrono::milliseconds{millis}}; }

}  // namespace kefu
