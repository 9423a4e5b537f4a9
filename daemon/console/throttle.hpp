// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace kefu {

/// Slows down who guesses passwords: after five tries for an account or twenty from an address each further one waits twice as long as the one before, at most
/// a minute for an account, so that nobody is locked out by others, and a quarter of an hour for an address. A try counts before it is looked at, so that many
/// at once gain nothing; success takes it back. In memory and bounded; who made no try for an hour is forgotten. From any thread.
class SignInThrottle {
  public:
    /// Zero: go on, the try is counted. Else: come back after that long.
    std::chrono::milliseconds try_now(std::string const& account, std::string const& address, Timestamp now);
    void succeeded(std::string const& account, std::string const& address);

  private:
    struct Tries {
        int count = 0;
        Timestamp last{};
    };
    using Counts = std::map<std::string, Tries>;

    static std::chrono::milliseconds wait(Counts const& counts, std::string const& key, int free, std::chrono::milliseconds longest, Timestamp now);
    static void count(Counts& counts, std::string const& key, Timestamp now);

    std::mutex mutex_;
    Counts accounts_;
    Counts addresses_;
};

}  // namespace kefu
