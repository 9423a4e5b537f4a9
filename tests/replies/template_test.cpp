// SPDX-License-Identifier: Apache-2.0
#include "replies/template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Templates load(std::vector<SourceText> const& packs) { return Templates::load(packs, {"slogan"}).value(); }

std::vector<std::string> errors_of(std::string const& yaml) {
    std::vector<std::string> lines;
    auto const loaded = Templates::load({{"t.yaml", yaml}}, {"slogan"});
    if (!loaded)
        for (auto const& error : loaded.error()) lines.push_back(error.to_string());
    return lines;
}

Templates const& texts() {
    static auto const loaded =
        load({{"zh-Hant.yaml", "locale: zh-Hant\ntemplates:\n  a: {variants: ['一', '二', '{order}三']}\n  only_here: {variants: ['只有這裡']}\n"},
              {"zh-Hans.yaml", "locale: zh-Hans\ntemplates:\n  a: {variants: ['简']}\n"},
              {"en.yaml",
               "locale: en\ntemplates:\n  a:\n    variants: ['one {slogan}']\n    quick_replies:\n      - {label: 'A person', text: 'I want a person'}\n"
               "      - {label: 'Bye'}\n    channels:\n      line: {sticker: {package: '11537', sticker: '52002738'}}\n"}});
    return loaded;
}

std::string said(std::string_view id, std::string_view locale, std::string_view fallback, std::size_t turn = 0, Arguments const& arguments = {}) {
    auto const rendered = texts().render(id, locale, fallback, "UTC", arguments, turn);
    return rendered ? rendered->messages.at(0).text : rendered.error().code == Errc::not_found ? "not found" : "unavailable";
}

TEST(Templates, rotate_their_variants_and_pass_over_what_cannot_be_said) {
    EXPECT_EQ(said("a", "zh-Hant", "en", 0), "一");
    EXPECT_EQ(said("a", "zh-Hant", "en", 1), "二");
    EXPECT_EQ(said("a", "zh-Hant", "en", 2), "一") << "no order known";
    EXPECT_EQ(said("a", "zh-Hant", "en", 2, {{"order", "8842"}}), "8842三");
    EXPECT_EQ(said("a", "en", "zh-Hant"), "unavailable");
    EXPECT_EQ(said("a", "en", "zh-Hant", 5, {{"slogan", "!"}}), "one !");
}

TEST(Templates, fall_back_to_wider_locales_then_to_the_channels) {
    EXPECT_EQ(said("a", "zh-Hant-TW", "en"), "一");
    EXPECT_EQ(said("a", "zh-TW", "en"), "一");
    EXPECT_EQ(said("a", "zh-CN", "en"), "简");
    EXPECT_EQ(said("a", "cs", "zh-Hans"), "简");
    EXPECT_EQ(said("only_here", "en-GB", "zh-Hant"), "只有這裡");
}

TEST(Templates, never_fall_from_one_chinese_script_to_the_other) {
    EXPECT_EQ(said("only_here", "zh-Hans", "zh-Hant"), "not found");
    EXPECT_EQ(said("only_here", "zh-CN", "zh-Hant-TW"), "not found");
    EXPECT_EQ(said("missing", "en", "en"), "not found");
    EXPECT_FALSE(texts().locale_for("only_here", "zh-Hans", "zh-Hant"));
    EXPECT_EQ(texts().locale_for("a", "zh-TW", "en"), "zh-Hant");
}

TEST(Templates, know_what_they_have) {
    EXPECT_THAT(texts().locales(), ElementsAre("en", "zh-Hans", "zh-Hant"));
    EXPECT_THAT(texts().ids(), ElementsAre("a", "only_here"));
    EXPECT_TRUE(texts().has("only_here"));
    EXPECT_TRUE(texts().has("only_here", "zh-TW"));
    EXPECT_FALSE(texts().has("only_here", "en"));
    EXPECT_TRUE(texts().speaks("en-US"));
    EXPECT_FALSE(texts().speaks("zh"));
    EXPECT_FALSE(texts().speaks("cs"));
    EXPECT_EQ(texts().variants("a", "zh-Hant").size(), 3u);
    EXPECT_THAT(texts().variants("a", "zh-Hant")[2].placeholders, ElementsAre("order"));
    EXPECT_THAT(texts().variants("a", "cs"), IsEmpty());
}

