// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_source.hpp"

#include <algorithm>

namespace kefu::yaml {

namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The code point at `at`, which moves past it; -1 when it is not UTF-8 (also overlong forms and surrogates).
long take_code_point(std::string_view text, std::size_t& at) {
    auto const first = static_cast<unsigned char>(text[at]);
    int const more = first < 0x80 ? 0 : first >= 0xC2 && first < 0xE0 ? 1 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xF0 && first < 0xF5 ? 3 : -1;
    if (more < 0 || text.size() - at <= static_cast<std::size_t>(more)) return -1;
    long point = more == 0 ? first : first & (0x3F >> more);
    for (int i = 1; i <= more; ++i) {
        char const c = text[at + static_cast<std::size_t>(i)];
        if (!is_continuation(c)) return -1;
        point = point << 6 | (static_cast<unsigned char>(c) & 0x3F);
    }
    if ((more == 2 && point < 0x800) || (more == 3 && (point < 0x10000 || point > 0x10FFFF)) || (point >= 0xD800 && point < 0xE000)) return -1;
    at += static_cast<std::size_t>(more) + 1;
    return point;
}

std::string hex(long number, int digits) {
    std::string out;
    for (int i = digits - 1; i >= 0; --i) out += "0123456789ABCDEF"[(number >> (4 * i)) & 15];
    return out;
}

}  // namespace

Places::Places(std::string_view text, std::string file) : text_(text), file_(std::make_shared<std::string const>(std::move(file))) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') line_starts_.push_back(i + 1);
}

std::size_t Places::offset(int line, int column) const {
    if (line < 0 || column < 0) return 0;
    std::size_t const start = line_starts_[std::min(static_cast<std::size_t>(line), line_starts_.size() - 1)];
    return std::min(start + static_cast<std::size_t>(column), text_.size());
}

std::pair<int, int> Places::at_offset(std::size_t offset) {
    offset = std::min(offset, text_.size());
    auto const next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    std::size_t const start = *(next - 1);
    // Marks mostly go forward: go on from the last one, or a long line costs the square of its length.
    if (offset < counted_to_ || start > counted_to_) {
        counted_to_ = start;
        characters_ = 0;
    }
    for (; counted_to_ < offset; ++counted_to_)
        if (!is_continuation(text_[counted_to_])) ++characters_;
    return {static_cast<int>(next - line_starts_.begin()), characters_ + 1};
}

Error Places::error(std::pair<int, int> place, std::string message) const {
    return Error{Errc::bad_config, std::move(message), SourceLocation{*file_, place.first, place.second}};
}

std::optional<Error> check_characters(std::string_view text, Places& places) {
    bool indenting = true;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const start = at;
        auto const wrong = [&](std::string message) { return places.error(places.at_offset(start), std::move(message)); };
        long const c = take_code_point(text, at);
        if (c < 0) return wrong("not UTF-8 (byte 0x" + hex(static_cast<unsigned char>(text[start]), 2) + "); save the file as UTF-8");
        if (c == '\r' && (at == text.size() || text[at] != '\n'))
            return wrong("a carriage return alone does not end a line; save the file with LF or CRLF line ends");
        bool const printable =
            c >= 0x20 ? c != 0x7F && (c < 0x80 || c >= 0xA0 || c == 0x85) && c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n' || c == '\r';
        if (!printable) return wrong("the control character U+" + hex(c, 4) + " is not allowed; write it as \"\\u" + hex(c, 4) + "\" in double quotes");
        if (indenting && c == '\t') return wrong("a tab cannot indent; use spaces");
        if (indenting && c == '%' && (start == 0 || text[start - 1] == '\n')) return wrong("directives (%YAML, %TAG) are not supported");
        indenting = c == '\n' || (indenting && c == ' ');
    }
    return std::nullopt;
}

std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t at) {
    char const quote = text[at];
    for (++at; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            if (quote == '"' || text.substr(at + 1, 1) != "'") return at + 1;
            ++at;  // '' is a quote inside single quotes
        }
    }
    return std::nullopt;
}

std::size_t skip_spaces(std::string_view text, std::size_t at) { return std::min(text.find_first_not_of(" \t\r\n", at), text.size()); }

}  // namespace kefu::yaml
