// SPDX-License-Identifier: Apache-2.0
#include "intents/anger.hpp"

#include <algorithm>

namespace kefu {
namespace {

constexpr std::uint32_t enough_cased = 8;  // "OK", "PPL" and "NT$" are not shouting
constexpr double shouting_share = 0.6;
constexpr double loud_enough = 0.3;  // to be named as a kind
constexpr double weight_of_loudness = 0.35;
constexpr double raise_by_sign = 0.1;  // of what is left to 1
constexpr double raise_by_loudness = 0.4;
constexpr double level_of_learned = 0.7;  // what no pattern names is not high anger (A2) by itself

}  // namespace

double loudness(Intensity const& intensity) {
    double loud = 0;
    if (intensity.exclamations >= 3 || intensity.longest_run >= 3)
        loud += 0.4;
    else if (intensity.exclamations == 2)
        loud += 0.2;
    if (intensity.longest_run >= 6) loud += 0.2;
    if (intensity.cased >= enough_cased && intensity.capitals >= shouting_share * intensity.cased) loud += 0.5;
    if (intensity.elongations >= 2) loud += 0.2;
    return std::min(loud, 1.0);
}

double anger_score(std::span<AngerSign const> signs, Intensity const& intensity) {
    if (signs.empty()) return 0;
    double doubt = 1 - weight_of_loudness * loudness(intensity);
    for (auto const& sign : signs) doubt *= 1 - sign.weight;
    return 1 - doubt;
}

Anger judge_anger(std::span<AngerSign const> signs, Intensity const& intensity, double score, double threshold) {
    Anger anger;
    double highest = 0;
    for (auto const& sign : signs) highest = std::max(highest, sign.level);
    if (score < threshold) {
        anger.level = highest * score;
        return anger;
    }

    double const loud = loudness(intensity);
    if (signs.empty()) highest = level_of_learned * score;
    double calm = 1 - highest;
    for (std::size_t i = 1; i < signs.size(); ++i) calm *= 1 - raise_by_sign;
    calm *= 1 - raise_by_loudness * loud;
    anger.level = 1 - calm;
    for (auto const& sign : signs) anger.kinds.push_back(sign.kind);
    if (loud >= loud_enough) anger.kinds.push_back(AngerKind::intensity);
    auto& kinds = anger.kinds;
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    return anger;
}

}  // namespace kefu
