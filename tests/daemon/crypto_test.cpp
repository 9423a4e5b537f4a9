// SPDX-License-Identifier: Apache-2.0
#include "daemon/crypto.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kefu {
namespace {

std::string_view text(Digest const& digest) { return {reinterpret_cast<char const*>(digest.data()), digest.size()}; }

TEST(Crypto, hmac_matches_rfc_4231_test_case_2) {
    EXPECT_EQ(hex(text(hmac_sha256("Jefe", "what do ya want for nothing?"))), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, hmac_takes_keys_and_messages_with_nul) { EXPECT_NE(hex(text(hmac_sha256(std::string_view{"a\0b", 3}, "m"))), hex(text(hmac_sha256("a", "m")))); }

struct Base64Case {
    char const* name;
    std::string text;
    std::optional<std::string> bytes;
};
class Base64 : public testing::TestWithParam<Base64Case> {};

TEST_P(Base64, reads_strictly) { EXPECT_EQ(from_base64(GetParam().text), GetParam().bytes); }

INSTANTIATE_TEST_SUITE_P(Texts, Base64,
                         testing::Values(Base64Case{"one_pad", "aGVsbG8=", "hello"}, Base64Case{"two_pads", "aGVsbG8gdw==", "hello w"},
                                         Base64Case{"no_pad", "aGVs", "hel"}, Base64Case{"empty", "", std::nullopt},
                                         Base64Case{"missing_pad", "aGVsbG8", std::nullopt}, Base64Case{"url_alphabet", "-_-_", std::nullopt},
                                         Base64Case{"white_space", "aGVs bG8=", std::nullopt}, Base64Case{"trailing_line_end", "aGVsbG8\n", std::nullopt},
                                         Base64Case{"pad_in_the_middle", "aG=sbG8=", std::nullopt}, Base64Case{"three_pads", "a===", std::nullopt}),
                         [](auto const& test) { return std::string{test.param.name}; });

TEST(Crypto, base64_round_trips_every_length) {
    std::string bytes;
    for (int i = 1; i < 70; ++i) {
        bytes += static_cast<char>(i * 37);
        EXPECT_EQ(from_base64(base64(bytes)), bytes);
    }
}

TEST(Crypto, secrets_of_different_length_are_unequal) {
    EXPECT_TRUE(same_secret("abc", "abc"));
    EXPECT_FALSE(same_secret("abc", "abcd"));
    EXPECT_FALSE(same_secret("abc", "abd"));
    EXPECT_TRUE(same_secret("", ""));
}

TEST(Crypto, a_uuid_is_the_same_for_the_same_name_and_has_its_version) {
    std::string const uuid = uuid_from("line-main/U1#7");
    EXPECT_EQ(uuid, uuid_from("line-main/U1#7"));
    EXPECT_NE(uuid, uuid_from("line-main/U1#8"));
    ASSERT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid[14], '8');
    EXPECT_NE(std::string{"89ab"}.find(uuid[19]), std::string::npos);
}

TEST(Crypto, random_ids_do_not_repeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random_id()).second);
}

}  // namespace
}  // namespace kefu
