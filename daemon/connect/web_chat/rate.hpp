// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace kefu::web_chat {

/// A bucket for each visitor, or each address: `burst` at once, refilled evenly over a minute. Remembers at most `most` of them; when all of those are busy,
/// nobody new is let in until one has calmed down.
class RateLimit {
  public:
    RateLimit(double burst, std::size_t most) : burst_(burst), most_(most) {}

    /// Takes one of `a_minute`; zero when it was there, else how long to wait for it.
    std::chrono::milliseconds take(std::string const& who, double a_minute, Timestamp now) {
        double const per_milli = a_minute / 60'000;
        auto found = buckets_.find(who);
        if (found == buckets_.end()) {
            if (buckets_.size() >= most_) forget_calm_ones(per_milli, now);
            if (buckets_.size() >= most_) return std::chrono::seconds{10};
            found = buckets_.emplace(who, Bucket{burst_, now}).first;
        }
        auto& bucket = found->second;
        bucket.left = left(bucket, per_milli, now);
        bucket.at = now;
        if (bucket.left >= 1) {
            bucket.left -= 1;
            return {};
        }
        return std::chrono::milliseconds{static_cast<std::int64_t>((1 - bucket.left) / per_milli) + 1};
    }

    std::size_t size() const { return buckets_.size(); }

  private:
    struct Bucket {
        double left;
        Timestamp at;
    };

    double left(Bucket const& bucket, double per_milli, Timestamp now) const {
        auto const passed = now > bucket.at ? static_cast<double>((now - bucket.at).count()) : 0.0;
        return std::min(burst_, bucket.left + passed * per_milli);
    }

    /// At most once a second: whoever floods us must not make us look through all of them each time.
    void forget_calm_ones(double per_milli, Timestamp now) {
        if (now - looked_ < std::chrono::seconds{1} && now >= looked_) return;
        looked_ = now;
        std::erase_if(buckets_, [&](auto const& entry) { return left(entry.second, per_milli, now) >= burst_; });
    }

    double burst_;
    std::size_t most_;
    std::unordered_map<std::string, Bucket> buckets_;
    Timestamp looked_{};
};

}  // namespace kefu::web_chat
