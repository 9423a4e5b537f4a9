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

AngerVerdict judge_anger(std::span<AngerSign const> signs, Intensity const& intensity, double threshold) {
    AngerVerdict verdict;
    if (signs.empty()) return verdict;

    double const loud = loudness(intensity);
    double doubt = 1;
    double highest = 0;
    for (auto const& sign : signs) {
        doubt *= 1 - sign.weight;
        highest = std::max(highest, sign.level);
    }
    doubt *= 1 - weight_of_loudness * loud;
    verdict.score = 1 - doubt;
    if (verdict.score < threshold) {
        verdict.anger.level = highest * verdict.score;
        return verdict;
    }

    double calm = 1 - highest;
    for (std::size_t i = 1; i < signs.size(); ++i) calm *= 1 - raise_by_sign;
    calm *= 1 - raise_by_loudness * loud;
    verdict.anger.level = 1 - calm;
    for (auto const& sign : signs) verdict.anger.kinds.push_back(sign.kind);
    if (loud >= loud_enough) verdict.anger.kinds.push_back(AngerKind::intensity);
    auto& kinds = verdict.anger.kinds;
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    return verdict;
}

}  // namespace kefu
