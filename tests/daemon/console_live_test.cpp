// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/live.hpp"
#include "daemon/net/task_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class Live : public testing::Test {
  protected:
    ~Live() override {
        group_.cancel();
        io_.run();
    }

    static Changed change(std::string const& conversation, Owner owner = Owner::waiting) {
        Changed one;
        one.conversation = ConversationId{conversation};
        one.channel = ChannelId{"line"};
        one.owner = owner;
        one.moved = true;
        return one;
    }
    /// Told, and sent on.
    void happens(std::vector<Changed> changes) {
        auto const wanted = hub_.newest() + changes.size();
        hub_.changed(std::move(changes));
        while (hub_.newest() < wanted) io_.run_one();
    }
    std::shared_ptr<WebSocket> socket(std::size_t max_unsent = 1 << 20) {
        WebSocketLimits limits;
        limits.max_unsent = max_unsent;
        return WebSocket::make(io_.get_executor(), {limits, io_.get_executor(), nullptr}, "test");
    }
    LiveHub::Welcome enter(std::string person = "mei", std::string_view epoch = {}, std::uint64_t after = 0) {
        return hub_.enter(socket(), std::move(person), "session of " + person, epoch, after);
    }

    Timestamp now_{std::chrono::milliseconds{1'790'000'000'000}};
    net::io_context io_{1};
    LiveHub hub_{io_.get_executor(), [this] { return now_; }};
    TaskGroup group_{io_.get_executor()};

  private:
    bool const runs_ = [this] {
        group_.spawn("live", hub_.run());
        return true;
    }();
};

TEST_F(Live, makes_good_what_a_page_missed) {
    happens({change("line/1"), change("line/2")});
    auto const seen = hub_.newest();
    EXPECT_EQ(enter("mei", hub_.epoch(), seen).frame, "") << "nothing was missed";
    happens({change("line/3", Owner::person)});
    auto const frame = boost::json::parse(enter("mei", hub_.epoch(), seen).frame);
    EXPECT_EQ(frame.at("type"), "changes");
    EXPECT_EQ(frame.at("seq"), seen + 1);
    ASSERT_EQ(frame.at("changes").as_array().size(), 1u);
    EXPECT_EQ(frame.at("changes").at(0).at("conversation"), "line/3");
    EXPECT_EQ(frame.at("changes").at(0).at("owner"), "person");
}

TEST_F(Live, has_a_page_read_everything_again_that_missed_too_much_or_comes_from_before_a_restart) {
    EXPECT_EQ(boost::json::parse(enter("mei", "another start", 0).frame).at("type"), "reset");
    EXPECT_EQ(boost::json::parse(enter("mei", hub_.epoch(), 99).frame).at("type"), "reset") << "it claims to know more than there is";
    for (int i = 0; i < 6; ++i) {
        std::vector<Changed> many;
        for (int j = 0; j < 100; ++j) many.push_back(change("line/" + std::to_string(100 * i + j)));
        happens(std::move(many));
    }
    EXPECT_EQ(boost::json::parse(enter("mei", hub_.epoch(), 0).frame).at("type"), "reset");
    EXPECT_EQ(boost::json::parse(enter("mei", hub_.epoch(), 500).frame).at("changes").as_array().size(), 100u);
}

TEST_F(Live, tells_of_a_conversation_once_however_often_it_changed_meanwhile) {
    hub_.changed({change("line/1", Owner::waiting)});
    hub_.changed({change("line/1", Owner::person)});
    happens({change("line/2")});
    EXPECT_LE(hub_.newest(), 3u);
    auto const frame = boost::json::parse(enter("mei", hub_.epoch(), 0).frame.empty() ? "{\"changes\":[]}" : enter("mei", hub_.epoch(), 0).frame);
    std::size_t of_first = 0;
    for (auto const& one : frame.at("changes").as_array()) of_first += one.at("conversation") == "line/1" ? 1 : 0;
    EXPECT_EQ(of_first, 1u);
}

TEST_F(Live, marks_a_page_that_reads_too_slowly) {
    auto slow = hub_.enter(socket(64), "mei", "s", {}, 0).page;
    happens({change("line/a conversation whose name does not fit into what may wait")});
    EXPECT_TRUE(slow->behind);
}

TEST_F(Live, knows_who_looks_and_who_types_until_they_stop) {
    auto const mei = enter("mei").page;
    auto const jan = enter("jan").page;
    auto const again = enter("jan").page;  // in a second tab
    for (auto const& page : {mei, jan, again}) hub_.look(page, "line/1");
    EXPECT_THAT(hub_.lookers("line/1", "mei").looking, ElementsAre("jan"));
    EXPECT_THAT(hub_.lookers("line/1", "mei").typing, IsEmpty());
    hub_.type(jan);
    EXPECT_THAT(hub_.lookers("line/1", "mei").typing, ElementsAre("jan"));
    now_ += 7s;
    EXPECT_THAT(hub_.lookers("line/1", "mei").typing, IsEmpty());
    hub_.look(jan, "line/2");
    hub_.leave(again);
    EXPECT_THAT(hub_.lookers("line/1", "mei").looking, IsEmpty());
    EXPECT_THAT(hub_.lookers("line/2", "mei").looking, ElementsAre("jan"));
}

}  // namespace
}  // namespace kefu
