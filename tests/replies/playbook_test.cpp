// SPDX-License-Identifier: Apache-2.0
// How cases are gone about: questions, look-ups, waiting, offers. The playbooks are the small shop's.
#include "replies/load_hours.hpp"
#include "replies/orders.hpp"
#include "small_shop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::small_shop {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

OrderLookedUp found(std::string asked, std::string status = "shipped") {
    OrderLookedUp answer;
    answer.order = std::move(asked);
    answer.outcome = LookupOutcome::found;
    answer.found = answer.order.empty() ? "8842" : answer.order;
    answer.facts = {{"status", std::move(status)}, {"courier", "GLS"}, {"amount", 25.0}, {"currency", "USD"}};
    answer.linked = true;
    return answer;
}

/// A shop whose system can be asked.
struct Orders : testing::Test {
    Orders() { talk.channel.orders = {true, false, true}; }

    std::vector<std::string> answers(OrderLookedUp const& answer) {
        talk.happens(answer);
        return talk.take_said();
    }

    Talk talk;
};

TEST_F(Orders, are_looked_up_and_their_state_is_told) {
    EXPECT_THAT(talk.says(with_order(meaning({"where_is_order"}), "8842")), IsEmpty()) << "the shop's system is asked first";
    ASSERT_EQ(talk.effects<LookUpOrder>().size(), 1u);
    EXPECT_EQ(talk.effects<LookUpOrder>().front().order, "8842");
    talk.happens(found("8842"));
    EXPECT_THAT(talk.last_text(), HasSubstr("GLS"));
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
}

TEST_F(Orders, that_take_long_are_announced_once) {
    talk.says(with_order(meaning({"where_is_order"}), "8842"));
    talk.now += std::chrono::seconds{2};
    talk.happens(TimerFired{"lookup"});
    EXPECT_THAT(talk.last_text(), HasSubstr("One moment"));
    talk.happens(found("8842"));
    EXPECT_THAT(talk.last_text(), HasSubstr("GLS"));
}

TEST_F(Orders, that_cannot_be_asked_about_go_to_a_person) {
    talk.says(with_order(meaning({"where_is_order"}), "8842"));
    OrderLookedUp down;
    down.order = "8842";
    down.why = "no connection";
    talk.happens(down);
    EXPECT_TRUE(talk.escalated("needs_person"));
}

TEST_F(Orders, whose_answer_never_comes_go_to_a_person) {
    talk.says(with_order(meaning({"where_is_order"}), "8842"));
    talk.waits(minutes{2});
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
}

TEST_F(Orders, of_somebody_else_and_orders_that_do_not_exist_get_the_same_words) {
    for (auto const outcome : {LookupOutcome::found, LookupOutcome::not_found}) {
        Talk one;
        one.channel.orders = {true, false, true};
        one.says(with_order(meaning({"where_is_order"}), "8842"));
        auto answer = found("8842");
        answer.outcome = outcome;
        answer.linked = false;
        answer.proofs = {"789"};
        one.happens(answer);
        EXPECT_EQ(one.last_text(), "The last digits of your phone number, please.");
        one.says(meaning({}), "it is 123");
        EXPECT_EQ(one.last_text(), "Three digits, please.");
        one.says(meaning({}), "then 456");
        EXPECT_EQ(one.last_text(), "There is no such order.");
    }
}

TEST_F(Orders, are_told_about_once_the_second_fact_fits) {
    talk.says(with_order(meaning({"where_is_order"}), "8842"));
    auto answer = found("8842");
    answer.linked = false;
    answer.proofs = {"789"};
    talk.happens(answer);
    talk.says(meaning({}), "0912 345 789");
    EXPECT_THAT(talk.last_text(), HasSubstr("GLS"));
}

TEST_F(Orders, that_are_guessed_too_often_bring_a_person) {
    for (int i = 0; i < 5 && talk.conversation.owner == Owner::bot; ++i) {
        auto const number = std::to_string(9000 + i);
        talk.says(with_order(meaning({"where_is_order"}), number));
        OrderLookedUp nothing;
        nothing.order = number;
        nothing.outcome = LookupOutcome::not_found;
        talk.happens(nothing);
        talk.says(meaning({}), "111");
        talk.says(meaning({}), "222");
    }
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
}

