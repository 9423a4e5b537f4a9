// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/report.hpp"
#include "daemon/console/sheets.hpp"
#include "daemon/console/text_diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp noon{std::chrono::milliseconds{1'790'000'000'000}};  // 2026-09-21, 21:33 in Taipei

Traffic one_evening() {
    Traffic traffic;
    traffic.query = {noon - 24h, noon + 24h, false, {}, "Asia/Taipei"};
    traffic.conversations = 2;
    // The first is answered by the bot in a second; the second is angry, called a person, and was answered in ten minutes: in time.
    traffic.heard.push_back({noon, 0, {}, 0});
    traffic.spoken.push_back({noon + 1s, 0, SendPurpose::answer, {"greeting"}, "en", Traffic::Spoken::End::delivered});
    traffic.heard.push_back({noon, 1, {true, false, true, false, false}, 0.9});
    traffic.spoken.push_back({noon + 1s, 1, SendPurpose::holding, {"handed_over"}, "en", Traffic::Spoken::End::delivered});
    traffic.handed_over.push_back({noon, 1, "abuse", "supervisor", true, noon + 30min});
    traffic.acted.push_back({noon + 5min, 1, "claim", "mei"});
    traffic.acted.push_back({noon + 10min, 1, "reply", "mei"});
    traffic.spoken.push_back({noon + 10min, 1, SendPurpose::agent, {}, {}, Traffic::Spoken::End::delivered});
    traffic.given.push_back({noon + 11min, "coupon", "TWD", "mei", 100});
    traffic.given.push_back({noon + 12min, "coupon", "TWD", "mei", 50});
    return traffic;
}

Cell cell(Report const& report, std::size_t row, std::string_view column) {
    auto const found = std::find_if(report.columns.begin(), report.columns.end(), [&](auto const& one) { return one.name == column; });
    return report.rows.at(row).at(static_cast<std::size_t>(found - report.columns.begin()));
}

TEST(Reports, count_what_was_answered_without_a_person_and_how_fast) {
    auto const overview = make_report("overview", one_evening()).value();
    EXPECT_EQ(cell(overview, 0, "messages"), Cell{2.0});
    EXPECT_EQ(cell(overview, 0, "without_human"), Cell{0.5});
    EXPECT_EQ(cell(overview, 0, "first_answer_p90"), Cell{600.0}) << "a line that asks for patience is no answer";
    EXPECT_EQ(cell(overview, 0, "deadlines_kept"), Cell{1.0});
    EXPECT_EQ(cell(overview, 0, "angry"), Cell{0.5});
    auto const answers = make_report("answers", one_evening()).value();
    EXPECT_EQ(cell(answers, 0, "by_bot_median"), Cell{1.0});
    EXPECT_EQ(cell(answers, 0, "by_person_median"), Cell{600.0});
}

TEST(Reports, count_a_deadline_as_missed_only_when_it_has_passed) {
    auto traffic = one_evening();
    traffic.acted.clear();
    auto const missed = make_report("waiting", traffic).value();
    EXPECT_EQ(cell(missed, 0, "deadlines"), Cell{1.0});
    EXPECT_EQ(cell(missed, 0, "kept"), Cell{0.0});
    traffic.query.to = noon + 20min;
    EXPECT_EQ(cell(make_report("waiting", traffic).value(), 0, "deadlines"), Cell{0.0});
}

TEST(Reports, tell_by_template_who_was_angry_or_with_a_person_soon_after) {
    auto traffic = one_evening();
    traffic.heard.push_back({noon + 30min, 0, {true, false, false, false, false}, 0.8});
    auto const templates = make_report("templates", traffic).value();
    ASSERT_EQ(templates.rows.size(), 2u);
    for (std::size_t row = 0; row < 2; ++row) {
        bool const greeting = cell(templates, row, "template") == Cell{std::string{"greeting"}};
        EXPECT_EQ(cell(templates, row, "angry_soon_after"), Cell{greeting ? 1.0 : 0.0});
        EXPECT_EQ(cell(templates, row, "handed_over_soon_after"), Cell{0.0});
    }
}

TEST(Reports, sum_concessions_and_hand_overs) {
    auto const given = make_report("concessions", one_evening()).value();
    ASSERT_EQ(given.rows.size(), 1u);
    EXPECT_EQ(cell(given, 0, "concessions"), Cell{2.0});
    EXPECT_EQ(cell(given, 0, "amount"), Cell{150.0});
    auto const called = make_report("handovers", one_evening()).value();
    EXPECT_EQ(cell(called, 0, "reason"), Cell{std::string{"abuse"}});
    EXPECT_EQ(cell(called, 0, "urgent"), Cell{1.0});
}

