// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/normalize.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kefu {

/// The pack of what means the same in every language; it is tried on every text.
inline constexpr std::string_view common_language = "common";

/// What a pack says about recognising its language.
struct LanguageHints {
    std::string language;
    std::vector<std::string> words;  ///< function words, in any spelling
    std::string characters;          ///< letters that speak for it, before folding
};

/// Tells languages apart: first by script, then Traditional from Simplified Chinese by characters that only one of them uses, and
/// languages in Latin script by the packs' hints. Immutable and thread-safe.
class LanguageDetector {
  public:
    /// A set of packs: bit i is hints[i].
    using Packs = std::uint64_t;

    struct Guess {
        std::string language;         ///< zh-Hant, cs, ...; `mul` really mixed, `und` undecided
        bool is_unhinted = false;     ///< Latin letters of which no hint knows the language; `language` is the prior or `und`
        Packs plausible = ~Packs{0};  ///< packs that may speak; without those that another language clearly beats
    };

    /// At most 64 hints. Packs of languages in other scripts have hints without words.
    explicit LanguageDetector(std::vector<LanguageHints> const& hints);

    /// `original` is the text before normalising. `prior` is the conversation's language or empty: it decides only what the text
    /// leaves open - Han characters that both kinds of Chinese use, Latin letters without any hint, a tie.
    Guess detect(std::string_view original, Normalized const& text, std::string_view prior) const;

  private:
    struct Letters;
    struct LatinGuess;

    Letters count_letters(std::string_view original, std::vector<float>& scores) const;
    Packs others_with_han(std::string_view language, std::string_view prior) const;
    Packs unhinted_but(std::string_view prior) const;
    LatinGuess guess_latin(std::string_view text, std::vector<float>& scores, std::string_view prior) const;

    struct WordHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view word) const { return std::hash<std::string_view>{}(word); }
    };

    std::vector<std::string> languages_;
    Packs hinted_ = 0;  // packs with hints
    std::unordered_map<std::string, Packs, WordHash, std::equal_to<>> words_;
    std::unordered_map<char32_t, Packs> characters_;
};

}  // namespace kefu
