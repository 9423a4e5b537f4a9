// SPDX-License-Identifier: Apache-2.0
#include "replies/orders.hpp"

#include "intents/normalize.hpp"

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

/// The one group of three or more digits; nothing when there are several, or who does not know it could say many.
std::string only_number(std::string_view text) {
    std::string only;
    std::string run;
    for (char const c : std::string{text} + ' ') {
        if (c >= '0' && c <= '9') {
            run += c;
            continue;
        }
        if (run.size() >= 3 && !only.empty()) return {};
        if (run.size() >= 3) only = run;
        run.clear();
    }
    return only;
}

}  // namespace

bool proves(std::string_view text, std::vector<std::string> const& proofs) {
    auto const folded = normalize(text).text;  // full-width digits too
    auto const said = plain(folded);
    auto const number = only_number(folded);
    // At the end of what was said, or of the only number in it: "912345678" shows that the last digits are known, "067800000" does not.
    return std::any_of(proofs.begin(), proofs.end(), [&](std::string const& proof) {
        auto const wanted = plain(proof);
        return wanted.size() >= 3 && (said.ends_with(wanted) || number.ends_with(wanted));
    });
}

}  // namespace kefu
