// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kefu {

/// " (did you mean 'timeout'?)" when one of the candidates is a slip of the pen away from `word`, else nothing.
/// For the end of an error message.
std::string did_you_mean(std::string_view word, std::span<std::string const> candidates);

}  // namespace kefu
