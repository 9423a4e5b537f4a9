// SPDX-License-Identifier: Apache-2.0
#include "replies/schedule.hpp"

#include <gtest/gtest.h>

namespace kefu {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

Timestamp at(char const* text) { return *from_rfc3339(text); }

Schedule weekdays(std::string zone = "Europe/Prague") {
    Schedule schedule;
    for (std::size_t day = 0; day < 5; ++day) schedule.week[day] = {{hours{9}, hours{12}}, {hours{13}, hours{18}}};
    schedule.time_zone = std::move(zone);
    return schedule;
}

struct Case {
    char const* at;
    bool open;
    char const* next;
};
void PrintTo(Case const& c, std::ostream* out) { *out << c.at; }
class Hours : public testing::TestWithParam<Case> {};

TEST_P(Hours, are_kept) {
    auto const& [when, open, next] = GetParam();
    auto schedule = weekdays();
    schedule.holidays = {std::chrono::year{2026} / 6 / 5};
    EXPECT_EQ(is_open(schedule, at(when)), open);
    EXPECT_EQ(to_rfc3339(next_opening(schedule, at(when))), to_rfc3339(at(next)));
}

INSTANTIATE_TEST_SUITE_P(Prague, Hours,
                         testing::Values(Case{"2026-06-02T09:00:00+02:00", true, "2026-06-02T09:00:00+02:00"},
                                         Case{"2026-06-02T08:59:59.999+02:00", false, "2026-06-02T09:00:00+02:00"},
                                         Case{"2026-06-02T12:00:00+02:00", false, "2026-06-02T13:00:00+02:00"},
                                         Case{"2026-06-02T18:00:00+02:00", false, "2026-06-03T09:00:00+02:00"},
                                         Case{"2026-06-05T10:00:00+02:00", false, "2026-06-08T09:00:00+02:00"},  // holiday, then a weekend
                                         Case{"2026-06-06T23:59:00+02:00", false, "2026-06-08T09:00:00+02:00"},
                                         Case{"2026-01-07T08:30:00Z", true, "2026-01-07T08:30:00Z"}));  // winter

TEST(Schedule, without_spans_is_always_open) {
    Schedule const always;
    EXPECT_TRUE(always.always());
    EXPECT_TRUE(is_open(always, at("2026-06-07T03:00:00Z")));
    EXPECT_EQ(add_working_time(always, at("2026-06-07T03:00:00Z"), minutes{90}), at("2026-06-07T04:30:00Z"));
}

TEST(Schedule, adds_working_time_over_lunch_nights_and_weekends) {
    auto const schedule = weekdays();
    EXPECT_EQ(add_working_time(schedule, at("2026-06-02T10:00:00+02:00"), minutes{60}), at("2026-06-02T11:00:00+02:00"));
    EXPECT_EQ(add_working_time(schedule, at("2026-06-02T11:00:00+02:00"), minutes{60}), at("2026-06-02T12:00:00+02:00"));
    EXPECT_EQ(add_working_time(schedule, at("2026-06-02T11:30:00+02:00"), minutes{60}), at("2026-06-02T13:30:00+02:00"));
    EXPECT_EQ(add_working_time(schedule, at("2026-06-05T17:30:00+02:00"), minutes{60}), at("2026-06-08T09:30:00+02:00"));
    EXPECT_EQ(add_working_time(schedule, at("2026-06-06T12:00:00+02:00"), minutes{30}), at("2026-06-08T09:30:00+02:00"));
    EXPECT_EQ(add_working_time(schedule, at("2026-06-06T12:00:00+02:00"), minutes{0}), at("2026-06-06T12:00:00+02:00"));
    EXPECT_EQ(add_working_time(schedule, at("2026-06-01T09:00:00+02:00"), hours{40}), at("2026-06-05T18:00:00+02:00"));
}

TEST(Schedule, runs_past_midnight) {
    Schedule night;
    night.week[4] = {{hours{20}, hours{2}}};   // Friday to Saturday
    night.week[6] = {{hours{22}, hours{24}}};  // Sunday until midnight
    night.time_zone = "Asia/Taipei";
    EXPECT_TRUE(is_open(night, at("2026-06-05T23:00:00+08:00")));
    EXPECT_TRUE(is_open(night, at("2026-06-06T01:59:00+08:00")));
    EXPECT_FALSE(is_open(night, at("2026-06-06T02:00:00+08:00")));
    EXPECT_TRUE(is_open(night, at("2026-06-07T23:59:00+08:00")));
    EXPECT_FALSE(is_open(night, at("2026-06-08T00:00:00+08:00")));
    EXPECT_EQ(add_working_time(night, at("2026-06-06T01:00:00+08:00"), hours{2}), at("2026-06-07T23:00:00+08:00"));
}

TEST(Schedule, around_the_clock_is_one_span) {
    Schedule all_day;
    for (auto& day : all_day.week) day = {{hours{0}, hours{0}}};
    EXPECT_TRUE(is_open(all_day, at("2026-06-06T00:00:00Z")));
    EXPECT_EQ(add_working_time(all_day, at("2026-06-06T00:00:00Z"), hours{72}), at("2026-06-09T00:00:00Z"));
}

TEST(Schedule, is_right_when_clocks_change) {
    Schedule night;
    for (auto& day : night.week) day = {{hours{1}, hours{5}}};
    night.time_zone = "Europe/Prague";
    // 29 March 2026: 02:00 becomes 03:00, so this span has three hours. 25 October: five.
    EXPECT_EQ(add_working_time(night, at("2026-03-29T01:00:00+01:00"), hours{3}), at("2026-03-29T05:00:00+02:00"));
    EXPECT_EQ(add_working_time(night, at("2026-10-25T01:00:00+02:00"), hours{5}), at("2026-10-25T05:00:00+01:00"));

    Schedule skipped;  // begins at a time that does not exist that day
    skipped.week[6] = {{hours{2} + minutes{30}, hours{6}}};
    skipped.time_zone = "Europe/Prague";
    EXPECT_EQ(next_opening(skipped, at("2026-03-29T00:00:00+01:00")), at("2026-03-29T03:00:00+02:00"));

    Schedule twice;  // begins and ends at a time that comes twice
    twice.week[6] = {{hours{2} + minutes{30}, hours{2} + minutes{45}}};
    twice.time_zone = "Europe/Prague";
    EXPECT_TRUE(is_open(twice, at("2026-10-25T02:30:00+02:00")));
    EXPECT_TRUE(is_open(twice, at("2026-10-25T02:44:00+01:00")));
    EXPECT_FALSE(is_open(twice, at("2026-10-25T02:45:00+01:00")));
}

TEST(Schedule, gives_up_when_nobody_ever_comes) {
    Schedule never;
    never.week[0] = {{hours{9}, hours{10}}};
    for (int day = 0; day < 800; ++day) never.holidays.push_back(std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} + std::chrono::days{day});
    auto const when = at("2026-06-02T10:00:00Z");
    EXPECT_EQ(next_opening(never, when), when);
    EXPECT_EQ(add_working_time(never, when, minutes{30}), when + minutes{30});
}

TEST(Schedule, shows_a_moment_on_the_clocks_of_a_zone) {
    EXPECT_EQ(local_time(at("2026-11-24T02:30:00Z"), "Asia/Taipei"), "2026-11-24 10:30");
    EXPECT_EQ(local_time(at("2026-12-31T23:30:00Z"), "Europe/Prague"), "2027-01-01 00:30");
    EXPECT_EQ(local_time(at("2026-11-24T02:30:00Z"), "Nowhere/Land"), "2026-11-24 02:30");
}

TEST(Schedule, knows_real_zones) {
    EXPECT_TRUE(is_time_zone("Asia/Taipei"));
    EXPECT_TRUE(is_time_zone("UTC"));
    EXPECT_FALSE(is_time_zone("Asia/Taipeh"));
    EXPECT_FALSE(is_time_zone(""));
    EXPECT_TRUE(is_open(weekdays("Nowhere/Land"), at("2026-06-02T10:00:00Z"))) << "an unknown zone is read as UTC";
}

}  // namespace

}  // namespace kefu
