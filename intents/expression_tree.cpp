// SPDX-License-Identifier: Apache-2.0
#include "intents/expression_tree.hpp"

#include "intents/utf8.hpp"

#include <utility>

namespace kefu {
namespace {

using Kind = ExpressionNode::Kind;

// Alternatives of sequences of atoms with quantifiers.
class Parser {
  public:
    explicit Parser(std::vector<Token> const& tokens) : tokens_(tokens) {}

    std::optional<std::vector<ExpressionNode>> parse() {
        auto alternatives = read_alternatives();
        if (is_broken_ || at_ < tokens_.size()) return std::nullopt;
        return alternatives;
    }

  private:
    bool next_is(Token::Kind kind) const { return at_ < tokens_.size() && tokens_[at_].kind == kind; }

    std::vector<ExpressionNode> read_alternatives() {
        std::vector<ExpressionNode> all;
        all.push_back(read_sequence());
        while (next_is(Token::Kind::bar)) {
            ++at_;
            all.push_back(read_sequence());
        }
        return all;
    }

    ExpressionNode read_sequence() {
        ExpressionNode sequence;
        while (at_ < tokens_.size() && !next_is(Token::Kind::bar) && !next_is(Token::Kind::close)) {
            auto atom = read_atom(tokens_[at_++]);
            // A second one in a row is broken syntax, or belongs to the first: "a+\\Q\\E?". RE2 says which.
            if (next_is(Token::Kind::quantifier)) atom = repeated(std::move(atom), tokens_[at_++]);
            sequence.regexp += atom.regexp;
            sequence.children.push_back(std::move(atom));
        }
        return sequence;
    }

    ExpressionNode read_atom(Token const& token) {
        ExpressionNode atom;
        switch (token.kind) {
            case Token::Kind::literal:
                atom.kind = Kind::literal;
                atom.characters = token.characters;
                append_utf8(atom.text, token.characters.front());
                break;
            case Token::Kind::one_of:
                atom.kind = Kind::one_of;
                atom.characters = token.characters;
                atom.set = token.set;
                break;
            case Token::Kind::assertion:
                atom.kind = Kind::assertion;
                atom.text = token.text;
                break;
            case Token::Kind::gap:
                return gap_of(token);
            case Token::Kind::open:
                return read_group(token);
            case Token::Kind::close:
            case Token::Kind::bar:
            case Token::Kind::quantifier:
                is_broken_ = true;
                break;
            case Token::Kind::other:
            case Token::Kind::flags:
                atom.kind = Kind::unknown;
                break;
        }
        atom.regexp = token.text;
        return atom;
    }

    static ExpressionNode gap_of(Token const& token) {
        ExpressionNode one;
        one.kind = Kind::one_of;
        one.set = token.set;
        ExpressionNode gap;
        gap.kind = Kind::repeat;
        gap.children.push_back(std::move(one));
        gap.least = token.least;
        gap.most = token.most;
        gap.is_lazy = true;
        gap.is_gap = true;
        gap.regexp = token.text;
        return gap;
    }

    ExpressionNode read_group(Token const& opening) {
        auto group = choice_of(read_alternatives());
        if (next_is(Token::Kind::close))
            ++at_;
        else
            is_broken_ = true;
        group.regexp = opening.text + group.regexp + ')';
        // Flags change what is inside; case alone does not matter in folded text.
        bool const has_flags =
            opening.text.starts_with("(?") && opening.text != "(?:" && opening.text != "(?i:" && opening.text[2] != 'P' && opening.text[2] != '<';
        if (has_flags) group.kind = Kind::unknown;
        return group;
    }

    static ExpressionNode repeated(ExpressionNode atom, Token const& quantifier) {
        ExpressionNode repeat;
        repeat.kind = Kind::repeat;
        repeat.regexp = atom.regexp + quantifier.text;
        repeat.least = quantifier.least;
        repeat.most = quantifier.most;
        repeat.is_lazy = quantifier.is_lazy;
        repeat.children.push_back(std::move(atom));
        return repeat;
    }

    std::vector<Token> const& tokens_;
    std::size_t at_ = 0;
    bool is_broken_ = false;
};

}  // namespace

std::optional<std::vector<ExpressionNode>> parse_expression(std::vector<Token> const& tokens) { return Parser{tokens}.parse(); }

ExpressionNode choice_of(std::vector<ExpressionNode> alternatives) {
    if (alternatives.size() == 1) return std::move(alternatives.front());
    ExpressionNode choice;
    choice.kind = Kind::choice;
    for (auto const& alternative : alternatives) {
        if (&alternative != &alternatives.front()) choice.regexp += '|';
        choice.regexp += alternative.regexp;
    }
    choice.children = std::move(alternatives);
    return choice;
}

}  // namespace kefu
