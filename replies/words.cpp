// SPDX-License-Identifier: Apache-2.0
#include "replies/words.hpp"

#include "intents/normalize.hpp"

namespace kefu {

namespace {

bool is_plain(char c) {
    auto const byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string words_of(std::string_view folded) {
    std::string words{' '};
    for (char const c : folded)
        if (is_plain(c) || words.back() != ' ') words += is_plain(c) ? c : ' ';
    if (words.back() != ' ') words += ' ';
    return words;
}

std::string wanted_words(std::string_view written) {
    auto const folded = normalize(written).text;
    auto words = words_of(folded);
    words.erase(0, 1);
    bool const is_whole = written.ends_with(' ') || (!folded.empty() && !is_plain(folded.back()));
    if (!words.empty() && !is_whole) words.pop_back();
    return words;
}

}  // namespace kefu
