// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/pack.hpp"
#include "intents/rulebook.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

struct ReadExample {
    std::string normalized;
    std::vector<RuleHit> hits;
};

/// Runs the examples and counterexamples of the packs that `rules` was compiled from; each that fails is an error at its line.
/// `read` reads a text as a customer's message whose conversation is in the given language.
Errors check_examples(std::vector<Pack> const& packs, Rulebook const& rules,
                      std::function<ReadExample(std::string_view text, std::string const& language)> const& read);

}  // namespace kefu
