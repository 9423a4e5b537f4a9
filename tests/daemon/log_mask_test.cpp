// SPDX-License-Identifier: Apache-2.0
#include "daemon/log.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <limits>
#include <string>

namespace kefu {
namespace {

struct MaskCase {
    char const* text;
    char const* expected;
};
class MaskPersonal : public testing::TestWithParam<MaskCase> {};

TEST_P(MaskPersonal, hides_what_points_to_a_person) { EXPECT_EQ(mask_personal(GetParam().text), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(Hidden, MaskPersonal,
                         testing::Values(MaskCase{"0912345678", "***78"}, MaskCase{"+886 912 345 678", "***78"}, MaskCase{"+420 (602) 123-456.", "***56."},
                                         MaskCase{"call 0912-345-678 now", "call ***78 now"}, MaskCase{"電話0912345678謝謝", "電話***78謝謝"},
                                         MaskCase{"０９１２３４５６７８", "***７８"}, MaskCase{"whatsapp/886912345678#3", "whatsapp/***78#3"},
                                         MaskCase{"TW20240506123", "***23"}, MaskCase{"RR-123456789TW", "***TW"}, MaskCase{"444573844083572737", "***37"},
                                         MaskCase{"4111 1111 1111 1111", "***11"}, MaskCase{"jana.novak+eshop@example.co.uk", "***"},
                                         MaskCase{"<a@b.cz>, 客服c_d@e.com。", "<***>, 客服***。"}, MaskCase{"0912345678@example.com", "***"}));

INSTANTIATE_TEST_SUITE_P(Shown, MaskPersonal,
                         testing::Values(MaskCase{"", ""}, MaskCase{"line-main", "line-main"}, MaskCase{"port 18443", "port 18443"},
                                         MaskCase{"line-main/U4af4980629d2bd3ab1c0f5e1a2b3c4d5", "line-main/U4af4980629d2bd3ab1c0f5e1a2b3c4d5"},
                                         MaskCase{"550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"},
                                         MaskCase{"2026-11-22T08:30:00.123Z", "2026-11-22T08:30:00.123Z"}, MaskCase{"2026-11-22", "2026-11-22"},
                                         MaskCase{"no answer from 203.0.113.77:8080 in 10000 ms", "no answer from 203.0.113.77:8080 in 10000 ms"},
                                         MaskCase{"/hooks/line-main", "/hooks/line-main"}, MaskCase{"a@b", "a@b"}, MaskCase{"@", "@"}, MaskCase{"退款", "退款"},
                                         MaskCase{"\xff\xfe", "\xEF\xBF\xBD\xEF\xBF\xBD"}));

std::string logged(LogSettings const& settings, void (*log)(std::string_view, LogFields), LogFields fields) {
    testing::internal::CaptureStderr();
    start_logging(settings);
    log("reply_sent", fields);
    start_logging({});
    return testing::internal::GetCapturedStderr();
}

TEST(Log, writes_a_line_of_text) {
    auto const line = logged({}, log_info, {{"channel", "line-main"}, {"count", 3}, {"share", 0.5}, {"ok", true}, {"why", "a \"b\"\nc"}, {"none", ""}});
    ASSERT_GT(line.size(), 24U);
    EXPECT_EQ(line.substr(10, 1) + line.substr(19, 1) + line.substr(23, 1), "T.Z") << line;
    EXPECT_EQ(line.substr(24), " info  reply_sent channel=line-main count=3 share=0.5 ok=true why=\"a \\\"b\\\"\\nc\" none=\"\"\n");
}

TEST(Log, writes_a_line_of_json) {
    auto const line = logged({.level = LogLevel::info, .format = LogFormat::json, .mask = true}, log_warn,
                             {{"phone", "0912345678"}, {"count", -3}, {"share", std::numeric_limits<double>::quiet_NaN()}, {"raw", std::string{"a\xff"}}});
    auto const object = boost::json::parse(line).as_object();
    EXPECT_EQ(object.at("level"), "warn");
    EXPECT_EQ(object.at("event"), "reply_sent");
    EXPECT_EQ(object.at("phone"), "***78");
    EXPECT_EQ(object.at("count"), -3);
    EXPECT_TRUE(object.at("share").is_null());
    EXPECT_EQ(object.at("raw"), "a\xEF\xBF\xBD");
    EXPECT_EQ(object.at("time").as_string().size(), 24U);
}

TEST(Log, masks_unless_told_not_to) {
    EXPECT_NE(logged({}, log_error, {{"to", "0912345678"}}).find("to=***78\n"), std::string::npos);
    EXPECT_NE(logged({.level = LogLevel::info, .format = LogFormat::text, .mask = false}, log_error, {{"to", "0912345678"}}).find("to=0912345678\n"),
              std::string::npos);
}

TEST(Log, leaves_out_what_is_below_the_level) {
    EXPECT_EQ(logged({}, log_debug, {}), "");
    EXPECT_EQ(logged({.level = LogLevel::error, .format = LogFormat::text, .mask = true}, log_warn, {}), "");
    EXPECT_NE(logged({.level = LogLevel::debug, .format = LogFormat::text, .mask = true}, log_debug, {}), "");
}

}  // namespace
}  // namespace kefu
