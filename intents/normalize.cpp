// SPDX-License-Identifier: Apache-2.0
#include "intents/normalize.hpp"

#include "intents/fold.hpp"
#include "intents/icu.hpp"
#include "intents/utf8.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

namespace kefu {
namespace {

// One code point of the original.
struct Read {
    char32_t code_point;
    Fold fold;
    std::uint32_t start;
    std::uint32_t end;
};

// Takes folded code points, does what looks at neighbours (squeezing, joining spaces, smuggled symbols), and writes.
class Writer {
  public:
    Writer(Normalized& out, FoldTable const& table, std::size_t bytes, std::size_t code_points) : out_(out), table_(table) {
        out_.text.resize(bytes + room);
        out_.origins.reserve(code_points);
    }

    // Nine of ten characters need no look at their neighbours.
    void put(Read const& read) {
        auto const kind = read.fold.kind();
        auto const c = kind == Fold::Kind::same ? read.code_point : read.fold.payload();
        if (kind > Fold::Kind::changed || c == run_.code_point || is_waiting_) return put_slowly(read);
        seen_ |= read.fold.flags();
        capitals_ += read.fold.has(Fold::is_upper);
        cased_ += read.fold.has(Fold::is_cased);
        marks_ = 0;
        run_ = {c, 1, read.fold.has(Fold::becomes_han_or_kana)};
        append(c, read.start, read.end);
    }

    void finish() {
        out_.text.resize(size_);
        out_.intensity.capitals = capitals_;
        out_.intensity.cased = cased_;
        out_.has_digit = (seen_ & Fold::becomes_digit) != 0;
        out_.has_han_or_kana = (seen_ & Fold::becomes_han_or_kana) != 0;
        out_.has_latin = (seen_ & Fold::becomes_latin) != 0;
    }

  private:
    static constexpr std::size_t room = 16;

    // What the text ends with, and how often.
    struct Run {
        char32_t code_point = 0;
        std::uint32_t length = 0;
        bool is_cjk = false;
    };

    // White space that was read and not written: at the end of the text it never is.
    struct Space {
        char32_t character = 0;
        std::uint32_t start = 0;
        std::uint32_t end = 0;
    };

    [[gnu::noinline]] void put_slowly(Read const& read) {
        seen_ |= read.fold.flags();
        capitals_ += read.fold.has(Fold::is_upper);
        cased_ += read.fold.has(Fold::is_cased);
        switch (read.fold.kind()) {
            case Fold::Kind::same:
                return put_folded(read.code_point, read.fold, read.start, read.end);
            case Fold::Kind::changed:
            case Fold::Kind::symbol:
                return put_folded(read.fold.payload(), read.fold, read.start, read.end);
            case Fold::Kind::space:
                return put_space(U' ', read.start, read.end);
            case Fold::Kind::newline:
                return put_space(U'\n', read.start, read.end);
            case Fold::Kind::dropped:
                if (read.fold.has(Fold::is_mark)) widen(read.end);
                return;
            case Fold::Kind::expanded:
                return put_expanded(read);
        }
    }

    void put_folded(char32_t c, Fold fold, std::uint32_t start, std::uint32_t end) {
        auto const is_cjk = fold.has(Fold::becomes_han_or_kana);
        if (is_waiting_) end_waiting(is_cjk);
        if (c == U'!' || c == U'?')
            count_mark(c);
        else
            marks_ = 0;

        if (c == run_.code_point && !fold.has(Fold::becomes_digit)) return lengthen(fold, start, end);
        if (run_.is_cjk && fold.kind() == Fold::Kind::symbol && c != U'!' && c != U'?') {
            before_symbol_ = run_;
            has_symbol_ = is_waiting_ = true;
        }
        run_ = {c, 1, is_cjk};
        append(c, start, end);
    }

    // What "¨" expands to has a space in it.
    void put_expanded(Read const& read) {
        for (char32_t c : table_.expansion(read.fold)) {
            auto const fold = table_[c];
            seen_ |= fold.flags();
            if (c == U' ')
                put_space(c, read.start, read.end);
            else
                put_folded(c, fold, read.start, read.end);
        }
    }

    void put_space(char32_t c, std::uint32_t start, std::uint32_t end) {
        if (space_.character == 0) space_ = {c, start, end};
        if (c == U'\n') space_.character = c;
        space_.end = end;
        is_waiting_ = true;
    }

    // Something follows white space, or a symbol that stands behind Han or kana.
    void end_waiting(bool cjk_follows) {
        is_waiting_ = false;
        if (space_.character != 0) {
            if (size_ > 0) {
                run_ = {space_.character, 1, false};
                append(space_.character, space_.start, space_.end);
            }
            space_.character = 0;
        } else if (has_symbol_ && cjk_follows && run_.length == 1) {
            pop();
            run_ = before_symbol_;
        }
        has_symbol_ = false;
    }

    void lengthen(Fold fold, std::uint32_t start, std::uint32_t end) {
        if (++run_.length < 3) return append(run_.code_point, start, end);
        if (run_.length == 3) pop();
        if (fold.has(Fold::is_cased) || u_isalpha(static_cast<UChar32>(run_.code_point))) out_.intensity.elongations += run_.length == 3 ? 2 : 1;
        widen(end);
    }

