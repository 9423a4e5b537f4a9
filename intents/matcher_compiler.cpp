// SPDX-License-Identifier: Apache-2.0
#include "intents/matcher.hpp"
#include "intents/utf8.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace kefu {
namespace {

constexpr std::size_t most_steps = 4000;  // of a program
constexpr std::size_t most_first_characters = 64;

using Kind = ExpressionNode::Kind;

bool may_be_empty(ExpressionNode const& node) {
    switch (node.kind) {
        case Kind::literal:
        case Kind::one_of:
            return false;
        case Kind::assertion:
        case Kind::unknown:
            return true;
        case Kind::sequence:
            return std::all_of(node.children.begin(), node.children.end(), may_be_empty);
        case Kind::choice:
            return std::any_of(node.children.begin(), node.children.end(), may_be_empty);
        case Kind::repeat:
            return node.least == 0 || may_be_empty(node.children.front());
    }
    return true;
}

// The characters a match can start with; nothing when they are many or it can be empty.
std::optional<std::u32string> first_characters(ExpressionNode const& node) {
    switch (node.kind) {
        case Kind::literal:
        case Kind::one_of:
            return node.characters.empty() || node.characters.size() > most_first_characters ? std::nullopt : std::optional{node.characters};
        case Kind::assertion:
        case Kind::unknown:
            return std::nullopt;
        case Kind::repeat:
            return node.least == 0 ? std::nullopt : first_characters(node.children.front());
        case Kind::sequence: {
            std::u32string all;
            for (auto const& child : node.children) {
                if (child.kind == Kind::assertion) continue;
                bool const is_optional = child.kind == Kind::repeat && child.least == 0;
                auto const its = first_characters(is_optional ? child.children.front() : child);
                if (!its) return std::nullopt;
                all += *its;
                if (all.size() > most_first_characters) return std::nullopt;
                if (!is_optional) return may_be_empty(child) ? std::nullopt : std::optional{all};
            }
            return std::nullopt;
        }
        case Kind::choice: {
            std::u32string all;
            for (auto const& child : node.children) {
                auto const its = first_characters(child);
                if (!its || all.size() + its->size() > most_first_characters) return std::nullopt;
                all += *its;
            }
            return all;
        }
    }
    return std::nullopt;
}

}  // namespace

class MatcherCompiler {
  public:
    // False when the expression is not for us.
    bool compile(ExpressionNode const& expression) { return add(expression) && add_step({.op = Op::match}); }

    Matcher take() { return std::move(out_); }

  private:
    using Op = Matcher::Op;

    bool add_step(Matcher::Step step) {
        out_.steps_.push_back(step);
        return out_.steps_.size() <= most_steps;
    }

    std::uint32_t here() const { return static_cast<std::uint32_t>(out_.steps_.size()); }

    bool add(ExpressionNode const& node) {
        switch (node.kind) {
            case Kind::literal:
                return add_text(node.text);
            case Kind::one_of:
                return add_step({.op = Op::one_of, .a = add_set(node.set)});
            case Kind::assertion:
                return add_assertion(node.text);
            case Kind::unknown:
                return false;
            case Kind::sequence:
                return add_sequence(node.children);
            case Kind::choice:
                return add_choice(node.children);
            case Kind::repeat:
                return add_repeat(node);
        }
        return false;
    }

    bool add_sequence(std::vector<ExpressionNode> const& atoms) {
        for (std::size_t i = 0; i < atoms.size(); ++i) {
            auto const place = here();
            if (!add(atoms[i])) return false;
            bool const is_lazy_repeat = here() == place + 1 && out_.steps_.back().op == Op::repeat && out_.steps_.back().is_lazy;
            if (!is_lazy_repeat || i + 1 == atoms.size()) continue;
            if (auto const firsts = first_characters(atoms[i + 1])) out_.steps_.back().sieve = add_sieve(*firsts);
        }
        return true;
    }

    std::uint32_t add_sieve(std::u32string const& characters) {
        Matcher::Sieve sieve;
        for (char32_t const c : characters) sieve.add(c);
        out_.sieves_.push_back(sieve);
        return static_cast<std::uint32_t>(out_.sieves_.size() - 1);
    }

    // Neighbouring literals become one comparison, unless something jumps between them.
    bool add_text(std::string const& text) {
        bool const joins = !out_.steps_.empty() && out_.steps_.back().op == Op::text && here() != last_target_;
        auto const offset = static_cast<std::uint32_t>(out_.texts_.size());
        for (std::size_t at = 0; at < text.size();) out_.texts_ += next_code_point(text, at);
        auto const length = static_cast<std::uint32_t>(out_.texts_.size()) - offset;
        if (joins) {
            out_.steps_.back().b += length;
            return true;
        }
        return add_step({.op = Op::text, .a = offset, .b = length});
    }

