// SPDX-License-Identifier: Apache-2.0
#include "config/settings_types.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace kefu {

std::string yaml_text(std::string const& text) {
    bool const plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view{" -._/:"}.find(c) != std::string_view::npos;
    });
    bool const safe =
        plain && text.find(": ") == std::string::npos && !text.ends_with(':') && !text.ends_with(' ') && text[0] != ' ' && text[0] != '-' && text[0] != ':';
    if (safe) return text;
    std::string out = "'";
    for (char c : text) out += c == '\'' ? std::string{"''"} : std::string{c};
    return out + "'";
}

std::string yaml_text(milliseconds duration) {
    if (duration.count() == 0) return "0";
    constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> units{{{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}}};
    for (auto const& [factor, unit] : units)
        if (duration.count() % factor == 0) return std::to_string(duration.count() / factor) + std::string{unit};
    return std::to_string(duration.count()) + "ms";
}

std::string yaml_text(ByteSize size) {
    constexpr std::array<std::pair<std::uint64_t, std::string_view>, 3> units{{{1u << 30, "GiB"}, {1u << 20, "MiB"}, {1u << 10, "KiB"}}};
    for (auto const& [factor, unit] : units)
        if (size.count > 0 && size.count % factor == 0) return std::to_string(size.count / factor) + std::string{unit};
    return std::to_string(size.count);
}

}  // namespace kefu
