// SPDX-License-Identifier: Apache-2.0
#include "intents/expression_tokens.hpp"

#include "intents/fold.hpp"
#include "intents/icu.hpp"
#include "intents/utf8.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

namespace kefu {
namespace {

constexpr int default_gap = 12;
constexpr int longest_gap = 200;
constexpr std::size_t longest_one_of = 60;

std::u32string decode(std::string_view text) {
    // NFC first, so that a letter and its loose diacritic are one letter here as they are in a text.
    // Packs are read side by side: the lock of a static is one that the thread sanitizer sees, ICU's is not.
    static auto const& nfc = icu_must(&icu::Normalizer2::getNFCInstance);
    UErrorCode status = U_ZERO_ERROR;
    auto const composed = nfc.normalize(icu::UnicodeString::fromUTF8(icu::StringPiece{text.data(), static_cast<std::int32_t>(text.size())}), status);
    icu_check(status);
    std::u32string out;
    for (std::int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) out += static_cast<char32_t>(composed.char32At(i));
    return out;
}

std::u32string folded(char32_t c) {
    auto const& table = fold_table();
    auto const fold = table[c];
    switch (fold.kind()) {
        case Fold::Kind::same:
            return {c};
        case Fold::Kind::changed:
        case Fold::Kind::symbol:
            return {fold.payload()};
        case Fold::Kind::space:
            return U" ";
        case Fold::Kind::newline:
            return U"\n";
        case Fold::Kind::expanded: {
            auto const several = table.expansion(fold);
            bool const squeezed = several.size() >= 3 && several.find_first_not_of(several.front()) == std::u32string_view::npos;
            return std::u32string{squeezed ? several.substr(0, 1) : several};  // … is a dot in a text too
        }
        case Fold::Kind::dropped:
            break;
    }
    return {};
}

class Tokenizer {
  public:
    explicit Tokenizer(std::string_view source) : source_(decode(source)) {}

    Result<std::vector<Token>> read() {
        while (at_ < source_.size() && !error_) read_one();
        if (error_) return std::move(*error_);
        return std::move(tokens_);
    }

  private:
    char32_t peek(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : U'\0'; }
    bool starts_with(std::u32string_view what) const { return std::u32string_view{source_}.substr(at_).starts_with(what); }

    void read_one() {
        if (std::size_t const dots = gap_length()) return read_gap(dots);
        switch (char32_t const c = peek()) {
            case U'\\':
                return read_escape();
            case U'[':
                return read_class();
            case U'(':
                return read_open();
            case U')':
                return add_char(Token::Kind::close);
            case U'|':
                return add_char(Token::Kind::bar);
            case U'*':
            case U'+':
            case U'?':
                return read_quantifier(c == U'+' ? 1 : 0, c == U'?' ? 1 : Token::unlimited, 1);
            case U'{':
                if (std::size_t const length = repeat_length()) return read_quantifier(number_after(0), most_repeat(), length);
                break;
            case U'.':
                return add_set(1, CharacterSet{U"\n"}, true);
            case U'^':
            case U'$':
                return add_char(Token::Kind::assertion);
            default:
                break;
        }
        add_literal(source_[at_++]);
    }

    // How many characters an ellipsis takes here, its spaces included; 0 when there is none.
    std::size_t gap_length() const {
        std::size_t const before = peek() == U' ' ? 1 : 0;
        if (peek(before) == U'…') {
            std::size_t length = before + 1;
            while (peek(length) == U'…') ++length;
            return length;
        }
        return starts_with(U" ...") && (peek(4) == U' ' || peek(4) == U'{') ? 4 : 0;
    }

    void read_gap(std::size_t length) {
        at_ += length;
        int most = default_gap;
        if (peek() == U'{') {
            auto const close = source_.find(U'}', at_);
            auto const digits = close == std::u32string::npos ? std::string{} : ascii(at_ + 1, close);
            auto const [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), most);
            if (bad != std::errc{} || end != digits.data() + digits.size() || most < 1 || most > longest_gap) {
                error_ = Error{Errc::bad_config, "the distance after an ellipsis must be a number from 1 to 200, like …{30}"};
                return;
            }
            at_ = close + 1;
        }
        if (peek() == U' ') ++at_;
        // The sentence's end stops an ellipsis. In normalised text the full-width ！ and ？ are ! and ?, but 。 stays.
        Token gap{.kind = Token::Kind::gap, .text = "[^。!?.\\n]{0," + std::to_string(most) + "}?", .characters = {}, .set = CharacterSet{U"。!?.\n"}};
        gap.set.negate();
        gap.most = most;
        gap.is_lazy = true;
        tokens_.push_back(std::move(gap));
    }

