// SPDX-License-Identifier: Apache-2.0
#include "daemon/write_file.hpp"
#include "tests/support/store_support.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace kefu {
namespace {

namespace fs = std::filesystem;

std::string content(fs::path const& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

TEST(WriteFile, makes_the_folder_and_replaces_what_was_there) {
    TemporaryFolder const folder;
    auto const path = folder.path() / "new" / "file";
    ASSERT_TRUE(write_file(path, "first", 0640));
    ASSERT_TRUE(write_file(path, std::string("se\0cond", 7), 0600));
    EXPECT_EQ(content(path), std::string("se\0cond", 7));
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(std::distance(fs::directory_iterator{path.parent_path()}, fs::directory_iterator{}), 1) << "no temporary file is left";
}

TEST(WriteFile, that_fails_says_why_and_leaves_nothing_behind) {
    TemporaryFolder const folder;
    fs::create_directories(folder.path() / "taken" / "full");
    auto const failed = write_file(folder.path() / "taken", "x", 0600);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::environment);
    EXPECT_NE(failed.error().message.find("taken: cannot be replaced"), std::string::npos) << failed.error().message;
    EXPECT_EQ(std::distance(fs::directory_iterator{folder.path()}, fs::directory_iterator{}), 1);
}

}  // namespace
}  // namespace kefu
