// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::small_shop {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Urgent {
    char const* name;
    Classification meaning;
    std::string reason;
    std::string tier;
    std::string says;
    bool urgent;
};
void PrintTo(Urgent const& urgent, std::ostream* out) { *out << urgent.name; }

class UrgentMessage : public testing::TestWithParam<Urgent> {};

/// Nothing of this waits for the quiet window.
TEST_P(UrgentMessage, goes_to_a_person_at_once) {
    auto const& expected = GetParam();
    Talk talk;
    talk.channel.quiet_window = std::chrono::seconds{2};
    talk.channel.mode = ChannelPolicy::Mode::auto_;
    EXPECT_THAT(talk.says(expected.meaning), ElementsAre(expected.says));
    auto const calls = talk.effects<Escalate>();
    ASSERT_EQ(calls.size(), 1u);
    EXPECT_EQ(calls[0].reason, expected.reason);
    EXPECT_EQ(calls[0].tier, expected.tier);
    EXPECT_EQ(calls[0].urgent, expected.urgent);
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    EXPECT_TRUE(talk.timers.contains("answer_by"));
    EXPECT_FALSE(talk.timers.contains("quiet"));
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, UrgentMessage,
    testing::Values(Urgent{"safety", meaning({"safety"}), "safety", "supervisor", "handover_safety", true},
                    Urgent{"agency", angry(meaning({}), 0.7, {AngerKind::threat_agency}), "threat_agency", "supervisor", "handover_threat", true},
                    Urgent{"media", angry(meaning({}), 0.7, {AngerKind::threat_media}), "threat_media", "supervisor", "handover_threat", true},
                    Urgent{"legal", angry(meaning({}), 0.7, {AngerKind::threat_legal}), "threat_legal", "manager", "handover_threat", true},
                    Urgent{"review", angry(meaning({}), 0.65, {AngerKind::threat_review}), "threat_review", "review_desk", "handover_threat", true},
                    Urgent{"extortion", angry(meaning({"refund_request"}), 0.7, {AngerKind::threat_review, AngerKind::extortion}), "extortion", "review_desk",
                           "handover_extortion", true},
                    Urgent{"high_anger", angry(meaning({"where_is_order"}), 0.85), "abuse", "aftersale", "handover_angry", true},
                    Urgent{"human", meaning({"human"}), "asks_human", "aftersale", "handover", false},
                    Urgent{"human_beats_mild_anger", angry(meaning({"human"}), 0.6), "asks_human", "aftersale", "handover", false}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(HandOver, on_the_second_angry_message) {
    Talk talk;
    EXPECT_THAT(talk.says(angry(meaning({"where_is_order"}), 0.6)), ElementsAre("ask_order"));
    EXPECT_THAT(talk.effects<Escalate>(), IsEmpty());
    EXPECT_THAT(talk.says(angry(meaning({"where_is_order"}), 0.6)), ElementsAre("handover_angry"));
    EXPECT_TRUE(talk.escalated("abuse"));
}

TEST(HandOver, forgets_anger_after_thanks) {
    Talk talk;
    talk.says(angry(meaning({"where_is_order"}), 0.6));
    talk.says(meaning({"thanks"}));
    EXPECT_THAT(talk.says(angry(meaning({"where_is_order"}), 0.6)), ElementsAre("ask_order"));
    EXPECT_FALSE(talk.escalated("abuse"));
}

TEST(HandOver, takes_along_what_had_no_answer_yet) {
    Talk talk;
    talk.channel.quiet_window = std::chrono::seconds{100};
    auto first = with_order(meaning({"where_is_order"}), "8842");
    first.evidence = {{0, 5, "en/where", "where_is_order"}};
    talk.says(first, "where is 8842");
    auto second = angry(meaning({}), 0.9);
    second.evidence = {{1, 3, "en/insult", "insult"}};
    talk.says(second, "you fools");
    ASSERT_EQ(talk.effects<Escalate>().size(), 1u);
    auto const call = talk.effects<Escalate>()[0];
    EXPECT_EQ(call.quote, "where is 8842\nyou fools");
    ASSERT_EQ(call.evidence.size(), 2u);
    EXPECT_EQ(call.evidence[1].start_byte, 15u);
    EXPECT_EQ(call.evidence[1].end_byte, 17u);
    EXPECT_EQ(call.summary, "angry 0.9 (insult) · wants: tracking · about: anger · order 8842 · writes en");
    EXPECT_TRUE(talk.conversation.unanswered.empty());
}

TEST(HandOver, promises_working_time_and_whole_five_minutes) {
    Talk talk;
    talk.now += std::chrono::minutes{2};
    EXPECT_THAT(talk.says(meaning({"human"})), ElementsAre("handover"));  // at 10:03, within an hour
    EXPECT_THAT(talk.last_text(), HasSubstr("11:05"));
    EXPECT_EQ(talk.conversation.answer_by, tuesday_10 + std::chrono::minutes{65});
}

TEST(HandOver, says_when_somebody_is_back_outside_hours) {
    Talk talk;
    talk.conversation.id = ConversationId{"line/U1"};
    talk.now = *from_rfc3339("2026-06-05T21:59:00+02:00");  // Friday
    EXPECT_THAT(talk.says(meaning({"human"})), ElementsAre("handover_offhours"));
    EXPECT_THAT(talk.last_text(), HasSubstr("Monday, June 8 10:00"));
    EXPECT_THAT(talk.last_text(), HasSubstr(case_name(talk.conversation)));
}

TEST(HandOver, keeps_the_topics_own_words_outside_hours_and_adds_the_time) {
    Talk talk;
    talk.now = *from_rfc3339("2026-06-05T21:59:00+02:00");
    EXPECT_THAT(talk.says(with_order(meaning({"where_is_order"}), "8842")), ElementsAre("where_is_order", "handover_offhours"));
    EXPECT_THAT(talk.last_text(), HasSubstr("10:00"));
}

TEST(HandOver, names_the_answering_time_once) {
    auto texts = sources();
    auto& english = texts.replies.front().text;
    auto const put = [&](std::string const& from, std::string const& to) {
        auto const at = english.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        english.replace(at, from.size(), to);
    };
    put("'Order {order} is with a colleague.'", "'Order {order}: a colleague answers by {answer_by, time, short}.'");
    put("short}, case {case}.']}", "short}, case {case}.', 'We are closed, it is case {case}.']}");
    auto const shop = catalog_with(texts);
    Talk talk{shop};
    talk.now = *from_rfc3339("2026-06-05T21:59:00+02:00");
    EXPECT_THAT(talk.says(with_order(meaning({"where_is_order"}), "8842")), ElementsAre("where_is_order", "handover_offhours"));
    EXPECT_THAT(talk.last_text(), testing::StartsWith("We are closed, it is case"));
}

TEST(HandOver, keeps_the_words_for_anger_outside_hours) {
    Talk talk;
    talk.now = *from_rfc3339("2026-06-05T21:59:00+02:00");
    EXPECT_THAT(talk.says(angry(meaning({}), 0.9)), ElementsAre("handover_angry"));
    EXPECT_THAT(talk.last_text(), HasSubstr("10:00"));
}

TEST(HandOver, is_on_record) {
    Talk talk;
    talk.says(meaning({"human"}));
    auto const lines = talk.effects<Audit>();
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0], (Audit{"owner", "bot", "bot → waiting: asks_human"}));
}

TEST(Backlog, gets_one_honest_line_and_people) {
    Talk talk;
    auto const old = [&](Classification what) {
        talk.now += std::chrono::minutes{1};
        return talk.happens(MessageReceived{talk.message("old"), std::move(what), true});
    };
    EXPECT_THAT(old(meaning({"invoice"})), ElementsAre("backlog"));
    EXPECT_TRUE(talk.escalated("backlog"));
    EXPECT_EQ(talk.effects<Escalate>()[0].tier, "presale");
    EXPECT_THAT(old(meaning({"invoice"})), testing::Not(testing::Contains("backlog")));
}

TEST(Backlog, with_a_threat_goes_where_threats_go) {
    Talk talk;
    EXPECT_THAT(talk.happens(MessageReceived{talk.message("old"), angry(meaning({}), 0.7, {AngerKind::threat_agency}), true}), ElementsAre("backlog"));
    EXPECT_TRUE(talk.escalated("threat_agency"));
}

}  // namespace

}  // namespace kefu::small_shop
