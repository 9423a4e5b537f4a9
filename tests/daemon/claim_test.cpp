// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/claim_link.hpp"
#include "tests/support/store_support.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace kefu {
namespace {

std::string const key = "0123456789abcdef0123456789abcdef";
Claim const claim{ConversationId{"line-main/U1"}, 3, "supervisor", "cs", noon + claim_life};

TEST(ClaimLink, says_again_what_was_put_in) {
    auto const token = claim_token(claim, key);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos);
    EXPECT_EQ(read_claim(token, key, noon).value(), claim);
}

TEST(ClaimLink, does_not_survive_a_change) {
    auto const token = claim_token(claim, key);
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        if (i + 1 == token.size()) continue;  // its last bits may carry nothing
        EXPECT_FALSE(read_claim(changed, key, noon)) << i;
    }
    EXPECT_FALSE(read_claim(token, "another key, which is as long as it", noon));
    EXPECT_FALSE(read_claim("", key, noon));
    EXPECT_FALSE(read_claim(std::string(100'000, 'A'), key, noon));
}

TEST(ClaimLink, expires) {
    auto const token = claim_token(claim, key);
    EXPECT_TRUE(read_claim(token, key, claim.until));
    EXPECT_EQ(read_claim(token, key, claim.until + std::chrono::milliseconds{1}).error().message, "this link has expired");
}

TEST(ClaimLink, its_key_is_made_once_and_nobody_else_reads_it) {
    TemporaryFolder folder;
    auto const file = folder.path() / "claim.key";
    auto const first = load_claim_key(file);
    EXPECT_EQ(load_claim_key(file).value(), first.value());
    struct ::stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

}  // namespace
}  // namespace kefu
