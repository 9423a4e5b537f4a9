// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace kefu {

/// Text for a manual page, as it stands: what man(7) would take for a request, an escape or a typographic quote is written so that it is none. One line.
std::string roff_text(std::string_view text);

/// The same in bold: what is typed as it stands.
std::string roff_bold(std::string_view text);

/// ".TP": a tag, and the paragraph that explains it. `tag` is roff already.
std::string roff_item(std::string const& tag, std::string_view meaning);

}  // namespace kefu
