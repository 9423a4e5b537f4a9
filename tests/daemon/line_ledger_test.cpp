// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu::line {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Timestamp const day = from_millis(1'764'000'000'000);          // 2025-11-24T16:00:00Z: the 25th in Japan
Timestamp const last_minute = from_millis(1'764'514'740'000);  // 2025-11-30T14:59Z: a minute before December in Japan

LineQuotaSettings budget(int customers, int team) {
    LineQuotaSettings settings;
    settings.customers = customers;
    settings.team = team;
    return settings;
}

TEST(LineLedger, has_no_objection_while_nothing_is_limited) {
    Ledger ledger{{}};
    ledger.told(std::nullopt, 1'000'000, day);
    EXPECT_EQ(ledger.objection(PushFor::customer, 1, day), std::nullopt);
    EXPECT_EQ(ledger.objection(PushFor::team, 50, day), std::nullopt);
    EXPECT_FALSE(ledger.warns());
}

TEST(LineLedger, keeps_customers_and_team_apart) {
    Ledger ledger{budget(3, 10)};
    ledger.sent(PushFor::team, 8, day);
    EXPECT_EQ(ledger.objection(PushFor::customer, 1, day), std::nullopt) << "the team's messages are none of theirs";
    EXPECT_THAT(ledger.objection(PushFor::team, 3, day).value(), HasSubstr("10 paid messages for the team"));
    EXPECT_EQ(ledger.objection(PushFor::team, 2, day), std::nullopt) << "a smaller group still fits";
    ledger.sent(PushFor::customer, 3, day);
    EXPECT_THAT(ledger.objection(PushFor::customer, 1, day).value(), HasSubstr("3 paid messages for customers"));
}

TEST(LineLedger, says_no_to_everybody_after_line_did_until_there_are_more) {
    Ledger ledger{{}};
    ledger.told(200, 199, day);
    ledger.used_up(day);
    EXPECT_THAT(ledger.objection(PushFor::customer, 1, day).value(), HasSubstr("only replies still work"));
    EXPECT_THAT(ledger.objection(PushFor::team, 1, day).value(), HasSubstr("only replies still work"));
    ledger.told(200, 200, day);
    EXPECT_NE(ledger.objection(PushFor::customer, 1, day), std::nullopt);
    ledger.told(500, 200, day);
    EXPECT_EQ(ledger.objection(PushFor::customer, 1, day), std::nullopt) << "somebody bought more";
}

TEST(LineLedger, begins_anew_with_the_month_in_japan) {
    Ledger ledger{budget(1, 0)};
    ledger.sent(PushFor::customer, 1, last_minute);
    ledger.used_up(last_minute);
    EXPECT_NE(ledger.objection(PushFor::customer, 1, last_minute + 59s), std::nullopt);
    EXPECT_EQ(ledger.objection(PushFor::customer, 1, last_minute + 60s), std::nullopt);
}

TEST(LineLedger, warns_once_when_little_is_left_and_once_when_nothing_is) {
    Ledger ledger{{}};
    ledger.told(200, 159, day);
    EXPECT_FALSE(ledger.warns());
    ledger.told(200, 160, day);
    EXPECT_TRUE(ledger.warns());
    EXPECT_FALSE(ledger.warns());
    ledger.told(200, 200, day);
    EXPECT_TRUE(ledger.warns());
    EXPECT_FALSE(ledger.warns());
}

TEST(LineLedger, counts_what_line_has_not_counted_yet) {
    Ledger ledger{{}};
    ledger.told(200, 10, day);
    ledger.sent(PushFor::team, 160, day);
    EXPECT_TRUE(ledger.warns());
    EXPECT_EQ(ledger.quota(), (Quota{200, 10, 0, 160}));
}

TEST(LineLedger, finds_its_counts_after_a_restart) {
    Ledger before{budget(5, 9)};
    before.sent(PushFor::customer, 4, day);
    before.sent(PushFor::team, 9, day);
    EXPECT_EQ(before.save(), "2025-11 4 9");
    Ledger after{budget(5, 9)};
    after.sent(PushFor::customer, 1, day);  // before the store was asked
    after.recall(before.save(), day + 1h);
    EXPECT_NE(after.objection(PushFor::customer, 1, day), std::nullopt);
    EXPECT_NE(after.objection(PushFor::team, 1, day), std::nullopt);
}

TEST(LineLedger, leaves_what_it_cannot_read_and_what_is_of_another_month) {
    for (auto const* saved : {"", "nonsense", "2025-10 7 7", "2025-11", "2025-11 x y", "2025-11 -5 -5"}) {
        Ledger ledger{budget(1, 1)};
        ledger.recall(saved, day);
        EXPECT_EQ(ledger.objection(PushFor::customer, 1, day), std::nullopt) << saved;
        EXPECT_EQ(ledger.objection(PushFor::team, 1, day), std::nullopt) << saved;
    }
}

}  // namespace
}  // namespace kefu::line
