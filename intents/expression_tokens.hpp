// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/character_set.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// One token of a pattern's expression, already folded.
struct Token {
    enum class Kind {
        literal,    ///< one character
        one_of,     ///< a class: [abc] . \d
        assertion,  ///< takes no characters: ^ $ \b
        other,      ///< takes a character that only RE2 can tell: \pL [[:alpha:]]
        open,
        close,
        bar,
        quantifier,
        gap,
        flags,
    };
    static constexpr int unlimited = -1;

    Kind kind = Kind::other;
    std::string text;           ///< RE2 syntax; of a literal quoted where needed
    std::u32string characters;  ///< literal: which; one_of: which, empty when they are many
    CharacterSet set = {};      ///< one_of, gap
    bool is_digit = false;      ///< literal
    int least = 0;              ///< quantifier, gap: how often
    int most = 0;               ///< quantifier, gap: how often, or `unlimited`
    bool is_lazy = false;       ///< quantifier
};

/// Splits and folds; see read_expression(). Errors: an ellipsis over more than 200 characters, a letter that becomes several inside [...].
Result<std::vector<Token>> read_tokens(std::string_view source);

}  // namespace kefu
