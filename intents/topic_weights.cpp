// SPDX-License-Identifier: Apache-2.0
#include "intents/topic_weights.hpp"

#include <algorithm>

namespace kefu {
namespace {

struct Header {
    std::uint32_t topics;
    std::uint32_t rows;
};

struct TopicRecord {
    char name[32];
    float scale;
    float bias;
};

}  // namespace

void TopicWeights::Sums::flush() {
    for (std::size_t i = 0; i < whole_.size(); ++i) whole_[i] += partial_[i / (most_topics / 3)][i % (most_topics / 3)];
    partial_ = {};
    added_ = 0;
}

TopicWeights::Scores TopicWeights::Sums::total() {
    flush();
    Scores all;
    std::transform(whole_.begin(), whole_.end(), all.begin(), [](std::int32_t sum) { return static_cast<float>(sum); });
    return all;
}

std::string TopicWeights::to_bytes(Parts const& parts, std::size_t bucket_count) {
    Header const header{static_cast<std::uint32_t>(parts.names.size()), static_cast<std::uint32_t>(parts.buckets.size())};
    std::string bytes{reinterpret_cast<char const*>(&header), sizeof header};
    for (std::size_t i = 0; i < parts.names.size(); ++i) {
        TopicRecord record{};
        parts.names[i].copy(record.name, sizeof record.name - 1);
        record.scale = parts.scale[i];
        record.bias = parts.bias[i];
        bytes.append(reinterpret_cast<char const*>(&record), sizeof record);
    }
    std::string bitmap(bucket_count / 8, '\0');
    for (auto const bucket : parts.buckets) bitmap[bucket / 8] = static_cast<char>(bitmap[bucket / 8] | 1 << (bucket % 8));
    bytes += bitmap;
    bytes.append(reinterpret_cast<char const*>(parts.weights.data()), parts.weights.size());
    return bytes;
}

std::optional<TopicWeights> TopicWeights::from_bytes(std::string_view bytes, std::size_t bucket_count) {
    Header header;
    if (bytes.size() < sizeof header) return std::nullopt;
    std::memcpy(&header, bytes.data(), sizeof header);
    bytes.remove_prefix(sizeof header);
    if (header.topics > most_topics || header.rows > bucket_count) return std::nullopt;
    if (bytes.size() != header.topics * sizeof(TopicRecord) + bucket_count / 8 + std::size_t{header.rows} * most_topics) return std::nullopt;

    TopicWeights topics;
    for (std::size_t i = 0; i < header.topics; ++i) {
        TopicRecord record;
        std::memcpy(&record, bytes.data(), sizeof record);
        bytes.remove_prefix(sizeof record);
        record.name[sizeof record.name - 1] = '\0';
        topics.names_.emplace_back(record.name);
        topics.scale_[i] = record.scale;
        topics.bias_[i] = record.bias;
    }
    topics.bitmap_ = reinterpret_cast<unsigned char const*>(bytes.data());
    std::uint32_t rows = 0;
    for (std::size_t word = 0; word < bucket_count / 64; ++word) {
        topics.rank_.push_back(rows);
        std::uint64_t bits = 0;
        std::memcpy(&bits, bytes.data() + word * sizeof bits, sizeof bits);
        rows += static_cast<std::uint32_t>(__builtin_popcountll(bits));
    }
    if (rows != header.rows) return std::nullopt;
    topics.rows_ = reinterpret_cast<std::int8_t const*>(bytes.data()) + bucket_count / 8;
    return topics;
}

TopicWeights::Scores TopicWeights::scores(Sums& sums, float length) const {
    auto scores = sums.total();
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = (length > 0 ? scores[i] * scale_[i] / length : 0) + bias_[i];
    return scores;
}

}  // namespace kefu
