// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What a part of a regular expression is certain to begin with.
namespace kefu {

/// One literal a match may begin with. Complete when it is all of the match, so that what follows in the expression extends it.
class Opening {
  public:
    Opening() = default;
    Opening(std::u32string_view text, bool complete) : is_complete_(complete) {
        for (char32_t const c : text) append(c);
    }

    /// Past what says enough it is cut, and no longer complete.
    void append(char32_t c);
    std::u32string_view text() const { return {characters_.data(), size_}; }
    bool empty() const { return size_ == 0; }
    bool is_complete() const { return is_complete_; }
    void end_here() { is_complete_ = false; }

    /// How much it narrows a search: a Han character says about as much as three letters.
    std::size_t weight() const { return weight_; }

    friend auto operator<=>(Opening const& a, Opening const& b) {
        auto const order = a.text() <=> b.text();
        return order != 0 ? order : a.is_complete_ <=> b.is_complete_;
    }
    friend bool operator==(Opening const& a, Opening const& b) { return (a <=> b) == 0; }

  private:
    static constexpr std::size_t enough_weight = 9;  // longer ones would narrow no further, but fill the index

    std::array<char32_t, enough_weight> characters_{};
    std::uint8_t size_ = 0;
    std::uint8_t weight_ = 0;
    bool is_complete_ = true;
};

/// Every match begins with one of them; ordered, without repeats.
using Openings = std::vector<Opening>;

/// The empty match: `\b`, `^`, nothing.
Openings opening_of_nothing();
/// Anything at all: `.`, `[^a]`, an ellipsis.
Openings opening_of_anything();
/// One of these characters.
Openings opening_of_one(std::u32string_view characters);

/// `first` followed by `then`. Long or many literals are cut, which keeps them true.
Openings followed_by(Openings const& first, Openings then);
/// One of these.
Openings either(std::vector<Openings> const& alternatives);
/// `repeated` when there may be more than one of it, `optional` when there may be none.
Openings quantified(Openings openings, bool repeated, bool optional);

/// How much the literals narrow a search: the weight of the lightest, 0 when one of them is empty.
std::size_t selectivity(Openings const& openings);

/// The literals in UTF-8, without those that begin with another one of them.
std::vector<std::string> to_literals(Openings const& openings);

}  // namespace kefu