TEST_F(Orders, of_a_known_account_are_not_asked_for) {
    talk.channel.orders.by_customer = true;
    EXPECT_THAT(talk.says(meaning({"where_is_order"})), IsEmpty());
    EXPECT_EQ(talk.effects<LookUpOrder>().front().order, "");
    talk.happens(found(""));
    EXPECT_THAT(talk.last_text(), HasSubstr("GLS"));
    EXPECT_EQ(talk.conversation.open.order, "8842");
}

TEST_F(Orders, asked_about_again_after_the_answer_bring_a_person) {
    talk.says(with_order(meaning({"where_is_order"}), "8842"));
    talk.happens(found("8842"));
    talk.says(meaning({"where_is_order"}));
    EXPECT_TRUE(talk.escalated("repeated_failure"));
}

TEST_F(Orders, are_looked_after_by_ourselves_when_nobody_writes) {
    talk.says(with_order(meaning({"where_is_order"}), "8842"));
    talk.happens(found("8842"));
    talk.take_said();
    EXPECT_THAT(talk.waits(minutes{2 * 24 * 60 + 1}), ElementsAre("follow_up"));
    EXPECT_EQ(talk.conversation.owner, Owner::closed);
}

TEST_F(Orders, that_may_be_cancelled_are_confirmed_first) {
    talk.says(with_order(meaning({"cancel_order"}), "8842"));
    talk.happens(found("8842", "processing"));
    EXPECT_EQ(talk.last_text(), "Really?");
    talk.says(meaning({"no"}), "no");
    EXPECT_EQ(talk.conversation.owner, Owner::closed) << "the customer keeps it";
}

/// Asked "Really?" about cancelling order 8842.
struct Confirming : Orders {
    Confirming() {
        talk.says(with_order(meaning({"cancel_order"}), "8842"));
        talk.happens(found("8842", "processing"));
        talk.take_said();
    }
};

TEST_F(Confirming, the_number_once_more_is_no_failure) {
    EXPECT_THAT(talk.says(with_order(meaning({}), "8842"), "8842"), ElementsAre("order_known"));
    EXPECT_THAT(talk.says(with_order(meaning({}), "8842"), "8842"), IsEmpty()) << "said once";
    EXPECT_THAT(talk.says(meaning({"yes"}), "yes"), ElementsAre("cancel_order"));
}

TEST_F(Confirming, a_question_beside_ours_is_noted_and_ours_asked_again) {
    EXPECT_THAT(talk.says(meaning({}), "will the money be on my card?"), ElementsAre("question_noted", "confirm"));
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
    EXPECT_FALSE(talk.effects<TellAgents>().empty());
}

TEST_F(Confirming, the_request_once_more_is_a_yes) { EXPECT_THAT(talk.says(meaning({"cancel_order"}), "cancel it please"), ElementsAre("cancel_order")); }

TEST(Playbook, reminds_of_its_question_once_in_waking_hours_and_then_gives_up) {
    Talk talk;
    talk.now += hours{12};  // 22:00
    EXPECT_THAT(talk.says(meaning({"where_is_order"})), ElementsAre("ask_order"));
    EXPECT_THAT(talk.waits(minutes{24 * 60 + 1}), IsEmpty()) << "22:00 is too late to write by itself";
    EXPECT_THAT(talk.waits(minutes{11 * 60}), ElementsAre("reminder"));
    EXPECT_THAT(talk.waits(minutes{72 * 60}), ElementsAre("gave_up"));
    EXPECT_EQ(talk.conversation.owner, Owner::closed);
}

TEST(Playbook, goes_on_after_a_question_in_between) {
    Talk talk;
    EXPECT_THAT(talk.says(meaning({"damaged"})), ElementsAre("damaged"));
    EXPECT_THAT(talk.says(meaning({"invoice"})), ElementsAre("invoice", "ask_photos"));
    EXPECT_THAT(talk.sends({ContentKind::image, ContentKind::image, ContentKind::image}), ElementsAre("ask_order"));
}

TEST(Playbook, is_left_for_a_threat_at_once) {
    Talk talk;
    talk.says(meaning({"damaged"}));
    talk.says(angry(meaning({"damaged"}), 0.7, {AngerKind::threat_agency}));
    EXPECT_TRUE(talk.escalated("threat_agency"));
}

