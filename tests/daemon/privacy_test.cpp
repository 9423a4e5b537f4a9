// SPDX-License-Identifier: Apache-2.0
#include "daemon/export_person.hpp"
#include "daemon/retention.hpp"
#include "daemon/store/accounts.hpp"
#include "daemon/store/forget_request.hpp"

#include "tests/support/evidence_world.hpp"

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

ConversationId const mei{"line-main/mei"};

class Privacy : public testing::Test {
  protected:
    /// The value: the event's id, which stays known.
    std::string says(std::string const& customer, std::string const& text, Timestamp at = noon) {
        std::string const event = "e" + std::to_string(++events_);
        shop.apply(message_from(customer, text, at, event));
        return event;
    }
    void answer_all(Timestamp at = noon) {
        for (auto const& item : shop.claim(at)) shop.finish(item.id, OutboxResult::Kind::done, at);
    }
    Erased forget(std::string const& customer, bool dry = false) {
        return run(shop.store->forget(ConversationId{"line-main/" + customer}, "boss", noon, dry)).value();
    }
    Expired expire(Expiry before, std::size_t limit = 1000) { return run(shop.store->expire(before, limit)).value(); }
    bool is_on_disk(std::string const& words) {
        shop.store->close();
        shop.store.reset();
        auto const bytes = read_bytes(shop.folder() / "kefud.db");
        shop.open();
        return bytes.find(words) != std::string::npos;
    }
    StoreSettings path() const {
        StoreSettings settings;
        settings.path = shop.folder() / "kefud.db";
        return settings;
    }

    StoreHarness shop{sqlite_backend()};

  private:
    int events_ = 0;
};

TEST_F(Privacy, forgets_one_person_and_nobody_else) {
    says("mei", "my secret words");
    says("jan", "other words");
    answer_all();
    EXPECT_EQ(forget("mei", true).events, 3u) << "the message, the answer and its end";
    EXPECT_FALSE(shop.view("mei").history.empty()) << "that was only a look";
    EXPECT_EQ(forget("mei").events, 3u);
    EXPECT_FALSE(run(shop.store->view(mei, 10)).value());
    EXPECT_THAT(shop.view("jan").history, SizeIs(2));
    EXPECT_FALSE(is_on_disk("my secret words"));
    EXPECT_TRUE(is_on_disk("other words"));
    EXPECT_EQ(run(shop.store->forget(mei, "boss", noon, false)).error().code, Errc::not_found);
}

TEST_F(Privacy, begins_anew_with_who_writes_again_but_knows_old_deliveries) {
    auto const event = says("mei", "first");
    answer_all();
    forget("mei");
    EXPECT_TRUE(shop.apply(message_from("mei", "first", noon, event)).duplicate) << "a redelivery";
    says("mei", "again");
    EXPECT_THAT(shop.view("mei").history, SizeIs(2));
    EXPECT_EQ(shop.counts().conversations, 1u);
}

TEST_F(Privacy, forgets_a_person_whose_answer_is_on_the_wire) {
    says("mei", "hello");
    auto const item = shop.claim().at(0);
    EXPECT_EQ(forget("mei").outbox, 1u);
    EXPECT_EQ(run(shop.store->finish(item.id, OutboxResult{}, noon)).error().code, Errc::not_found);
}

TEST_F(Privacy, tells_which_files_are_to_be_deleted) {
    MessageReceived photo;
    photo.message.id = MessageId{"m1"};
    photo.message.attachments.push_back({ContentKind::image, "upload-1", "", ""});
    shop.apply(arrival_of("mei", photo));
    shop.apply(arrival_of("mei", MediaStored{MessageId{"m1"}, "ab/photo.jpg", "image/jpeg", ""}));
    auto const erased = forget("mei");
    EXPECT_THAT(erased.files, ElementsAre("ab/photo.jpg"));
    EXPECT_THAT(erased.uploads, ElementsAre("upload-1"));
}

TEST_F(Privacy, tells_of_a_photo_whose_deletion_was_still_to_come) {
    MessageReceived photo;
    photo.message.id = MessageId{"m1"};
    photo.message.attachments.push_back({ContentKind::image, "", "", ""});
    shop.apply(arrival_of("mei", photo));
    shop.apply(arrival_of("mei", MediaStored{MessageId{"m1"}, "ab/photo.jpg", "image/jpeg", ""}));
    shop.apply(arrival_of("mei", MessageUnsent{MessageId{"m1"}}));
    EXPECT_THAT(forget("mei").files, ElementsAre("ab/photo.jpg"));
}

TEST_F(Privacy, knows_people_whose_names_differ_in_case_alone_apart) {
    says("Abc", "hello");
    says("aBC", "hello");
    says("x/aBC", "hello");
    EXPECT_THAT(conversations_of(path(), "aBC").value(), UnorderedElementsAre(ConversationId{"line-main/aBC"}, ConversationId{"line-main/x/aBC"}));
    EXPECT_THAT(conversations_of(path(), "line-main/Abc").value(), ElementsAre(ConversationId{"line-main/Abc"}));
    EXPECT_THAT(conversations_of(path(), "C").value(), IsEmpty());
    EXPECT_THAT(conversations_of(path(), "somebody with a far longer name than anybody has").value(), IsEmpty());
}

TEST_F(Privacy, leaves_in_the_audit_that_it_was_done_and_not_to_whom) {
    says("mei", "hello");
    forget("mei");
    auto const audit = run(shop.store->accounts().audit({})).value();
    ASSERT_FALSE(audit.empty());
    EXPECT_EQ(audit.front().action, "forgotten");
    EXPECT_EQ(audit.front().who, "boss");
    EXPECT_THAT(audit.front().detail, Not(HasSubstr("mei")));
}

