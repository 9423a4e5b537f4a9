// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/bucket.hpp"
#include "daemon/store/database.hpp"

#include <gtest/gtest.h>

namespace kefu {

TEST(SqlFor, has_what_is_in_brackets_only_for_a_shared_database) {
    constexpr auto sql = "SELECT a FROM t WHERE [bucket = ? AND] id = ? [FOR UPDATE]";
    EXPECT_EQ(sql_for(sql, '$', true), "SELECT a FROM t WHERE bucket = $1 AND id = $2 FOR UPDATE");
    EXPECT_EQ(sql_for(sql, '?', false), "SELECT a FROM t WHERE  id = ?2 ");  // the first parameter is given all the same
}

TEST(SqlFor, keeps_numbered_parameters_and_what_is_quoted) {
    EXPECT_EQ(sql_for("SELECT ?2, ?1 FROM \"a?[b]\" WHERE c = '[?]'", '$', true), "SELECT $2, $1 FROM \"a?[b]\" WHERE c = '[?]'");
    EXPECT_EQ(sql_for("a [I]LIKE ?1 ESCAPE '!'", '?', false), "a LIKE ?1 ESCAPE '!'");
}

/// Rows are found by it for ever.
TEST(BucketOf, never_changes) {
    EXPECT_EQ(stable_hash(""), 0xcbf29ce484222325U);
    EXPECT_EQ(stable_hash("foobar"), 0x85944171f73967e8U);  // from the test vectors of FNV-1a
    EXPECT_EQ(bucket_of("foobar"), 0x3e8);
}

}  // namespace kefu
