// SPDX-License-Identifier: Apache-2.0
#include "intents/matcher.hpp"

#include "intents/utf8.hpp"

#include <algorithm>
#include <array>

namespace kefu {
namespace {

constexpr int most_tried = 1000;
constexpr std::size_t most_waiting = 64;

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

}  // namespace

// False when what stands behind the lazy repeat cannot match at `at`.
bool Matcher::may_follow(Step const& repeat, std::string_view text, std::size_t at) const {
    if (repeat.sieve == no_sieve) return true;
    return at < text.size() && sieves_[repeat.sieve].may_hold(next_code_point(text, at));
}

// The first branch of the choice that may match at `at`.
std::uint32_t Matcher::first_branch(Step const& choice, std::string_view text, std::size_t at) const {
    auto const* const first = groups_.data() + choice.a;
    auto const* const others = first + choice.b - 1;
    if (at >= text.size()) return others->branch;
    auto const c = next_code_point(text, at);
    if (!sieves_[choice.sieve].may_hold(c)) return others->branch;
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
                auto taken = last.extra;
                fails = true;
                while (fails && taken < again.b && at < text.size() && sets_[again.a].contains(next_code_point(text, at))) {
                    ++taken;
                    fails = !may_follow(again, text, at);
                }
                if (fails) continue;
                waiting[waits++] = {step, taken, at};
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
            case Op::match:
                return at;
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
            case Op::jump:
                step = now.a;
                break;
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
