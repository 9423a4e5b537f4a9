// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// One token of a pattern's expression, already folded.
struct Token {
    enum class Kind {
        literal,    ///< one character
        one_of,     ///< a short class: [abc]
        assertion,  ///< takes no characters: ^ $ \b
        other,      ///< . and anything else that takes characters
        open,
        close,
        bar,
        quantifier,
        gap,
        flags,
    };
    Kind kind = Kind::other;
    std::string text;           ///< RE2 syntax; of a literal quoted where needed
    std::u32string characters;  ///< literal, one_of: which
    bool is_digit = false;      ///< literal
    int number = 0;             ///< quantifier: how often at least; gap: how many characters at most
};

/// Splits and folds; see read_expression(). Errors: an ellipsis over more than 200 characters, a letter that becomes several inside [...].
Result<std::vector<Token>> read_tokens(std::string_view source);

}  // namespace kefu