    // \Q...\E is a run of literals; \p{Han}, \pN, \x{ff}, \b and the like stay.
    void read_escape() {
        if (starts_with(U"\\Q")) {
            auto const end = std::min(source_.find(U"\\E", at_ + 2), source_.size());
            for (at_ += 2; at_ < end;) {
                for (char32_t const one : folded(source_[at_++])) add_folded(one);
            }
            at_ = std::min(end + 2, source_.size());
            return;
        }
        if (peek(1) >= 0x80) {
            ++at_;
            return add_literal(source_[at_++]);
        }
        auto const length = escape_length();
        auto const text = ascii(at_, at_ + length);
        if (std::ispunct(static_cast<unsigned char>(text.back())) && length == 2) {
            tokens_.push_back({.kind = Token::Kind::literal, .text = text, .characters = {peek(1)}});
        } else {
            if (auto const set = named_set(text)) return add_set(length, *set, std::isupper(static_cast<unsigned char>(text[1])) != 0);
            bool const takes_none = text == "\\b" || text == "\\B" || text == "\\A" || text == "\\z";
            tokens_.push_back({.kind = takes_none ? Token::Kind::assertion : Token::Kind::other, .text = text, .characters = {}});
        }
        at_ += length;
    }

    // \d \w \s as RE2 reads them, and their opposites not yet negated.
    static std::optional<CharacterSet> named_set(std::string_view escape) {
        if (escape.size() != 2) return std::nullopt;
        CharacterSet set;
        switch (std::tolower(static_cast<unsigned char>(escape[1]))) {
            case 'd':
                set.add(U'0', U'9');
                return set;
            case 's':
                return CharacterSet{U"\t\n\f\r "};
            case 'w':
                set.add(U'0', U'9');
                set.add(U'a', U'z');
                set.add(U'A', U'Z');
                set.add(U'_', U'_');
                return set;
            default:
                return std::nullopt;
        }
    }

    void add_set(std::size_t length, CharacterSet set, bool negated) {
        Token token{.kind = Token::Kind::one_of, .text = ascii(at_, at_ + length), .characters = {}, .set = std::move(set)};
        if (negated) token.set.negate();
        if (token.text == "\\d") token.characters = U"0123456789";
        tokens_.push_back(std::move(token));
        at_ += length;
    }

    std::size_t escape_length() const {
        std::size_t length = std::min<std::size_t>(2, source_.size() - at_);
        char32_t const letter = peek(1);
        if ((letter == U'p' || letter == U'P' || letter == U'x') && peek(2) == U'{') {
            auto const close = source_.find(U'}', at_);
            if (close != std::u32string::npos) length = close + 1 - at_;
        } else if (letter == U'p' || letter == U'P') {
            length = 3;
        } else if (letter == U'x') {
            length = 4;
        }
        return std::min(length, source_.size() - at_);
    }

    void read_class() {
        Token token{.kind = Token::Kind::one_of, .text = "[", .characters = {}};
        bool const negated = peek(1) == U'^';
        at_ += negated ? 2 : 1;
        if (negated) token.text += '^';
        is_range_ = false;
        for (bool first = true; at_ < source_.size() && (first || peek() != U']'); first = false) read_class_member(token);
        if (std::exchange(is_range_, false)) add_member(token, U'-');  // what it led to was dropped
        if (peek() == U']') {
            if (token.text == (negated ? "[^" : "["))
                error_ = Error{Errc::bad_config, "of what stands inside [...] nothing is left when normalised; leave it out"};
            token.text += ']';
            ++at_;
        }
        if (negated) token.set.negate();
        if (negated || token.characters.size() > longest_one_of) token.characters.clear();
        tokens_.push_back(std::move(token));
    }

    void read_class_member(Token& token) {
        bool const first = token.text == "[" || token.text == "[^";  // for RE2, which does not see what folding drops
        char32_t const c = peek();
        if (c == U'\\' && peek(1) < 0x80) return read_class_escape(token);
        if (c == U'[' && peek(1) == U':') {  // [[:alpha:]]
            auto const close = source_.find(U":]", at_);
            if (close != std::u32string::npos) {
                token.text += ascii(at_, close + 2);
                token.kind = Token::Kind::other;
                at_ = close + 2;
                return;
            }
        }
        at_ += c == U'\\' ? 2 : 1;
        auto const becomes = folded(c == U'\\' ? source_[at_ - 1] : c);
        if (becomes.size() > 1) {
            std::string name;
            append_utf8(name, c);
            error_ =
                Error{Errc::bad_config, "'" + name + "' becomes several characters when normalised, so it cannot stand inside [...]; write (" + name + "|...)"};
            return;
        }
        if (becomes.empty()) return;
        // An opening bracket might meet a colon: [[:alpha:]] is another thing.
        if ((c >= 0x80 || c == U'[' || first) && std::u32string_view{U"]^-\\["}.find(becomes[0]) != std::u32string_view::npos) token.text += '\\';
        append_utf8(token.text, becomes[0]);
        if (c == U'-' && !first && !is_range_ && peek() != U']')
            is_range_ = true;
        else
            add_member(token, becomes[0]);
    }

    void read_class_escape(Token& token) {
        auto const length = escape_length();
        auto const text = ascii(at_, at_ + length);
        token.text += text;
        if (length == 2 && std::ispunct(static_cast<unsigned char>(text.back())) != 0) {
            add_member(token, peek(1));
        } else if (auto const set = named_set(text); set && std::islower(static_cast<unsigned char>(text[1])) != 0) {
            for (char32_t c = 0; c < 128; ++c) {
                if (set->contains(c)) add_member(token, c);
            }
        } else {
            token.kind = Token::Kind::other;
        }
        at_ += length;
    }

