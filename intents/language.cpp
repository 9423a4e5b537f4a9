// SPDX-License-Identifier: Apache-2.0
#include "intents/language.hpp"

#include "intents/letters.hpp"
#include "intents/utf8.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <bit>
#include <span>

namespace kefu {
namespace {

constexpr float least_decided = 1.5F;  // a hint word that two languages share is not enough
constexpr float clearly_beaten = 0.4F;
constexpr float weight_of_character = 1.5F;  // ř says more than "do", which is a word in many languages
constexpr float least_mixed = 4;

// Where the characters say nothing: particles of Taiwan's chats, and places where people there shop and complain.
constexpr std::array<std::string_view, 14> taiwan_words{"喔", "耶", "欸", "唷", "宅配", "超商", "消保", "消基", "全家", "黑貓", "刷退", "刷卡", "7-11", "蝦皮"};

bool is_chinese(std::string_view language) { return language == "zh" || language.starts_with("zh-"); }

// zh-TW, zh-HK and zh-Hant-TW are zh-Hant; every other Chinese is zh-Hans.
std::string chinese(std::string_view prior) {
    bool const hant = prior.starts_with("zh-Hant") || prior == "zh-TW" || prior == "zh-HK" || prior == "zh-MO";
    return hant ? "zh-Hant" : "zh-Hans";
}

bool has_any(std::string_view text, std::span<std::string_view const> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

// Calls `found` for each word of a-z; an apostrophe inside belongs to it.
template <class Found>
void for_each_word(std::string_view text, Found found) {
    for (std::size_t at = 0; at < text.size();) {
        if (!is_letter(text[at])) {
            ++at;
            continue;
        }
        auto const start = at;
        while (at < text.size() && (is_letter(text[at]) || (text[at] == '\'' && at + 1 < text.size() && is_letter(text[at + 1])))) ++at;
        found(text.substr(start, at - start));
    }
}

}  // namespace

// How many letters of each kind the original has.
struct LanguageDetector::Letters {
    std::array<std::uint32_t, letter_count> counts{};

