// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string const head =
    "default_tier: first\n"
    "tiers:\n"
    "  - {name: first, answer_within: 30m}\n"
    "  - {name: second, answer_within: 2h}\n";

std::vector<std::string> errors_of(std::string const& yaml) {
    std::vector<std::string> lines;
    auto const& shop = small_shop::catalog();
    auto const loaded = load_policy({"policy.yaml", yaml}, {&shop.classifier, &shop.templates, &shop.playbooks, {{"TW", {}}}});
    if (!loaded)
        for (auto const& error : loaded.error()) lines.push_back(error.to_string());
    return lines;
}

TEST(LoadPolicy, reads_what_the_operator_wrote) {
    auto const policy =
        load_policy(
            {"policy.yaml",
             head + "limits: {quiet_window: 1s, answers_within: 2h, high_anger: 0.7}\n"
                    "disclose: false\n"
                    "hours: {mon: ['20:00-02:00'], holidays: ['2027-01-01']}\n"
                    "facts:\n"
                    "  return_days: 14\n"
                    "  dispatch_rule: {cs: 'Do dvou dnů.', en: 'Within two days.'}\n"
                    "rules:\n"
                    "  - {topic: greeting, priority: 5, reply: greeting}\n"
                    "  - {topic: human, scenario: Q8, priority: 90, tier: second, reply: handover, hand_over: always, reason: asks_human, urgent: true}\n"},
            {})
            .value();
    EXPECT_EQ(policy.limits.quiet_window, std::chrono::seconds{1});
    EXPECT_EQ(policy.limits.answers_within, std::chrono::minutes{120});
    EXPECT_EQ(policy.limits.quiet_messages, 6) << "the default";
    EXPECT_FALSE(policy.disclose);
    EXPECT_THAT(policy.hours.week[0], ElementsAre(Schedule::Span{std::chrono::hours{20}, std::chrono::hours{2}}));
    EXPECT_EQ(policy.hours.holidays.size(), 1u);
    EXPECT_EQ(std::get<double>(policy.facts.at("return_days").at("")), 14.0);
    EXPECT_EQ(std::get<std::string>(policy.facts.at("dispatch_rule").at("cs")), "Do dvou dnů.");
    EXPECT_EQ(policy.rule("greeting")->tier, "first");
    EXPECT_EQ(policy.rule("human")->hand_over, HandOver::always);
    EXPECT_EQ(policy.rule("human")->where.line, 13);
    EXPECT_EQ(policy.rule("thanks"), nullptr);
    EXPECT_EQ(policy.tier("second").answer_within, std::chrono::minutes{120});
    EXPECT_EQ(policy.tier("nobody").name, "first");
    EXPECT_EQ(policy.above("first").name, "second");
    EXPECT_EQ(policy.above("second").name, "second");
    EXPECT_LT(policy.rank("nobody"), policy.rank("first"));
}

TEST(LoadPolicy, reports_every_mistake_with_its_place) {
    EXPECT_THAT(
        errors_of(head + "rules:\n"
                         "  - {topic: gretting, priority: 5, reply: greeting}\n"
                         "  - {topic: greeting, priority: 5, reply: greting}\n"
                         "  - {topic: greeting, priority: 5000, reply: greeting, tier: secnd}\n"
                         "  - {topic: human, priority: 5, reply: handover, hand_over: sometimes}\n"
                         "  - {topic: invoice, priority: 5, playbook: damagd}\n"
                         "  - {topic: stock, reply: '', tear: first}\n"
                         "  - {topic: resolved, priority: 5, reply: resolved, playbook: damaged, hand_over: always}\n"
                         "  - {topic: withdraw, priority: 5}\n"),
        ElementsAre(
            "policy.yaml:6:13: there is no topic 'gretting' in topics.yaml", "policy.yaml:7:43: there is no template 'greting' (did you mean 'greeting'?)",
            "policy.yaml:8:13: topic 'greeting' has a rule already, in line 7", "policy.yaml:8:33: expected a whole number from 0 to 1000, found '5000'",
            "policy.yaml:8:62: there is no tier 'secnd' (did you mean 'second'?)", "policy.yaml:9:61: expected never, always or second_time, found 'sometimes'",
            "policy.yaml:10:45: there is no playbook 'damagd' (did you mean 'damaged'?)", "policy.yaml:11:5: missing key 'priority'",
            "policy.yaml:11:31: unknown key 'tear'", "policy.yaml:12:63: a rule has a reply or a playbook, not both",
            "policy.yaml:12:83: the playbook says when a person is called", "policy.yaml:13:5: a rule needs 'reply' or 'playbook'"));
}

