// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kefu {
namespace {

class Secrets : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = std::filesystem::temp_directory_path() / "kefud-secrets-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        ::setenv("CREDENTIALS_DIRECTORY", name.c_str(), 1);
    }
    void TearDown() override {
        ::unsetenv("CREDENTIALS_DIRECTORY");
        ::unsetenv("KEFUD_TEST_SECRET");
        std::filesystem::remove_all(folder_);
    }

    std::string write(std::string const& name, std::string const& text) const {
        std::ofstream{folder_ / name, std::ios::binary} << text;
        return "file:" + (folder_ / name).string();
    }

    static std::string error_of(std::string const& reference) {
        auto const secret = read_secret(reference);
        return secret ? "none" : secret.error().message;
    }

    std::filesystem::path folder_;
};

TEST_F(Secrets, from_a_file_lose_one_line_end) {
    EXPECT_EQ(read_secret(write("a", "hush")).value(), "hush");
    EXPECT_EQ(read_secret(write("b", "hush\n")).value(), "hush");
    EXPECT_EQ(read_secret(write("c", "hush\r\n")).value(), "hush");
    EXPECT_EQ(read_secret(write("d", " hush \n\n")).value(), " hush \n");
}

TEST_F(Secrets, come_from_the_environment_and_from_systemd) {
    ::setenv("KEFUD_TEST_SECRET", "from env", 1);
    write("token", "from systemd\n");
    EXPECT_EQ(read_secret("env:KEFUD_TEST_SECRET").value(), "from env");
    EXPECT_EQ(read_secret("credential:token").value(), "from systemd");
}

TEST_F(Secrets, come_from_the_folder_that_systemd_passes_as_secrets) {
    write("secrets_token", "from the folder");
    EXPECT_EQ(read_secret("credential:token").value(), "from the folder");
    write("token", "alone");
    EXPECT_EQ(read_secret("credential:token").value(), "alone");
}

TEST_F(Secrets, come_from_that_folder_itself_outside_of_systemd) {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    write("token", "in a shell");
    EXPECT_EQ(read_secret("credential:token", folder_).value(), "in a shell");
    auto const missing = read_secret("credential:none", folder_);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().message, "cannot read the secret credential:none (" + (folder_ / "none").string() + "): No such file or directory");
}

TEST_F(Secrets, errors_say_what_to_do) {
    std::string const missing = "file:" + (folder_ / "none").string();
    EXPECT_EQ(error_of(missing), "cannot read the secret " + missing + ": No such file or directory");
    EXPECT_EQ(error_of("file:" + folder_.string()), "cannot read the secret file:" + folder_.string() + ": Is a directory");
    EXPECT_EQ(error_of("file:relative"), "the secret file:relative needs an absolute path, such as file:/etc/kefud/secret");
    std::string const empty = write("empty", "\n");
    EXPECT_EQ(error_of(empty), "the secret " + empty + " is empty");
    std::string const large = write("large", std::string(70'000, 'x'));
    EXPECT_EQ(error_of(large), "the secret " + large + " is larger than 64 KiB; is it the right file?");
    EXPECT_EQ(error_of("env:KEFUD_TEST_SECRET"), "the environment variable KEFUD_TEST_SECRET is not set");
    EXPECT_EQ(error_of("credential:../x"), "the secret credential:../x needs a plain name, such as credential:line-token");
    EXPECT_EQ(error_of("credential:.."), "the secret credential:.. needs a plain name, such as credential:line-token");
    EXPECT_EQ(error_of("credential:none"),
              "systemd did not pass the secret credential:none: put it into the folder `secrets` beside kefud.yaml and restart kefud");
    EXPECT_EQ(error_of("hush"), "a secret is file:/path, env:NAME or credential:NAME");
    ::unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_EQ(error_of("credential:x"), "the secret credential:x comes from systemd (LoadCredential=x:/path), but $CREDENTIALS_DIRECTORY is not set");
}

TEST(Secret, is_never_printed) {
    std::ostringstream out;
    out << Secret{"hush"} << ' ' << Secret{};
    EXPECT_EQ(out.str(), "(secret) (no secret)");
    EXPECT_EQ(testing::PrintToString(Secret{"hush"}), "(secret)");
}

}  // namespace
}  // namespace kefu
