// SPDX-License-Identifier: Apache-2.0
#include "intents/matcher.hpp"

#include "intents/utf8.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace kefu {
namespace {

constexpr std::size_t most_steps = 4000;  // of a program
constexpr int most_tried = 1000;
constexpr std::size_t most_waiting = 64;
constexpr std::size_t most_first_characters = 64;

bool is_word_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

bool is_boundary(std::string_view text, std::size_t at) {
    bool const before = at > 0 && is_word_byte(text[at - 1]);
    bool const behind = at < text.size() && is_word_byte(text[at]);
    return before != behind;
}

std::size_t step_back(std::string_view text, std::size_t at) {
    do --at;
    while ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
    return at;
}

using Kind = ExpressionNode::Kind;

bool may_be_empty(ExpressionNode const& node) {
    switch (node.kind) {
        case Kind::literal:
        case Kind::one_of: return false;
        case Kind::assertion:
        case Kind::unknown: return true;
        case Kind::sequence: return std::all_of(node.children.begin(), node.children.end(), may_be_empty);
        case Kind::choice: return std::any_of(node.children.begin(), node.children.end(), may_be_empty);
        case Kind::repeat: return node.least == 0 || may_be_empty(node.children.front());
    }
    return true;
}

// The characters a match can start with; nothing when they are many or it can be empty.
std::optional<std::u32string> first_characters(ExpressionNode const& node) {
    switch (node.kind) {
        case Kind::literal:
        case Kind::one_of: return node.characters.empty() || node.characters.size() > most_first_characters ? std::nullopt : std::optional{node.characters};
        case Kind::assertion:
        case Kind::unknown: return std::nullopt;
        case Kind::repeat: return node.least == 0 ? std::nullopt : first_characters(node.children.front());
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
    bool compile(ExpressionNode const& expression) {
        return add(expression) && add_step({.op = Op::match});
    }

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
            case Kind::literal: return add_text(node.text);
            case Kind::one_of: return add_step({.op = Op::one_of, .a = add_set(node.set)});
            case Kind::assertion: return add_assertion(node.text);
            case Kind::unknown: return false;
            case Kind::sequence: return std::all_of(node.children.begin(), node.children.end(), [&](auto const& child) { return add(child); });
            case Kind::choice: return add_choice(node.children);
            case Kind::repeat: return add_repeat(node);
        }
        return false;
    }

    // Neighbouring literals become one comparison, unless something jumps between them.
    bool add_text(std::string const& text) {
        bool const joins = !out_.steps_.empty() && out_.steps_.back().op == Op::text && here() != last_target_;
        auto const offset = static_cast<std::uint32_t>(out_.texts_.size());
        out_.texts_ += text;
        if (joins) {
            out_.steps_.back().b += static_cast<std::uint32_t>(text.size());
            return true;
        }
        return add_step({.op = Op::text, .a = offset, .b = static_cast<std::uint32_t>(text.size())});
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

// The first branch of the choice that may match at `at`.
std::uint32_t Matcher::first_branch(Step const& choice, std::string_view text, std::size_t at) const {
    auto const* const first = groups_.data() + choice.a;
    auto const* const others = first + choice.b - 1;
    if (at >= text.size()) return others->branch;
    auto const c = next_code_point(text, at);
    auto const* const found = std::lower_bound(first, others, c, [](Group const& group, char32_t value) { return group.first < value; });
    return found != others && found->first == c ? found->branch : others->branch;
}

std::size_t Matcher::match(std::string_view text, std::size_t start) const {
    // A choice still to be made, to come back to when what follows fails.
    struct Waiting {
        std::uint32_t step;
        std::uint32_t extra;  // choice: the next branch to try; greedy repeat: not before this place; lazy repeat: how many were taken
        std::size_t at;
    };
    std::array<Waiting, most_waiting> waiting;
    std::size_t waits = 0;
    std::uint32_t step = 0;
    auto at = start;
    bool fails = false;
    std::uint32_t branch = 0;  // of the choice to be made now

    for (int tried = 0; tried < most_tried; ++tried) {
        if (fails) {
            if (waits == 0) return no_match;
            auto const& last = waiting[--waits];
            step = last.step;
            at = last.at;
            auto const& again = steps_[step];
            fails = false;
            if (again.op == Op::split) {
                step = again.b;
                continue;
            }
            if (again.op == Op::repeat && again.is_lazy) {
                auto next = at;
                if (last.extra >= again.b || at >= text.size() || !sets_[again.a].contains(next_code_point(text, next))) {
                    fails = true;
                    continue;
                }
                at = next;
                waiting[waits++] = {step, last.extra + 1, at};
                ++step;
                continue;
            }
            if (again.op == Op::repeat) {
                at = step_back(text, at);
                if (at > last.extra) waiting[waits++] = {step, last.extra, at};
                ++step;
                continue;
            }
            branch = last.extra;
        } else if (steps_[step].op == Op::choice) {
            branch = first_branch(steps_[step], text, at);
        }

        auto const& now = steps_[step];
        switch (now.op) {
            case Op::match: return at;
            case Op::text:
                fails = text.compare(at, now.b, texts_.data() + now.a, now.b) != 0;
                at += now.b;
                ++step;
                break;
            case Op::one_of:
                fails = at >= text.size() || !sets_[now.a].contains(next_code_point(text, at));
                ++step;
                break;
            case Op::choice: {
                if (branch == no_branch) {
                    fails = true;
                    break;
                }
                if (!branches_[branch].is_last) {
                    if (waits == most_waiting) return gave_up;
                    waiting[waits++] = {step, branch + 1, at};
                }
                step = branches_[branch].to;
                break;
            }
            case Op::split:
                if (waits == most_waiting) return gave_up;
                waiting[waits++] = {step, 0, at};
                step = now.a;
                break;
            case Op::jump: step = now.a; break;
            case Op::repeat: {
                auto const& set = sets_[now.a];
                auto const wanted = now.is_lazy ? std::uint32_t{now.least} : now.b;
                std::uint32_t taken = 0;
                auto least_at = at;
                while (taken < wanted && at < text.size()) {
                    auto next = at;
                    if (!set.contains(next_code_point(text, next))) break;
                    at = next;
                    if (++taken == now.least) least_at = at;
                }
                if (taken < now.least) {
                    fails = true;
                    break;
                }
                bool const has_more = now.is_lazy ? taken < now.b : at > least_at;
                if (has_more) {
                    if (waits == most_waiting) return gave_up;
                    waiting[waits++] = {step, now.is_lazy ? taken : static_cast<std::uint32_t>(least_at), at};
                }
                ++step;
                break;
            }
            case Op::start:
                fails = at != 0;
                ++step;
                break;
            case Op::end:
                fails = at != text.size();
                ++step;
                break;
            case Op::boundary:
                fails = !is_boundary(text, at);
                ++step;
                break;
            case Op::no_boundary:
                fails = is_boundary(text, at);
                ++step;
                break;
        }
    }
    return gave_up;
}

}  // namespace kefu
