// SPDX-License-Identifier: Apache-2.0
#include "tests/support/all_stores.hpp"
#include "tests/support/store_support.hpp"

/// What platforms report later about sends: late, twice, out of order, before their own answer.
namespace kefu {
namespace {

class StoreReports : public testing::TestWithParam<StoreBackend> {
  protected:
    bool report(DeliveryReport what, std::string const& effect = "line-main/ann#1") {
        return !shop.apply(arrival_of("ann", SendReported{EffectId{effect}, what, "because"})).duplicate;
    }
    std::string state() { return shop.view("ann").history.back().state; }
    EffectId sent() {
        shop.apply(message_from("ann", "help"));
        return shop.claim().at(0).id;
    }
    StoreHarness shop{GetParam()};
};

TEST_P(StoreReports, only_ever_go_forward) {
    shop.finish(sent());
    EXPECT_EQ(state(), "delivered");
    EXPECT_FALSE(report(DeliveryReport::out));
    EXPECT_TRUE(report(DeliveryReport::read));
    EXPECT_EQ(state(), "read");
    EXPECT_FALSE(report(DeliveryReport::received));
    EXPECT_FALSE(report(DeliveryReport::failed));
    EXPECT_EQ(state(), "read");
    EXPECT_FALSE(report(DeliveryReport::read, "line-main/ann#7"));
}

TEST_P(StoreReports, settle_what_was_unknown) {
    shop.finish(sent(), OutboxResult::Kind::unknown);
    EXPECT_EQ(shop.counts().outbox_dead, 1U);
    EXPECT_TRUE(report(DeliveryReport::received));
    EXPECT_EQ(state(), "received");
    EXPECT_EQ(shop.counts().outbox_dead, 0U);
}

TEST_P(StoreReports, of_failure_make_a_dead_letter_of_what_was_unknown) {
    shop.finish(sent(), OutboxResult::Kind::unknown);
    EXPECT_TRUE(report(DeliveryReport::failed));
    EXPECT_EQ(state(), "refused");
    EXPECT_EQ(shop.counts().outbox_dead, 1U);
    EXPECT_FALSE(report(DeliveryReport::read));
}

TEST_P(StoreReports, that_come_before_the_answer_outweigh_it) {
    auto const id = sent();
    EXPECT_TRUE(report(DeliveryReport::received));
    shop.finish(id, OutboxResult::Kind::unknown);
    EXPECT_EQ(state(), "received");
    EXPECT_EQ(shop.counts().outbox_dead, 0U);
}

TEST_P(StoreReports, about_nobody_we_know_are_left_out) {
    auto const applied = shop.apply(arrival_of("bob", SendReported{EffectId{"line-main/bob#1"}, DeliveryReport::failed, "x"}));
    EXPECT_TRUE(applied.duplicate);
    EXPECT_EQ(shop.counts().conversations, 0U);
}

TEST_P(StoreReports, a_person_may_write_first_on_the_platform_itself) {
    AgentActed wrote{AgentAction::reply, "page-inbox", "hello Ann", false, {}, true};
    EXPECT_FALSE(shop.apply(arrival_of("ann", wrote)).error);
    auto const view = shop.view("ann");
    ASSERT_FALSE(view.history.empty());
    EXPECT_EQ(view.history[0].who, HistoryLine::Who::agent);
    EXPECT_EQ(view.history[0].text, "hello Ann");
    EXPECT_EQ(view.history[0].name, "page-inbox");
}

INSTANTIATE_TEST_SUITE_P(Backends, StoreReports, testing::ValuesIn(all_store_backends()), [](auto const& test) { return std::string{test.param.name}; });

}  // namespace
}  // namespace kefu
