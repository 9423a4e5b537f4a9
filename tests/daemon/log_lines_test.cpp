// SPDX-License-Identifier: Apache-2.0
#include "daemon/log_journal.hpp"
#include "daemon/log_repeats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(LogRepeats, writes_the_first_of_an_event_and_counts_the_rest) {
    LogRepeats repeats;
    LogRepeats::Time const start{};
    int written = 0;
    for (int i = 0; i < 332; ++i) written += repeats.admits("webhook_refused", 3, start + i * 1ms) ? 1 : 0;
    EXPECT_EQ(written, 20);
    EXPECT_TRUE(repeats.admits("something_else", 3, start));
    EXPECT_THAT(repeats.over(start + 9s), IsEmpty());
    auto const over = repeats.over(start + 11s);
    ASSERT_THAT(over, SizeIs(1));
    EXPECT_EQ(over[0].event, "webhook_refused");
    EXPECT_EQ(over[0].count, 312u);
    EXPECT_EQ(over[0].level, 3);
    EXPECT_TRUE(repeats.admits("webhook_refused", 3, start + 11s)) << "a new window";
    EXPECT_THAT(repeats.over(start + 12s), IsEmpty());
}

TEST(LogRepeats, says_nothing_of_what_was_all_written) {
    LogRepeats repeats;
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(repeats.admits("x", 3, {}));
    EXPECT_THAT(repeats.over(LogRepeats::Time{} + 1min), IsEmpty());
}

TEST(LogJournal, has_a_field_for_each_and_names_as_the_journal_takes_them) {
    auto const fields =
        journal_fields(4, "reply_refused", "reply_refused channel=line-main", {{"channel", "line-main"}, {"took-ms", "3"}, {"why", "two\nlines"}});
    EXPECT_THAT(fields, ElementsAre("MESSAGE=reply_refused channel=line-main", "PRIORITY=4", "SYSLOG_IDENTIFIER=kefud", "KEFUD_EVENT=reply_refused",
                                    "KEFUD_CHANNEL=line-main", "KEFUD_TOOK_MS=3", "KEFUD_WHY=two\nlines"));
}

}  // namespace
}  // namespace kefu
