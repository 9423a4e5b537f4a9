// SPDX-License-Identifier: Apache-2.0
#include "intents/expression.hpp"

#include "intents/expression_tree.hpp"
#include "intents/literals.hpp"
#include "intents/matcher.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace kefu {
namespace {

constexpr std::size_t most_required = 6;

// What we know about the matches of a node.
struct Knowledge {
    Openings openings = opening_of_nothing();
    std::vector<Openings> required;  // a match holds one literal of each
    bool has_gap = false;
    bool is_start = false;  // opens with ^
    bool is_word = false;   // opens with \b or ^
};

Knowledge know(ExpressionNode const& node);

// Keeps the better of two lists: the one that narrows a search more, then the shorter one.
void keep_better(Openings& best, Openings const& other) {
    auto const gain = selectivity(other);
    auto const known = selectivity(best);
    if (gain > known || (gain == known && gain > 0 && other.size() <= best.size())) best = other;
}

Openings most_selective(std::vector<Openings> const& all) {
    Openings best;
    for (auto const& openings : all) keep_better(best, openings);
    return best;
}

bool opens_with_anything(Openings const& openings) {
    return std::any_of(openings.begin(), openings.end(), [](Opening const& opening) { return opening.empty() && !opening.is_complete(); });
}

bool is_one_character(ExpressionNode const& node) { return node.kind == ExpressionNode::Kind::literal && node.characters.size() == 1; }

/// The node `last` and the single characters in front of it, which are known as one; `last` ends up at the first of them.
Knowledge know_word(std::vector<ExpressionNode>::const_reverse_iterator& last, std::vector<ExpressionNode>::const_reverse_iterator end) {
    std::u32string word;
    for (auto next = last; next != end && is_one_character(*next); ++next) {
        word += next->characters;
        last = next;
    }
    std::reverse(word.begin(), word.end());
    Knowledge knowledge;
    knowledge.openings = {Opening{word, true}};
    return knowledge;
}

Knowledge know_sequence(std::vector<ExpressionNode> const& atoms) {
    Knowledge all;
    Openings best;  // of the stretch between two atoms that may be anything
    auto const close_stretch = [&] {
        if (!best.empty()) all.required.push_back(std::exchange(best, {}));
    };
    for (auto node = atoms.rbegin(); node != atoms.rend(); ++node) {
        auto const atom = is_one_character(*node) ? know_word(node, atoms.rend()) : know(*node);
        all.has_gap |= atom.has_gap;
        all.openings = followed_by(atom.openings, std::move(all.openings));
        all.is_start = atom.is_start;
        all.is_word = atom.is_word;
        if (opens_with_anything(atom.openings)) close_stretch();
        keep_better(best, all.openings);
        keep_better(best, most_selective(atom.required));
    }
    close_stretch();
    std::reverse(all.required.begin(), all.required.end());
    return all;
}

Knowledge know_either(std::vector<Knowledge> alternatives) {
    if (alternatives.size() == 1) return std::move(alternatives.front());
    Knowledge all{.openings = {}, .required = {}, .has_gap = false, .is_start = true, .is_word = true};
    std::vector<Openings> openings;
    std::vector<Openings> certain;
    bool is_certain = true;
    for (auto& alternative : alternatives) {
        openings.push_back(std::move(alternative.openings));
        all.has_gap |= alternative.has_gap;
        all.is_start &= alternative.is_start;
        all.is_word &= alternative.is_word;
        certain.push_back(most_selective(alternative.required));
        is_certain = is_certain && !certain.back().empty();
    }
    all.openings = either(openings);
    if (is_certain && !certain.empty()) all.required.push_back(either(certain));
    return all;
}

Knowledge know_choice(std::vector<ExpressionNode> const& nodes) {
    std::vector<Knowledge> alternatives;
    alternatives.reserve(nodes.size());
    for (auto const& node : nodes) alternatives.push_back(know(node));
    return know_either(std::move(alternatives));
}

Knowledge know_repeat(ExpressionNode const& node) {
    auto inner = know(node.children.front());
    bool const optional = node.least == 0;
    inner.openings = quantified(std::move(inner.openings), node.most != 1, optional);
    inner.has_gap |= node.is_gap;
    if (optional) inner.required.clear();
    inner.is_start &= !optional;
    inner.is_word &= !optional;
    return inner;
}

Knowledge know(ExpressionNode const& node) {
    using Kind = ExpressionNode::Kind;
    Knowledge knowledge;
    switch (node.kind) {
        case Kind::sequence:
            return know_sequence(node.children);
        case Kind::choice:
            return know_choice(node.children);
        case Kind::repeat:
            return know_repeat(node);
        case Kind::literal:
        case Kind::one_of:
            knowledge.openings = node.characters.empty() ? opening_of_anything() : opening_of_one(node.characters);
            break;
        case Kind::unknown:
            knowledge.openings = opening_of_anything();
            break;
        case Kind::assertion:
            knowledge.is_start = node.text == "^" || node.text == "\\A";
            knowledge.is_word = knowledge.is_start || node.text == "\\b";
            break;
    }
    return knowledge;
}

// As RE2 sees it: \b knows ASCII only.
bool starts_with_word_character(std::string const& literal) {
    auto const c = static_cast<unsigned char>(literal.front());
    return c < 0x80 && (std::isalnum(c) != 0 || c == '_');
}

Expression finish(std::string const& flags, ExpressionNode const& node, Knowledge const& known) {
    Expression out;
    out.regexp = flags + node.regexp;
    auto const selective = selectivity(known.openings);
    if (selective > 0) out.openings = to_literals(known.openings);
    bool const is_plain = flags.empty();  // (?m) would make ^ the start of a line
    out.only_at_start = is_plain && known.is_start;
    out.only_at_word = is_plain && known.is_word && std::all_of(out.openings.begin(), out.openings.end(), starts_with_word_character);
    for (auto const& required : known.required) {
        bool const adds_nothing = selective > 0 && &required == &known.required.front() && selectivity(required) <= selective;
        if (!adds_nothing && out.required.size() < most_required) out.required.push_back(to_literals(required));
    }
    if (!out.openings.empty() && (is_plain || flags == "(?i)")) out.matcher = Matcher::compile(node);
    return out;
}

// The first thing that folded text can never hold: three equal characters in a row, or two spaces.
std::optional<Error> find_impossible(std::vector<Token> const& tokens) {
    int run = 0;
    char32_t last = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        auto const& token = tokens[i];
        if (token.kind != Token::Kind::literal) {
            run = 0;
            last = 0;
            continue;
        }
        int least = 1;
        if (i + 1 < tokens.size() && tokens[i + 1].kind == Token::Kind::quantifier) least = tokens[++i].least;
        char32_t const character = token.characters.front();
        run = character == last ? run + least : least;
        last = character;
        if (token.is_digit) continue;
        if (last == U' ' && run >= 2) return Error{Errc::bad_config, "two spaces in a row can never match: white space is joined to one; write one space"};
        if (run >= 3) {
            return Error{Errc::bad_config, "'" + token.text + "' three times in a row can never match: such runs are squeezed to one; write it once"};
        }
    }
    return std::nullopt;
}

}  // namespace

