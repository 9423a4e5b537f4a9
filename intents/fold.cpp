// SPDX-License-Identifier: Apache-2.0
#include "intents/fold.hpp"

#include "intents/icu.hpp"
#include "intents/utf8.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <string>
#include <unordered_map>

namespace kefu {
namespace {

// Letters that Unicode does not decompose, and typographic variants that phones put in by themselves.
std::unordered_map<char32_t, std::u32string_view> const& by_hand() {
    static std::unordered_map<char32_t, std::u32string_view> const folds{
        {U'đ', U"d"},  {U'ð', U"d"},  {U'ł', U"l"},      {U'ø', U"o"},      {U'ħ', U"h"}, {U'ŧ', U"t"}, {U'ı', U"i"},      {U'æ', U"ae"}, {U'œ', U"oe"},
        {U'þ', U"th"}, {U'ß', U"ss"}, {U'‘', U"'"},      {U'’', U"'"},      {U'ʼ', U"'"}, {U'´', U"'"}, {U'\u1FFD', U"'"}, {U'`', U"'"},  {U'“', U"\""},
        {U'”', U"\""}, {U'„', U"\""}, {U'\u2010', U"-"}, {U'\u2011', U"-"}, {U'–', U"-"}, {U'—', U"-"}, {U'−', U"-"},
    };
    return folds;
}

// Diacritics that stick to any script. What is left of them after NFKC has composed what it can is decoration ("zalgo", strike-through).
bool is_loose_diacritic(char32_t c) {
    if (c == 0x0345) return false;  // the Greek iota below, a letter when folded
    return (c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) ||
           (c >= 0xFE20 && c <= 0xFE2F) || u_charType(static_cast<UChar32>(c)) == U_ENCLOSING_MARK;
}

bool is_variation_selector(char32_t c) { return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF); }

bool is_symbol(char32_t c) { return std::u32string_view{U"!?#*._-~|/"}.find(c) != std::u32string_view::npos; }

bool is_newline(char32_t c) { return (c >= 0x0A && c <= 0x0D) || c == 0x85 || c == 0x2028 || c == 0x2029; }

bool is_latin(char32_t c) {
    UErrorCode status = U_ZERO_ERROR;
    return uscript_getScript(static_cast<UChar32>(c), &status) == USCRIPT_LATIN;
}

// Folds single code points with ICU's own, slow tools.
class Folder {
  public:
    Folder() : casefold_(icu_must(&icu::Normalizer2::getNFKCCasefoldInstance)), decompose_(icu_must(&icu::Normalizer2::getNFDInstance)) {}

    std::u32string fold(char32_t c) const {
        std::u32string out;
        if (auto const hand = by_hand().find(c); hand != by_hand().end()) return std::u32string{hand->second};
        if (casefold_.isInert(static_cast<UChar32>(c))) {  // most are, and it is quick to know
            append_folded(out, c);
            return out;
        }
        UErrorCode status = U_ZERO_ERROR;
        auto const folded = casefold_.normalize(icu::UnicodeString{static_cast<UChar32>(c)}, status);
        icu_check(status);
        for (std::int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) append_folded(out, static_cast<char32_t>(folded.char32At(i)));
        return out;
    }

    // The flags that say how `c` behaves when NFKC meets it behind another character.
    std::uint32_t joining(char32_t c) const {
        auto const code_point = static_cast<UChar32>(c);
        if (casefold_.hasBoundaryBefore(code_point)) return 0;
        auto const composes = u_getIntPropertyValue(code_point, UCHAR_NFKC_QUICK_CHECK) != UNORM_YES;
        if (!composes && u_getCombiningClass(code_point) != 0) return Fold::is_ordered;
        return Fold::composes;
    }

