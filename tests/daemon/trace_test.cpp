// SPDX-License-Identifier: Apache-2.0
#include "daemon/trace.hpp"

#include "tests/support/store_backends.hpp"

#include <gmock/gmock.h>

namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class Tracing : public testing::Test {
  protected:
    Tracing() {
        shop.apply(message_from("mei", "first, call 0912345678", noon, "e1"));
        for (auto const& item : shop.claim()) shop.finish(item.id, OutboxResult::Kind::done, noon + 40ms);
        shop.apply(message_from("mei", "second", noon + 1h, "e2"));
        for (auto const& item : shop.claim(noon + 1h)) shop.finish(item.id, OutboxResult::Kind::refused, noon + 1h);
    }
    StoreSettings store_in(char const* file) const {
        StoreSettings settings;
        settings.path = shop.folder() / file;
        return settings;
    }
    Trace trace(std::string const& id, bool plain = false) { return read_trace(store_in("kefud.db"), id, plain).value(); }
    static std::vector<std::string> kinds(Trace const& trace) {
        std::vector<std::string> all;
        for (auto const& step : trace.steps) all.push_back(step.kind);
        return all;
    }

    StoreHarness shop{sqlite_backend()};
};

TEST_F(Tracing, shows_the_way_of_one_message_whichever_of_its_ids_is_known) {
    auto const by_event = trace("e1");
    EXPECT_EQ(by_event.found_as, "event");
    EXPECT_EQ(by_event.conversation.value, "line-main/mei");
    EXPECT_THAT(kinds(by_event), ElementsAre("message_received", "send", "send_finished"));
    EXPECT_EQ(by_event.steps[2].at - by_event.steps[0].at, 40ms);
    EXPECT_THAT(by_event.steps[0].facts, Contains(Pair("decision", "a message")));
    EXPECT_THAT(by_event.steps[0].facts, Contains(Pair("catalog", HasSubstr("as installed"))));
    EXPECT_THAT(by_event.steps[1].facts, Contains(Pair("send", "line-main/mei#1")));
    EXPECT_THAT(by_event.steps[1].facts, Contains(Pair("result", "delivered")));
    for (auto const* id : {"m-e1", "1"}) EXPECT_EQ(kinds(trace(id)), kinds(by_event)) << id;
    auto const by_send = trace("line-main/mei#2");
    EXPECT_EQ(by_send.found_as, "send");
    EXPECT_THAT(by_send.steps[1].facts, Contains(Pair("result", "refused")));
    EXPECT_THAT(by_send.steps[1].facts, Contains(Pair("attempts", "1")));
    EXPECT_EQ(trace("line-main/mei").steps.size(), 6u);
}

TEST_F(Tracing, shows_no_words_unless_it_is_asked_to) {
    auto const words = [](Trace const& trace) {
        std::string all;
        for (auto const& step : trace.steps)
            for (auto const& [name, value] : step.facts) all += name + "=" + value + "\n";
        return all;
    };
    EXPECT_THAT(words(trace("e1")), Not(HasSubstr("first")));
    EXPECT_THAT(words(trace("e1")), Not(HasSubstr("0912345678")));
    EXPECT_THAT(words(trace("e1", true)), HasSubstr("text=first, call 0912345678"));
}

TEST_F(Tracing, says_what_is_not_there) {
    auto const nothing = read_trace(store_in("kefud.db"), "e99", false);
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().code, Errc::not_found);
    EXPECT_EQ(read_trace(store_in("none.db"), "e1", false).error().code, Errc::environment);
}

}  // namespace
}  // namespace kefu
