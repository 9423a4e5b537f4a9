// SPDX-License-Identifier: Apache-2.0
#include "intents/model.hpp"

#include "intents/features.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>

namespace kefu {
namespace {

static_assert(std::endian::native == std::endian::little, "the model file is read in place");

constexpr std::string_view magic = "kefudlm";
constexpr std::uint32_t version = 4;
constexpr std::size_t most_calibrations = 64;
constexpr std::size_t padding = 2;  // a bucket is read as eight bytes

// What the weights are worth depends on features.hpp: whoever changes what is hashed counts `version` up.
struct Header {
    char magic[8];
    std::uint32_t version;
    std::uint32_t bucket_bits;
    std::uint64_t checksum;  // of all that follows it
    std::uint64_t sentences;
    float scale[label_count];
    float bias[label_count];
    float rarity_step;
    std::uint32_t calibrations;
};
static_assert(sizeof(Header) == 80);

struct CalibrationRecord {
    char language[24];
    float slope;
    float offset;
};
static_assert(sizeof(CalibrationRecord) == 32);

constexpr std::size_t checked_from = offsetof(Header, sentences);

// Finds damage, not malice: a word at a time, so that a start does not wait for it.
std::uint64_t checksum(std::string_view bytes) {
    std::uint64_t sum = bytes.size();
    while (bytes.size() >= sizeof sum) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof word);
        sum = features::mix(sum, word);
        bytes.remove_prefix(sizeof word);
    }
    for (char const c : bytes) sum = features::mix(sum, static_cast<unsigned char>(c));
    return sum;
}

template <class T>
void append(std::string& bytes, T const& value) {
    bytes.append(reinterpret_cast<char const*>(&value), sizeof value);
}

// The last three are not weights: so that eight are added at once.
using StoredWeights [[gnu::vector_size(8)]] = std::int8_t;
using WeightSums [[gnu::vector_size(32)]] = std::int32_t;

// Sums over n-grams, in stored units.
struct Sums {
    WeightSums weights{};
    std::uint32_t rarity = 0;  // of squares
};

float length_of(std::uint32_t squares, float step) { return step * std::sqrt(static_cast<float>(squares)); }

}  // namespace

std::string Model::to_bytes(Parts const& parts) {
    Header header{};
    magic.copy(header.magic, sizeof header.magic);
    header.version = version;
    header.bucket_bits = bucket_bits;
    header.sentences = parts.sentences;
    std::copy(parts.scale.begin(), parts.scale.end(), header.scale);
    std::copy(parts.bias.begin(), parts.bias.end(), header.bias);
    header.rarity_step = parts.rarity_step;
    header.calibrations = static_cast<std::uint32_t>(parts.calibrations.size());

    std::string bytes;
    bytes.reserve(sizeof header + parts.calibrations.size() * sizeof(CalibrationRecord) + parts.buckets.size() + padding);
    append(bytes, header);
    for (auto const& calibration : parts.calibrations) {
        CalibrationRecord record{};
        calibration.language.copy(record.language, sizeof record.language - 1);
        record.slope = calibration.slope;
        record.offset = calibration.offset;
        append(bytes, record);
    }
    bytes += parts.buckets;
    bytes.append(padding, '\0');
    bytes += TopicWeights::to_bytes(parts.topics, bucket_count);
    auto const sum = checksum(std::string_view{bytes}.substr(checked_from));
    std::memcpy(bytes.data() + offsetof(Header, checksum), &sum, sizeof sum);
    return bytes;
}

