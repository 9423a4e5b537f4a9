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

struct AngerVerdict {
    double score = 0;  ///< how sure we are that it is anger: of label anger
    Anger anger;       ///< kinds only when score reaches the threshold
};

/// How loud a message is, 0-1: exclamation marks, capitals, letters drawn out. Means nothing by itself.
double loudness(Intensity const& intensity);

/// Puts the signs together. The score is 1 - Π(1 - weight). From `threshold` on, the level is the highest sign's, raised a little by
/// each further one and by loudness, never below a threat's own level however polite it is; below the threshold it is the score's share of it.
/// Without any sign there is no anger, however loud the text.
AngerVerdict judge_anger(std::span<AngerSign const> signs, Intensity const& intensity, double threshold);

}  // namespace kefu
