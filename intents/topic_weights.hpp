// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// What the learned layer knows of topics: weights in eight bits for the n-grams that tell topics apart, in the model's file behind the labels' weights.
/// Read in place: whoever made it keeps the bytes alive.
class TopicWeights {
  public:
    static constexpr std::size_t most_topics = 48;

    /// What it is made from.
    struct Parts {
        std::vector<std::string> names;      ///< at most most_topics, of at most 31 bytes
        std::vector<float> scale;            ///< by topic: a stored weight times this is the weight
        std::vector<float> bias;             ///< by topic
        std::vector<std::uint32_t> buckets;  ///< that have weights; rising
        std::vector<std::int8_t> weights;    ///< by bucket, most_topics each
    };

    /// By topic, the logarithm of the odds. Those beyond names() mean nothing.
    using Scores = std::array<float, most_topics>;

    /// Sums over n-grams, in stored units.
    class Sums {
      public:
        void add(std::int8_t const* row);
        Scores total();

      private:
        using Row [[gnu::vector_size(most_topics / 3)]] = std::int8_t;
        using Partial [[gnu::vector_size(2 * most_topics / 3)]] = std::int16_t;

        void flush();

        std::array<Partial, 3> partial_{};
        std::array<std::int32_t, most_topics> whole_{};
        int added_ = 0;
    };

    static std::string to_bytes(Parts const& parts, std::size_t bucket_count);
    /// Nothing when these are not bytes of to_bytes() for as many buckets.
    static std::optional<TopicWeights> from_bytes(std::string_view bytes, std::size_t bucket_count);

    std::vector<std::string> const& names() const { return names_; }

    /// The weights of an n-gram, nothing when it says nothing about topics.
    std::int8_t const* row(std::size_t bucket) const {
        std::uint64_t word = 0;
        std::memcpy(&word, bitmap_ + bucket / 64 * sizeof word, sizeof word);
        auto const bit = std::uint64_t{1} << (bucket % 64);
        if ((word & bit) == 0) return nullptr;
        return rows_ + (rank_[bucket / 64] + static_cast<std::uint32_t>(__builtin_popcountll(word & (bit - 1)))) * most_topics;
    }

    /// `length` is that of the sentence, as for the labels.
    Scores scores(Sums& sums, float length) const;

  private:
    std::vector<std::string> names_;
    Scores scale_{};
    Scores bias_{};
    unsigned char const* bitmap_ = nullptr;  // by bucket: has weights
    std::vector<std::uint32_t> rank_;        // by 64 buckets: rows before them
    std::int8_t const* rows_ = nullptr;
};

inline void TopicWeights::Sums::add(std::int8_t const* row) {
    constexpr int most_before_overflow = 250;
    for (std::size_t i = 0; i < partial_.size(); ++i) {
        Row part;
        std::memcpy(&part, row + i * sizeof part, sizeof part);
        partial_[i] += __builtin_convertvector(part, Partial);
    }
    if (++added_ == most_before_overflow) flush();
}

}  // namespace kefu
