// SPDX-License-Identifier: Apache-2.0
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::small_shop {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// One message and what must follow at once.
struct Step {
    Classification meaning;
    std::vector<std::string> says;
    std::string escalates = {};  ///< reason; empty: nobody is called
    std::string text = "words";
    std::vector<ContentKind> attachments = {};
};

struct Story {
    char const* name;
    std::vector<Step> steps;
    Owner owner = Owner::bot;
    std::string case_topic = {};
};

void PrintTo(Story const& story, std::ostream* out) { *out << story.name; }

class Answers : public testing::TestWithParam<Story> {};

TEST_P(Answers, as_the_rules_say) {
    Talk talk;
    int number = 0;
    for (auto const& step : GetParam().steps) {
        SCOPED_TRACE("step " + std::to_string(++number));
        auto const said = talk.sends(step.attachments, step.meaning, step.text);
        EXPECT_EQ(said, step.says) << testing::PrintToString(talk.why);
        auto const calls = talk.effects<Escalate>();
        if (step.escalates.empty())
            EXPECT_THAT(calls, IsEmpty()) << calls.front().reason;
        else
            EXPECT_TRUE(talk.escalated(step.escalates)) << (calls.empty() ? "nobody was called" : calls.front().reason);
    }
    EXPECT_EQ(talk.conversation.owner, GetParam().owner);
    EXPECT_EQ(talk.conversation.open.topic, GetParam().case_topic);
}

Classification nothing() { return meaning({}); }

using K = ContentKind;

INSTANTIATE_TEST_SUITE_P(
    Stories, Answers,
    testing::Values(
        Story{"a_greeting_is_returned_once", {{meaning({"greeting"}), {"greeting"}}, {meaning({"greeting"}), {}}}},
        Story{"thanks_for_nothing_get_silence", {{meaning({"thanks"}), {}}}},
        Story{"thanks_for_a_question_keep_the_case",
              {{meaning({"where_is_order"}), {"ask_order"}}, {meaning({"thanks"}), {}}, {with_order(nothing(), "8842"), {"where_is_order"}, "needs_person"}},
              Owner::waiting,
              "where_is_order"},
        Story{"thanks_after_anger_are_answered", {{angry(meaning({}), 0.6), {"grumble"}}, {meaning({"thanks"}), {"thanks_closing"}}}, Owner::closed},
        Story{"sarcastic_thanks_are_no_thanks", {{angry(meaning({"thanks"}), 0.6, {AngerKind::sarcasm}), {"grumble"}}}},
        Story{"an_ok_gets_silence", {{meaning({"no_reply"}), {}}}}, Story{"emoji_get_silence", {{nothing(), {}, {}, "👍🎉"}}},
        Story{"a_bare_yes_gets_silence", {{meaning({"yes"}), {}}}},
        Story{"a_yes_to_a_text_that_asks_nothing_gets_silence", {{meaning({"invoice"}), {"invoice"}}, {meaning({"yes"}), {}}}},
        Story{"a_yes_to_the_offer_of_a_person_calls_one",
              {{meaning({"bot_question"}), {"bot_answer"}}, {meaning({"yes"}), {"handover"}, "asks_human"}},
              Owner::waiting,
              "asks_human"},
        Story{"not_understood_twice_is_a_failure",
              {{nothing(), {"not_understood"}}, {nothing(), {"handover_repeat"}, "repeated_failure"}},
              Owner::waiting,
              "repeated_failure"},
        Story{"understanding_in_between_starts_the_count_again",
              {{nothing(), {"not_understood"}}, {meaning({"invoice"}), {"invoice"}}, {nothing(), {"needs_colleague"}}}},
        Story{"what_follows_on_an_answer_is_offered_to_a_person",
              {{meaning({"refund_policy"}), {"refund_policy"}}, {nothing(), {"needs_colleague"}}, {meaning({"yes"}), {"handover"}, "asks_human"}},
              Owner::waiting,
              "asks_human"},
        Story{"a_question_in_words_is_a_question",
              {{meaning({"question"}), {"cannot_answer"}}, {meaning({"yes"}), {"handover"}, "asks_human"}},
              Owner::waiting,
              "asks_human"},
        Story{"a_withdrawal_in_the_words_of_the_request_is_no_new_request",
              {{meaning({"refund_request"}), {"ask_order"}}, {meaning({"withdraw", "refund_request"}), {"withdraw"}}},
              Owner::closed},
        Story{"the_order_is_asked_for_twice_then_a_person_comes",
              {{meaning({"where_is_order"}), {"ask_order"}}, {nothing(), {"ask_order_again"}}, {nothing(), {"handover_repeat"}, "repeated_failure"}},
              Owner::waiting,
              "where_is_order"},
        Story{"asking_again_instead_of_giving_the_number",
              {{meaning({"where_is_order"}), {"ask_order"}},
               {meaning({"refund_request"}), {"ask_order_again"}},
               {meaning({"greeting"}), {"handover_repeat"}, "repeated_failure", "hello?"}},
              Owner::waiting,
              "refund_request"},
        Story{"the_number_brings_the_reply_and_a_person",
              {{meaning({"where_is_order"}), {"ask_order"}}, {with_order(nothing(), "8842"), {"where_is_order"}, "needs_person", "8842"}},
              Owner::waiting,
              "where_is_order"},
        Story{"a_known_number_is_not_asked_for",
              {{with_order(meaning({"where_is_order"}), "8842"), {"where_is_order"}, "needs_person"}},
              Owner::waiting,
              "where_is_order"},
        Story{"a_number_given_before_its_question_is_kept",
              {{with_order(nothing(), "8842"), {"order_what"}, {}, "8842"}, {meaning({"where_is_order"}), {"where_is_order"}, "needs_person"}},
              Owner::waiting,
              "where_is_order"},
        Story{"thanks_with_the_number_are_the_number",
              {{meaning({"where_is_order"}), {"ask_order"}}, {with_order(meaning({"thanks"}), "8842"), {"where_is_order"}, "needs_person"}},
              Owner::waiting,
              "where_is_order"},
        Story{"a_label_without_topic_is_enough",
              {{[] {
                    auto m = meaning({});
                    m.labels = {Label::refund};
                    return m;
                }(),
                {"ask_order"}}},
              Owner::bot,
              "refund_request"},
        Story{"two_questions_get_two_answers", {{meaning({"where_is_order", "refund_policy"}), {"refund_policy", "ask_order"}}}, Owner::bot, "where_is_order"},
        Story{"two_questions_that_texts_answer", {{meaning({"invoice", "stock"}), {"invoice", "stock"}}}},
        Story{"a_question_of_its_own_is_no_failure_to_give_the_number",
              {{meaning({"refund_request"}), {"ask_order"}},
               {meaning({"refund_request"}), {"ask_order_again"}},
               {meaning({"refund_request", "invoice"}), {"invoice"}},
               {meaning({"refund_request"}), {"handover_repeat"}, "repeated_failure"}},
              Owner::waiting,
              "refund_request"},
        Story{
            "a_photo_with_words_that_are_not_understood", {{nothing(), {"handover_case"}, "needs_person", "hmm", {K::image}}}, Owner::waiting, "needs_person"},
        Story{"words_behind_a_photo_that_are_not_understood",
              {{nothing(), {"photo_received"}, {}, "", {K::image}}, {nothing(), {"handover_case"}, "needs_person", "like this"}},
              Owner::waiting,
              "needs_person"},
        Story{"two_wishes_that_need_an_order_ask_once", {{meaning({"where_is_order", "refund_request"}), {"ask_order"}}}, Owner::bot, "refund_request"},
        Story{"the_same_question_again_is_a_failure",
              {{meaning({"invoice"}), {"invoice"}}, {meaning({"invoice"}), {"handover_repeat"}, "repeated_failure"}},
              Owner::waiting,
              "invoice"},
        Story{"second_time_means_a_person",
              {{meaning({"stock"}), {"stock"}}, {meaning({"stock"}), {"handover_repeat"}, "repeated_failure"}},
              Owner::waiting,
              "stock"},
        Story{"a_second_complaint_means_a_person",
              {{meaning({"delivery_late"}), {"delivery_late"}}, {meaning({"delivery_late"}), {"handover_repeat"}, "repeated_failure"}},
              Owner::waiting,
              "delivery_late"},
        Story{"hello_after_an_answer_is_a_failure",
              {{meaning({"delivery_late"}), {"delivery_late"}}, {meaning({"greeting"}), {"handover_repeat"}, "repeated_failure", "hello?"}},
              Owner::waiting,
              "repeated_failure"},
        Story{"question_marks_after_an_answer_are_a_failure",
              {{meaning({"delivery_late"}), {"delivery_late"}}, {nothing(), {"handover_repeat"}, "repeated_failure", "??"}},
              Owner::waiting,
              "repeated_failure"},
        Story{"always_means_at_once", {{meaning({"compensation"}), {"compensation"}, "money_above_authority"}}, Owner::waiting, "compensation"},
        Story{"a_withdrawal_closes_the_case", {{meaning({"refund_request"}), {"ask_order"}}, {meaning({"withdraw"}), {"withdraw"}}, {meaning({"thanks"}), {}}}},
        Story{"do_not_cancel_i_only_ask", {{meaning({"withdraw", "where_is_order"}), {"ask_order"}}}, Owner::bot, "where_is_order"},
        Story{
            "a_withdrawn_case_does_not_go_on", {{meaning({"refund_request"}), {"ask_order"}}, {meaning({"withdraw", "invoice"}), {"invoice"}}}, Owner::bot, ""},
        Story{"good_news_get_one_line", {{meaning({"resolved", "thanks"}), {"resolved"}}}, Owner::closed},
        Story{"grumbling_twice_calls_a_person",
              {{meaning({"grumble"}), {"grumble"}}, {meaning({"grumble"}), {"handover_repeat"}, "repeated_failure"}},
              Owner::waiting,
              "grumble"},
        Story{"photos_are_asked_for_then_the_order_then_a_person",
              {{meaning({"damaged"}), {"damaged"}},
               {nothing(), {"ask_order"}, {}, "", {K::image, K::image, K::image}},
               {with_order(nothing(), "8842"), {"handover"}, "needs_person", "8842"}},
              Owner::waiting,
              "damaged"},
        Story{"missing_photos_are_asked_for_once_more",
              {{with_order(meaning({"damaged"}), "8842"), {"damaged"}},
               {nothing(), {"ask_photos"}, {}, "", {K::image}},
               {nothing(), {"handover"}, "needs_person", "", {K::image}}},
              Owner::waiting,
              "damaged"},
        Story{"all_that_is_needed_at_once_asks_for_nothing",
              {{with_order(meaning({"damaged"}), "8842"), {"handover"}, "needs_person", "broken", {K::image, K::image, K::image}}},
              Owner::waiting,
              "damaged"},
        Story{"photos_before_the_complaint_count",
              {{nothing(), {"photo_received"}, {}, "", {K::image}}, {with_order(meaning({"wrong_item"}), "8842"), {"handover"}, "needs_person"}},
              Owner::waiting,
              "wrong_item"},
        Story{"a_second_photo_without_words_gets_silence", {{nothing(), {"photo_received"}, {}, "", {K::image}}, {nothing(), {}, {}, "", {K::image}}}},
        Story{"voice_cannot_be_read_twice_is_a_failure",
              {{nothing(), {"cannot_read"}, {}, "", {K::audio}}, {nothing(), {"handover_repeat"}, "repeated_failure", "", {K::audio}}},
              Owner::waiting,
              "repeated_failure"},
        Story{"a_sticker_first_is_explained", {{nothing(), {"cannot_read"}, {}, "", {K::sticker}}}},
        Story{"a_sticker_after_an_answer_gets_silence", {{meaning({"invoice"}), {"invoice"}}, {nothing(), {}, {}, "", {K::sticker}}}},
        Story{"a_language_without_texts_gets_a_person", {{meaning({"where_is_order"}, "th"), {"no_language"}, "language"}}, Owner::waiting, "language"},
        Story{"somebody_elses_data_are_refused", {{meaning({"privacy"}), {"privacy"}}}}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(Answers, in_the_customers_language_and_with_the_right_plural) {
    Talk talk;
    EXPECT_THAT(talk.says(meaning({"refund_policy"}, "cs")), ElementsAre("refund_policy"));
    EXPECT_EQ(talk.last_text(), "Na vrácení máte 14 dní.");
}

TEST(Answers, say_once_that_they_are_automatic) {
    Talk talk;
    talk.says(meaning({"greeting"}));
    ASSERT_EQ(talk.effects<Send>().size(), 1u);
    EXPECT_THAT(talk.effects<Send>()[0].templates, ElementsAre("disclosure", "greeting"));
    EXPECT_EQ(talk.effects<Send>()[0].messages[0].text, "I am the automatic assistant of Small Shop.");
    talk.says(meaning({"invoice"}));
    EXPECT_THAT(talk.effects<Send>().at(0).templates, ElementsAre("invoice"));
}

TEST(Answers, to_are_you_a_robot_are_disclosure_enough) {
    Talk talk;
    talk.says(meaning({"bot_question"}));
    EXPECT_THAT(talk.effects<Send>().at(0).templates, ElementsAre("bot_answer"));
    EXPECT_TRUE(talk.conversation.disclosed);
}

TEST(Answers, stop_when_there_were_too_many) {
    Talk talk;
    for (int i = 0; i < 10; ++i)
        talk.conversation.said.push_back({talk.now, "t" + std::to_string(i), std::to_string(i), SendPurpose::answer, EffectId{std::to_string(i)}});
    EXPECT_THAT(talk.says(meaning({"greeting"})), ElementsAre("handover_repeat"));
    EXPECT_TRUE(talk.escalated("repeated_failure"));
}

TEST(Answers, that_are_long_ago_do_not_count) {
    Talk talk;
    for (int i = 0; i < 10; ++i) talk.conversation.said.push_back({talk.now, "t", "h", SendPurpose::answer, EffectId{std::to_string(i)}});
    talk.waits(std::chrono::minutes{200});
    EXPECT_THAT(talk.says(meaning({"greeting"})), ElementsAre("greeting"));
    EXPECT_EQ(talk.conversation.said.size(), 2u);  // with the disclosure
}

TEST(Answers, in_the_same_words_are_limited) {
    Talk talk;
    EXPECT_THAT(talk.says(meaning({"bot_question"})), ElementsAre("bot_answer"));
    EXPECT_THAT(talk.says(meaning({"bot_question"})), ElementsAre("bot_answer"));
    EXPECT_THAT(talk.says(meaning({"bot_question"})), ElementsAre("handover_repeat"));
    EXPECT_TRUE(talk.escalated("repeated_failure"));
}

TEST(Answers, number_their_sends_and_use_the_reply_handle_once) {
    Talk talk;
    talk.conversation.id = ConversationId{"line/U1"};
    talk.says(meaning({"invoice"}));
    auto const first = talk.effects<Send>().at(0);
    EXPECT_EQ(first.id.value, "line/U1#1");
    EXPECT_EQ(first.reply_handle, "handle1");
    EXPECT_EQ(first.knows_message, 1u);
    EXPECT_EQ(first.by, "bot");
    EXPECT_EQ(first.language, "en");
    EXPECT_TRUE(talk.conversation.reply_handle.empty());
    talk.says(meaning({"stock"}));
    EXPECT_EQ(talk.effects<Send>().at(0).id.value, "line/U1#2");
}

}  // namespace

}  // namespace kefu::small_shop