TEST(Playbook, hears_what_it_would_ask_for) {
    struct Told {
        char const* text;
        char const* heard;
    };
    for (auto const& [text, heard] : {Told{"cup broken, box was fine", "the box was fine"}, Told{"the box was not fine", "the box was torn"},
                                      Told{"box torn! the cup is fine", "the box was torn"}, Told{"杯子破了，箱子沒破", "the box was fine"},
                                      Told{"the cup is fine", ""}, Told{"the box was fine but torn", ""}, Told{"the cup is torn, and the mailbox too", ""}}) {
        Talk talk;
        talk.says(meaning({"damaged"}), text);
        auto const told = talk.effects<TellAgents>();
        EXPECT_EQ(told.empty() ? "" : told.front().what, heard) << text;
    }
}

TEST(Playbook, takes_no_for_an_answer_to_photos) {
    Talk talk;
    talk.says(meaning({"damaged"}));
    EXPECT_THAT(talk.says(meaning({"no"}), "no"), ElementsAre("ask_order"));
}

TEST(Playbook, takes_a_number_among_words_when_it_asked_for_one) {
    Talk talk;
    talk.says(meaning({"where_is_order"}));
    EXPECT_THAT(talk.says(meaning({}), "sorry, wrong one: 10023456"), ElementsAre("where_is_order"));
    EXPECT_EQ(talk.conversation.open.order, "10023456");
}

TEST(Playbook, sends_money_above_the_tiers_authority_to_who_may_decide) {
    auto claim = [](std::string value) {
        auto what = with_order(meaning({"refund_request"}), "8842");
        what.entities.push_back({EntityKind::money, std::move(value), 0, 1});
        return what;
    };
    Talk small;
    small.says(claim("15 USD"));
    EXPECT_TRUE(small.escalated("needs_person"));
    Talk large;
    large.says(claim("150 USD"));
    EXPECT_TRUE(large.escalated("money_above_authority"));
    EXPECT_EQ(large.effects<Escalate>().front().tier, "supervisor");
    Talk huge;
    huge.says(claim("1500 USD"));
    EXPECT_EQ(huge.effects<Escalate>().front().tier, "manager");
}

TEST(Ladder, offers_each_step_once_and_stops_when_the_customer_accepts) {
    Talk talk;
    EXPECT_THAT(talk.says(meaning({"minor_flaw"})), ElementsAre("minor_flaw", "offer_gift"));
    EXPECT_THAT(talk.says(meaning({"no"}), "no"), ElementsAre("offer_coupon"));
    EXPECT_THAT(talk.last_text(), HasSubstr("$5"));
    talk.says(meaning({"yes"}), "yes");
    ASSERT_EQ(talk.effects<Concede>().size(), 1u);
    EXPECT_EQ(talk.effects<Concede>().front(), (Concede{"coupon", 5, "USD", "minor_flaw", "bot"}));
    EXPECT_EQ(talk.conversation.owner, Owner::closed);
}

TEST(Ladder, never_goes_above_the_bots_authority) {
    Talk talk;
    talk.says(meaning({"minor_flaw"}));
    talk.says(meaning({"no"}), "no");
    talk.says(meaning({"no"}), "no");  // the next would be 50 USD
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    EXPECT_THAT(talk.effects<Concede>(), IsEmpty());
}

TEST(Ladder, makes_an_offer_that_was_not_understood_once_more_and_then_calls_a_person) {
    Talk talk;
    talk.says(meaning({"minor_flaw"}));
    EXPECT_THAT(talk.says(meaning({}), "the curtains of my aunt"), ElementsAre("offer_gift"));
    EXPECT_EQ(talk.conversation.owner, Owner::bot);
    talk.says(meaning({}), "and those of my uncle");
    EXPECT_EQ(talk.conversation.owner, Owner::waiting);
    EXPECT_THAT(talk.effects<Concede>(), IsEmpty());
}

std::vector<std::string> errors_of(std::string const& yaml) {
    std::vector<std::string> lines;
    auto const loaded = load_playbooks({{"p.yaml", yaml}}, {"return_days"}, slot_names({{"p.yaml", yaml}}), &catalog().templates);
    if (!loaded)
        for (auto const& error : loaded.error()) lines.push_back(error.to_string());
    return lines;
}

