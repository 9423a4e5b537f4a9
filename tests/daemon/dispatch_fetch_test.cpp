// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dispatch_world.hpp"

/// Profiles and photos that the dispatcher fetches, and people it calls.
namespace kefu::dispatch_world {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

net::awaitable<void> learns(World& world) {
    world.line->profile_of = [](std::string const& sender) { return ProfileLearned{"name of " + sender, "cs"}; };
    world.start();
    co_await world.says("U1", "who am I");
    while (world.line->profiles_asked == 0) co_await world.news.next();
    co_await world.until_idle();
    auto const view = co_await world.view("U1");
    EXPECT_EQ(view.conversation.display_name, "name of U1");
}
TEST(Dispatcher, tells_the_shop_the_customers_name) { run_test(learns); }

net::awaitable<void> learns_nothing(World& world) {
    world.start();
    co_await world.says("U1", "who am I");
    while (world.line->profiles_asked == 0) co_await world.news.next();
    co_await world.until_idle();
    co_await world.passes(1h);
    EXPECT_EQ(world.line->profiles_asked, 1);
    auto const counts = co_await world.counts();
    EXPECT_EQ(counts.outbox_pending, 0u);
}
TEST(Dispatcher, goes_on_without_a_profile_that_the_platform_does_not_tell) { run_test(learns_nothing); }

net::awaitable<void> learns_late(World& world) {
    world.line->profile_of = [](std::string const&) { return Error{Errc::unavailable, "LINE answered 500"}; };
    world.start();
    co_await world.says("U1", "who am I");
    while (world.line->profiles_asked == 0) co_await world.news.next();
    co_await world.until_idle();
    for (int i = 0; i < 20; ++i) co_await world.passes(5min);
    EXPECT_EQ(world.line->profiles_asked, 9);
    auto const counts = co_await world.counts();
    EXPECT_EQ(counts.outbox_pending, 0u);
}
TEST(Dispatcher, asks_for_a_profile_again_but_not_for_ever) { run_test(learns_late); }

Arrival photos(std::string const& customer, std::vector<std::string> const& ids) {
    Arrival arrival = message_from(customer, "");
    auto& message = std::get<MessageReceived>(arrival.event).message;
    message.id = MessageId{"m1"};
    for (auto const& id : ids) message.attachments.push_back({.kind = ContentKind::image, .platform_id = id, .url = {}, .file_name = "../../evil.jpg"});
    return arrival;
}

net::awaitable<void> keeps_photos(World& world) {
    world.line->content_of = [](Attachment const& attachment) { return Connector::Content{"bytes of " + attachment.platform_id, "image/png"}; };
    world.start();
    Arrival arrival = photos("U1", {"1", "2"});
    co_await world.apply(std::move(arrival));
    while (world.line->contents_asked < 2) co_await world.news.next();
    co_await world.until_idle();
    auto const view = co_await world.view("U1");
    EXPECT_THAT(view.conversation.owner_reason, testing::MatchesRegex("photo: ../[0-9a-f]*\\.png image/png"));
    std::set<std::string> bytes;
    for (auto const& file : view.history.at(0).media) bytes.insert(read_text(world.folder.path() / "media" / file));
    EXPECT_THAT(bytes, ElementsAre("bytes of 1", "bytes of 2"));
    while (world.line->contents_kept.size() < 2) co_await world.news.next();
    EXPECT_THAT(world.line->contents_kept, testing::UnorderedElementsAre("1", "2"));
}
TEST(Dispatcher, keeps_every_photo_of_a_message) { run_test(keeps_photos); }

net::awaitable<void> waits_for_photos(World& world) {
    auto const asked = std::make_shared<int>(0);
    world.line->content_of = [asked](Attachment const&) -> Result<Connector::Content> {
        if (++*asked < 3) return Error{Errc::unavailable, "LINE is still preparing it"};
        return Connector::Content{"bytes", "video/mp4"};
    };
    world.start();
    Arrival arrival = photos("U1", {"1"});
    co_await world.apply(std::move(arrival));
    while (world.line->contents_asked < 1) co_await world.news.next();
    co_await world.until_idle();
    co_await world.passes(5min);
    co_await world.passes(5min);
    auto const heard = co_await world.heard("U1");
    EXPECT_THAT(heard, StartsWith("photo: "));
}
TEST(Dispatcher, asks_again_for_a_photo_that_is_not_ready) { run_test(waits_for_photos); }

net::awaitable<void> loses_photos(World& world) {
    world.start();
    Arrival arrival = photos("U1", {"1"});
    co_await world.apply(std::move(arrival));
    while (world.line->contents_asked < 1) co_await world.news.next();
    co_await world.until_idle();
    auto const heard = co_await world.heard("U1");
    EXPECT_EQ(heard, "no photo: gone");
    EXPECT_EQ(world.line->contents_asked, 1);
    EXPECT_THAT(world.line->contents_kept, testing::IsEmpty());
}
TEST(Dispatcher, says_why_there_is_no_photo) { run_test(loses_photos); }

net::awaitable<void> cannot_keep_photos(World& world) {
    world.line->content_of = [](Attachment const&) { return Connector::Content{"bytes", "image/png"}; };
    std::ofstream{world.folder.path() / "media"} << "a file where the folder should be";
    world.start();
    Arrival arrival = photos("U1", {"1"});
    co_await world.apply(std::move(arrival));
    while (world.line->contents_asked < 1) co_await world.news.next();
    co_await world.until_idle();
    std::filesystem::remove(world.folder.path() / "media");
    co_await world.passes(5min);
    auto const heard = co_await world.heard("U1");
    EXPECT_THAT(heard, StartsWith("photo: "));
}
TEST(Dispatcher, fetches_a_photo_again_that_could_not_be_written) { run_test(cannot_keep_photos); }

net::awaitable<void> calls_people(World& world) {
    world.services->snapshot = snapshot_with_links();
    world.desk->answers = {again(10s)};
    world.start();
    co_await world.says("U1", "a person, please");
    while (world.desk->told.empty()) co_await world.news.next();
    co_await world.until_idle();
    co_await world.passes(10s);
    EXPECT_EQ(world.desk->told.size(), 2u);
    if (world.desk->told.size() != 2) co_return;
    auto const& notice = world.desk->told[1];
    EXPECT_EQ(notice.kind, Notice::Kind::escalated);
    EXPECT_EQ(notice.id, world.desk->told[0].id);
    EXPECT_EQ(world.desk->attempts[1].number, 2);
    EXPECT_EQ(notice.link, "https://kefud.example/#/conversation/line-main/U1");
    EXPECT_EQ(notice.view.history.at(0).text, "a person, please");
    EXPECT_TRUE(notice.escalation.has_value());
    if (notice.escalation) {
        EXPECT_EQ(notice.escalation->what.reason, "asks_human");
    }
}
TEST(Dispatcher, calls_people_until_they_are_told) { run_test(calls_people); }

net::awaitable<void> nobody_to_call(World& world) {
    world.services->notifiers.clear();
    world.desk = nullptr;
    world.start();
    co_await world.says("U1", "a person, please");
    for (auto counts = co_await world.counts(); counts.outbox_dead == 0; counts = co_await world.counts()) co_await sleep_for(1ms);
    co_await world.until_idle();
    auto const counts = co_await world.counts();
    EXPECT_EQ(counts.outbox_pending, 0u);
}
TEST(Dispatcher, keeps_for_people_to_see_what_a_notifier_that_is_gone_should_have_said) { run_test(nobody_to_call); }

}  // namespace
}  // namespace kefu::dispatch_world
