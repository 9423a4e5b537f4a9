// SPDX-License-Identifier: Apache-2.0
#include "daemon/catalog_files.hpp"
#include "daemon/write_file.hpp"
#include "tests/support/store_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kefu {
namespace {

std::vector<TrainingSentence> matching(std::vector<TrainingSentence> const& all, std::string_view text) {
    std::vector<TrainingSentence> found;
    std::copy_if(all.begin(), all.end(), std::back_inserter(found), [&](auto const& sentence) { return sentence.text == text; });
    return found;
}

TEST(LoadModel, takes_the_one_built_in_where_the_state_folder_has_none) {
    TemporaryFolder const state;
    auto const model = load_model(state.path());
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_GT(model->sentences(), 10'000U);
}

TEST(LoadModel, does_not_look_into_the_working_directory) {
    TemporaryFolder const folder;
    ASSERT_TRUE(write_file(model_file(folder.path()), "not a model", 0600));
    auto const before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    EXPECT_TRUE(load_model({}));
    std::filesystem::current_path(before);
}

TEST(LoadModel, refuses_a_damaged_file_naming_it) {
    TemporaryFolder const state;
    ASSERT_TRUE(write_file(model_file(state.path()), "kefudlm but no more", 0600));
    auto const model = load_model(state.path());
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().message, model_file(state.path()).string() + ": this is not a kefud model; make it anew with 'kefud train'");
}

TEST(TrainingSentences, of_the_folder_replace_those_built_in_with_the_same_words) {
    auto const built_in = training_sentences({}, {}).value();
    auto const known = std::find_if(built_in.begin(), built_in.end(), [](auto const& sentence) { return sentence.language == "cs" && sentence.labels == 0; });
    ASSERT_NE(known, built_in.end());

    TemporaryFolder const folder;
    auto const line = [](std::string const& text) { return "{\"text\": \"" + text + "\", \"labels\": [\"refund\"]}\n"; };
    ASSERT_EQ(known->text.find_first_of("\"\\"), std::string::npos);
    ASSERT_TRUE(write_file(folder.path() / "intents/examples/cs.shop.jsonl", line(known->text) + line("zcela nova veta"), 0600));
    auto const all = training_sentences(folder.path(), {}).value();
    EXPECT_EQ(all.size(), built_in.size() + 1);
    auto const changed = matching(all, known->text);
    ASSERT_FALSE(changed.empty());
    EXPECT_TRUE(std::any_of(changed.begin(), changed.end(), [](auto const& sentence) { return sentence.labels == label_bit(Label::refund); }));
    EXPECT_EQ(matching(all, "zcela nova veta").size(), 1U);
}

TEST(TrainingSentences, that_are_wrong_are_reported_with_their_place) {
    TemporaryFolder const folder;
    auto const path = folder.path() / "intents/examples/cs.jsonl";
    ASSERT_TRUE(write_file(path, "{\"text\": \"a\"}\n", 0600));
    auto const read = training_sentences(folder.path(), {});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().front().to_string(), path.string() + ":1:1: 'labels' is missing; write [] where no label fits");
}

}  // namespace
}  // namespace kefu
