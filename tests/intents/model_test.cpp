// SPDX-License-Identifier: Apache-2.0
#include "intents/model.hpp"
#include "intents/features.hpp"
#include "intents/training.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace kefu {
namespace {

std::vector<std::string> features_of(std::string_view text) {
    std::vector<std::string> all;
    auto const normalized = normalize(text);
    for_each_feature(text, normalized, "en",
                     [&](std::uint64_t, features::Span span) { all.push_back(normalized.text.substr(span.start, span.end - span.start)); });
    return all;
}

std::vector<std::uint64_t> hashes_of(std::string_view text, std::string_view language) {
    std::vector<std::uint64_t> all;
    for_each_feature(text, normalize(text), language, [&](std::uint64_t feature, features::Span) { all.push_back(feature); });
    return all;
}

bool has(std::vector<std::string> const& all, std::string const& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

TEST(Features, are_characters_in_a_row_words_and_pairs_of_words) {
    auto const latin = features_of("kde je balik");
    for (auto const* one : {"kde", "je b", "balik", "kde je", "je balik"}) EXPECT_TRUE(has(latin, one)) << one;
    EXPECT_FALSE(has(latin, "kde je balik"));
    auto const chinese = features_of("我要退款");
    for (auto const* one : {"我", "退款", "要退款"}) EXPECT_TRUE(has(chinese, one)) << one;
    EXPECT_FALSE(has(chinese, "我要退款"));
}

TEST(Features, do_not_run_across_scripts_and_take_all_digits_for_one) {
    EXPECT_FALSE(has(features_of("退ok款"), "退o"));
    EXPECT_EQ(hashes_of("order 12", "en"), hashes_of("order 97", "en"));
}

TEST(Features, leave_order_and_phone_numbers_out) {
    for (auto const* with : {"10514410 where is it", "where is 10514410 it"}) EXPECT_EQ(hashes_of(with, "en"), hashes_of("where is it", "en")) << with;
    EXPECT_EQ(hashes_of("10514410", "en"), hashes_of("", "en"));
    EXPECT_EQ(hashes_of("我要退款10514410", "zh-Hans"), hashes_of("我要退款", "zh-Hans"));
    EXPECT_NE(hashes_of("in 1234 days", "en"), hashes_of("in days", "en")) << "short ones are amounts and days";
}

TEST(Features, of_vietnamese_tell_words_apart_that_differ_in_their_marks_only) {
    EXPECT_NE(hashes_of("dùng", "vi"), hashes_of("đúng", "vi"));
    EXPECT_EQ(hashes_of("DÙNG", "vi"), hashes_of("du\u0300ng", "vi")) << "in either case and however composed";
    EXPECT_EQ(hashes_of("\u1ec7", "vi"), hashes_of("\u00ea\u0323", "vi")) << "in either order";
    auto const marked = hashes_of("dùng", "vi");
    for (auto const plain : hashes_of("dung", "vi")) EXPECT_EQ(std::count(marked.begin(), marked.end(), plain), 1) << "people write without them too";
}

std::vector<TrainingSentence> some_sentences() {
    std::vector<TrainingSentence> all;
    for (int i = 0; i < 40; ++i) {
        auto const n = std::to_string(i * 7919 % 997);
        all.push_back({"please give me my money back " + n + " now", "en", label_bit(Label::refund)});
        all.push_back({"where is parcel number " + n + " today", "en", label_bit(Label::tracking)});
        all.push_back({"the colour " + n + " looks lovely", "en", 0});
        all.push_back({"请把钱退给我" + n, "zh-Hans", label_bit(Label::refund)});
        all.push_back({"包裹" + n + "到哪了", "zh-Hans", label_bit(Label::tracking)});
    }
    return all;
}

Model loaded(std::string const& bytes) {
    auto const owner = std::make_shared<std::string const>(bytes);
    return Model::from_bytes(*owner, owner).value();
}

constexpr auto refund = static_cast<std::size_t>(Label::refund);
constexpr auto tracking = static_cast<std::size_t>(Label::tracking);

TEST(Training, learns_what_the_sentences_say) {
    auto const model = loaded(Model::to_bytes(train_model(some_sentences()).parts));
    auto const english = model.score("give me the money back please", normalize("give me the money back please"), "en");
    EXPECT_GT(english.labels[refund], 0);
    EXPECT_LT(english.labels[tracking], 0);
    EXPECT_GT(model.score("包裹到哪了", normalize("包裹到哪了"), "zh-Hans").labels[tracking], 0);
    EXPECT_LT(model.score("looks lovely", normalize("looks lovely"), "en").labels[refund], 0);
    EXPECT_EQ(model.sentences(), 200U);
}

TEST(Training, gives_the_same_bytes_for_the_same_sentences) {
    EXPECT_TRUE(Model::to_bytes(train_model(some_sentences()).parts) == Model::to_bytes(train_model(some_sentences()).parts));
}

TEST(Training, takes_an_example_only_for_the_labels_it_decides) {
    auto sentences = some_sentences();
    for (int i = 0; i < 30; ++i) sentences.push_back({"where is my money back", "en", label_bit(Label::tracking), label_bit(Label::tracking)});
    auto const scores = loaded(Model::to_bytes(train_model(sentences).parts)).score("where is my money back", normalize("where is my money back"), "en");
    EXPECT_GT(scores.labels[tracking], 0);
    EXPECT_GT(scores.labels[refund], 0) << "nobody said it is no refund";
}

TEST(Training, of_few_or_one_sided_sentences_still_gives_a_model) {
    auto const model = loaded(Model::to_bytes(train_model({{"hello", "en", 0}}).parts));
    for (auto const score : model.score("hello", normalize("hello"), "en").labels) EXPECT_LT(score, 0);
    EXPECT_TRUE(std::isfinite(loaded(Model::to_bytes(train_model({}).parts)).score("", normalize(""), "xx").labels[0]));
}

TEST(Training, tells_topics_apart_and_does_not_take_a_near_miss_for_one) {
    auto sentences = some_sentences();
    for (auto& sentence : sentences) {
        if ((sentence.labels & label_bit(Label::refund)) != 0) sentence.topic = "refund_request";
        if ((sentence.labels & label_bit(Label::tracking)) != 0) sentence.topic = "where_is_order";
        if (sentence.labels == 0) sentence.topic = "other";
    }
    for (int i = 0; i < 40; ++i) {
        auto const n = std::to_string(i * 7919 % 997);
        sentences.push_back({"the size " + n + " is too small", "en", 0, all_labels, 1, "size"});
        sentences.push_back({"a small present " + n + " for you", "en", 0, all_labels, 1, "size", true});
    }
    auto const model = loaded(Model::to_bytes(train_model(sentences, {"refund_request", "size", "where_is_order", "invoice"}).parts));
    EXPECT_EQ(model.topic_names(), (std::vector<std::string>{"refund_request", "size", "where_is_order"})) << "nobody wrote about invoices";
    auto const topics_of = [&](std::string_view text) { return model.score(text, normalize(text), "en").topics; };
    EXPECT_GT(topics_of("money back please")[0], 0);
    EXPECT_GT(topics_of("is the size too small")[1], 0);
    EXPECT_LT(topics_of("a small present")[1], 0);
    EXPECT_GT(topics_of("where is my parcel")[2], 0);
    EXPECT_LT(topics_of("where is my parcel")[0], 0);
}

TEST(Model, explains_which_words_spoke_for_a_label) {
    auto const model = loaded(Model::to_bytes(train_model(some_sentences()).parts));
    auto const all = model.contributions("money back", normalize("money back"), "en");
    auto const best = std::max_element(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.shares[refund] < b.shares[refund]; });
    ASSERT_NE(best, all.end());
    EXPECT_GT(best->shares[refund], 0);
    EXPECT_NE(std::string{"money back"}.find(best->text), std::string::npos);
}

TEST(Model, refuses_files_that_are_none_damaged_or_of_another_version) {
    auto const good = Model::to_bytes(train_model(some_sentences()).parts);
    auto const refused = [](std::string const& bytes) {
        auto const model = Model::from_bytes(bytes);
        return model ? std::string{"taken"} : model.error().message;
    };
    EXPECT_EQ(refused(""), "this is not a kefud model; make it anew with 'kefud train'");
    EXPECT_EQ(refused(std::string(5000, 'x')), "this is not a kefud model; make it anew with 'kefud train'");
    EXPECT_EQ(refused(good.substr(0, good.size() - 1)), "the model is cut off; make it anew with 'kefud train'");
    EXPECT_EQ(refused(good.substr(0, 80)), "the model is cut off; make it anew with 'kefud train'");
    auto damaged = good;
    damaged[good.size() / 2] ^= 1;
    EXPECT_EQ(refused(damaged), "the model is damaged: its checksum does not fit; make it anew with 'kefud train'");
    auto foreign = good;
    foreign[8] = 9;
    EXPECT_EQ(refused(foreign), "the model is of format 9, this kefud reads format 4; make it anew with 'kefud train'");
    EXPECT_LE(good.size(), std::size_t{4} << 20);
}

}  // namespace
}  // namespace kefu