    void append(char32_t c, std::uint32_t start, std::uint32_t end) {
        if (out_.text.size() - size_ < 4) out_.text.resize(out_.text.size() * 2);
        out_.origins.push_back({static_cast<std::uint32_t>(size_), start, end});
        size_ += write_utf8(out_.text.data() + size_, c);
    }

    void pop() {
        size_ = out_.origins.back().at;
        out_.origins.pop_back();
    }

    void widen(std::uint32_t end) {
        if (!out_.origins.empty() && space_.character == 0) out_.origins.back().end = end;
    }

    void count_mark(char32_t c) {
        ++(c == U'!' ? out_.intensity.exclamations : out_.intensity.questions);
        out_.intensity.longest_run = std::max(out_.intensity.longest_run, ++marks_);
    }

    Normalized& out_;
    FoldTable const& table_;
    std::size_t size_ = 0;  // of out_.text, which is longer until finish()
    Run run_;
    Run before_symbol_;
    Space space_;
    std::uint32_t marks_ = 0;
    std::uint32_t seen_ = 0;
    std::uint32_t capitals_ = 0;
    std::uint32_t cased_ = 0;
    bool has_symbol_ = false;  // run_ is one symbol behind before_symbol_, which is Han or kana
    bool is_waiting_ = false;  // for what follows space_ or that symbol
};

// A character and what may merge with it. The length is bounded because ordering marks costs its square (Unicode's "stream-safe" text
// allows 30); what is longer goes on as a new piece.
class Piece {
  public:
    explicit Piece(Read const& first) { add(first); }
    bool full() const { return size_ == reads_.size(); }
    void add(Read const& read) { reads_[size_++] = read; }

    void write_to(Writer& writer, FoldTable const& table) const {
        if (needs_normalizer()) return write_normalized(writer, table);
        for (std::size_t i = 0; i < size_; ++i) writer.put(reads_[i]);
    }

  private:
    // Not when every member stays or goes by itself: invisible characters, diacritics on a Latin letter, marks in their order.
    bool needs_normalizer() const {
        bool const on_latin = reads_[0].fold.has(Fold::becomes_latin);
        int last_class = 0;
        for (std::size_t i = 1; i < size_; ++i) {
            auto const fold = reads_[i].fold;
            if (fold.has(Fold::composes) && !(on_latin && fold.kind() == Fold::Kind::dropped)) return true;
            if (fold.has(Fold::is_ordered) && fold.kind() != Fold::Kind::dropped) {
                int const its_class = u_getCombiningClass(static_cast<UChar32>(reads_[i].code_point));
                if (its_class < last_class) return true;
                last_class = its_class;
            }
        }
        return false;
    }

    void write_normalized(Writer& writer, FoldTable const& table) const {
        static auto const& nfkc_casefold = icu_must(&icu::Normalizer2::getNFKCCasefoldInstance);
        icu::UnicodeString original;
        for (std::size_t i = 0; i < size_; ++i) original.append(static_cast<UChar32>(reads_[i].code_point));
        UErrorCode status = U_ZERO_ERROR;
        auto const merged = nfkc_casefold.normalize(original, status);
        for (std::int32_t i = 0; i < merged.length(); i = merged.moveIndex32(i, 1)) {
            auto const c = static_cast<char32_t>(merged.char32At(i));
            writer.put({c, table[c], reads_[0].start, reads_[size_ - 1].end});
        }
    }

    std::array<Read, 32> reads_;  // the first size_ are set
    std::size_t size_ = 0;
};

}  // namespace

std::pair<std::size_t, std::size_t> Normalized::original(std::size_t start, std::size_t end) const {
    if (origins.empty()) return {0, 0};
    // The last code point that begins at or before the byte.
    auto const holding = [&](std::size_t byte) {
        auto const after = std::upper_bound(origins.begin(), origins.end(), byte, [](std::size_t b, Origin const& origin) { return b < origin.at; });
        return *std::prev(after);
    };
    auto const first = holding(start);
    if (end <= start) return {first.start, first.start};
    return {first.start, std::max(first.end, holding(end - 1).end)};
}

Normalized normalize(std::string_view text) {
    static auto const& table = fold_table();
    Normalized out;
    auto const starts_code_point = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    Writer writer{out, table, text.size(), static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point))};
    auto const read_at = [&](std::size_t& at) {
        auto const start = static_cast<std::uint32_t>(at);
        char32_t const c = next_code_point(text, at);
        return Read{c, table[c], start, static_cast<std::uint32_t>(at)};
    };
    for (std::size_t at = 0; at < text.size();) {
        auto const read = read_at(at);
        if (!read.fold.continues() && (at == text.size() || !table.may_continue(text[at]))) {
            writer.put(read);
            continue;
        }
        Piece piece{read};
        while (at < text.size() && !piece.full()) {
            auto next = at;
            auto const following = read_at(next);
            if (!following.fold.continues()) break;
            piece.add(following);
            at = next;
        }
        piece.write_to(writer, table);
    }
    writer.finish();
    return out;
}

}  // namespace kefu
