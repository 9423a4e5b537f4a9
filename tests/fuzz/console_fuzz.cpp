// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/catalog_draft.hpp"
#include "daemon/console/sessions.hpp"
#include "daemon/console/sheets.hpp"
#include "daemon/console/spans.hpp"
#include "daemon/console/text_diff.hpp"
#include "daemon/console/totp.hpp"
#include "intents/utf8.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What the console is sent: cookies, origins, paths of files, texts to compare and to export.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace kefu;
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    Request request;
    request.headers.set("Cookie", std::string{text});
    request.headers.set("Origin", std::string{text});
    (void)session_token(request, true);
    if (is_our_page(request, Settings{})) std::abort();  // it names no host
    if (is_catalog_path(text) && (text.starts_with('.') || text.starts_with('/') || text.find("/.") != std::string_view::npos)) std::abort();
    if (is_utf8(text) && utf16_offset(text, size) > size) std::abort();
    if (totp_step_of(text, "12345678901234567890", Timestamp{}, 1'000'000)) std::abort();  // older than what was used
    auto const cell = csv_text(text);
    auto const begins = cell.starts_with('"') ? cell.substr(1) : cell;
    if (!begins.empty() && std::string_view{"=+-@\t\r"}.find(begins.front()) != std::string_view::npos) std::abort();
    auto const half = size / 2;
    for (auto const& line : text_diff(text.substr(0, half), text.substr(half)))
        if (line.old_number == 0 && line.new_number == 0) std::abort();
    return 0;
}