TEST(LoadPolicy, reports_bad_limits_tiers_and_facts) {
    EXPECT_THAT(errors_of("default_tier: frist\n"
                          "tiers:\n"
                          "  - {name: first, answer_within: 10s}\n"
                          "  - {name: first, answer_within: 1h}\n"
                          "rules: []\n"
                          "limits: {quiet_window: 9s, stale_after: 90s, high_anger: 2}\n"
                          "facts: {shop: 'x', return_days: 'a week'}\n"),
                ElementsAre("policy.yaml:3:34: expected at least 1m", "policy.yaml:4:12: tier 'first' is there twice",
                            "policy.yaml:6:41: expected whole minutes", "policy.yaml:6:58: expected a number from 0 to 1, found '2'",
                            "policy.yaml:6:9: quiet_cap is shorter than quiet_window", "policy.yaml:1:15: there is no tier 'frist' (did you mean 'first'?)",
                            "policy.yaml:7:9: 'shop' is given by kefud itself", "policy.yaml:7:33: expected a number of days"));
}

TEST(LoadPolicy, reports_bad_hours) {
    EXPECT_THAT(
        errors_of(head + "rules: []\n"
                         "hours:\n"
                         "  mon: ['9-18', '09:00-25:00', '24:00-02:00']\n"
                         "  tue: ['09:00-12:00', '11:00-13:00']\n"
                         "  fri: ['20:00-03:00']\n"
                         "  sat: ['02:00-04:00']\n"
                         "  son: []\n"
                         "  holidays: ['2027-02-30', '1.1.2027']\n"),
        ElementsAre("policy.yaml:7:9: expected hours such as '09:00-18:00', found '9-18'",
                    "policy.yaml:7:17: expected hours such as '09:00-18:00', found '09:00-25:00'",
                    "policy.yaml:7:32: expected hours such as '09:00-18:00', found '24:00-02:00'",
                    "policy.yaml:12:14: expected a date such as '2027-01-01', found '2027-02-30'",
                    "policy.yaml:12:28: expected a date such as '2027-01-01', found '1.1.2027'", "policy.yaml:11:3: unknown key 'son' (did you mean 'mon'?)",
                    "policy.yaml:8:24: these hours overlap with others", "policy.yaml:10:9: these hours overlap with others"));
}

TEST(LoadPolicy, that_is_no_yaml_is_one_error) { EXPECT_EQ(errors_of("rules: [").size(), 1u); }

TEST(LoadPolicy, reads_what_a_tier_and_a_rule_may_have_of_their_own) {
    auto const policy = load_policy({"policy.yaml",
                                     "default_tier: first\n"
                                     "hours: {mon: ['09:00-18:00']}\n"
                                     "tiers:\n"
                                     "  - {name: first, answer_within: 30m}\n"
                                     "  - {name: second, answer_within: 2h, acknowledge_within: 90s, hours: {tue: ['10:00-12:00'], calendar: TW}}\n"
                                     "rules:\n"
                                     "  - {topic: greeting, priority: 5, reply: greeting, mode: draft}\n"
                                     "  - {topic: human, priority: 5, reply: handover, mode: off}\n"
                                     "  - {topic: stock, priority: 5, reply: stock}\n"},
                                    {.classifier = nullptr, .templates = nullptr, .playbooks = nullptr, .calendars = {{"TW", {}}}})
                            .value();
    EXPECT_EQ(policy.tier("first").acknowledge_within, std::chrono::minutes{5}) << "the default";
    EXPECT_EQ(policy.tier("second").acknowledge_within, std::chrono::seconds{90});
    EXPECT_EQ(policy.hours_of("first").week[0].size(), 1u) << "the shop's";
    EXPECT_EQ(policy.hours_of("second").week[0].size(), 0u);
    EXPECT_EQ(policy.hours_of("second").week[1].size(), 1u);
    EXPECT_EQ(policy.rule("greeting")->mode, AnswerMode::draft);
    EXPECT_EQ(policy.rule("human")->mode, AnswerMode::off);
    EXPECT_EQ(policy.rule("stock")->mode, AnswerMode::auto_);
}