TEST(Templates, add_the_channels_sticker_and_the_buttons) {
    auto const rendered = texts().render("a", "en", "en", "UTC", {{"slogan", "!"}}, 0, "line").value();
    ASSERT_EQ(rendered.messages.size(), 2u);
    EXPECT_THAT(rendered.messages[0].quick_replies, ElementsAre(QuickReply{"A person", "I want a person"}, QuickReply{"Bye", "Bye"}));
    EXPECT_EQ(rendered.messages[1].sticker, (Sticker{"11537", "52002738"}));
    EXPECT_EQ(texts().render("a", "en", "en", "UTC", {{"slogan", "!"}}, 0, "telegram").value().messages.size(), 1u);
}

TEST(Templates, are_never_blank) {
    auto const blank = load({{"en.yaml", "locale: en\ntemplates:\n  a: {variants: ['{slogan}']}\n"}});
    EXPECT_FALSE(blank.render("a", "en", "en", "UTC", {{"slogan", "  "}}, 0));
}

TEST(LoadTemplates, reports_every_mistake_with_its_place) {
    EXPECT_THAT(
        errors_of("locale: en\ntemplates:\n  a:\n    variants:\n      - 'Hello {custmer}'\n      - ''\n      - 'Hi {shop'\n    variant: []\n"),
        ElementsAre("t.yaml:8:5: unknown key 'variant' (did you mean 'variants'?)", "t.yaml:5:9: unknown placeholder {custmer} (did you mean 'customer'?)",
                    "t.yaml:6:9: the text is empty", testing::StartsWith("t.yaml:7:9: not a valid message: a brace is not closed, near ")));
}

TEST(LoadTemplates, knows_the_platforms_limits) {
    std::string many = "locale: en\ntemplates:\n  a:\n    variants: ['x']\n    quick_replies:\n";
    for (int i = 0; i < 14; ++i) many += "      - {label: 'x'}\n";
    EXPECT_THAT(errors_of(many), ElementsAre("t.yaml:6:7: 14 quick replies, more than 13"));
    EXPECT_THAT(errors_of("locale: en\ntemplates:\n  a: {variants: ['x'], quick_replies: [{label: '123456789012345678901'}]}\n"),
                ElementsAre("t.yaml:3:48: 21 characters, more than 20"));
    // A family of four and a flag are one character each for who reads them.
    EXPECT_THAT(errors_of("locale: en\ntemplates:\n  a: {variants: ['x'], quick_replies: [{label: '👨‍👩‍👧‍👦🇹🇼345678901234567890'}]}\n"),
                IsEmpty());
    EXPECT_THAT(errors_of("locale: en\ntemplates:\n  a: {variants: ['" + std::string(5001, 'x') + "']}\n"),
                ElementsAre("t.yaml:3:18: the text has 5001 characters, more than 5000"));
    EXPECT_THAT(errors_of("locale: en\ntemplates:\n  a: {variants: ['x'], channels: {line: {sticker: {package: 'x1', sticker: '1'}}}}\n"),
                ElementsAre("t.yaml:3:61: expected digits in quotes"));
}

TEST(LoadTemplates, wants_a_real_locale_once) {
    EXPECT_THAT(errors_of("locale: zh_hant\ntemplates: {}\n"), ElementsAre(testing::StartsWith("t.yaml:1:9: expected a language tag such as cs or zh-Hant")));
    EXPECT_THAT(errors_of("locale: zh-hant\ntemplates: {}\n"),
                ElementsAre("t.yaml:1:9: expected a language tag such as cs or zh-Hant (did you mean 'zh-Hant'?)"));
    auto const twice = Templates::load({{"a.yaml", "locale: en\ntemplates: {}\n"}, {"b.yaml", "locale: en\ntemplates: {}\n"}});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().at(0).to_string(), "b.yaml:1:9: there is already a pack for 'en'");
}

TEST(LoadTemplates, wants_something_to_say) {
    EXPECT_THAT(errors_of("locale: en\ntemplates:\n  a: {variants: []}\n"), ElementsAre("t.yaml:3:17: expected at least one variant"));
    EXPECT_THAT(errors_of("locale: en\ntemplates:\n  a: {}\n"), ElementsAre("t.yaml:3:6: missing key 'variants'"));
}

}  // namespace

}  // namespace kefu