TEST(Reports, are_empty_tables_when_nothing_happened) {
    for (auto const name : report_names()) {
        auto const report = make_report(name, Traffic{}).value();
        EXPECT_FALSE(report.columns.empty()) << name;
        for (auto const& row : report.rows) EXPECT_EQ(row.size(), report.columns.size()) << name;
    }
    EXPECT_FALSE(make_report("salaries", Traffic{}));
}

TEST(Reports, begin_days_and_hours_where_the_shop_is) {
    TrafficQuery query{{}, {}, false, {}, "Asia/Taipei"};
    EXPECT_EQ(to_rfc3339(bucket_of(noon, query)), "2026-09-20T16:00:00.000Z");
    query.hourly = true;
    EXPECT_EQ(to_rfc3339(bucket_of(noon, query)), "2026-09-21T14:00:00.000Z");
}

TEST(Csv, runs_no_formula_of_a_customer) {
    for (auto const& [text, written] :
         {std::pair{"=1+1", "'=1+1"}, {"+886", "'+886"}, {"-1", "'-1"}, {"@SUM(A1)", "'@SUM(A1)"}, {"\tx", "'\tx"}, {"plain", "plain"}, {"", ""}})
        EXPECT_EQ(csv_text(text), written);
    EXPECT_EQ(csv_text("=HYPERLINK(\"http://evil\",\"x\")"), "\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\"");
    EXPECT_EQ(csv_text("two\nlines, and a comma"), "\"two\nlines, and a comma\"");
}

TEST(Csv, has_numbers_as_numbers_and_times_as_everybody_reads_them) {
    Report const report{"r",
                        {{"time", "time"}, {"who", "text"}, {"share", "share"}, {"none", "number"}},
                        {{static_cast<double>(to_millis(noon)), std::string{"mei"}, -0.5, Cell{}}}};
    EXPECT_EQ(to_csv(report), "\xef\xbb\xbftime,who,share,none\r\n" + to_rfc3339(noon) + ",mei,-0.5,\r\n");
}

TEST(Workbook, is_a_zip_with_a_sheet_for_each_report) {
    std::vector<Report> reports;
    for (auto const name : report_names()) reports.push_back(make_report(name, one_evening()).value());
    auto const bytes = to_xlsx(reports, "Asia/Taipei");
    ASSERT_TRUE(bytes) << bytes.error().message;
    EXPECT_TRUE(bytes->starts_with("PK"));
    EXPECT_NE(bytes->find("xl/worksheets/sheet8.xml"), std::string::npos);
}

std::string written(std::vector<DiffLine> const& lines) {
    std::string text;
    for (auto const& line : lines) text += std::string{" +-"}.substr(static_cast<std::size_t>(line.kind), 1) + line.text + '\n';
    return text;
}

TEST(TextDiff, shows_what_changed_with_three_lines_around_it) {
    EXPECT_THAT(text_diff("a\nb\n", "a\nb\n"), IsEmpty());
    EXPECT_EQ(written(text_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n")), " 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    EXPECT_EQ(written(text_diff("", "a\nb\n")), "+a\n+b\n");
    EXPECT_EQ(written(text_diff("a\nb\n", "")), "-a\n-b\n");
    EXPECT_EQ(written(text_diff("a\nx\nb\ny\nc\n", "a\nb\nc\n")), " a\n-x\n b\n-y\n c\n") << "as short as can be";
}

TEST(TextDiff, leaves_out_what_lies_between_two_changes_far_apart) {
    std::string before;
    for (int i = 1; i <= 40; ++i) before += std::to_string(i) + '\n';
    std::string after = before;
    after.replace(after.find("5\n"), 1, "five");
    after.replace(after.find("35\n"), 2, "thirty-five");
    auto const lines = text_diff(before, after);
    EXPECT_EQ(lines.size(), 2u * (3 + 2 + 3));
    EXPECT_EQ(lines[3].old_number, 5u);
    EXPECT_EQ(lines.back().new_number, 38u);
}

TEST(TextDiff, takes_texts_that_share_nothing) {
    std::string before, after;
    for (int i = 0; i < 3000; ++i) before += "a" + std::to_string(i) + '\n', after += "b" + std::to_string(i) + '\n';
    EXPECT_EQ(text_diff(before, after).size(), 6000u);
}

}  // namespace
}  // namespace kefu
