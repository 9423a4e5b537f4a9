// SPDX-License-Identifier: Apache-2.0
#include "tests/support/all_stores.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <tuple>

namespace kefu {

struct CheckCase {
    char const* name;
    SendPurpose purpose;
    std::function<void(Conversation&)> change;  ///< after the send was decided
    std::string dropped;                        ///< empty: it goes
};
void PrintTo(CheckCase const& test, std::ostream* out) { *out << test.name; }
class StoreChecks : public testing::TestWithParam<std::tuple<StoreBackend, CheckCase>> {};

TEST_P(StoreChecks, are_made_again_at_the_moment_of_sending) {
    auto const& [backend, test] = GetParam();
    StoreHarness shop{backend};
    std::vector<std::string> heard;
    shop.shop = [&, &test = test](ChannelId const&, Conversation conversation, Event const& event, Timestamp) {
        Decision decision;
        if (std::holds_alternative<MessageReceived>(event)) {
            ++conversation.received;
            decision.effects.emplace_back(send_for(conversation, "x", test.purpose));
        } else if (auto const* const finished = std::get_if<SendFinished>(&event)) {
            heard.push_back(finished->detail);
        } else {
            test.change(conversation);
        }
        decision.conversation = std::move(conversation);
        return decision;
    };
    shop.apply(message_from("ann", "hi"));
    shop.apply(arrival_of("ann", Noted{"change"}));
    auto const texts = shop.claim_texts();
    EXPECT_EQ(texts.size(), test.dropped.empty() ? 1U : 0U);
    EXPECT_EQ(heard, test.dropped.empty() ? std::vector<std::string>{} : std::vector<std::string>{test.dropped});
    EXPECT_EQ(shop.view("ann").history.at(1).state, test.dropped.empty() ? "in_flight" : "cancelled");
}

namespace {

void person(Conversation& conversation) {
    conversation.owner = Owner::person;
    conversation.agent = "mei";
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreChecks,
    testing::Combine(testing::ValuesIn(all_store_backends()),
                     testing::Values(CheckCase{"nothing_changed", SendPurpose::answer, [](Conversation&) {}, ""},
                                     CheckCase{"a_person_took_over", SendPurpose::answer, person, "a person has the conversation"},
                                     CheckCase{"a_person_took_over_from_a_holding_line", SendPurpose::holding, person, "a person has the conversation"},
                                     CheckCase{"a_person_writes", SendPurpose::agent, person, ""},
                                     CheckCase{"the_customer_waits", SendPurpose::holding, [](Conversation& c) { c.owner = Owner::waiting; }, ""},
                                     CheckCase{"the_bot_closed_it_with_these_words", SendPurpose::answer,
                                               [](Conversation& c) {
                                                   c.owner = Owner::closed;
                                                   c.owner_since = noon;
                                               },
                                               ""},
                                     CheckCase{"it_was_closed_later", SendPurpose::answer,
                                               [](Conversation& c) {
                                                   c.owner = Owner::closed;
                                                   c.owner_since = noon + std::chrono::seconds{1};
                                               },
                                               "the conversation was closed"},
                                     CheckCase{"a_newer_message_came", SendPurpose::answer, [](Conversation& c) { ++c.received; }, "a newer message arrived"},
                                     CheckCase{"a_newer_message_came_before_a_second_question", SendPurpose::reask, [](Conversation& c) { ++c.received; },
                                               "a newer message arrived"},
                                     CheckCase{"a_newer_message_came_before_a_holding_line", SendPurpose::holding, [](Conversation& c) { ++c.received; }, ""},
                                     CheckCase{"somebody_else_holds_the_chat", SendPurpose::answer, [](Conversation& c) { c.standby = true; },
                                               "somebody else holds this chat"},
                                     CheckCase{"the_customer_left", SendPurpose::agent, [](Conversation& c) { c.reachable = false; },
                                               "the customer cannot be reached any more"})),
    [](auto const& test) { return std::string{std::get<0>(test.param).name} + "_" + std::get<1>(test.param).name; });

}  // namespace kefu
