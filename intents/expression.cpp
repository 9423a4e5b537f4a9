// SPDX-License-Identifier: Apache-2.0
#include "intents/expression.hpp"

#include "intents/expression_tokens.hpp"
#include "intents/literals.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace kefu {
namespace {

constexpr std::size_t most_required = 6;

// A stretch of an expression: an atom with its quantifier, a group, a whole alternative.
struct Stretch {
    std::string regexp;
    Openings openings = opening_of_nothing();
    std::vector<Openings> required;  // a match holds one literal of each
    bool has_gap = false;
    bool is_start = false;  // opens with ^
    bool is_word = false;   // opens with \b or ^
};

Openings const* most_selective(std::vector<Openings> const& all) {
    auto const less = [](Openings const& a, Openings const& b) {
        return std::pair{selectivity(a), b.size()} < std::pair{selectivity(b), a.size()};
    };
    auto const best = std::max_element(all.begin(), all.end(), less);
    return best == all.end() || selectivity(*best) == 0 ? nullptr : &*best;
}

bool opens_with_anything(Openings const& openings) {
    return std::any_of(openings.begin(), openings.end(), [](Opening const& opening) { return opening.text.empty() && !opening.complete; });
}

Stretch join(std::vector<Stretch> const& atoms) {
    Stretch all;
    std::vector<Openings> here;  // of the stretch between two atoms that may be anything, from its end to its start
    auto const close_stretch = [&] {
        if (auto const* best = most_selective(here)) all.required.push_back(*best);
        here.clear();
    };
    for (auto atom = atoms.rbegin(); atom != atoms.rend(); ++atom) {
        all.regexp.insert(0, atom->regexp);
        all.has_gap |= atom->has_gap;
        all.openings = followed_by(atom->openings, all.openings);
        if (opens_with_anything(atom->openings)) close_stretch();
        here.push_back(all.openings);
        if (auto const* inner = most_selective(atom->required)) here.push_back(*inner);
    }
    close_stretch();
    std::reverse(all.required.begin(), all.required.end());
    all.is_start = !atoms.empty() && atoms.front().is_start;
    all.is_word = !atoms.empty() && atoms.front().is_word;
    return all;
}

Stretch choose(std::vector<Stretch> const& alternatives) {
    Stretch all{.regexp = {}, .openings = {}, .required = {}, .has_gap = false, .is_start = true, .is_word = true};
    Openings certain;
    bool is_certain = true;
    for (auto const& alternative : alternatives) {
        all.regexp += (&alternative == &alternatives.front() ? "" : "|") + alternative.regexp;
        all.openings = either(std::move(all.openings), alternative.openings);
        all.has_gap |= alternative.has_gap;
        all.is_start &= alternative.is_start;
        all.is_word &= alternative.is_word;
        auto const* best = most_selective(alternative.required);
        if (best == nullptr) is_certain = false;
        else certain = either(std::move(certain), *best);
    }
    if (is_certain && !certain.empty()) all.required.push_back(std::move(certain));
    return all;
}

// The sentence's end stops an ellipsis. In normalised text the full-width ！ and ？ are ! and ?, but 。 stays.
std::string gap(int most) { return "[^。!?.\\n]{0," + std::to_string(most) + "}?"; }

// Expressions as RE2 reads them: alternatives of sequences of atoms with quantifiers.
class Parser {
  public:
    explicit Parser(std::vector<Token> const& tokens) : tokens_(tokens) {}

    // Nothing when the parentheses do not match; RE2 has a better message for that.
    std::optional<std::vector<Stretch>> parse() {
        auto alternatives = read_alternatives();
        if (is_unbalanced_ || at_ < tokens_.size()) return std::nullopt;
        return alternatives;
    }

  private:
    bool next_is(Token::Kind kind) const { return at_ < tokens_.size() && tokens_[at_].kind == kind; }

