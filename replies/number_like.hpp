// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/turn.hpp"

#include <string>
#include <string_view>

/// Order numbers that only the conversation makes one: nothing in the message says so. Nobody outside replies/ includes this.
namespace kefu {

/// What looks like the number we asked for: the longest run of letters and digits with enough digits that is nothing else and that was not taken back. Empty:
/// none.
std::string number_like_order(Reading const& about);

/// A number of the very shape of the known one, in whose place it comes when nothing else is asked for: "no wait, 10023456". Empty: none.
std::string number_like(std::string_view known, Reading const& about);

}  // namespace kefu
