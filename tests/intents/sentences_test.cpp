// SPDX-License-Identifier: Apache-2.0
#include "intents/sentences.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

std::string first_error(std::string line) {
    Errors errors;
    read_sentences({"examples/cs.shop.jsonl", "{\"text\":\"ok\",\"labels\":[]}\n" + line + "\n"}, errors);
    return errors.empty() ? "" : errors.front().to_string();
}

TEST(Sentences, are_read_with_their_labels_and_the_files_language) {
    Errors errors;
    auto const sentences = read_sentences({"examples/zh-Hant.shop.jsonl", R"({"text":"退款啦","labels":["anger","refund"],"topic":"refund_request","hard":true}

{"text":"hi","labels":[],"lang":"en"}
)"},
                                          errors);
    EXPECT_TRUE(errors.empty());
    ASSERT_EQ(sentences.size(), 2U);
    EXPECT_EQ(sentences[0].text, "退款啦");
    EXPECT_EQ(sentences[0].language, "zh-Hant");
    EXPECT_EQ(sentences[0].labels, label_bit(Label::anger) | label_bit(Label::refund));
    EXPECT_EQ(sentences[0].judged, all_labels);
    EXPECT_EQ(sentences[1].language, "en");
}

TEST(Sentences, that_are_wrong_are_errors_with_their_place) {
    EXPECT_EQ(first_error(R"({"text":"a","labels":["refnud"]})"),
              "examples/cs.shop.jsonl:2:23: unknown label 'refnud' (did you mean 'refund'?); expected anger, tracking, refund, cancel or human");
    EXPECT_EQ(first_error(R"({"text":"a","labels":[],"tpic":"x"})"), "examples/cs.shop.jsonl:2:25: unknown key 'tpic' (did you mean 'topic'?)");
    EXPECT_EQ(first_error(R"({"text":"a"})"), "examples/cs.shop.jsonl:2:1: 'labels' is missing; write [] where no label fits");
    EXPECT_EQ(first_error(R"({"text":"","labels":[]})"), "examples/cs.shop.jsonl:2:2: 'text' is a string that is not empty");
    EXPECT_EQ(first_error(R"(["a"])"), "examples/cs.shop.jsonl:2:1: expected an object: {\"text\": \"...\", \"labels\": [...]}");
    EXPECT_NE(first_error(R"({"text":"žluť" oops})").find("examples/cs.shop.jsonl:2:16: not a JSON object on one line"), std::string::npos)
        << first_error(R"({"text":"žluť" oops})");
}

}  // namespace
}  // namespace kefu
