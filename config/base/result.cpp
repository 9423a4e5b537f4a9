// SPDX-License-Identifier: Apache-2.0
#include "config/base/result.hpp"

#include <stdexcept>

namespace kefu {

std::string Error::to_string() const {
    if (!where) return message;
    std::string place = where->file;
    if (where->line > 0) {
        place += ':' + std::to_string(where->line);
        if (where->column > 0) place += ':' + std::to_string(where->column);
    }
    return place + ": " + message;
}

void throw_exception_from_error(Error const& error, boost::source_location const&) { throw std::runtime_error(error.to_string()); }

void throw_exception_from_error(Errors const& errors, boost::source_location const&) {
    std::string all;
    for (auto const& error : errors) all += (all.empty() ? "" : "\n") + error.to_string();
    throw std::runtime_error(all);
}

}  // namespace kefu
