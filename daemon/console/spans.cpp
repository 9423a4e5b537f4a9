// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/spans.hpp"

#include <algorithm>

namespace kefu {

std::size_t utf16_offset(std::string_view text, std::size_t byte) {
    std::size_t units = 0;
    for (char const c : text.substr(0, std::min(byte, text.size()))) {
        auto const lead = static_cast<unsigned char>(c);
        if ((lead & 0xc0) == 0x80) continue;  // inside a character
        units += lead >= 0xf0 ? 2 : 1;
    }
    return units;
}

boost::json::object span_json(std::string_view text, std::size_t start_byte, std::size_t end_byte) {
    return {{"start", start_byte}, {"end", end_byte}, {"start_utf16", utf16_offset(text, start_byte)}, {"end_utf16", utf16_offset(text, end_byte)}};
}

}  // namespace kefu
