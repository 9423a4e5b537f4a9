// SPDX-License-Identifier: Apache-2.0
#include "daemon/crypto.hpp"
#include "tests/support/evidence_world.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace kefu {

TEST(Evidence, tells_what_happened_in_order) {
    EvidenceWorld world;
    world.shop.apply(message_from("mei", "給我退八折,不然一星評論等著", noon, "e1"));
    world.shop.apply(message_from("jan", "somebody else", noon, "e2"));
    world.shop.finish(world.shop.claim().at(0).id);
    auto reply = agent_does("mei", AgentAction::reply, "xiaomei", "您好");
    reply.received_at = noon + std::chrono::seconds{1};
    world.shop.apply(agent_does("mei", AgentAction::claim, "xiaomei"));
    world.shop.apply(reply);
    auto const dossier = world.write();

    std::vector<std::string> kinds;
    std::istringstream lines{world.json()};
    for (std::string line; std::getline(lines, line);) {
        auto const at = line.find("\"kind\":\"");
        if (at != std::string::npos) kinds.push_back(line.substr(at + 8, line.find('"', at + 8) - at - 8));
    }
    EXPECT_THAT(kinds, ElementsAre("dossier", "message_received", "send", "escalation", "send_finished", "agent_acted", "owner", "agent_acted", "send", "state",
                                   "file"));
    EXPECT_EQ(dossier.entries, kinds.size());
    EXPECT_THAT(world.json(), HasSubstr("\"value\":\"給我退八折,不然一星評論等著\""));
    EXPECT_THAT(world.json(), HasSubstr(R"("value":"{\"type\":\"message\"}")"));  // the raw event
    EXPECT_THAT(world.json(), HasSubstr("\"value\":\"a message\""));              // the decision's reason
    EXPECT_THAT(world.json(), HasSubstr("\"value\":\"delivered\""));
    EXPECT_THAT(world.json(), HasSubstr("\"value\":\"bot → person: claimed\""));
    EXPECT_THAT(world.json(), Not(HasSubstr("somebody else")));
}

TEST(Evidence, is_whole_when_it_was_just_written) {
    EvidenceWorld world;
    world.shop.apply(message_from("mei", "hello", noon, "e1"));
    auto const dossier = world.write();
    auto const checked = world.verify();
    EXPECT_THAT(checked.findings, IsEmpty());
    EXPECT_THAT(checked.erased, IsEmpty());
    EXPECT_EQ(checked.entries, dossier.entries);
    EXPECT_EQ(checked.final_hash, dossier.final_hash);
    EXPECT_THAT(world.json(), HasSubstr(dossier.final_hash));
    EXPECT_THAT(verify_dossier(world.shop.folder() / "dossier" / "evidence.json").value().findings, IsEmpty());
}

TEST(Evidence, shows_an_erased_message_as_erased) {
    EvidenceWorld world;
    world.shop.apply(message_from("mei", "my phone is 0912345678", noon, "e1"));
    world.shop.apply(arrival_of("mei", MessageUnsent{MessageId{"m-e1"}}));
    world.write();
    EXPECT_THAT(world.verify().findings, IsEmpty());
    EXPECT_THAT(world.page(), HasSubstr("Erased: the customer took it back"));
    EXPECT_THAT(world.page().substr(0, world.page().find("<b>Send</b>")), Not(HasSubstr("0912345678")));
}

TEST(Evidence, still_holds_when_a_field_is_erased_from_it) {
    EvidenceWorld world;
    world.shop.apply(message_from("mei", "secret words", noon, "e1"));
    auto const dossier = world.write();
    auto json = world.json();
    auto const from = json.find("\"text\":{\"salt\"");
    json.erase(from, json.find("},", from) + 2 - from);
    std::istringstream in{json};
    auto const checked = verify_record(in, {});
    EXPECT_THAT(checked.findings, IsEmpty());
    EXPECT_THAT(checked.erased, ElementsAre("entry 2: text"));
    EXPECT_EQ(checked.final_hash, dossier.final_hash);
}

TEST(Evidence, escapes_what_customers_write_and_runs_no_scripts) {
    EvidenceWorld world;
    world.shop.apply(message_from("mei", "<script>alert(1)</script> & \"x\" '\x01", noon, "e1"));
    world.write();
    EXPECT_THAT(world.page(), HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot; &#39;</div>"));
    EXPECT_THAT(world.page(), Not(HasSubstr("<script")));
    EXPECT_THAT(world.page(), HasSubstr("default-src 'none'"));
}

TEST(Evidence, keeps_raw_events_that_are_no_text) {
    EvidenceWorld world;
    auto arrival = message_from("mei", "hello", noon, "e1");
    arrival.raw = "\xff\xfe raw";
    world.shop.apply(arrival);
    world.write();
    EXPECT_THAT(world.json(), HasSubstr("\"base64\":\"" + base64("\xff\xfe raw") + '"'));
    EXPECT_THAT(world.verify().findings, IsEmpty());
}

TEST(Evidence, takes_photos_along_with_their_hashes) {
    EvidenceWorld world;
    world.shop.apply(message_from("mei", "look", noon, "e1"));
    world.shop.apply(arrival_of("mei", MediaStored{MessageId{"m-e1"}, "ab/photo.jpg", "image/jpeg", {}}));
    world.shop.apply(arrival_of("mei", MediaStored{MessageId{"m-e1"}, "cd/gone.jpg", "image/jpeg", {}}));
    write_bytes(world.shop.folder() / "media/ab/photo.jpg", "a photo's bytes");
    EXPECT_EQ(world.write().files, 2U);  // the page and the photo
    EXPECT_EQ(read_bytes(world.shop.folder() / "dossier/media/ab/photo.jpg"), "a photo's bytes");
    EXPECT_THAT(world.json(), HasSubstr(hex(sha256("a photo's bytes"))));
    EXPECT_THAT(world.page(), HasSubstr("src=\"media/ab/photo.jpg\""));
    EXPECT_THAT(world.page(), HasSubstr("it is not in the media folder (any more)"));
    EXPECT_THAT(world.verify().findings, IsEmpty());
}

TEST(Evidence, is_for_its_keeper_alone) {
    EvidenceWorld world;
    world.shop.apply(message_from("mei", "hello", noon, "e1"));
    world.write();
    for (auto const& [name, mode] : {std::pair{"dossier", 0700U}, {"dossier/evidence.json", 0600U}, {"dossier/evidence.html", 0600U}}) {
        struct stat status {};
        ASSERT_EQ(::stat((world.shop.folder() / name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 0777U, mode) << name;
    }
}

TEST(Evidence, overwrites_nothing_and_needs_a_conversation) {
    EvidenceWorld world;
    world.shop.apply(message_from("mei", "hello", noon, "e1"));
    world.write();
    EXPECT_EQ(write_dossier(world.request()).error().code, Errc::conflict);
    EXPECT_EQ(write_dossier(world.request("nobody", "other")).error().code, Errc::not_found);
    EXPECT_FALSE(std::filesystem::exists(world.shop.folder() / "other"));
    EXPECT_EQ(write_dossier(world.request("mei", "no/such/folder")).error().code, Errc::environment);
}

TEST(Evidence, of_a_long_conversation_has_every_message) {
    EvidenceWorld world;
    for (int i = 0; i < 500; ++i) world.shop.apply(message_from("mei", "n" + std::to_string(i), noon, "e" + std::to_string(i)));
    EXPECT_EQ(world.write().entries, 1U + 2 * 500 + 1 + 1);
    EXPECT_THAT(world.verify().findings, IsEmpty());
}

TEST(Evidence, lists_who_threatens_newest_first) {
    EvidenceWorld world;
    world.shop.apply(message_from("old", "評論", noon, "e1"));
    world.shop.apply(message_from("new", "評論", noon + std::chrono::hours{1}, "e2"));
    world.shop.apply(message_from("old", "評論 again", noon + std::chrono::hours{2}, "e3"));
    world.shop.apply(message_from("calm", "hello", noon + std::chrono::hours{3}, "e4"));
    std::vector<std::string> listed;
    for (auto const& one : list_threatened(world.request().store).value()) listed.push_back(one.conversation.value + ' ' + one.reason);
    EXPECT_THAT(listed, ElementsAre("line-main/old extortion", "line-main/new extortion"));
}

}  // namespace kefu
