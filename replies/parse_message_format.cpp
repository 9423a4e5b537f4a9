// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"
#include "replies/message_format_part.hpp"

#include <unicode/messagepattern.h>
#include <unicode/reldatefmt.h>
#include <unicode/smpdtfmt.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>

namespace kefu {

using icu::MessagePattern;
using icu::UnicodeString;

namespace {

using Part = MessageFormat::Part;

std::string in_quotes(std::string_view text) { return "'" + std::string{text} + "'"; }

std::string why(UErrorCode status) {
    switch (status) {
        case U_UNMATCHED_BRACES:
            return "a brace is not closed";
        case U_DEFAULT_KEYWORD_MISSING:
            return "the branch 'other' is missing";
        case U_ARGUMENT_TYPE_MISMATCH:
            return "one placeholder is used in two ways";
        default:
            return "a placeholder is written wrong";
    }
}

/// What ICU makes for a locale, shared among the texts that use it: a date format takes tens of kilobytes, and texts use the same few. Catalogs may load side
/// by side.
template <class T>
class Shared {
  public:
    template <class Make>
    std::shared_ptr<T const> get(std::string const& key, Make make) {
        std::lock_guard const lock{mutex_};
        auto& kept = known_[key];
        auto found = kept.lock();
        if (!found) {
            found = make();
            kept = found;
        }
        return found;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<T const>> known_;  // gone with the last text that uses it
};

/// Reads ICU's list of pattern parts into our tree.
class Reader {
  public:
    Reader(MessagePattern const& pattern, std::string const& locale, Placeholders const& known, std::vector<std::string>& problems)
        : pattern_(pattern), locale_(icu::Locale::forLanguageTag(locale, status_)), known_(known), problems_(problems) {}

    Parts read() { return read_message(0); }
    std::vector<std::string> take_names() { return std::move(names_); }

  private:
    /// The message whose MSG_START is part number `start`.
    Parts read_message(int start) {
        Parts parts;
        UnicodeString literal;
        auto const flush = [&] {
            if (literal.isEmpty()) return;
            parts.emplace_back().text = utf8(literal);
            literal.remove();
        };
        auto const& text = pattern_.getPatternString();
        for (int i = start + 1, done = pattern_.getPart(start).getLimit();; ++i) {
            auto const& part = pattern_.getPart(i);
            literal.append(text, done, part.getIndex() - done);
            done = part.getLimit();
            if (part.getType() == UMSGPAT_PART_TYPE_MSG_LIMIT) break;
            if (part.getType() == UMSGPAT_PART_TYPE_REPLACE_NUMBER) {
                flush();
                parts.emplace_back().type = Part::Type::hash;
            }
            if (part.getType() == UMSGPAT_PART_TYPE_ARG_START) {
                flush();
                parts.push_back(read_argument(i));
                i = pattern_.getLimitPartIndex(i);
                done = pattern_.getPart(i).getLimit();
            }
        }
        flush();
        return parts;
    }

    /// The argument whose ARG_START is part number `at`.
    Part read_argument(int at) {
        Part part;
        auto const type = pattern_.getPart(at).getArgType();
        part.text = utf8(pattern_.getSubstring(pattern_.getPart(at + 1)));
        auto const kind = kind_of(part.text);
        switch (type) {
            case UMSGPAT_ARG_TYPE_NONE:
                read_plain(part, kind);
                break;
            case UMSGPAT_ARG_TYPE_SIMPLE:
                read_simple(part, kind, at + 2);
                break;
            case UMSGPAT_ARG_TYPE_PLURAL:
            case UMSGPAT_ARG_TYPE_SELECTORDINAL:
                expect(kind, PlaceholderKind::number, part.text);
                part.type = Part::Type::plural;
                part.rules.reset(icu::PluralRules::forLocale(locale_, type == UMSGPAT_ARG_TYPE_PLURAL ? UPLURAL_TYPE_CARDINAL : UPLURAL_TYPE_ORDINAL, status_));
                part.number = default_number();
                part.offset = pattern_.getPluralOffset(at + 2);
                read_branches(part, at + 2, true);
                break;
            case UMSGPAT_ARG_TYPE_SELECT:
                expect(kind, PlaceholderKind::text, part.text);
                part.type = Part::Type::select;
                read_branches(part, at + 2, false);
                break;
            case UMSGPAT_ARG_TYPE_CHOICE:
                problem("{" + part.text + ", choice, ...} is not supported: use plural or select");
                break;
        }
        // A number format compiles itself at its third use. Letting it do so now leaves nothing to happen between threads.
        for (int use = 0; part.number && U_SUCCESS(status_) && use < 4; ++use) part.number->formatInt(use, status_);
        if (U_FAILURE(status_)) {
            problem("{" + part.text + "}: ICU cannot show this (" + u_errorName(status_) + ")");
            status_ = U_ZERO_ERROR;
        }
        return part;
    }

