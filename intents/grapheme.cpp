// SPDX-License-Identifier: Apache-2.0
#include "intents/grapheme.hpp"

#include "intents/utf8.hpp"

#include <unicode/brkiter.h>
#include <unicode/locid.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace kefu {
namespace {

constexpr std::size_t window = 100;  // code points looked at before the cut

// How many of the last code points before the cut belong to a character that goes on behind it.
std::size_t unfinished(std::u32string_view before, char32_t next) {
    icu::UnicodeString text;
    std::vector<std::int32_t> starts;
    for (char32_t const c : before) {
        starts.push_back(text.length());
        text.append(static_cast<UChar32>(c));
    }
    auto const cut = text.length();
    text.append(static_cast<UChar32>(next));

    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> const breaks{icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status)};
    if (U_FAILURE(status)) return 0;
    breaks->setText(text);
    if (breaks->isBoundary(cut)) return 0;
    auto const boundary = breaks->preceding(cut);
    if (boundary <= 0) return 0;
    return static_cast<std::size_t>(starts.end() - std::lower_bound(starts.begin(), starts.end(), boundary));
}

}  // namespace

std::string_view cut_to_code_points(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    std::u32string last;  // up to `window` code points before the cut
    std::vector<std::size_t> starts;
    std::size_t at = 0;
    for (std::size_t count = 0; count < most && at < text.size(); ++count) {
        auto const start = at;
        auto const c = next_code_point(text, at);
        if (count + window < most) continue;
        starts.push_back(start);
        last += c;
    }
    if (at == text.size()) return text;
    auto behind = at;
    auto const dropped = unfinished(last, next_code_point(text, behind));
    return text.substr(0, dropped == 0 ? at : starts[starts.size() - dropped]);
}

}  // namespace kefu
