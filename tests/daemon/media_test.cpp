// SPDX-License-Identifier: Apache-2.0
#include "daemon/media.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/store_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <regex>

namespace kefu {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;

std::string name_of(std::string const& conversation, std::string const& message, std::string_view type = "image/jpeg", std::string const& url = {}) {
    Attachment attachment;
    attachment.url = url;
    return media_file_name(ConversationId{conversation}, MessageId{message}, attachment, type);
}

TEST(MediaFileName, is_a_hash_in_one_of_256_folders_and_always_the_same) {
    static std::regex const shape{"([0-9a-f]{2})/\\1[0-9a-f]{30}\\.jpg"};
    EXPECT_TRUE(std::regex_match(name_of("line/U1", "5"), shape)) << name_of("line/U1", "5");
    EXPECT_EQ(name_of("line/U1", "5"), name_of("line/U1", "5"));
    EXPECT_NE(name_of("line/U1", "5"), name_of("line/U1", "6"));
    EXPECT_NE(name_of("line/U1", "5"), name_of("line/U2", "5"));
}

// Two photos in one message used to get one name, so that the second replaced the first.
TEST(MediaFileName, differs_for_each_photo_of_a_message) {
    EXPECT_NE(name_of("web/c1", "5", "image/jpeg", "https://example.com/a.jpg"), name_of("web/c1", "5", "image/jpeg", "https://example.com/b.jpg"));
}

TEST(MediaFileName, holds_nothing_that_the_customer_chose) {
    static std::regex const shape{"[0-9a-f]{2}/[0-9a-f]{32}\\.(jpg|bin)"};
    for (char const* hostile : {"../../etc/passwd", "/etc/passwd", "..", "", "%2e%2e/", "名前"}) {
        EXPECT_TRUE(std::regex_match(name_of(hostile, hostile), shape)) << hostile;
        EXPECT_TRUE(std::regex_match(name_of("c", "m", hostile, hostile), shape)) << hostile;
    }
}

TEST(MediaFileName, ends_as_the_content_type_says) {
    for (auto const& [type, ending] : {std::pair{"image/jpeg", ".jpg"},
                                       {"image/png", ".png"},
                                       {"image/gif", ".gif"},
                                       {"image/webp", ".webp"},
                                       {"video/mp4", ".mp4"},
                                       {"audio/mpeg", ".mp3"},
                                       {"audio/x-m4a", ".m4a"},
                                       {"audio/mp4", ".m4a"},
                                       {"application/pdf", ".pdf"},
                                       {"image/jpeg; charset=binary", ".jpg"},
                                       {"text/html", ".bin"},
                                       {"image/svg+xml", ".bin"},
                                       {"", ".bin"}})
        EXPECT_THAT(name_of("c", "m", type), EndsWith(ending)) << type;
}

TEST(SaveMedia, makes_the_folders_and_a_file_that_only_we_may_read) {
    TemporaryFolder const folder;
    std::string const bytes{"\xff\xd8\0photo", 8};
    ASSERT_TRUE((SaveMedia{folder.path() / "media", "ab/abcd.jpg", bytes}()).has_value());
    fs::path const file = folder.path() / "media/ab/abcd.jpg";
    EXPECT_EQ(read_text(file), bytes);
    EXPECT_FALSE(fs::exists(folder.path() / "media/ab/abcd.jpg.part"));
    EXPECT_EQ(fs::status(file).permissions() & fs::perms::all, fs::perms::owner_read | fs::perms::owner_write);
}

TEST(SaveMedia, replaces_a_file_and_what_a_crash_left_half_written) {
    TemporaryFolder const folder;
    fs::create_directories(folder.path() / "ab");
    std::ofstream{folder.path() / "ab/x.jpg"} << "old";
    std::ofstream{folder.path() / "ab/x.jpg.part"} << "half of a much longer photo";
    ASSERT_TRUE((SaveMedia{folder.path(), "ab/x.jpg", "new"}()).has_value());
    EXPECT_EQ(read_text(folder.path() / "ab/x.jpg"), "new");
    EXPECT_FALSE(fs::exists(folder.path() / "ab/x.jpg.part"));
}

TEST(SaveMedia, takes_an_empty_file) {
    TemporaryFolder const folder;
    ASSERT_TRUE((SaveMedia{folder.path(), "ab/x.bin", ""}()).has_value());
    EXPECT_EQ(fs::file_size(folder.path() / "ab/x.bin"), 0u);
}

TEST(SaveMedia, says_which_folder_it_cannot_make) {
    TemporaryFolder const folder;
    std::ofstream{folder.path() / "media"} << "a file where a folder should be";
    auto const saved = SaveMedia{folder.path() / "media", "ab/x.jpg", "bytes"}();
    ASSERT_TRUE(saved.has_error());
    EXPECT_EQ(saved.error().code, Errc::environment);
    EXPECT_THAT(saved.error().message, HasSubstr((folder.path() / "media/ab").string()));
}

TEST(SaveMedia, says_which_file_it_cannot_make) {
    TemporaryFolder const folder;
    fs::create_directories(folder.path() / "ab/x.jpg.part");
    auto const saved = SaveMedia{folder.path(), "ab/x.jpg", "bytes"}();
    ASSERT_TRUE(saved.has_error());
    EXPECT_EQ(saved.error().message, (folder.path() / "ab/x.jpg.part").string() + ": cannot be created: Is a directory");
}

TEST(DeleteMedia, removes_the_file_and_does_not_mind_one_that_is_gone) {
    TemporaryFolder const folder;
    ASSERT_TRUE((SaveMedia{folder.path(), "ab/x.jpg", "bytes"}()).has_value());
    DeleteMedia const remove{folder.path(), "ab/x.jpg"};
    EXPECT_TRUE(remove().has_value());
    EXPECT_FALSE(fs::exists(folder.path() / "ab/x.jpg"));
    EXPECT_TRUE(remove().has_value());
}

TEST(DeleteMedia, says_what_it_cannot_remove) {
    TemporaryFolder const folder;
    fs::create_directories(folder.path() / "ab/x.jpg/inside");
    auto const removed = DeleteMedia{folder.path(), "ab/x.jpg"}();
    ASSERT_TRUE(removed.has_error());
    EXPECT_EQ(removed.error().code, Errc::environment);
    EXPECT_THAT(removed.error().message, HasSubstr("ab/x.jpg"));
}

}  // namespace
}  // namespace kefu
