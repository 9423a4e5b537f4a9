// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classify.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

/// What a message means, in the form that `kefud classify` and the operators' desk share.
namespace kefu {

/// language, labels, topics, scores and anger, numbers rounded to four digits.
boost::json::object meaning_json(Classification const& meaning);

/// To four digits.
double rounded(double score);

/// The n-grams that spoke most for the label, or against it: at most six, strongest first, shares above 0. Views into `all`.
std::vector<std::pair<float, std::string_view>> strongest(std::vector<Model::Contribution> const& all, std::size_t label, bool for_it);

/// Whether a label was given or came near: others are not worth a line.
bool is_worth_explaining(Classification const& meaning, Explanation const& explanation, std::size_t label);

}  // namespace kefu