TEST(LoadPolicy, names_what_is_wrong_with_a_tier_or_a_mode) {
    EXPECT_THAT(errors_of("default_tier: first\n"
                          "tiers:\n"
                          "  - {name: first, answer_within: 30m, acknowledge_within: 1ms, hours: {mon: ['9-10'], calendar: TV}}\n"
                          "rules:\n"
                          "  - {topic: greeting, priority: 5, reply: greeting, mode: drafts}\n"),
                ElementsAre("policy.yaml:3:59: expected at least 1s", testing::StartsWith("policy.yaml:3:78: "), testing::StartsWith("policy.yaml:3:97: "),
                            "policy.yaml:5:59: expected auto, draft or off, found 'drafts' (did you mean 'draft'?)"));
}

}  // namespace

namespace small_shop {

namespace {

std::vector<std::string> errors_of(CatalogSources const& from, ShopSettings const& shop = settings()) {
    std::vector<std::string> lines;
    auto const built = build_catalog(from, shop);
    if (!built)
        for (auto const& error : built.error()) lines.push_back(error.to_string());
    return lines;
}

std::string replaced(std::string text, std::string const& what, std::string const& with) {
    auto const at = text.find(what);
    if (at == std::string::npos) throw std::runtime_error("the test's own text has changed: " + what);
    return text.replace(at, what.size(), with);
}

TEST(Catalog, checks_its_parts_against_each_other) {
    auto from = sources();
    from.replies[0].text = replaced(from.replies[0].text, "  order_noted:", "  order_notes:");
    from.replies[0].text = replaced(from.replies[0].text, "  invoice: {variants: ['{invoice_rule}', 'With", "  receipt: {variants: ['With");
    EXPECT_THAT(errors_of(from), testing::ElementsAre(testing::EndsWith("there is no template 'invoice'")));
    from.policy.text = replaced(from.policy.text, "reply: invoice}", "reply: receipt}");
    EXPECT_THAT(errors_of(from),
                testing::ElementsAre("locale en, the shop's, has no template 'order_noted'",
                                     testing::MatchesRegex("replies/en.yaml:[0-9]+:28: template 'order_notes' needs a variant without .order., which is not "
                                                           "always known")));
}

TEST(Catalog, holds_texts_against_the_guard) {
    auto from = sources();
    from.replies[0].text = replaced(from.replies[0].text, "The page says it.", "We ship it today.");
    EXPECT_THAT(
        errors_of(from),
        testing::ElementsAre(testing::MatchesRegex("replies/en.yaml:[0-9]+:22: the guard's rule 'dispatch_day' blocks this text: only the warehouse knows")));
}

TEST(Catalog, wants_texts_for_every_case) {
    auto from = sources();
    from.replies[0].text = replaced(from.replies[0].text, "Good to hear.", "Good to hear, {customer}.");
    EXPECT_THAT(errors_of(from), testing::ElementsAre(testing::MatchesRegex(
                                     "replies/en.yaml:[0-9]+:25: template 'resolved' needs a variant without .customer., which is not always known")));
}

TEST(Catalog, knows_the_policys_facts_in_texts) {
    auto from = sources();
    from.replies[0].text = replaced(from.replies[0].text, "With every parcel.", "From {warehouse}.");
    EXPECT_THAT(errors_of(from), IsEmpty());
    from.policy.text = replaced(from.policy.text, "  warehouse: 'Brno'\n", "");
    EXPECT_THAT(errors_of(from), testing::ElementsAre(testing::HasSubstr("unknown placeholder {warehouse}")));
}

TEST(Catalog, wants_a_real_time_zone_and_texts_for_the_shops_locale) {
    auto shop = settings();
    shop.time_zone = "Europe/Praha";
    EXPECT_THAT(errors_of(sources(), shop), testing::ElementsAre("unknown time zone 'Europe/Praha': expected a name such as Asia/Taipei"));
    shop = settings();
    shop.locale = "de";
    EXPECT_THAT(errors_of(sources(), shop), testing::ElementsAre("there are no texts in de, the shop's locale"));
}

}  // namespace

}  // namespace small_shop

}  // namespace kefu
