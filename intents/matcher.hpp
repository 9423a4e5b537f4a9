// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/character_set.hpp"
#include "intents/expression_tree.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// What `\b` stands between, as in RE2: ASCII alone.
inline bool is_word_character(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9') || c == U'_'; }

/// Tries one expression at one place of a text, with RE2's result: of the matches that start there the one a backtracking matcher finds
/// first. On our short texts it is several times faster than RE2, needs no warming up and hardly any memory; what it cannot do it
/// leaves to RE2. Immutable and thread-safe.
class Matcher {
  public:
    /// Nothing when the expression has something only RE2 knows (\pL, flags, a repetition of what may be empty) or is large.
    static std::unique_ptr<Matcher const> compile(ExpressionNode const& expression);

    static constexpr std::size_t no_match = static_cast<std::size_t>(-1);
    static constexpr std::size_t gave_up = static_cast<std::size_t>(-2);

    /// Where the match that starts at `start` ends, in code points; no_match; or gave_up after a thousand steps, so that no text costs more than linear
    /// time.
    std::size_t match(std::u32string_view text, std::size_t start) const;

  private:
    friend class MatcherCompiler;

    enum class Op : std::uint8_t { text, one_of, choice, split, jump, repeat, start, end, boundary, no_boundary, match };
    struct Step {
        Op op;
        bool is_lazy = false;            // repeat
        std::uint16_t least = 0;         // repeat
        std::uint32_t a = 0;             // text: offset; one_of, repeat: set; choice: its first group; split: tried first; jump: where to
        std::uint32_t b = 0;             // text: length; repeat: most; choice: how many groups; split: tried then
        std::uint32_t sieve = no_sieve;  // choice: what its branches start with; lazy repeat: what follows it starts with
    };
    // The branches of a choice that can start with one character, in the order they are tried. The last group of a choice is for all
    // characters that have none of their own.
    struct Group {
        char32_t first;
        std::uint32_t branch;  // index into branches_
    };
    struct Branch {
        std::uint32_t to;
        bool is_last;  // of its group
    };
    static constexpr std::uint32_t no_branch = 0xFFFFFFFF;

    // Characters something may start with, by their last eight bits: says quickly that most do not.
    struct Sieve {
        std::array<std::uint64_t, 4> bits{};
        bool may_hold(char32_t c) const { return (bits[(c & 0xFF) >> 6] >> (c & 63) & 1) != 0; }
        void add(char32_t c) { bits[(c & 0xFF) >> 6] |= std::uint64_t{1} << (c & 63); }
    };
    static constexpr std::uint32_t no_sieve = 0xFFFFFFFF;

    bool may_follow(Step const& repeat, std::u32string_view text, std::size_t at) const;
    std::uint32_t first_branch(Step const& choice, std::u32string_view text, std::size_t at) const;

    std::vector<Step> steps_;
    std::vector<Group> groups_;
    std::vector<Branch> branches_;
    std::vector<CharacterSet> sets_;
    std::vector<Sieve> sieves_;
    std::u32string texts_;
};

}  // namespace kefu