Result<Model> Model::from_bytes(std::string_view bytes, std::shared_ptr<void const> owner) {
    auto const refuse = [](std::string why) { return Error{Errc::bad_config, std::move(why) + "; make it anew with 'kefud train'"}; };
    Header header;
    if (bytes.size() < sizeof header || !bytes.starts_with(magic)) return refuse("this is not a kefud model");
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.version != version || header.bucket_bits != bucket_bits) {
        return refuse("the model is of format " + std::to_string(header.version) + ", this kefud reads format " + std::to_string(version));
    }
    auto const records = std::size_t{header.calibrations} * sizeof(CalibrationRecord);
    auto const topics_at = sizeof header + records + bucket_count * bucket_bytes + padding;
    if (header.calibrations == 0 || header.calibrations > most_calibrations || bytes.size() < topics_at) return refuse("the model is cut off");
    auto topics = TopicWeights::from_bytes(bytes.substr(topics_at), bucket_count);
    if (!topics) return refuse("the model is cut off");
    if (checksum(bytes.substr(checked_from)) != header.checksum) return refuse("the model is damaged: its checksum does not fit");

    Model model;
    model.owner_ = std::move(owner);
    std::copy(std::begin(header.scale), std::end(header.scale), model.scale_.begin());
    std::copy(std::begin(header.bias), std::end(header.bias), model.bias_.begin());
    model.rarity_step_ = header.rarity_step;
    model.sentences_ = header.sentences;
    for (std::size_t i = 0; i < header.calibrations; ++i) {
        CalibrationRecord record;
        std::memcpy(&record, bytes.data() + sizeof header + i * sizeof record, sizeof record);
        record.language[sizeof record.language - 1] = '\0';
        model.calibrations_.push_back({record.language, record.slope, record.offset});
    }
    model.buckets_ = reinterpret_cast<unsigned char const*>(bytes.data()) + sizeof header + records;
    model.topics_ = *std::move(topics);
    return model;
}

Calibration const& Model::calibration(std::string_view language) const {
    for (auto const& known : calibrations_) {
        if (known.language == language) return known;
    }
    return calibrations_.front();
}

Model::Scores Model::score(std::string_view original, Normalized const& normalized, std::string_view language) const {
    Sums sums;
    TopicWeights::Sums topic_sums;
    for_each_feature(original, normalized, language, [&](std::uint64_t feature, features::Span) {
        auto const number = bucket_of(feature);
        auto const* bucket = buckets_ + number * bucket_bytes;
        StoredWeights weights;
        std::memcpy(&weights, bucket, sizeof weights);
        sums.weights += __builtin_convertvector(weights, WeightSums);
        std::uint32_t const rarity = bucket[label_count];
        sums.rarity += rarity * rarity;
        if (auto const* row = topics_.row(number)) topic_sums.add(row);
    });
    auto const& calibrated = calibration(language);
    auto const length = length_of(sums.rarity, rarity_step_);
    Scores scores;
    for (std::size_t i = 0; i < label_count; ++i) {
        auto const raw = (length > 0 ? static_cast<float>(sums.weights[i]) * scale_[i] / length : 0) + bias_[i];
        scores.labels[i] = calibrated.slope * raw + calibrated.offset;
    }
    scores.topics = topics_.scores(topic_sums, length);
    return scores;
}

std::vector<Model::Contribution> Model::contributions(std::string_view original, Normalized const& normalized, std::string_view language) const {
    std::map<std::string_view, LabelScores> by_text;
    std::uint32_t squares = 0;
    for_each_feature(original, normalized, language, [&](std::uint64_t feature, features::Span span) {
        auto const* bucket = buckets_ + bucket_of(feature) * bucket_bytes;
        std::uint32_t const rarity = bucket[label_count];
        squares += rarity * rarity;
        if (rarity == 0) return;
        auto& shares = by_text[std::string_view{normalized.text}.substr(span.start, span.end - span.start)];
        for (std::size_t i = 0; i < label_count; ++i) shares[i] += static_cast<float>(static_cast<std::int8_t>(bucket[i])) * scale_[i];
    });
    auto const length = length_of(squares, rarity_step_);
    std::vector<Contribution> all;
    for (auto& [text, shares] : by_text) {
        for (auto& share : shares) share *= calibration(language).slope / length;
        all.push_back({std::string{text}, shares});
    }
    return all;
}

}  // namespace kefu
