// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

class Matcher;

/// A pattern's regular expression, folded like the texts it is searched in, with the literals by which PatternSet finds the few
/// expressions worth trying.
struct Expression {
    std::string regexp;  ///< RE2 syntax, ellipses written out

    /// Every match starts with one of these (behind `^` or `\b`). Empty when that cannot be said; otherwise none is empty.
    std::vector<std::string> openings;

    /// Each match holds, for each of these lists, at least one of its literals.
    std::vector<std::vector<std::string>> required;

    bool only_at_start = false;  ///< opens with `^`
    bool only_at_word = false;   ///< opens with `\b`, and the openings with a letter or digit

    /// The same as `regexp`, at one place. Nothing when there are no openings to say where, and when its flags or its syntax are for RE2 alone.
    std::shared_ptr<Matcher const> matcher;
};

/// Reads one expression as an operator wrote it. Literals are folded as normalize() folds texts; escapes (`\b`, `\pN`,
/// `\Q…\E`), group names and flags stay. ` … `, `…` and ` ... ` become "at most 12 characters of the same sentence", `…{30}` at most 30.
/// Top-level alternatives may come back as several expressions: those that open with a literal, those that do not, and each with
/// an ellipsis. Errors (without a place) for what normalising makes impossible: a literal run of three, two spaces in a row. Other
/// syntax errors are left to RE2.
Result<std::vector<Expression>> read_expression(std::string_view source);

}  // namespace kefu