    void read_plain(Part& part, PlaceholderKind kind) {
        part.type = Part::Type::plain;
        if (kind == PlaceholderKind::text) return;
        part.number = default_number();
        UnicodeString const digits = part.number->formatInt(120, status_).toString(status_);
        part.ascii_digits = digits == UnicodeString{u"120"};
        part.moment = shared_moment("plain", [&] {
            return std::unique_ptr<icu::DateFormat>{icu::DateFormat::createDateTimeInstance(icu::DateFormat::kShort, icu::DateFormat::kShort, locale_)};
        });
    }

    void read_simple(Part& part, PlaceholderKind kind, int at) {
        auto const name = utf8(pattern_.getSubstring(pattern_.getPart(at)));
        std::string style;
        if (pattern_.getPart(at + 1).getType() == UMSGPAT_PART_TYPE_ARG_STYLE) style = utf8(pattern_.getSubstring(pattern_.getPart(at + 1)).trim());
        if (name == "number") {
            expect(kind, PlaceholderKind::number, part.text);
            part.type = Part::Type::number;
            part.number = number_in(style);
        } else if (name == "date" || name == "time") {
            expect(kind, PlaceholderKind::moment, part.text);
            part.type = Part::Type::moment;
            part.moment = shared_moment(name + '/' + style, [&] { return moment_in(style, name == "date"); });
        } else if (name == "day") {
            expect(kind, PlaceholderKind::moment, part.text);
            part.type = Part::Type::moment;
            part.moment = shared_moment("date/" + style, [&] { return moment_in(style, true); });
            static Shared<NearDays> days;
            part.near_days = days.get(locale_.getName(), [&] { return std::make_unique<NearDays>(near_days()); });
        } else {
            problem("{" + part.text + ", " + name + "} is not supported: use number, date, time, day, plural, selectordinal or select");
        }
    }

    void read_branches(Part& part, int at, bool plural) {
        static constexpr std::array<std::string_view, 6> keywords{"zero", "one", "two", "few", "many", "other"};
        auto const type = [&] { return pattern_.getPart(at).getType(); };
        if (type() == UMSGPAT_PART_TYPE_ARG_INT || type() == UMSGPAT_PART_TYPE_ARG_DOUBLE) ++at;  // offset:1
        while (type() != UMSGPAT_PART_TYPE_ARG_LIMIT) {
            auto& branch = part.branches.emplace_back();
            branch.keyword = utf8(pattern_.getSubstring(pattern_.getPart(at++)));
            if (type() == UMSGPAT_PART_TYPE_ARG_INT || type() == UMSGPAT_PART_TYPE_ARG_DOUBLE)
                branch.exactly = pattern_.getNumericValue(pattern_.getPart(at++));
            if (plural && !branch.exactly && std::find(keywords.begin(), keywords.end(), branch.keyword) == keywords.end())
                problem(in_quotes(branch.keyword) + " is no plural: use zero, one, two, few, many, other or =0");
            branch.parts = read_message(at);
            at = pattern_.getLimitPartIndex(at) + 1;
        }
    }

    PlaceholderKind kind_of(std::string const& name) {
        if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
        if (auto const found = known_.find(name); found != known_.end()) return found->second;
        std::vector<std::string> candidates;
        for (auto const& [candidate, kind] : known_) candidates.push_back(candidate);
        problem("unknown placeholder {" + name + "}" + did_you_mean(name, candidates));
        return PlaceholderKind::any;
    }

    void expect(PlaceholderKind kind, PlaceholderKind wanted, std::string const& name) {
        static constexpr std::array<std::string_view, 3> words{"a text", "a number", "a moment"};
        if (kind == wanted || kind == PlaceholderKind::any) return;
        problem("{" + name + "} is " + std::string{words[static_cast<std::size_t>(kind)]} + ", not " + std::string{words[static_cast<std::size_t>(wanted)]});
    }

