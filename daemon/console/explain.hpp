// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classify.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace kefu {

/// What a message means and why, as `kefud classify TEXT` tells it, for the operators' desk: rules that fired and those that an exception took away, and for
/// each label that was given or came near what the two layers said.
boost::json::object explanation_json(Classifier const& classifier, std::string_view text, std::string_view language);

}  // namespace kefu
