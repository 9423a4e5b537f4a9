// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/text_split.hpp"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <memory>

namespace kefu {

namespace {

std::unique_ptr<icu::BreakIterator> iterator(icu::BreakIterator* (*make)(icu::Locale const&, UErrorCode&)) {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::BreakIterator>{make(icu::Locale::getRoot(), status)};
}

std::string to_utf8(icu::UnicodeString const& text) {
    std::string bytes;
    text.toUTF8String(bytes);
    return bytes;
}

bool is_space(UChar c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0x3000; }

/// The last boundary in (from, from + limit], looked for coarsely first. Always moves forward.
std::int32_t cut_before(icu::UnicodeString const& text, std::int32_t from, std::int32_t limit) {
    std::int32_t const most = from + limit;
    // A cut that leaves less than a third of the room is worse than a cut at the next finer kind of boundary.
    std::int32_t const least = from + limit / 3;
    for (std::int32_t at = most; at > least; --at)
        if (text[at - 1] == '\n') return at;
    for (auto const make : {&icu::BreakIterator::createSentenceInstance, &icu::BreakIterator::createLineInstance}) {
        auto const boundaries = iterator(make);
        boundaries->setText(text);
        std::int32_t const at = boundaries->isBoundary(most) ? most : boundaries->preceding(most);
        if (at > least) return at;
    }
    auto const graphemes = iterator(&icu::BreakIterator::createCharacterInstance);
    graphemes->setText(text);
    std::int32_t const at = graphemes->isBoundary(most) ? most : graphemes->preceding(most);
    if (at > from) return at;
    return U16_IS_LEAD(text[most - 1]) ? most - 1 : most;
}

}  // namespace

std::size_t utf16_length(std::string_view text) {
    std::size_t units = 0;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
    }
    return units;
}

std::size_t byte_of_utf16(std::string_view text, std::size_t units) {
    std::size_t seen = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto const byte = static_cast<unsigned char>(text[at]);
        if ((byte & 0xC0) == 0x80) continue;
        std::size_t const width = byte >= 0xF0 ? 2 : 1;
        if (seen + width > units) return at;
        seen += width;
    }
    return text.size();
}

std::vector<std::string> split_text(std::string_view text, std::size_t limit) {
    auto const whole = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    std::int32_t from = 0;
    std::int32_t end = whole.length();
    while (from < end && is_space(whole[from])) ++from;
    while (end > from && is_space(whole[end - 1])) --end;
    std::vector<std::string> pieces;
    auto const most = static_cast<std::int32_t>(limit);
    while (from < end) {
        std::int32_t next = end - from <= most ? end : cut_before(whole, from, most);
        std::int32_t stop = next;
        while (stop > from && is_space(whole[stop - 1])) --stop;
        if (stop > from) pieces.push_back(to_utf8(whole.tempSubStringBetween(from, stop)));
        from = next;
        while (from < end && is_space(whole[from])) ++from;
    }
    return pieces;
}

std::vector<std::string> graphemes(std::string_view text) {
    auto const whole = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    auto const boundaries = iterator(&icu::BreakIterator::createCharacterInstance);
    boundaries->setText(whole);
    std::vector<std::string> all;
    std::int32_t from = 0;
    for (auto to = boundaries->next(); to != icu::BreakIterator::DONE; to = boundaries->next()) {
        all.push_back(to_utf8(whole.tempSubStringBetween(from, to)));
        from = to;
    }
    return all;
}

std::string first_graphemes(std::string_view text, std::size_t most) {
    auto const whole = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    auto const boundaries = iterator(&icu::BreakIterator::createCharacterInstance);
    boundaries->setText(whole);
    std::int32_t end = 0;
    for (std::size_t i = 0; i < most && end < whole.length(); ++i) {
        auto const next = boundaries->next();
        if (next == icu::BreakIterator::DONE) break;
        end = next;
    }
    return to_utf8(whole.tempSubStringBetween(0, end));
}

}  // namespace kefu
