// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// How many UTF-16 code units the UTF-8 `text` has: what LINE counts (developers.line.biz, "Character counting in a text").
std::size_t utf16_length(std::string_view text);

/// The byte offset in UTF-8 `text` of the UTF-16 offset `units`; text.size() when beyond the end. An offset inside a surrogate pair gives the start of its
/// character.
std::size_t byte_of_utf16(std::string_view text, std::size_t units);

/// Cuts `text` into pieces of at most `limit` UTF-16 units: at a paragraph's end, else a sentence's, else between words, else between graphemes. Pieces are
/// never empty, white space around a cut is dropped, and nothing else is lost. A single grapheme longer than `limit` is cut between code points.
std::vector<std::string> split_text(std::string_view text, std::size_t limit);

/// What people take for one character each.
std::vector<std::string> graphemes(std::string_view text);

/// At most `most` graphemes of `text`, without cutting one.
std::string first_graphemes(std::string_view text, std::size_t most);

}  // namespace kefu