    std::uint32_t add_set(CharacterSet const& set) {
        out_.sets_.push_back(set);
        return static_cast<std::uint32_t>(out_.sets_.size() - 1);
    }

    bool add_assertion(std::string const& text) {
        if (text == "^" || text == "\\A") return add_step({.op = Op::start});
        if (text == "$" || text == "\\z") return add_step({.op = Op::end});
        return add_step({.op = text == "\\b" ? Op::boundary : Op::no_boundary});
    }

    bool add_choice(std::vector<ExpressionNode> const& alternatives) {
        auto const choice = here();
        add_step({.op = Op::choice});
        std::vector<Alternative> known;
        std::vector<std::uint32_t> exits;
        for (auto const& alternative : alternatives) {
            last_target_ = here();
            known.push_back({first_characters(alternative), here()});
            if (!add(alternative)) return false;
            exits.push_back(here());
            if (!add_step({.op = Op::jump})) return false;
        }
        for (auto const exit : exits) out_.steps_[exit].a = here();
        last_target_ = here();
        return group_by_first(known, out_.steps_[choice]);
    }

    struct Alternative {
        std::optional<std::u32string> firsts;  // nothing: may start with any character
        std::uint32_t to;
    };

    bool group_by_first(std::vector<Alternative> const& alternatives, Matcher::Step& choice) {
        std::u32string firsts;
        for (auto const& alternative : alternatives) firsts += alternative.firsts.value_or(U"");
        std::sort(firsts.begin(), firsts.end());
        firsts.erase(std::unique(firsts.begin(), firsts.end()), firsts.end());
        choice.a = static_cast<std::uint32_t>(out_.groups_.size());
        choice.b = static_cast<std::uint32_t>(firsts.size() + 1);
        choice.sieve = add_sieve(firsts);
        auto const add_group = [&](char32_t first, auto belongs) {
            auto const start = out_.branches_.size();
            for (auto const& alternative : alternatives) {
                if (!alternative.firsts || belongs(*alternative.firsts)) out_.branches_.push_back({alternative.to, false});
            }
            bool const is_empty = out_.branches_.size() == start;
            if (!is_empty) out_.branches_.back().is_last = true;
            out_.groups_.push_back({first, is_empty ? Matcher::no_branch : static_cast<std::uint32_t>(start)});
        };
        for (char32_t const c : firsts) add_group(c, [c](std::u32string const& its) { return its.find(c) != std::u32string::npos; });
        add_group(0, [](std::u32string const&) { return false; });
        return out_.branches_.size() <= most_steps;
    }

    bool add_repeat(ExpressionNode const& node) {
        auto const& inner = node.children.front();
        if (node.least > 1000 || node.most > 1000) return false;
        if (inner.kind == Kind::one_of || (inner.kind == Kind::literal && node.most != 1)) {
            auto const set = inner.kind == Kind::one_of ? inner.set : CharacterSet{inner.characters};
            auto const most = node.most == Token::unlimited ? std::numeric_limits<std::uint32_t>::max() : static_cast<std::uint32_t>(node.most);
            return add_step({.op = Op::repeat, .is_lazy = node.is_lazy, .least = static_cast<std::uint16_t>(node.least), .a = add_set(set), .b = most});
        }
        if (may_be_empty(inner) && node.most != 1) return false;
        for (int i = 0; i < node.least; ++i) {
            if (!add(inner)) return false;
            last_target_ = here();
        }
        if (node.most == Token::unlimited) {
            auto const split = here();
            if (!add_split() || !add(inner) || !add_step({.op = Op::jump, .a = split})) return false;
            aim_split(split, node.is_lazy);
            return true;
        }
        std::vector<std::uint32_t> splits;
        for (int i = node.least; i < node.most; ++i) {
            splits.push_back(here());
            if (!add_split() || !add(inner)) return false;
        }
        for (auto const split : splits) aim_split(split, node.is_lazy);
        return true;
    }

    bool add_split() {
        bool const fits = add_step({.op = Op::split});
        last_target_ = here();
        return fits;
    }

    // Into the body behind it, or past all that has been added since.
    void aim_split(std::uint32_t split, bool is_lazy) {
        auto& step = out_.steps_[split];
        step.a = split + 1;
        step.b = here();
        if (is_lazy) std::swap(step.a, step.b);
        last_target_ = here();
    }

    Matcher out_;
    std::uint32_t last_target_ = 0;  // the newest step that something jumps to
};

std::unique_ptr<Matcher const> Matcher::compile(ExpressionNode const& expression) {
    MatcherCompiler compiler;
    if (!compiler.compile(expression)) return nullptr;
    return std::make_unique<Matcher const>(compiler.take());
}

}  // namespace kefu
