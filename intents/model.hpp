// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/classification.hpp"
#include "intents/normalize.hpp"
#include "intents/topic_weights.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// How the learned layer's raw score becomes a probability in one language; found on sentences it was not trained on.
struct Calibration {
    std::string language;  ///< empty: for languages without one of their own
    float slope = 1;
    float offset = 0;
    friend bool operator==(Calibration const&, Calibration const&) = default;
};

/// The learned layer: one linear model a label over hashed n-grams (features.hpp), weights in eight bits. The file is little-endian: a header with
/// version and checksum, then for each bucket five weights and how rare it is, then what it knows of topics. At most 4 MB, read in place. Immutable,
/// thread-safe, cheap to copy.
class Model {
  public:
    /// What a file holds, before it is bytes.
    struct Parts {
        std::array<float, label_count> scale{};  ///< a stored weight times this is the weight
        std::array<float, label_count> bias{};
        float rarity_step = 1;
        std::vector<Calibration> calibrations;
        std::string buckets;  ///< bucket_count * bucket_bytes
        TopicWeights::Parts topics;
        std::uint64_t sentences = 0;  ///< how many it was trained on
    };
    static constexpr std::size_t bucket_bits = 19;
    static constexpr std::size_t bucket_count = std::size_t{1} << bucket_bits;
    static constexpr std::size_t bucket_bytes = label_count + 1;
    static std::size_t bucket_of(std::uint64_t feature) { return static_cast<std::size_t>((feature * 0xd6e8feb86659fd93) >> (64 - bucket_bits)); }

    static std::string to_bytes(Parts const& parts);

    /// Takes `bytes` as they are; `owner` keeps them alive, or nothing does when they live for ever. bad_config: not a model, of another version, cut off or
    /// damaged, and what to do.
    static Result<Model> from_bytes(std::string_view bytes, std::shared_ptr<void const> owner = nullptr);

    using LabelScores = std::array<float, label_count>;

    /// The logarithm of the odds.
    struct Scores {
        LabelScores labels{};
        TopicWeights::Scores topics{};  ///< in the order of topic_names()
    };

    /// `normalized` is made from `original`. 0 n-grams known: what the label's share alone says.
    Scores score(std::string_view original, Normalized const& normalized, std::string_view language) const;

    /// One n-gram's share of the score of each label.
    struct Contribution {
        std::string text;  ///< normalised
        LabelScores shares{};
    };
    /// Every known n-gram of the text, the same ones together. For explaining; slow.
    std::vector<Contribution> contributions(std::string_view original, Normalized const& normalized, std::string_view language) const;

    std::vector<std::string> const& topic_names() const { return topics_.names(); }
    std::vector<Calibration> const& calibrations() const { return calibrations_; }
    std::uint64_t sentences() const { return sentences_; }

  private:
    Calibration const& calibration(std::string_view language) const;

    std::shared_ptr<void const> owner_;
    unsigned char const* buckets_ = nullptr;
    std::array<float, label_count> scale_{};
    std::array<float, label_count> bias_{};
    float rarity_step_ = 1;
    std::vector<Calibration> calibrations_;  // the first is for every other language
    TopicWeights topics_;
    std::uint64_t sentences_ = 0;
};

}  // namespace kefu
