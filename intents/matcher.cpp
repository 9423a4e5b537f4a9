// SPDX-License-Identifier: Apache-2.0
#include "intents/matcher.hpp"

#include <algorithm>
#include <array>

namespace kefu {
namespace {

constexpr int most_tried = 1000;
constexpr std::size_t most_waiting = 64;

bool is_boundary(std::u32string_view text, std::size_t at) {
    bool const before = at > 0 && is_word_character(text[at - 1]);
    bool const behind = at < text.size() && is_word_character(text[at]);
    return before != behind;
}

}  // namespace

// False when what stands behind the lazy repeat cannot match at `at`.
bool Matcher::may_follow(Step const& repeat, std::u32string_view text, std::size_t at) const {
    if (repeat.sieve == no_sieve) return true;
    return at < text.size() && sieves_.data()[repeat.sieve].may_hold(text[at]);
}

// The first branch of the choice that may match at `at`.
std::uint32_t Matcher::first_branch(Step const& choice, std::u32string_view text, std::size_t at) const {
    auto const* const first = groups_.data() + choice.a;
    auto const* const others = first + choice.b - 1;
    if (at >= text.size()) return others->branch;
    auto const c = text[at];
    if (!sieves_.data()[choice.sieve].may_hold(c)) return others->branch;
    auto const* const found = std::lower_bound(first, others, c, [](Group const& group, char32_t value) { return group.first < value; });
    return found != others && found->first == c ? found->branch : others->branch;
}

std::size_t Matcher::match(std::u32string_view text, std::size_t start) const {
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
    std::uint32_t branch = 0;                 // of the choice to be made now
    auto const* const steps = steps_.data();  // their indices were checked when they were compiled
    auto const* const sets = sets_.data();

    for (int tried = 0; tried < most_tried; ++tried) {
        if (fails) {
            if (waits == 0) return no_match;
            auto const& last = waiting[--waits];
            step = last.step;
            at = last.at;
            auto const& again = steps[step];
            fails = false;
            if (again.op == Op::split) {
                step = again.b;
                continue;
            }
            if (again.op == Op::repeat && again.is_lazy) {
                auto taken = last.extra;
                fails = true;
                while (fails && taken < again.b && at < text.size() && sets[again.a].contains(text[at])) {
                    ++at;
                    ++taken;
                    fails = !may_follow(again, text, at);
                }
                if (fails) continue;
                waiting[waits++] = {step, taken, at};
                ++step;
                continue;
            }
            if (again.op == Op::repeat) {
                --at;
                if (at > last.extra) waiting[waits++] = {step, last.extra, at};
                ++step;
                continue;
            }
            branch = last.extra;
        } else if (steps[step].op == Op::choice) {
            branch = first_branch(steps[step], text, at);
        }

        auto const& now = steps[step];
        switch (now.op) {
            case Op::match:
                return at;
            case Op::text:
                fails = text.size() - at < now.b || !std::equal(text.begin() + static_cast<std::ptrdiff_t>(at),
                                                                text.begin() + static_cast<std::ptrdiff_t>(at + now.b), texts_.data() + now.a);
                at += now.b;
                ++step;
                break;
            case Op::one_of:
                fails = at >= text.size() || !sets[now.a].contains(text[at]);
                ++at;
                ++step;
                break;
            case Op::choice: {
                if (branch == no_branch) {
                    fails = true;
                    break;
                }
                if (!branches_.data()[branch].is_last) {
                    if (waits == most_waiting) return gave_up;
                    waiting[waits++] = {step, branch + 1, at};
                }
                step = branches_.data()[branch].to;
                break;
            }
            case Op::split:
                if (waits == most_waiting) return gave_up;
                waiting[waits++] = {step, 0, at};
                step = now.a;
                break;
            case Op::jump:
                step = now.a;
                break;
            case Op::repeat: {
                auto const& set = sets[now.a];
                auto const wanted = now.is_lazy ? std::uint32_t{now.least} : now.b;
                std::uint32_t taken = 0;
                while (taken < wanted && at < text.size() && set.contains(text[at])) {
                    ++at;
                    ++taken;
                }
                auto const least_at = at - taken + now.least;  // means something only when that many were taken
                if (taken < now.least) {
                    fails = true;
                    break;
                }
                bool const has_more = now.is_lazy ? taken < now.b : at > least_at;
                if (has_more) {
                    if (waits == most_waiting) return gave_up;
                    waiting[waits++] = {step, now.is_lazy ? taken : static_cast<std::uint32_t>(least_at), at};
                }
                fails = now.is_lazy && !may_follow(now, text, at);
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
