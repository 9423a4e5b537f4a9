// SPDX-License-Identifier: Apache-2.0
#include "daemon/doctor/doctor.hpp"

#include "daemon/clock.hpp"
#include "daemon/http/client.hpp"
#include "daemon/http/listener.hpp"
#include "tests/support/evidence_world.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <cstdlib>

namespace kefu {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

class Doctor : public testing::Test {
  protected:
    Doctor() {
        patient.settings.state = shop.folder();
        patient.settings.store.path = shop.folder() / "kefud.db";
        patient.settings.store.media = shop.folder() / "media";
        patient.now = noon;
    }
    /// What is not fine, in a line each.
    static std::vector<std::string> complaints(Findings const& findings) {
        std::vector<std::string> all;
        for (auto const& one : findings) {
            if (one.kind == Finding::Kind::fine) {
                EXPECT_EQ(one.todo, "") << one.what;
                continue;
            }
            EXPECT_NE(one.todo, "") << one.what << ": says nothing to do";
            all.push_back(one.about + ": " + one.what);
        }
        return all;
    }

    StoreHarness shop{sqlite_backend()};
    Patient patient;
};

TEST_F(Doctor, finds_nothing_wrong_with_a_sound_store) {
    shop.apply(message_from("mei", "hello"));
    EXPECT_THAT(complaints(examine_store(patient)), IsEmpty());
}

TEST_F(Doctor, tells_of_work_that_waits_of_dead_letters_and_of_a_pause) {
    shop.apply(message_from("mei", "hello"));
    shop.finish(shop.claim().at(0).id, OutboxResult::Kind::refused);
    shop.apply(message_from("jan", "hello"));
    run(shop.store->set_pause({"*", "jan", noon})).value();
    patient.now = noon + 1h;
    auto const all = complaints(examine_store(patient));
    EXPECT_THAT(all, Contains("store: 1 sends or notices were given up and nobody has looked"));
    EXPECT_THAT(all, Contains(HasSubstr("work has waited in the outbox since")));
    EXPECT_THAT(all, Contains("store: sending is paused"));
}

TEST_F(Doctor, sees_a_damaged_store_and_one_that_is_not_there) {
    shop.store->close();
    shop.store.reset();
    auto bytes = read_bytes(patient.settings.store.path);
    for (std::size_t at = 4096; at + 100 < bytes.size(); at += 4096) bytes.replace(at, 100, std::string(100, '\xff'));
    write_bytes(patient.settings.store.path, bytes);
    EXPECT_THAT(complaints(examine_store(patient)), ElementsAre(HasSubstr("store: is damaged")));
    patient.settings.store.path = shop.folder() / "none.db";
    EXPECT_THAT(complaints(examine_store(patient)), ElementsAre(HasSubstr("does not exist yet")));
    std::filesystem::remove(shop.folder() / "kefud.db");
    shop.open();
}

TEST_F(Doctor, sees_a_clock_that_went_back) {
    shop.apply(message_from("mei", "hello", noon));
    patient.now = noon - 1h;
    EXPECT_THAT(complaints(examine_store(patient)), ElementsAre(HasSubstr("clock: the newest event was stored at")));
}

TEST_F(Doctor, sees_that_a_daemon_has_the_store) {
    EXPECT_THAT(complaints(examine_daemon(patient)), IsEmpty());
    shop.store->close();
    shop.store.reset();
    EXPECT_THAT(complaints(examine_daemon(patient)), ElementsAre("daemon: does not run with this store"));
    shop.open();
}

TEST_F(Doctor, sees_who_else_may_read_what_is_secret) {
    EXPECT_THAT(complaints(examine_files(patient)), IsEmpty());
    patient.config_file = shop.folder() / "kefud.yaml";
    write_bytes(shop.folder() / "secrets/line-token", "x");
    ::chmod((shop.folder() / "secrets/line-token").c_str(), 0644);
    ::chmod(patient.settings.store.path.c_str(), 0640);
    auto const all = complaints(examine_files(patient));
    EXPECT_THAT(all, Contains(HasSubstr("line-token has mode 0644")));
    EXPECT_THAT(all, Contains(HasSubstr("kefud.db has mode 0640")));
}

TEST_F(Doctor, warns_of_listening_in_the_open_and_of_links_that_lead_nowhere) {
    EXPECT_THAT(complaints(examine_listening(patient)), IsEmpty());
    patient.settings.listen.address = "0.0.0.0";
    patient.settings.notifiers.emplace_back();
    EXPECT_THAT(complaints(examine_listening(patient)), ElementsAre(HasSubstr("without TLS"), HasSubstr("no link")));
}

TEST_F(Doctor, takes_a_catalog_with_a_mistake_for_wrong) {
    EXPECT_THAT(complaints(examine_catalog(patient)), IsEmpty()) << "the one built in";
    write_bytes(shop.folder() / "catalog/policy.yaml", "nonsense: true\n");
    EXPECT_THAT(complaints(examine_catalog(patient)), ElementsAre(HasSubstr("catalog: ")));
}

TEST_F(Doctor, reads_when_a_certificate_ends) {
    EXPECT_THAT(examine_certificate(patient), IsEmpty()) << "there is none";
    auto const make = [&](char const* days) {
        auto const folder = shop.folder().string();
        std::string const command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=kefud -days " + std::string{days} +
                                    " -keyout " + folder + "/key.pem -out " + folder + "/chain.pem 2>/dev/null";
        return std::system(command.c_str()) == 0;
    };
    if (!make("90")) GTEST_SKIP() << "the openssl program is not here";
    patient.settings.listen.tls = {shop.folder() / "chain.pem", shop.folder() / "key.pem"};
    patient.now = system_now();
    EXPECT_THAT(complaints(examine_certificate(patient)), IsEmpty());
    patient.now = system_now() + 75 * 24h;
    EXPECT_THAT(complaints(examine_certificate(patient)), ElementsAre(HasSubstr("is valid until")));
    patient.now = system_now() + 91 * 24h;
    EXPECT_THAT(complaints(examine_certificate(patient)), ElementsAre(HasSubstr("which is over")));
    write_bytes(shop.folder() / "key.pem", "nonsense");
    EXPECT_THAT(complaints(examine_certificate(patient)), ElementsAre(HasSubstr("is not the key of")));
}

TEST_F(Doctor, counts_the_room_on_the_disk) { EXPECT_FALSE(examine_disk(patient).empty()); }

// --- LINE, played here --------------------------------------------------------------------------------------------------------------------

struct Line {
    int endpoint_status = 200;
    std::string endpoint = R"({"endpoint":"https://shop.example/webhook/line","active":true})";
    std::string quota = R"({"type":"limited","value":200})";
    std::string used = R"({"totalUsage":30})";
};

net::awaitable<Findings> ask(Line line, Patient patient) {
    auto const executor = co_await this_coro::executor;
    ListenSettings listen;
    listen.port = 0;
    listen.activation = false;
    auto handler = [line](Request request) {
        if (request.path.ends_with("/endpoint")) return at_once(json_response(line.endpoint, line.endpoint_status));
        return at_once(json_response(request.path.ends_with("/consumption") ? line.used : line.quota));
    };
    auto opened = Listener::open(executor, listen, handler);
    auto listener = std::move(opened).value();
    ChannelSettings channel;
    channel.id = ChannelId{"line-main"};
    channel.type = ChannelType::line;
    channel.path = "/webhook/line";
    channel.line.access_token = Secret{"token"};
    channel.line.api_base = "http://127.0.0.1:" + std::to_string(listener->port());
    patient.settings.channels.push_back(std::move(channel));
    patient.now = system_now();
    HttpClient http{executor};
    auto findings = co_await examine_line(patient, http);
    http.close_idle();
    co_await listener->stop(100ms);
    co_return findings;
}

TEST_F(Doctor, asks_line_for_what_it_knows) {
    EXPECT_THAT(complaints(run(ask({}, patient))), IsEmpty());
    Line line;
    line.endpoint = R"({"endpoint":"https://old.example/hook","active":true})";
    line.used = R"({"totalUsage":170})";
    EXPECT_THAT(complaints(run(ask(line, patient))), ElementsAre("line-main: LINE sends to https://old.example/hook, this channel's path is /webhook/line",
                                                                 "line-main: 170 of 200 paid messages of this month are used"));
    line = {};
    line.endpoint = R"({"endpoint":"https://shop.example/webhook/line","active":false})";
    EXPECT_THAT(complaints(run(ask(line, patient))), ElementsAre("line-main: the webhook is switched off"));
    line = {};
    line.endpoint_status = 401;
    EXPECT_THAT(complaints(run(ask(line, patient))), ElementsAre("line-main: LINE refuses the access token"));
}

}  // namespace
}  // namespace kefu