Result<std::vector<Expression>> read_expression(std::string_view source) {
    auto tokens = read_tokens(source);
    if (!tokens) return tokens.error();
    if (auto impossible = find_impossible(*tokens)) return std::move(*impossible);

    std::string flags;  // "(?i)" in front holds for every alternative
    auto body = tokens->begin();
    for (; body != tokens->end() && body->kind == Token::Kind::flags; ++body) flags += body->text;
    std::vector<Token> const rest{body, tokens->end()};

    auto alternatives = parse_expression(rest);
    std::vector<Expression> expressions;
    if (!alternatives) {
        auto& broken = expressions.emplace_back();
        broken.regexp = flags;
        for (auto const& token : rest) broken.regexp += token.text;
        return expressions;
    }
    // Alternatives with an ellipsis stay by themselves; of the others those with openings and those without are joined.
    struct Group {
        std::vector<ExpressionNode> nodes;
        std::vector<Knowledge> known;
    };
    Group opened;
    Group unopened;
    for (auto& alternative : *alternatives) {
        auto known = know(alternative);
        if (known.has_gap) {
            expressions.push_back(finish(flags, alternative, known));
            continue;
        }
        auto& group = selectivity(known.openings) > 0 ? opened : unopened;
        group.nodes.push_back(std::move(alternative));
        group.known.push_back(std::move(known));
    }
    for (auto* group : {&opened, &unopened}) {
        if (!group->nodes.empty()) expressions.push_back(finish(flags, choice_of(std::move(group->nodes)), know_either(std::move(group->known))));
    }
    return expressions;
}

}  // namespace kefu
