// SPDX-License-Identifier: Apache-2.0
#include "replies/orders.hpp"

#include <algorithm>

namespace kefu {

namespace {

/// Letters and digits of the ASCII range, upper case: how numbers and postcodes are compared.
std::string plain(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')) out += c;
        if (c >= 'a' && c <= 'z') out += static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

}  // namespace

bool proves(std::string_view text, std::vector<std::string> const& proofs) {
    auto const said = plain(text);
    // At the end of what was said: "912345678" shows that the last digits are known, "067800000" does not.
    return std::any_of(proofs.begin(), proofs.end(), [&](std::string const& proof) {
        auto const wanted = plain(proof);
        return wanted.size() >= 3 && said.ends_with(wanted);
    });
}

}  // namespace kefu
