// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <string_view>

namespace kefu {

/// The place of a byte offset in well-formed UTF-8, in UTF-16 code units, as JavaScript counts. An offset inside a character counts as its end.
std::size_t utf16_offset(std::string_view text, std::size_t byte);

/// {"start","end"} in bytes and {"start_utf16","end_utf16"}: half-open, of `text`.
boost::json::object span_json(std::string_view text, std::size_t start_byte, std::size_t end_byte);

}  // namespace kefu