    void add_member(Token& token, char32_t c) {
        char32_t first = c;
        if (std::exchange(is_range_, false)) first = token.characters.empty() ? c : token.characters.back();
        if (first > c) return;  // RE2 refuses it
        token.set.add(first, c);
        // Only short classes are spelled out; one character too many says that this is none.
        for (char32_t between = first; between <= c && token.characters.size() <= longest_one_of; ++between) token.characters += between;
        token.characters.back() = c;  // where a range may start
    }

    void read_open() {
        if (peek(1) != U'?') return add_char(Token::Kind::open);
        // (?:  (?P<name>  (?i:  are openings, (?i) is a token of its own.
        std::size_t end = at_ + 2;
        if (peek(2) == U'P' || peek(2) == U'<') {
            end = source_.find(U'>', at_);
        } else {
            while (end < source_.size() && source_[end] != U':' && source_[end] != U')') ++end;
        }
        if (end >= source_.size()) return add_char(Token::Kind::open);  // RE2 says what is wrong
        tokens_.push_back({.kind = source_[end] == U')' ? Token::Kind::flags : Token::Kind::open, .text = ascii(at_, end + 1), .characters = {}});
        at_ = end + 1;
    }

    void read_quantifier(int least, int most, std::size_t length) {
        Token token{.kind = Token::Kind::quantifier, .text = ascii(at_, at_ + length), .characters = {}};
        token.least = least;
        token.most = most;
        at_ += length;
        if (peek() == U'?') {
            token.text += '?';
            token.is_lazy = true;
            ++at_;
        }
        tokens_.push_back(std::move(token));
    }

    // {2}, {2,} or {2,3}; anything else is a literal brace to RE2.
    std::size_t repeat_length() const {
        std::size_t length = 1;
        auto const digits = [&] {
            auto const start = length;
            while (peek(length) >= U'0' && peek(length) <= U'9') ++length;
            return length - start;
        };
        if (digits() == 0) return 0;
        if (peek(length) == U',') {
            ++length;
            digits();
        }
        return peek(length) == U'}' ? length + 1 : 0;
    }

    // The number behind the character at at_ + `ahead`; RE2 refuses those above 1000.
    int number_after(std::size_t ahead) const {
        int number = 0;
        for (std::size_t i = ahead + 1; peek(i) >= U'0' && peek(i) <= U'9' && number < 10'000; ++i) number = number * 10 + static_cast<int>(peek(i) - U'0');
        return number;
    }

    int most_repeat() const {
        std::size_t comma = 1;
        while (peek(comma) >= U'0' && peek(comma) <= U'9') ++comma;
        if (peek(comma) != U',') return number_after(0);
        return peek(comma + 1) == U'}' ? Token::unlimited : number_after(comma);
    }

    void add_char(Token::Kind kind) {
        tokens_.push_back({.kind = kind, .text = ascii(at_, at_ + 1), .characters = {}});
        ++at_;
    }

    // What repeats a letter repeats all it becomes: "ß?" is (?:ss)?, and with a dropped character its quantifier goes, which would else take the one before.
    void add_literal(char32_t c) {
        auto const becomes = folded(c);
        if (becomes.empty()) return skip_quantifiers();
        bool const is_group = becomes.size() > 1 && quantifier_follows();
        if (is_group) tokens_.push_back({.kind = Token::Kind::open, .text = "(?:", .characters = {}});
        for (char32_t const one : becomes) add_folded(one);
        if (is_group) tokens_.push_back({.kind = Token::Kind::close, .text = ")", .characters = {}});
    }

    void add_folded(char32_t c) {
        Token token{.kind = Token::Kind::literal, .text = {}, .characters = {c}};
        token.is_digit = u_isdigit(static_cast<UChar32>(c));
        if (c < 0x80 && std::string_view{"\\.+*?()|[]{}^$"}.find(static_cast<char>(c)) != std::string_view::npos) token.text += '\\';
        append_utf8(token.text, c);
        tokens_.push_back(std::move(token));
    }

    bool quantifier_follows() const {
        char32_t const c = peek();
        return c == U'*' || c == U'+' || c == U'?' || (c == U'{' && repeat_length() > 0);
    }

    void skip_quantifiers() {
        while (quantifier_follows()) at_ += peek() == U'{' ? repeat_length() : 1;
    }

    // Syntax is ASCII; anything else in its place RE2 rejects.
    std::string ascii(std::size_t from, std::size_t to) const {
        std::string text;
        for (; from < to; ++from) append_utf8(text, source_[from]);
        return text;
    }

    std::u32string source_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
    std::optional<Error> error_;
    bool is_range_ = false;  // the next member of the class ends one
};

}  // namespace

Result<std::vector<Token>> read_tokens(std::string_view source) { return Tokenizer{source}.read(); }

}  // namespace kefu
