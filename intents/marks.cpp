// SPDX-License-Identifier: Apache-2.0
#include "intents/marks.hpp"

#include "intents/code_point_table.hpp"
#include "intents/icu.hpp"
#include "intents/utf8.hpp"

#include <unicode/uchar.h>

namespace kefu {
namespace {

bool is_mark(char32_t c) { return c >= 0x0300 && c <= 0x036F; }

// Marks are added up, because text may have them in either order.
std::uint8_t marks_of(icu::Normalizer2 const& decompose, char32_t c) {
    if (c < 0xC0 || c > 0x1EFF || (c > 0x24F && c < 0x1E00 && !is_mark(c))) return 0;
    auto const as_number = [](char32_t mark) { return static_cast<std::uint8_t>((mark - 0x0300) * 37 + 11); };
    if (is_mark(c)) return as_number(c);
    icu::UnicodeString parts;
    if (!decompose.getDecomposition(static_cast<UChar32>(c), parts)) {
        auto const small = static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
        return u_isalpha(static_cast<UChar32>(c)) ? as_number(small) : std::uint8_t{0};  // đ
    }
    std::uint8_t sum = 0;
    for (std::int32_t i = 0; i < parts.length(); ++i) {
        if (is_mark(parts[i])) sum = static_cast<std::uint8_t>(sum + as_number(parts[i]));
    }
    return sum;
}

}  // namespace

std::uint32_t Marks::of_bytes(std::string_view bytes) {
    static auto const table = [] {
        auto const& decompose = icu_must(&icu::Normalizer2::getNFDInstance);
        return CodePointTable<std::uint8_t>{[&](char32_t c) { return marks_of(decompose, c); }};
    }();
    std::uint8_t sum = 0;
    for (std::size_t at = 0; at < bytes.size();) sum = static_cast<std::uint8_t>(sum + table[next_code_point(bytes, at)]);
    return sum;
}

}  // namespace kefu
