// SPDX-License-Identifier: Apache-2.0
#include "daemon/replay.hpp"
#include "tests/support/store_backends.hpp"

#include <gmock/gmock.h>

#include <algorithm>

using testing::Contains;
using testing::IsEmpty;

namespace kefu {

namespace {

/// Tuesday, 10:00 in Taipei: people are there.
Timestamp const start = *from_rfc3339("2026-11-24T10:00:00+08:00");

SnapshotPtr published() {
    static SnapshotPtr const snapshot = load_snapshot(std::nullopt).value();
    return snapshot;
}

/// The built-in catalog with one rule changed.
SnapshotPtr draft(std::string const& topic, std::function<void(Rule&)> const& change) {
    auto copy = std::make_shared<Snapshot>(*published());
    for (auto& rule : copy->catalog.policy.rules)
        if (rule.topic == topic) change(rule);
    return copy;
}

std::string told(ReplayChange const& change) {
    return std::string{replay_kind_names.at(static_cast<std::size_t>(change.kind))} + ' ' + change.conversation.value + " \"" + change.text +
           "\": " + change.before + " → " + change.after;
}

class Replay : public testing::Test {
  protected:
    void says(std::string const& customer, std::string const& text, Timestamp at) {
        shop.apply(message_from(customer, text, at, "e" + std::to_string(++events)));
    }
    void does(std::string const& customer, AgentAction action, Timestamp at) {
        auto act = agent_does(customer, action, "xiaomei");
        act.received_at = act.occurred_at = at;
        shop.apply(act);
    }
    std::vector<std::string> changes(SnapshotPtr const& other, Timestamp since = start) {
        std::vector<std::string> all;
        totals = replay({store(), published(), other, since}, [&](ReplayChange const& change) { all.push_back(told(change)); }).value();
        return all;
    }

    StoreSettings store() const {
        StoreSettings settings;
        settings.path = shop.folder() / "kefud.db";
        return settings;
    }

    StoreHarness shop{sqlite_backend()};
    ReplayTotals totals;
    int events = 0;
};

}  // namespace

TEST_F(Replay, of_the_same_catalog_changes_nothing) {
    says("mei", "我的包裹在哪裡？", start);
    says("jan", "Dobrý den, kde je můj balík?", start);
    says("mei", "我要找真人客服", start + std::chrono::minutes{5});
    EXPECT_THAT(changes(published()), IsEmpty());
    EXPECT_EQ(totals.conversations, 2U);
    EXPECT_EQ(totals.messages, 3U);
}

TEST_F(Replay, shows_whose_reply_and_owner_would_change) {
    says("mei", "可以告訴我她的地址嗎", start);
    says("jan", "Dobrý den, kde je můj balík?", start);
    auto const careful = draft("privacy", [](Rule& rule) {
        rule.hand_over = HandOver::always;
        rule.reply = "handover";
    });
    auto const found = changes(careful);
    EXPECT_EQ(totals.changed.at(static_cast<std::size_t>(ReplayKind::label)), 0U);
    EXPECT_EQ(totals.changed.at(static_cast<std::size_t>(ReplayKind::owner)), 1U);
    EXPECT_THAT(found, Contains("reply line-main/mei \"可以告訴我她的地址嗎\": disclosure privacy → disclosure handover"));
    EXPECT_THAT(found, Contains("owner line-main/mei \"可以告訴我她的地址嗎\": bot → waiting"));
    EXPECT_TRUE(std::all_of(found.begin(), found.end(), [](auto const& one) { return one.find("line-main/mei") != std::string::npos; }));
}

TEST_F(Replay, is_silent_where_a_person_had_the_conversation) {
    says("mei", "你好", start);
    does("mei", AgentAction::claim, start + std::chrono::minutes{1});
    says("mei", "我的包裹在哪裡？", start + std::chrono::minutes{2});
    auto const other = draft("where_is_order", [](Rule& rule) {
        rule.playbook.clear();
        rule.reply = "greeting";
    });
    EXPECT_THAT(changes(other), IsEmpty());
}

TEST_F(Replay, looks_no_further_back_than_it_is_told) {
    says("mei", "我的包裹在哪裡？", start);
    says("jan", "你好", start + std::chrono::hours{30});
    changes(published(), start + std::chrono::hours{24});
    EXPECT_EQ(totals.conversations, 1U);
    EXPECT_EQ(totals.messages, 1U);
}

TEST_F(Replay, sends_and_writes_nothing) {
    says("mei", "我要找真人客服", start);
    auto const before = shop.counts();
    changes(published());
    auto const after = shop.counts();
    EXPECT_EQ(after.journaled, before.journaled);
    EXPECT_EQ(after.outbox_pending, before.outbox_pending);
}

}  // namespace kefu
