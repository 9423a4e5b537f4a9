// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/pack.hpp"
#include "intents/source_text.hpp"

#include <string>
#include <vector>

namespace kefu {

inline constexpr LabelBits all_labels = (1U << label_count) - 1;

/// One sentence the learned layer is trained on.
struct TrainingSentence {
    std::string text;      ///< UTF-8, as a customer wrote it
    std::string language;  ///< zh-Hant, cs, ...
    LabelBits labels = 0;
    LabelBits judged = all_labels;  ///< the labels this sentence decides; it says nothing about the others
    unsigned weight = 1;            ///< counts as this many sentences
    std::string topic = {};         ///< what it is about; empty: nobody said
    bool is_near_miss = false;      ///< it is not about `topic`, though it looks so
};

/// Reads JSON lines {"text","labels","lang"?,"topic"?,"hard"?}. The language is `lang`, else the file's name up to its first dot
/// ("zh-Hant.shop.jsonl"). `topic` may be any word: what no pack knows is no topic. `hard`: it only looks like that topic. What is wrong is added to `errors`
/// with file:line:column.
std::vector<TrainingSentence> read_sentences(SourceText const& file, Errors& errors);

}  // namespace kefu
