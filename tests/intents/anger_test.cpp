// SPDX-License-Identifier: Apache-2.0
#include "intents/anger.hpp"

#include <gtest/gtest.h>

namespace kefu {
namespace {

constexpr double threshold = 0.5;
Intensity const calm{};
Intensity loud() { return normalize("THIS IS A JOKE!!!!").intensity; }

struct Verdict {
    double score;
    Anger anger;
};
Verdict judge(std::vector<AngerSign> const& signs, Intensity const& intensity) {
    auto const score = anger_score(signs, intensity);
    return {score, judge_anger(signs, intensity, score, threshold)};
}

TEST(Anger, needs_something_angry_however_loud_the_text) {
    auto const verdict = judge({}, loud());
    EXPECT_EQ(verdict.score, 0);
    EXPECT_EQ(verdict.anger, Anger{});
}

TEST(Anger, keeps_a_polite_threat_at_its_level) {
    auto const verdict = judge({{AngerKind::threat_agency, 0.7, 0.9}}, calm);
    EXPECT_DOUBLE_EQ(verdict.anger.level, 0.7);
    EXPECT_EQ(verdict.anger.kinds, std::vector{AngerKind::threat_agency});
}

TEST(Anger, is_raised_by_loudness_and_by_further_signs) {
    AngerSign const insult{AngerKind::insult, 0.85, 0.9};
    AngerSign const threat{AngerKind::threat_media, 0.7, 0.9};
    auto const one = judge({insult}, calm);
    EXPECT_GT(judge({insult}, loud()).anger.level, one.anger.level);
    EXPECT_GT(judge({insult, threat}, calm).anger.level, one.anger.level);
    EXPECT_LE(judge({insult, threat, insult, threat}, loud()).anger.level, 1);
    EXPECT_EQ(judge({threat, insult, threat}, loud()).anger.kinds, (std::vector{AngerKind::insult, AngerKind::threat_media, AngerKind::intensity}));
}

TEST(Anger, stays_below_its_level_and_without_kinds_while_unsure) {
    auto const verdict = judge({{AngerKind::sarcasm, 0.6, 0.4}}, calm);
    EXPECT_DOUBLE_EQ(verdict.score, 0.4);
    EXPECT_DOUBLE_EQ(verdict.anger.level, 0.24);
    EXPECT_TRUE(verdict.anger.kinds.empty());
}

TEST(Anger, is_surer_when_an_unsure_sign_is_shouted) { EXPECT_GE(judge({{AngerKind::sarcasm, 0.6, 0.4}}, loud()).score, threshold); }

TEST(Loudness, comes_from_marks_capitals_and_long_letters) {
    EXPECT_EQ(loudness(normalize("where is my order?").intensity), 0);
    EXPECT_EQ(loudness(normalize("OK PPL!").intensity), 0);
    EXPECT_GT(loudness(normalize("where!?!?").intensity), 0);
    EXPECT_GT(loudness(normalize("WHERE IS MY ORDER").intensity), 0);
    EXPECT_GT(loudness(normalize("soooo bad").intensity), 0);
    EXPECT_LE(loudness(normalize("WHAAAAAT THE HELLLLL!!!!!?!?!?!!!!!").intensity), 1);
}

}  // namespace
}  // namespace kefu
