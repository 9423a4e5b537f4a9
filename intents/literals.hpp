// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What a part of a regular expression is certain to begin with.
namespace kefu {

/// One literal a match may begin with. Complete when it is all of the match, so that what follows in the expression extends it.
struct Opening {
    std::u32string text;
    bool complete = true;
    friend auto operator<=>(Opening const&, Opening const&) = default;
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
Openings followed_by(Openings const& first, Openings const& then);
Openings either(Openings first, Openings const& second);
/// `repeated` when there may be more than one of it, `optional` when there may be none.
Openings quantified(Openings openings, bool repeated, bool optional);

/// How much the literals narrow a search: the weight of the lightest, 0 when one of them is empty.
std::size_t selectivity(Openings const& openings);

/// The literals in UTF-8, without those that begin with another one of them.
std::vector<std::string> to_literals(Openings const& openings);

}  // namespace kefu