    std::unique_ptr<NumberFormat> default_number() const {
        // At most three decimals, as MessageFormat shows numbers.
        return std::make_unique<NumberFormat>(icu::number::NumberFormatter::withLocale(locale_).precision(icu::number::Precision::maxFraction(3)));
    }

    std::unique_ptr<NumberFormat> number_in(std::string const& style) {
        using icu::number::NumberFormatter;
        if (style.empty()) return default_number();
        if (style == "integer") return std::make_unique<NumberFormat>(NumberFormatter::withLocale(locale_).precision(icu::number::Precision::integer()));
        if (style == "percent") return std::make_unique<NumberFormat>(NumberFormatter::forSkeleton(u"percent scale/100", status_).locale(locale_));
        if (style.starts_with("::"))
            return std::make_unique<NumberFormat>(NumberFormatter::forSkeleton(UnicodeString::fromUTF8(style.substr(2)), status_).locale(locale_));
        problem("number style " + in_quotes(style) + " is not supported: use integer, percent, or a skeleton such as ::currency/TWD");
        return default_number();
    }

    template <class Make>
    std::shared_ptr<icu::DateFormat const> shared_moment(std::string const& style, Make make) {
        static Shared<icu::DateFormat> formats;
        return formats.get(std::string{locale_.getName()} + '/' + style, [&] {
            auto format = make();
            return U_SUCCESS(status_) ? std::move(format) : nullptr;  // so that each text with this mistake is told of it
        });
    }

    std::unique_ptr<icu::DateFormat> moment_in(std::string const& style, bool date) {
        using icu::DateFormat;
        std::unique_ptr<DateFormat> format;
        auto const length = style == "short"                     ? DateFormat::kShort
                            : style == "medium" || style.empty() ? DateFormat::kMedium
                            : style == "long"                    ? DateFormat::kLong
                            : style == "full"                    ? DateFormat::kFull
                                                                 : DateFormat::kNone;
        if (length != DateFormat::kNone)
            format.reset(date ? DateFormat::createDateInstance(length, locale_) : DateFormat::createTimeInstance(length, locale_));
        else if (style.starts_with("::"))
            format.reset(DateFormat::createInstanceForSkeleton(UnicodeString::fromUTF8(style.substr(2)), locale_, status_));
        else
            format = std::make_unique<icu::SimpleDateFormat>(UnicodeString::fromUTF8(style), locale_, status_);
        return format;
    }

    NearDays near_days() {
        icu::RelativeDateTimeFormatter const words{locale_, status_};
        std::array<UnicodeString, 2> days;
        if (U_FAILURE(status_)) return {};
        words.format(UDAT_DIRECTION_THIS, UDAT_ABSOLUTE_DAY, days[0], status_);
        words.format(UDAT_DIRECTION_NEXT, UDAT_ABSOLUTE_DAY, days[1], status_);
        return {utf8(days[0]), utf8(days[1])};
    }

    void problem(std::string text) { problems_.push_back(std::move(text)); }

    UErrorCode status_ = U_ZERO_ERROR;
    MessagePattern const& pattern_;
    icu::Locale locale_;
    Placeholders const& known_;
    std::vector<std::string>& problems_;
    std::vector<std::string> names_;
};

}  // namespace

std::optional<MessageFormat> MessageFormat::parse(std::string_view text, std::string const& locale, Placeholders const& known_names,
                                                  std::vector<std::string>& problems) {
    UErrorCode status = U_ZERO_ERROR;
    UParseError place{};
    MessagePattern const pattern{UnicodeString::fromUTF8(icu::StringPiece{text.data(), static_cast<std::int32_t>(text.size())}), &place, status};
    if (U_FAILURE(status)) {
        problems.push_back("not a valid message: " + why(status) + ", near " +
                           in_quotes(utf8(UnicodeString{place.preContext}) + utf8(UnicodeString{place.postContext})));
        return std::nullopt;
    }
    auto const before = problems.size();
    Reader reader{pattern, locale, known_names, problems};
    MessageFormat format;
    format.parts_ = reader.read();
    format.placeholders_ = reader.take_names();
    if (problems.size() != before) return std::nullopt;
    return format;
}

}  // namespace kefu
