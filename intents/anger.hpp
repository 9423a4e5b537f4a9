// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classification.hpp"
#include "intents/normalize.hpp"

#include <span>

namespace kefu {

/// One pattern that speaks for anger and counts.
struct AngerSign {
    AngerKind kind = AngerKind::intensity;
    double level = 0;   ///< how angry it is when it is meant so
    double weight = 0;  ///< how sure it is
};

/// How loud a message is, 0-1: exclamation marks, capitals, letters drawn out. Means nothing by itself.
double loudness(Intensity const& intensity);

/// How sure the patterns are that it is anger: 1 - Π(1 - weight), surer when it is loud. 0 without any sign, however loud the text.
double anger_score(std::span<AngerSign const> signs, Intensity const& intensity);

/// How angry, when label anger has `score` and is given from `threshold`. Then the level is the highest sign's, raised a little by each further one and
/// by loudness, never below a threat's own level however polite it is; without signs it follows the score. Below the threshold it is the score's share of
/// the highest sign, and there are no kinds.
Anger judge_anger(std::span<AngerSign const> signs, Intensity const& intensity, double score, double threshold);

}  // namespace kefu