  private:
    void append_folded(std::u32string& out, char32_t c) const {
        if (auto const simple = simplified_.find(c); simple != simplified_.end()) c = simple->second;
        icu::UnicodeString parts;
        if (is_latin(c) && decompose_.getDecomposition(static_cast<UChar32>(c), parts)) c = static_cast<char32_t>(parts.char32At(0));
        if (is_loose_diacritic(c)) return;
        if (auto const hand = by_hand().find(c); hand != by_hand().end()) {
            out += hand->second;
        } else {
            out += c;
        }
    }

    icu::Normalizer2 const& casefold_;
    icu::Normalizer2 const& decompose_;
    std::unordered_map<char32_t, char32_t> simplified_ = changed_by_transliterator("Traditional-Simplified");
};

std::uint32_t flags_of_result(char32_t c) {
    std::uint32_t flags = 0;
    if (u_charType(static_cast<UChar32>(c)) == U_DECIMAL_DIGIT_NUMBER) flags |= Fold::becomes_digit;
    UErrorCode status = U_ZERO_ERROR;
    auto const script = uscript_getScript(static_cast<UChar32>(c), &status);
    if (script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA) flags |= Fold::becomes_han_or_kana;
    if (script == USCRIPT_LATIN) flags |= Fold::becomes_latin;
    return flags;
}

Fold fold_one(Folder const& folder, char32_t c, std::u32string& expansions) {
    auto const code_point = static_cast<UChar32>(c);
    auto const type = u_charType(code_point);
    if (type == U_UNASSIGNED || type == U_PRIVATE_USE_CHAR || type == U_SURROGATE) {
        // Some unassigned code points are already set aside for invisible characters.
        auto const kind = u_hasBinaryProperty(code_point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ? Fold::Kind::dropped : Fold::Kind::same;
        return {kind, 0, 0};
    }
    if (is_newline(c)) return {Fold::Kind::newline, 0, 0};
    if (u_isUWhiteSpace(code_point)) return {Fold::Kind::space, 0, 0};
    if (type == U_CONTROL_CHAR) return {Fold::Kind::dropped, 0, 0};

    std::uint32_t flags = folder.joining(c);
    if (is_loose_diacritic(c) || is_variation_selector(c)) flags |= Fold::is_mark;
    if (is_loose_diacritic(c)) return {Fold::Kind::dropped, 0, flags};
    if (u_isUUppercase(code_point)) flags |= Fold::is_upper;
    if (u_hasBinaryProperty(code_point, UCHAR_CASED)) flags |= Fold::is_cased;

    auto const folded = folder.fold(c);
    if (folded.empty()) return {Fold::Kind::dropped, 0, flags & ~static_cast<std::uint32_t>(Fold::composes | Fold::is_ordered)};
    flags |= flags_of_result(folded.back());
    if (folded == U" ") return {Fold::Kind::space, 0, 0};  // ΄ is a space with a diacritic
    if (folded.size() == 1 && is_symbol(folded.front())) return {Fold::Kind::symbol, folded.front(), flags};
    if (folded.size() == 1 && folded.front() == c) return {Fold::Kind::same, 0, flags};
    if (folded.size() == 1) return {Fold::Kind::changed, folded.front(), flags};
    auto const place = static_cast<char32_t>(expansions.size());
    expansions += static_cast<char32_t>(folded.size());
    expansions += folded;
    return {Fold::Kind::expanded, place, flags};
}

}  // namespace

FoldTable::FoldTable() : folds_([this, folder = Folder{}](char32_t c) { return fold_one(folder, c, expansions_); }) {
    std::array<bool, 256> well_formed{};
    std::array<bool, 256> continues{};
    std::string bytes;
    for (char32_t c = 0; c < CodePointTable<Fold>::end; ++c) {
        bytes.clear();
        append_utf8(bytes, c);
        auto const first = static_cast<unsigned char>(bytes.front());
        well_formed[first] = true;
        continues[first] = continues[first] || folds_[c].continues();
    }
    for (std::size_t byte = 0; byte < 256; ++byte) may_continue_[byte] = continues[byte] || !well_formed[byte];
}

FoldTable const& fold_table() {
    static FoldTable const table;
    return table;
}

}  // namespace kefu
