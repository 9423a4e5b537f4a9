// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/expression_tokens.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kefu {

/// A part of an expression, with all that is in it.
struct ExpressionNode {
    enum class Kind { literal, one_of, assertion, unknown, sequence, choice, repeat };
    Kind kind = Kind::sequence;
    std::string text;                      ///< literal: its UTF-8; assertion: ^ $ \b \B \A \z
    std::u32string characters;             ///< literal, one_of: which; empty when they are many
    CharacterSet set;                      ///< one_of
    std::vector<ExpressionNode> children;  ///< sequence, choice; of repeat one
    int least = 1;                         ///< repeat
    int most = 1;                          ///< repeat; Token::unlimited
    bool is_lazy = false;                  ///< repeat
    bool is_gap = false;                   ///< repeat: an ellipsis
    std::string regexp;                    ///< RE2 syntax
};

/// The top-level alternatives. Nothing when the parentheses do not match or a quantifier has nothing to repeat: RE2 has better words for that.
std::optional<std::vector<ExpressionNode>> parse_expression(std::vector<Token> const& tokens);

/// Several alternatives as one node.
ExpressionNode choice_of(std::vector<ExpressionNode> alternatives);

}  // namespace kefu
