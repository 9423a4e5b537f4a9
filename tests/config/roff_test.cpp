// SPDX-License-Identifier: Apache-2.0
#include "config/roff.hpp"

#include "config/schema.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

TEST(Roff, text_stands_as_it_is) {
    EXPECT_EQ(roff_text("a-b 'c' `d` ~e^ \\bf"), "a\\-b \\(aqc\\(aq \\(gad\\(ga \\(tie\\(ha \\ebf");
    EXPECT_EQ(roff_text("two\nlines"), "two lines");
    EXPECT_EQ(roff_text("包裹"), "包裹");
}

TEST(Roff, a_line_is_never_a_request) {
    EXPECT_EQ(roff_text(".so /etc/passwd"), "\\&.so /etc/passwd");
    EXPECT_EQ(roff_text("'so x"), "\\(aqso x");
}

TEST(SettingsManual, has_every_section_and_says_what_is_required) {
    auto const page = settings_manual("1.2.3");
    EXPECT_NE(page.find(".TH KEFUD.YAML 5 \"\" \"kefud 1.2.3\""), std::string::npos);
    EXPECT_NE(page.find(".SS listen.limits\n"), std::string::npos);
    EXPECT_NE(page.find("\\fBmax_body\\fR: \\fIsize\\fR\nlargest request body; more is answered with 413 (1KiB to 256MiB). Default: 1MiB.\n"),
              std::string::npos);
    EXPECT_NE(page.find("\\fBtoken\\fR: \\fIsecret\\fR\nsigns in to the API (Authorization: Bearer). Required.\n"), std::string::npos);
}

}  // namespace
}  // namespace kefu
