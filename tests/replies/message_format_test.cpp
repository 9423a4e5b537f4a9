// SPDX-License-Identifier: Apache-2.0
#include "replies/message_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unicode/msgfmt.h>
#include <unicode/timezone.h>

#include <thread>

namespace kefu {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Placeholders const known{{"shop", PlaceholderKind::text},
                         {"kind", PlaceholderKind::text},
                         {"photos", PlaceholderKind::number},
                         {"answer_by", PlaceholderKind::moment},
                         {"days", PlaceholderKind::any}};

Timestamp const moment = *from_rfc3339("2026-03-05T23:30:00Z");

MessageFormat parse(std::string_view text, std::string const& locale = "en") {
    std::vector<std::string> problems;
    auto format = MessageFormat::parse(text, locale, known, problems);
    if (!format) throw std::runtime_error(problems.at(0));
    return *std::move(format);
}

std::string problem(std::string_view text) {
    std::vector<std::string> problems;
    EXPECT_FALSE(MessageFormat::parse(text, "en", known, problems));
    return problems.empty() ? "" : problems[0];
}

struct LikeIcu {
    char const* locale;
    char const* text;
};
void PrintTo(LikeIcu const& like, std::ostream* out) { *out << like.locale << ' ' << like.text; }
class MessageFormatLikeIcu : public testing::TestWithParam<LikeIcu> {};

/// Our own tree must say what icu::MessageFormat says.
TEST_P(MessageFormatLikeIcu, says_the_same) {
    auto const& [locale, text] = GetParam();
    icu::TimeZone::adoptDefault(icu::TimeZone::createTimeZone("Europe/Prague"));  // what icu::MessageFormat shows moments in
    for (double const number : {0.0, 1.0, 2.0, 3.0, 5.0, 11.0, 21.0, 22.0, 101.0, 1234.0, 1.5}) {
        UErrorCode status = U_ZERO_ERROR;
        icu::MessageFormat const icu_format{icu::UnicodeString::fromUTF8(text), icu::Locale::forLanguageTag(locale, status), status};
        icu::UnicodeString const names[]{u"shop", u"kind", u"photos", u"answer_by"};
        icu::Formattable const values[]{icu::Formattable{icu::UnicodeString{u"小店"}}, icu::Formattable{icu::UnicodeString{u"image"}}, icu::Formattable{number},
                                        icu::Formattable{static_cast<UDate>(to_millis(moment)), icu::Formattable::kIsDate}};
        icu::UnicodeString expected;
        icu_format.format(names, values, 4, expected, status);
        ASSERT_TRUE(U_SUCCESS(status)) << u_errorName(status);
        expected.findAndReplace(u"\u202F", u" ");
        std::string expected_bytes;
        expected.toUTF8String(expected_bytes);
        auto const said = parse(text, locale).render({{"shop", "小店"}, {"kind", "image"}, {"photos", number}, {"answer_by", moment}}, "Europe/Prague");
        EXPECT_EQ(said.value_or("nothing"), expected_bytes) << number;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Texts, MessageFormatLikeIcu,
    testing::Values(LikeIcu{"en", "plain"}, LikeIcu{"en", "don't '{'quote'}' it''s {shop}"}, LikeIcu{"zh-Hant", "{shop}：{photos}"},
                    LikeIcu{"de", "{photos} {photos, number}"}, LikeIcu{"cs", "{photos, plural, one {# fotka} few {# fotky} many {# fotky} other {# fotek}}"},
                    LikeIcu{"en", "{photos, plural, offset:1 =0 {none} =1 {one} one {one and # more of {shop}} other {one and # more}}"},
                    LikeIcu{"en", "{photos, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}"},
                    LikeIcu{"cs", "{kind, select, image {fotku} other {soubor}} z {shop}"},
                    LikeIcu{"en",
                            "{photos, plural, one {{kind, select, image {# photo} other {# file}}} other {{kind, select, image {# photos} other {# files}}}}"},
                    LikeIcu{"cs", "{answer_by, date, ::EEEEdMMMM} {answer_by, time, short}"},
                    LikeIcu{"zh-Hant", "{answer_by, date, ::EEEEdMMMM}{answer_by, time, short}"},
                    LikeIcu{"zh-Hans", "{answer_by, date, full} {answer_by, time, medium}"}, LikeIcu{"en", "{answer_by, date, long} {answer_by, time, ::Hm}"},
                    LikeIcu{"th", "{answer_by, date, medium}"}, LikeIcu{"ja", "{answer_by, date,yyyy-MM-dd}"}, LikeIcu{"en", "{answer_by}"},
                    LikeIcu{"en", "{answer_by, date}"}, LikeIcu{"cs", "{photos, number, integer} {photos, number, percent}"},
                    LikeIcu{"en", "{photos, number, ::currency/TWD}"}, LikeIcu{"ar", "{photos}"}));

TEST(MessageFormat, shows_moments_in_the_shops_zone) {
    auto const format = parse("{answer_by, date, ::dMMM} {answer_by, time, ::Hm}");
    EXPECT_EQ(format.render({{"answer_by", moment}}, "Asia/Taipei"), "Mar 6 07:30");
    EXPECT_EQ(format.render({{"answer_by", moment}}, "America/New_York"), "Mar 5 18:30");
}

TEST(MessageFormat, names_the_near_days_in_words) {
    auto const day = [](std::string const& locale, std::string const& zone, std::chrono::hours later) {
        return parse("{answer_by, day, ::MMMMd}", locale).render({{"now", moment}, {"answer_by", moment + later}}, zone).value_or("nothing");
    };
    using std::chrono::hours;
    EXPECT_EQ(day("en", "Asia/Taipei", hours{0}), "today") << "07:30 there";
    EXPECT_EQ(day("en", "Asia/Taipei", hours{16}), "today");
    EXPECT_EQ(day("en", "Asia/Taipei", hours{17}), "tomorrow");
    EXPECT_EQ(day("en", "America/New_York", hours{6}), "tomorrow") << "18:30 there";
    EXPECT_EQ(day("en", "Asia/Taipei", hours{41}), "March 8");
    EXPECT_EQ(day("zh-Hant", "Asia/Taipei", hours{17}), "明天");
    EXPECT_EQ(day("cs", "Asia/Taipei", hours{0}), "dnes");
    EXPECT_EQ(parse("{answer_by, day, ::MMMMd}").render({{"answer_by", moment}}, "Asia/Taipei"), "March 6") << "nobody said what time it is";
}

TEST(MessageFormat, shows_moments_inside_branches_in_the_shops_zone_too) {
    EXPECT_EQ(parse("{photos, plural, other {{answer_by, time, ::Hm}}}").render({{"answer_by", moment}, {"photos", 1.0}}, "Asia/Taipei"), "07:30");
}

TEST(MessageFormat, says_nothing_half) {
    EXPECT_FALSE(parse("hello {shop}").render({}, "UTC"));
    EXPECT_FALSE(parse("hello {shop}").render({{"shop", ""}}, "UTC"));
    EXPECT_FALSE(parse("{photos, plural, one {{shop}} other {}}").render({{"photos", 2.0}}, "UTC")) << "also when this branch does not need it";
    EXPECT_FALSE(parse("{days, number}").render({{"days", "seven"}}, "UTC"));
    EXPECT_EQ(parse("{days}").render({{"days", "seven"}}, "UTC"), "seven");
    EXPECT_EQ(parse("{days}").render({{"days", 7.0}}, "UTC"), "7");
}

TEST(MessageFormat, knows_its_placeholders) {
    EXPECT_THAT(parse("{shop} {photos, plural, other {{kind} {shop}}}").placeholders(), ElementsAre("shop", "photos", "kind"));
}

TEST(MessageFormat, says_what_is_wrong) {
    EXPECT_EQ(problem("hello {shpo}"), "unknown placeholder {shpo} (did you mean 'shop'?)");
    EXPECT_EQ(problem("{shop, plural, other {}}"), "{shop} is a text, not a number");
    EXPECT_EQ(problem("{answer_by, number}"), "{answer_by} is a moment, not a number");
    EXPECT_EQ(problem("{photos, date}"), "{photos} is a number, not a moment");
    EXPECT_EQ(problem("{photos, plural, fews {} other {}}"), "'fews' is no plural: use zero, one, two, few, many, other or =0");
    EXPECT_EQ(problem("{photos, spellout}"), "{photos, spellout} is not supported: use number, date, time, day, plural, selectordinal or select");
    EXPECT_EQ(problem("{photos, choice, 0#none|1#one}"), "{photos, choice, ...} is not supported: use plural or select");
    EXPECT_EQ(problem("{photos, number, curency}"), "number style 'curency' is not supported: use integer, percent, or a skeleton such as ::currency/TWD");
    EXPECT_THAT(problem("{photos, number, ::currncy/TWD}"), HasSubstr("ICU cannot show this"));
    EXPECT_THAT(problem("hello {shop"), HasSubstr("not a valid message: a brace is not closed"));
    EXPECT_THAT(problem("{kind, select, image {x}}"), HasSubstr("not a valid message: the branch 'other' is missing"));
    EXPECT_THAT(problem("{}"), HasSubstr("not a valid message: a placeholder is written wrong"));
}

TEST(MessageFormat, is_rendered_by_many_threads_at_once) {
    auto const format = parse("{photos, plural, one {# den} few {# dny} other {# dní}} {answer_by, date, ::EEEEdMMMM} {answer_by, time, short} {photos}", "cs");
    Arguments const arguments{{"photos", 1234.0}, {"answer_by", moment}};
    auto const expected = format.render(arguments, "Asia/Taipei");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 500; ++n)
                if (format.render(arguments, "Asia/Taipei") != expected) ADD_FAILURE();
        });
    for (auto& thread : threads) thread.join();
}

}  // namespace

}  // namespace kefu