TEST_F(Privacy, exports_everything_of_a_person) {
    says("mei", "我的包裹在哪裡");
    says("jan", "not mine");
    answer_all();
    auto const text = person_json(path(), mei).value();
    auto const document = boost::json::parse(text);
    EXPECT_EQ(document.at("conversation").as_string(), "line-main/mei");
    EXPECT_EQ(document.at("events").as_array().size(), 3u);
    EXPECT_EQ(document.at("events").at(0).at("fields").at("text").as_string(), "我的包裹在哪裡");
    EXPECT_TRUE(document.at("events").at(0).at("fields").at("raw").is_object());
    EXPECT_THAT(text, Not(HasSubstr("not mine")));
    EXPECT_EQ(person_json(path(), ConversationId{"line-main/nobody"}).error().code, Errc::not_found);
}

TEST_F(Privacy, keeps_what_is_young_and_lets_go_of_what_is_old) {
    says("mei", "old words", noon - 48h);
    answer_all(noon - 48h);
    says("mei", "new words", noon);
    answer_all();
    Expiry before;
    before.texts = noon - 24h;
    EXPECT_EQ(expire(before).texts, 3u);
    EXPECT_EQ(expire(before).texts, 0u);
    auto const history = shop.view("mei").history;
    ASSERT_THAT(history, SizeIs(2));
    EXPECT_EQ(history.front().text, "new words");
    EXPECT_FALSE(is_on_disk("old words"));
}

TEST_F(Privacy, lets_go_in_small_batches) {
    for (int i = 0; i < 10; ++i) says("customer" + std::to_string(i), "hello", noon - 48h);
    answer_all(noon - 48h);
    Expiry before;
    before.texts = noon;
    std::size_t rows = 0;
    int batches = 0;
    for (bool more = true; more && batches < 100; ++batches) {
        auto const expired = expire(before, 4);
        EXPECT_LE(expired.texts, 4u);
        rows += expired.texts;
        more = expired.more;
    }
    EXPECT_EQ(rows, 30u) << "ten messages, ten answers, ten ends";
}

TEST_F(Privacy, takes_away_the_platforms_own_words_before_ours) {
    says("mei", "hello", noon - 48h);
    Expiry before;
    before.raw = noon - 24h;
    EXPECT_EQ(expire(before).raw, 1u);
    EXPECT_EQ(expire(before).raw, 0u);
    EXPECT_EQ(shop.view("mei").history.front().text, "hello");
    EXPECT_THAT(person_json(path(), mei).value(), Not(HasSubstr("\"raw\"")));
}

TEST_F(Privacy, deletes_old_photos_and_keeps_the_talk) {
    MessageReceived photo;
    photo.message.id = MessageId{"m1"};
    photo.message.attachments.push_back({ContentKind::image, "", "", ""});
    shop.apply(arrival_of("mei", photo, noon - 48h));
    shop.apply(arrival_of("mei", MediaStored{MessageId{"m1"}, "ab/photo.jpg", "image/jpeg", ""}, noon - 48h));
    answer_all(noon);
    Expiry before;
    before.media = noon - 24h;
    EXPECT_EQ(expire(before).media, 1u);
    auto const work = shop.claim();
    ASSERT_THAT(work, SizeIs(1));
    EXPECT_EQ(work[0].kind, OutboxItem::Kind::delete_media);
    EXPECT_EQ(work[0].to, "ab/photo.jpg");
    EXPECT_THAT(shop.view("mei").history.front().media, IsEmpty());
}

TEST_F(Privacy, forgets_customers_who_were_silent_for_long_but_not_who_waits) {
    says("mei", "hello", noon - 48h);
    says("jan", "hello", noon - 48h);
    answer_all(noon - 48h);
    auto claim = agent_does("jan", AgentAction::claim, "boss");
    claim.received_at = noon - 47h;
    shop.apply(std::move(claim));
    Expiry before;
    before.texts = before.cases = noon - 24h;
    EXPECT_EQ(expire(before).cases, 1u);
    EXPECT_FALSE(run(shop.store->view(mei, 10)).value());
    EXPECT_EQ(shop.view("jan").conversation.owner, Owner::person);
    EXPECT_EQ(shop.counts().conversations, 1u);
    says("mei", "me again");
    EXPECT_THAT(shop.view("mei").history, SizeIs(2));
}

TEST(DeleteFiles, takes_uploads_too_and_nothing_outside_the_folder) {
    TemporaryFolder folder;
    auto const media = folder.path() / "media";
    for (auto const* name : {"media/uploads/up1", "media/photo.jpg", "outside", "media/uploads/another"}) write_bytes(folder.path() / name, "bytes");
    Erased erased;
    erased.files = {"photo.jpg"};
    erased.uploads = {"up1", "../../outside", "gone already"};
    EXPECT_TRUE(delete_files(media, erased));
    EXPECT_FALSE(std::filesystem::exists(media / "photo.jpg"));
    EXPECT_FALSE(std::filesystem::exists(media / "uploads/up1"));
    EXPECT_TRUE(std::filesystem::exists(media / "uploads/another"));
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "outside"));
}

TEST(Retention, of_no_days_is_for_ever) {
    RetentionSettings settings;
    settings.texts = std::chrono::days{0};
    settings.raw = std::chrono::days{1};
    auto const before = expiry_at(settings, noon);
    EXPECT_EQ(before.texts, Timestamp{});
    EXPECT_EQ(before.raw, noon - 24h);
}

}  // namespace
}  // namespace kefu
