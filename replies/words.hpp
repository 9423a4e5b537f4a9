// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Words of a playbook against words of a customer. Nobody outside replies/ includes this.
namespace kefu {

/// Folded text with spaces for marks, one at either end: "no " is a whole word, "ship" the beginning of one.
std::string words_of(std::string_view folded);

/// A playbook's word in the same form: without a space in front, and with one at the end when a space or a mark stands there.
std::string wanted_words(std::string_view written);

}  // namespace kefu
