// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/throttle.hpp"

#include "daemon/net/backoff.hpp"

#include <algorithm>

namespace kefu {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_kept = 10'000;
constexpr auto forgotten_after = 1h;
constexpr int free_for_account = 5, free_from_address = 20;

}  // namespace

std::chrono::milliseconds SignInThrottle::try_now(std::string const& account, std::string const& address, Timestamp now) {
    std::lock_guard const lock{mutex_};
    auto const left = std::max(wait(accounts_, account, free_for_account, 1min, now), wait(addresses_, address, free_from_address, 15min, now));
    if (left > 0ms) return left;
    count(accounts_, account, now);
    count(addresses_, address, now);
    return 0ms;
}

void SignInThrottle::succeeded(std::string const& account, std::string const& address) {
    std::lock_guard const lock{mutex_};
    accounts_.erase(account);
    // The others' tries from there, a shop behind one router, stay counted.
    if (auto const found = addresses_.find(address); found != addresses_.end()) found->second.count = std::max(0, found->second.count - 1);
}

std::chrono::milliseconds SignInThrottle::wait(Counts const& counts, std::string const& key, int free, std::chrono::milliseconds longest, Timestamp now) {
    auto const found = counts.find(key);
    if (found == counts.end() || found->second.count < free || now - found->second.last >= forgotten_after) return 0ms;
    auto const whole = backoff_after(found->second.count - free + 1, 1.0, {1s, longest});
    return std::max<std::chrono::milliseconds>(0ms, found->second.last + whole - now);
}

void SignInThrottle::count(Counts& counts, std::string const& key, Timestamp now) {
    if (counts.size() >= most_kept && !counts.contains(key)) {
        std::erase_if(counts, [&](auto const& one) { return now - one.second.last >= forgotten_after; });
        if (counts.size() >= most_kept)
            counts.erase(std::min_element(counts.begin(), counts.end(), [](auto const& a, auto const& b) { return a.second.last < b.second.last; }));
    }
    auto& tries = counts[key];
    if (now - tries.last >= forgotten_after) tries.count = 0;
    ++tries.count;
    tries.last = now;
}

}  // namespace kefu
