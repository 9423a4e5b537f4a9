// SPDX-License-Identifier: Apache-2.0
// Any bytes as a template pack, and as one text: loading reports or gives templates that render without a fault.
#include "replies/template.hpp"

#include <cstddef>
#include <cstdint>

namespace {

void render_all(kefu::Templates const& templates) {
    kefu::Arguments const arguments{{"shop", "s"},     {"case", "c"},   {"customer", "小林"},   {"order", "1"},
                                    {"kind", "image"}, {"photos", 2.0}, {"return_days", 1e300}, {"answer_by", kefu::Timestamp{}}};
    for (auto const& locale : templates.locales())
        for (auto const& id : templates.ids())
            for (std::size_t turn = 0; turn < 3; ++turn) (void)templates.render(id, locale, "en", "Asia/Taipei", arguments, turn, "line");
}

/// In single quotes YAML has no escapes but the doubled quote.
std::string quoted(std::string_view text) {
    std::string result = "'";
    for (char const c : text) result += c == '\'' ? "''" : c == '\n' ? " " : std::string(1, c);
    return result + "'";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string const bytes{reinterpret_cast<char const*>(data), size};
    if (auto const pack = kefu::Templates::load({{"fuzz.yaml", bytes}})) render_all(*pack);
    if (auto const text = kefu::Templates::load({{"fuzz.yaml", "locale: cs\ntemplates:\n  a: {variants: [" + quoted(bytes) + "]}\n"}})) render_all(*text);
    return 0;
}
