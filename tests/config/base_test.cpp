// SPDX-License-Identifier: Apache-2.0
#include "config/base/result.hpp"
#include "config/base/strong_id.hpp"
#include "config/base/timestamp.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

namespace kefu {
namespace {

TEST(Error, says_where_as_far_as_it_is_known) {
    EXPECT_EQ((Error{Errc::bad_config, "wrong", SourceLocation{"a.yaml", 12, 9}}.to_string()), "a.yaml:12:9: wrong");
    EXPECT_EQ((Error{Errc::bad_config, "wrong", SourceLocation{"a.yaml", 12, 0}}.to_string()), "a.yaml:12: wrong");
    EXPECT_EQ((Error{Errc::bad_config, "wrong", SourceLocation{"a.yaml", 0, 0}}.to_string()), "a.yaml: wrong");
    EXPECT_EQ((Error{Errc::timed_out, "late"}.to_string()), "late");
}

TEST(Result, value_of_an_error_throws_its_text) {
    Result<int> const one = Error{Errc::not_found, "no such order"};
    Checked<int> const several = Errors{{Errc::bad_config, "first", {}}, {Errc::bad_config, "second", SourceLocation{"f", 2, 1}}};
    auto const thrown = [](auto const& result) {
        try {
            (void)result.value();
        } catch (std::exception const& e) {
            return std::string{e.what()};
        }
        return std::string{"nothing"};
    };
    EXPECT_EQ(thrown(one), "no such order");
    EXPECT_EQ(thrown(several), "first\nf:2:1: second");
}

TEST(StrongId, is_compared_and_hashed_by_its_text) {
    std::unordered_set<ChannelId> const ids{ChannelId{"a"}, ChannelId{"b"}, ChannelId{"a"}};
    EXPECT_EQ(ids.size(), 2u);
    EXPECT_LT(ChannelId{"a"}, ChannelId{"b"});
    static_assert(!std::is_convertible_v<ChannelId, MessageId>);
}

TEST(Timestamp, is_read_with_any_offset_and_fraction) {
    auto const noon = from_millis(1'795'003'200'000);
    EXPECT_EQ(to_rfc3339(noon), "2026-11-18T12:00:00.000Z");
    for (char const* text :
         {"2026-11-18T12:00:00Z", "2026-11-18t12:00:00z", "2026-11-18T20:00:00+08:00", "2026-11-18T07:30:00.0009-04:30", "2026-11-18 12:00:00.000Z"})
        EXPECT_EQ(from_rfc3339(text), noon) << text;
    EXPECT_EQ(from_rfc3339("2026-11-18T12:00:00.25Z"), noon + std::chrono::milliseconds{250});
    EXPECT_EQ(from_rfc3339("1969-12-31T23:59:59.999Z"), from_millis(-1));
    EXPECT_EQ(to_rfc3339(from_millis(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Timestamp, is_nothing_when_malformed) {
    for (char const* text : {"", "2026-11-18", "2026-02-29T00:00:00Z", "2026-11-18T24:00:00Z", "2026-11-18T12:60:00Z", "2026-11-18T12:00:00",
                             "2026-11-18T12:00:00.Z", "2026-11-18T12:00:00+0800", "2026-11-18T12:00:00Zx", "2026-13-01T00:00:00Z", "12026-11-18T12:00:00Z"})
        EXPECT_EQ(from_rfc3339(text), std::nullopt) << text;
}

}  // namespace
}  // namespace kefu