TEST(LoadPlaybook, reports_every_mistake_with_its_place) {
    EXPECT_THAT(
        errors_of("playbooks:\n"
                  "  one:\n"
                  "    slots: {size: {type: choice}, order: {type: text}}\n"
                  "    steps:\n"
                  "      - {ask: seize, say: ask_order}\n"
                  "      - {say: greting}\n"
                  "      - {when: {statuss: shipped}, say: greeting}\n"
                  "      - {when: {amount: '> lots'}, say: greeting}\n"
                  "      - {when: {amount: '<= {return_days}'}, wait: 10s}\n"
                  "      - {forget: [colour]}\n"
                  "      - {dance: yes}\n"
                  "  two: {steps: []}\n"),
        ElementsAre("p.yaml:3:19: a choice needs 'choices': value → words that mean it",
                    "p.yaml:3:35: 'order' is a fact already: a slot needs a name of its own", "p.yaml:5:15: there is no slot 'seize' (did you mean 'size'?)",
                    "p.yaml:6:15: there is no template 'greting' (did you mean 'greeting'?)",
                    "p.yaml:7:17: there is no fact 'statuss' (did you mean 'status'?)",
                    "p.yaml:8:25: expected a number, or a fact such as {return_days}, after the sign", "p.yaml:9:52: expected at least 1m",
                    "p.yaml:10:18: there is no slot 'colour'",
                    "p.yaml:11:9: expected one of ask, say, lookup, call, wait, wait_for, offer, grant, set, forget, record, tell, close, steps",
                    "p.yaml:11:10: unknown key 'dance'", "p.yaml:12:8: a playbook needs at least one step"));
}

TEST(LoadPlaybook, lets_only_free_words_be_heard_in_a_message) {
    EXPECT_THAT(errors_of("playbooks:\n"
                          "  one:\n"
                          "    slots:\n"
                          "      sure: {type: yes_no, heard_in: [size], lead_in: ['please']}\n"
                          "      where: {type: address, heard_in: [adress]}\n"
                          "    steps: [{say: greeting}]\n"),
                ElementsAre(HasSubstr("'heard_in' is for slots of type text and address"), HasSubstr("'lead_in' is for slots of type text and address"),
                            HasSubstr("'adress' is nothing that is recognised in a message (did you mean 'address'?)")));
}

TEST(Calendar, closes_on_holidays_and_opens_on_the_weekends_worked_for_them) {
    auto const calendars = load_calendars({{"c.yaml", "calendar: XX\nholidays: {'2026-10-01': day off}\nworkdays: {'2026-10-10': worked for it}\n"}}).value();
    Schedule hours_of = daily(hours{9}, hours{18});
    for (std::size_t day = 5; day < 7; ++day) hours_of.week[day].clear();
    hours_of.holidays = calendars.at("XX").holidays;
    hours_of.workdays = calendars.at("XX").workdays;
    hours_of.exceptions[std::chrono::year_month_day{std::chrono::year{2026}, std::chrono::month{12}, std::chrono::day{24}}] = {{hours{9}, hours{12}}};
    auto const at = [](char const* text) { return *from_rfc3339(text); };
    EXPECT_FALSE(is_open(hours_of, at("2026-10-01T10:00:00Z"))) << "Thursday, a holiday";
    EXPECT_TRUE(is_open(hours_of, at("2026-10-10T10:00:00Z"))) << "Saturday, worked";
    EXPECT_FALSE(is_open(hours_of, at("2026-10-11T10:00:00Z"))) << "Sunday";
    EXPECT_TRUE(is_open(hours_of, at("2026-12-24T11:00:00Z")));
    EXPECT_FALSE(is_open(hours_of, at("2026-12-24T13:00:00Z"))) << "closes at noon";
}

TEST(Proof, is_the_end_of_what_was_said) {
    EXPECT_TRUE(proves("0912 345 789", {"789"}));
    EXPECT_TRUE(proves("my postcode is ec1a 1bb", {"EC1A1BB"}));
    EXPECT_FALSE(proves("789 000", {"789"}));
    EXPECT_TRUE(proves("789. where is it then?", {"789"}));
    EXPECT_TRUE(proves("末三碼７８９", {"789"}));
    EXPECT_FALSE(proves("787 788 789 790?", {"789"})) << "who does not know it could say many";
    EXPECT_FALSE(proves("89", {"89"})) << "two digits prove nothing";
}

}  // namespace

}  // namespace kefu::small_shop