    std::vector<Stretch> read_alternatives() {
        std::vector<Stretch> all{join(read_sequence())};
        while (next_is(Token::Kind::bar)) {
            ++at_;
            all.push_back(join(read_sequence()));
        }
        return all;
    }

    std::vector<Stretch> read_sequence() {
        std::vector<Stretch> atoms;
        while (at_ < tokens_.size() && !next_is(Token::Kind::bar) && !next_is(Token::Kind::close)) {
            auto atom = read_atom(tokens_[at_++]);
            for (; next_is(Token::Kind::quantifier); ++at_) quantify(atom, tokens_[at_]);
            atoms.push_back(std::move(atom));
        }
        return atoms;
    }

    Stretch read_atom(Token const& token) {
        Stretch atom;
        atom.regexp = token.text;
        switch (token.kind) {
            case Token::Kind::gap:
                atom.regexp = gap(token.number);
                atom.openings = opening_of_anything();
                atom.has_gap = true;
                break;
            case Token::Kind::literal:
            case Token::Kind::one_of: atom.openings = opening_of_one(token.characters); break;
            case Token::Kind::assertion:
                atom.is_start = token.text == "^";
                atom.is_word = atom.is_start || token.text == "\\b";
                break;
            case Token::Kind::open: {
                atom = choose(read_alternatives());
                atom.regexp = token.text + atom.regexp + ')';
                if (next_is(Token::Kind::close)) ++at_;
                else is_unbalanced_ = true;
                break;
            }
            case Token::Kind::other:
            case Token::Kind::close:
            case Token::Kind::bar:
            case Token::Kind::quantifier:
            case Token::Kind::flags: atom.openings = opening_of_anything(); break;
        }
        return atom;
    }

    static void quantify(Stretch& atom, Token const& quantifier) {
        bool const optional = quantifier.number == 0;
        atom.regexp += quantifier.text;
        atom.openings = quantified(std::move(atom.openings), !quantifier.text.starts_with('?'), optional);
        if (optional) atom.required.clear();
        atom.is_start &= !optional;
        atom.is_word &= !optional;
    }

    std::vector<Token> const& tokens_;
    std::size_t at_ = 0;
    bool is_unbalanced_ = false;
};

// As RE2 sees it: \b knows ASCII only.
bool starts_with_word_character(std::string const& literal) {
    auto const c = static_cast<unsigned char>(literal.front());
    return c < 0x80 && (std::isalnum(c) != 0 || c == '_');
}

Expression finish(std::string const& flags, Stretch const& stretch) {
    Expression out;
    out.regexp = flags + stretch.regexp;
    out.only_at_start = stretch.is_start && flags.empty();  // (?m) would make ^ the start of a line
    if (selectivity(stretch.openings) > 0) out.openings = to_literals(stretch.openings);
    out.only_at_word = stretch.is_word && flags.empty() && std::all_of(out.openings.begin(), out.openings.end(), starts_with_word_character);
    for (auto const& required : stretch.required) {
        auto literals = to_literals(required);
        if (literals != out.openings && out.required.size() < most_required) out.required.push_back(std::move(literals));
    }
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
        if (i + 1 < tokens.size() && tokens[i + 1].kind == Token::Kind::quantifier) least = tokens[++i].number;
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

    auto const alternatives = Parser{rest}.parse();
    std::vector<Expression> expressions;
    if (!alternatives) {
        auto& broken = expressions.emplace_back();
        broken.regexp = flags;
        for (auto const& token : rest) broken.regexp += token.kind == Token::Kind::gap ? gap(token.number) : token.text;
        return expressions;
    }
    std::vector<Stretch> known;
    std::vector<Stretch> unknown;
    for (auto const& alternative : *alternatives) {
        if (alternative.has_gap) expressions.push_back(finish(flags, alternative));
        else (selectivity(alternative.openings) > 0 ? known : unknown).push_back(alternative);
    }
    for (auto const* group : {&known, &unknown}) {
        if (!group->empty()) expressions.push_back(finish(flags, choose(*group)));
    }
    return expressions;
}

}  // namespace kefu