    std::uint32_t operator[](Letter letter) const { return counts[static_cast<std::size_t>(letter)]; }
    std::uint32_t han() const { return (*this)[Letter::han] + (*this)[Letter::han_hant] + (*this)[Letter::han_hans] + (*this)[Letter::han_japanese]; }
};

struct LanguageDetector::LatinGuess {
    std::string language;
    std::uint32_t words = 0;
    float best = 0;
    bool is_mixed = false;
    Packs beaten = 0;
};

LanguageDetector::LanguageDetector(std::vector<LanguageHints> const& hints) {
    for (std::size_t i = 0; i < hints.size(); ++i) {
        auto const bit = Packs{1} << i;
        languages_.push_back(hints[i].language);
        if (!hints[i].words.empty() || !hints[i].characters.empty()) hinted_ |= bit;
        for (auto const& word : hints[i].words) words_[normalize(word).text] |= bit;
        for (std::size_t at = 0; at < hints[i].characters.size();) {
            auto const c = next_code_point(hints[i].characters, at);
            characters_[c] |= bit;
            characters_[static_cast<char32_t>(u_toupper(static_cast<UChar32>(c)))] |= bit;
        }
    }
}

// A Chinese text is not read with the Japanese pack, nor the other way round.
LanguageDetector::Packs LanguageDetector::others_with_han(std::string_view language, std::string_view prior) const {
    Packs others = 0;
    for (std::size_t i = 0; i < languages_.size(); ++i) {
        bool const differs = language == "ja" ? is_chinese(languages_[i]) : languages_[i] == "ja";
        if (differs && languages_[i] != prior) others |= Packs{1} << i;
    }
    return others;
}

// The "rg" of a Chinese chat is no word of German.
LanguageDetector::Packs LanguageDetector::unhinted_but(std::string_view prior) const {
    Packs packs = 0;
    for (std::size_t i = 0; i < languages_.size(); ++i) {
        if ((hinted_ >> i & 1) == 0 && languages_[i] != prior && languages_[i] != common_language) packs |= Packs{1} << i;
    }
    return packs;
}

LanguageDetector::Letters LanguageDetector::count_letters(std::string_view original, std::vector<float>& scores) const {
    static auto const& table = letter_table();
    Letters letters;
    for (std::size_t at = 0; at < original.size();) {
        auto const c = next_code_point(original, at);
        auto const letter = table[c];
        ++letters.counts[static_cast<std::size_t>(letter)];
        if (letter != Letter::latin || c < 0x80) continue;
        if (auto const known = characters_.find(c); known != characters_.end()) {
            auto const share = weight_of_character / static_cast<float>(std::popcount(known->second));
            for (std::size_t i = 0; i < languages_.size(); ++i) {
                if ((known->second >> i & 1) != 0) scores[i] += share;
            }
        }
    }
    return letters;
}

LanguageDetector::LatinGuess LanguageDetector::guess_latin(std::string_view text, std::vector<float>& scores, std::string_view prior) const {
    LatinGuess guess;
    for_each_word(text, [&](std::string_view word) {
        ++guess.words;
        auto const known = words_.find(word);
        if (known == words_.end()) return;
        auto const share = 1.0F / static_cast<float>(std::popcount(known->second));
        for (std::size_t i = 0; i < languages_.size(); ++i) {
            if ((known->second >> i & 1) != 0) scores[i] += share;
        }
    });
    float second = 0;
    for (std::size_t i = 0; i < languages_.size(); ++i) {
        bool const wins_tie = scores[i] == guess.best && languages_[i] == prior;
        if (scores[i] > guess.best || (scores[i] > 0 && wins_tie)) {
            if (!wins_tie) second = guess.best;
            guess.best = scores[i];
            guess.language = languages_[i];
        } else {
            second = std::max(second, scores[i]);
        }
    }
    guess.is_mixed = second >= least_mixed && second >= 0.7F * guess.best;
    if (guess.best >= least_decided) {
        for (std::size_t i = 0; i < languages_.size(); ++i) {
            bool const may_speak = scores[i] >= clearly_beaten * guess.best || languages_[i] == prior || languages_[i] == "en";
            if ((hinted_ >> i & 1) != 0 && !may_speak) guess.beaten |= Packs{1} << i;
        }
    }
    return guess;
}

namespace {

// A script that only one or two languages of our customers use.
std::string language_of_script(auto const& letters) {
    struct Known {
        Letter letter;
        Letter variant;
        char const* language;
        char const* variant_language;
    };
    static constexpr Known known[] = {
        {Letter::thai, Letter::none, "th", ""},       {Letter::hangul, Letter::none, "ko", ""},      {Letter::cyrillic, Letter::ukrainian, "ru", "uk"},
        {Letter::greek, Letter::none, "el", ""},      {Letter::arabic, Letter::persian, "ar", "fa"}, {Letter::hebrew, Letter::none, "he", ""},
        {Letter::devanagari, Letter::none, "hi", ""},
    };
    std::string best = "und";
    std::uint32_t most = 0;
    for (auto const& [letter, variant, language, variant_language] : known) {
        auto const variants = variant == Letter::none ? 0 : letters[variant];
        if (letters[letter] + variants <= most) continue;
        most = letters[letter] + variants;
        best = variants > 0 ? variant_language : language;
    }
    return best;
}

std::uint32_t letters_of_other_scripts(auto const& letters) {
    std::uint32_t sum = 0;
    for (auto const letter : {Letter::thai, Letter::hangul, Letter::cyrillic, Letter::ukrainian, Letter::greek, Letter::arabic, Letter::persian, Letter::hebrew,
                              Letter::devanagari, Letter::other}) {
        sum += letters[letter];
    }
    return sum;
}

// Han characters, perhaps with kana.
std::string language_of_han(auto const& letters, std::string_view original, std::string_view prior) {
    auto const hant = letters[Letter::han_hant] + letters[Letter::bopomofo];
    auto const hans = letters[Letter::han_hans];
    auto const kana = letters[Letter::kana];
    // One の in a Chinese sentence is decoration, as Taiwanese shops like it.
    bool const decorated = kana <= 2 && kana * 4 < letters.han() && hant + hans > 0;
    if (kana > 0 && !decorated) return "ja";
    if (letters[Letter::han_japanese] > 0 && hant + hans == 0 && !is_chinese(prior)) return "ja";
    if (hant != hans) return hant > hans ? "zh-Hant" : "zh-Hans";
    if (is_chinese(prior)) return chinese(prior);
    if (prior == "ja" && hant + hans == 0) return "ja";
    return has_any(original, taiwan_words) ? "zh-Hant" : "zh-Hans";
}

}  // namespace

LanguageDetector::Guess LanguageDetector::detect(std::string_view original, Normalized const& text, std::string_view prior) const {
    std::vector<float> scores(languages_.size());
    auto const letters = count_letters(original, scores);
    Guess guess;
    LatinGuess latin;
    if (letters[Letter::latin] > 0) {
        latin = guess_latin(text.text, scores, prior);
        guess.plausible &= ~latin.beaten;
        bool const only_latin = letters.han() + letters[Letter::kana] + letters[Letter::bopomofo] + letters_of_other_scripts(letters) == 0;
        if (only_latin && latin.best >= least_decided) guess.plausible &= ~unhinted_but(prior);
    }

    // One word in Latin letters weighs as much as two Han characters or five letters of another script.
    auto const han_weight = (letters.han() + letters[Letter::kana] + letters[Letter::bopomofo] + 1) / 2;
    auto const other = letters_of_other_scripts(letters);
    auto const other_weight = (other + 4) / 5;
    auto const heaviest = std::max({han_weight, other_weight, latin.words});
    if (heaviest == 0) {
        guess.language = "und";
        return guess;
    }
    auto const is_considerable = [&](std::uint32_t weight) { return weight >= 3 && weight * 5 >= heaviest * 2; };
    bool const latin_speaks = is_considerable(latin.words) && latin.best >= 2;  // model names and addresses are no language
    int const languages = int{is_considerable(han_weight)} + int{is_considerable(other_weight)} + int{latin_speaks};
    if (languages > 1) {
        guess.language = "mul";
    } else if (han_weight > 0 && (han_weight == heaviest || (!latin_speaks && other_weight < han_weight))) {
        guess.language = language_of_han(letters, original, prior);
        guess.plausible &= ~others_with_han(guess.language, prior);
    } else if (other_weight > 0 && (other_weight == heaviest || !latin_speaks)) {
        guess.language = language_of_script(letters);
    } else if (latin.is_mixed || latin.best > 0) {
        guess.language = latin.is_mixed ? "mul" : latin.language;
    } else {
        guess.language = prior.empty() ? "und" : std::string{prior};
        guess.is_unhinted = true;
    }
    return guess;
}

}  // namespace kefu
