// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kefu {
namespace {

TEST(DidYouMean, finds_slips_of_the_pen) {
    std::vector<std::string> const keys{"timeout", "quiet_window", "id", "max_body", "max_header"};
    EXPECT_EQ(did_you_mean("tiemout", keys), " (did you mean 'timeout'?)");
    EXPECT_EQ(did_you_mean("timeouts", keys), " (did you mean 'timeout'?)");
    EXPECT_EQ(did_you_mean("Quiet-Window", keys), " (did you mean 'quiet_window'?)");
    EXPECT_EQ(did_you_mean("quietWindow", keys), " (did you mean 'quiet_window'?)");
    EXPECT_EQ(did_you_mean("max_boddy", keys), " (did you mean 'max_body'?)");
    EXPECT_EQ(did_you_mean("ID", keys), " (did you mean 'id'?)");
}

TEST(DidYouMean, is_silent_when_nothing_is_near) {
    std::vector<std::string> const keys{"timeout", "id"};
    EXPECT_EQ(did_you_mean("colour", keys), "");
    EXPECT_EQ(did_you_mean("", keys), "");
    EXPECT_EQ(did_you_mean("timeout", {}), "");
    EXPECT_EQ(did_you_mean(std::string(100'000, 'x'), keys), "");
}

}  // namespace
}  // namespace kefu
