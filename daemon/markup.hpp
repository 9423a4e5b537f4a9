// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace kefu {

/// UTF-8 text as it stands in HTML and XML, also inside an attribute's quotes. Control characters that neither may hold are left out.
std::string escape_markup(std::string_view text);

}  // namespace kefu
