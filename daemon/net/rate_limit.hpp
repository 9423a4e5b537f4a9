// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace kefu {

/// Tokens that flow in evenly: `burst` of them at once, `a_minute` in the long run. A clock that is set back gives nothing away.
class TokenBucket {
  public:
    TokenBucket(double burst, Timestamp now) : burst_(burst), left_(burst), at_(now) {}

    /// Takes one; zero when it was there, else how long to wait for it.
    std::chrono::milliseconds take(double a_minute, Timestamp now) {
        left_ = left(a_minute, now);
        at_ = now;
        if (left_ < 1) return std::chrono::milliseconds{static_cast<std::int64_t>((1 - left_) * 60'000 / a_minute) + 1};
        left_ -= 1;
        return {};
    }

    bool is_full(double a_minute, Timestamp now) const { return left(a_minute, now) >= burst_; }

  private:
    double left(double a_minute, Timestamp now) const {
        auto const passed = now > at_ ? static_cast<double>((now - at_).count()) : 0.0;
        return std::min(burst_, left_ + passed * a_minute / 60'000);
    }

    double burst_;
    double left_;
    Timestamp at_;
};

/// A bucket for each visitor, or each address. Remembers at most `most` of them; when all of those are busy, nobody new is let in until one has calmed down.
class RateLimit {
  public:
    RateLimit(double burst, std::size_t most) : burst_(burst), most_(most) {}

    /// Takes one of `a_minute`; zero when it was there, else how long to wait for it.
    std::chrono::milliseconds take(std::string const& who, double a_minute, Timestamp now) {
        auto found = buckets_.find(who);
        if (found == buckets_.end()) {
            if (buckets_.size() >= most_) forget_calm_ones(a_minute, now);
            if (buckets_.size() >= most_) return std::chrono::seconds{10};
            found = buckets_.emplace(who, TokenBucket{burst_, now}).first;
        }
        return found->second.take(a_minute, now);
    }

    std::size_t size() const { return buckets_.size(); }

  private:
    /// At most once a second: whoever floods us must not make us look through all of them each time.
    void forget_calm_ones(double a_minute, Timestamp now) {
        if (now - looked_ < std::chrono::seconds{1} && now >= looked_) return;
        looked_ = now;
        std::erase_if(buckets_, [&](auto const& entry) { return entry.second.is_full(a_minute, now); });
    }

    double burst_;
    std::size_t most_;
    std::unordered_map<std::string, TokenBucket> buckets_;
    Timestamp looked_{};
};

}  // namespace kefu
