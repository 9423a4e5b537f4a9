// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/meta/meta.hpp"
#include "daemon/connect/messenger/messenger.hpp"
#include "daemon/connect/whatsapp/whatsapp.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/router.hpp"
#include "daemon/services.hpp"
#include "tests/support/channel_accounts.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <tuple>

/// Messenger and WhatsApp.
namespace kefu::channel_accounts {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using Kind = SendResult::Kind;

Timestamp const now = from_millis(1'764'000'060'000);
messenger::Account const page{ChannelId{"messenger"}, "11", "200300400"};
whatsapp::Account const number{ChannelId{"whatsapp"}, "1065"};

std::string messaging(std::string const& rest, std::string const& id = "11", std::string const& list = "messaging") {
    return R"({"object":"page","entry":[{"id":")" + id + R"(","time":1,")" + list +
           R"(":[{"sender":{"id":"99"},"recipient":{"id":"11"},"timestamp":1764000000000,)" + rest + "}]}]}";
}
std::string echo(std::string const& rest) {
    return R"({"object":"page","entry":[{"id":"11","messaging":[{"sender":{"id":"11"},"recipient":{"id":"99"},"timestamp":1764000000000,"message":{"mid":"m_9","is_echo":true,)" +
           rest + "}}]}]}";
}
std::string change(std::string const& rest, std::string const& id = "1065") {
    return R"({"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":")" + id +
           R"("},)" + rest + "}}]}]}";
}
std::string status(std::string const& name, std::string const& rest) {
    return change(R"("statuses":[{"id":"wamid.1","timestamp":"1764000000","recipient_id":"1650","status":")" + name + "\"" + rest + "}]");
}

template <class T>
T only(Result<Parsed> const& parsed) {
    return std::get<T>(parsed.value().events.at(0).event);
}

TEST(MessengerParse, an_echo_of_ours_settles_the_send_and_any_other_is_a_person) {
    auto const ours = only<SendReported>(messenger::parse(page, echo(R"("app_id":200300400,"metadata":"messenger/99#3","text":"x")"), now));
    EXPECT_EQ(ours.effect.value, "messenger/99#3");
    EXPECT_EQ(ours.report, DeliveryReport::out);
    EXPECT_TRUE(messenger::parse(page, echo(R"("app_id":200300400,"text":"x")"), now).value().events.empty());
    for (auto const* other : {R"("app_id":5,"text":"Dobrý den")", R"("text":"Dobrý den")"}) {
        auto const person = only<AgentActed>(messenger::parse(page, echo(other), now));
        EXPECT_EQ(person.action, AgentAction::reply);
        EXPECT_TRUE(person.elsewhere);
        EXPECT_EQ(person.text, "Dobrý den");
    }
}

TEST(MessengerParse, a_thread_that_changes_hands_changes_its_owner) {
    auto const taken = only<AgentActed>(messenger::parse(page, messaging(R"("take_thread_control":{"previous_owner_app_id":"200300400"})"), now));
    EXPECT_EQ(taken.action, AgentAction::claim);
    auto const given = only<AgentActed>(messenger::parse(page, messaging(R"("pass_thread_control":{"new_owner_app_id":"200300400"})"), now));
    EXPECT_EQ(given.action, AgentAction::hand_back);
    auto const away = only<AgentActed>(messenger::parse(page, messaging(R"("pass_thread_control":{"new_owner_app_id":"263902037430900"})"), now));
    EXPECT_EQ(away.action, AgentAction::claim);
}

TEST(MessengerParse, takes_its_own_page_and_leaves_the_others) {
    auto const both = messenger::parse(page,
                                       R"({"object":"page","entry":[{"id":"12","messaging":[{"sender":{"id":"1"},"message":{"mid":"a","text":"a"}}]},
                                          {"id":"11","messaging":[{"sender":{"id":"2"},"timestamp":5,"message":{"mid":"b","text":"b"}}]}]})",
                                       now);
    ASSERT_EQ(both.value().events.size(), 1U);
    EXPECT_EQ(both.value().events.front().event_id, "b");
    EXPECT_TRUE(both.value().for_others_too);
    EXPECT_EQ(messenger::parse(page, messaging(R"("message":{"mid":"a"})", "12"), now).error().code, Errc::not_found);
}

TEST(MessengerParse, stickers_old_and_new_withdrawn_messages_and_quick_replies) {
    auto const old = only<MessageReceived>(
        messenger::parse(page, messaging(R"("message":{"mid":"a","attachments":[{"type":"image","payload":{"url":"u","sticker_id":3}}]})"), now));
    EXPECT_EQ(old.message.attachments.at(0).kind, ContentKind::sticker);
    auto const gone = only<MessageUnsent>(messenger::parse(page, messaging(R"("message":{"mid":"a","is_deleted":true})"), now));
    EXPECT_EQ(gone.message.value, "a");
    auto const quick =
        only<MessageReceived>(messenger::parse(page, messaging(R"("message":{"mid":"a","text":"Ano","quick_reply":{"payload":"say:ano, prosím"}})"), now));
    EXPECT_EQ(quick.message.text, "ano, prosím");
    EXPECT_EQ(quick.message.sequence, 1'764'000'000'000);
}

TEST(MessengerParse, a_broken_body_is_named) {
    EXPECT_EQ(messenger::parse(page, "{}", now).error().message, "'entry' is missing or not an array");
    EXPECT_EQ(messenger::parse(page, R"({"object":"page","entry":[5]})", now).error().message, "'entry' holds something that is not an object");
    EXPECT_EQ(messenger::parse(page, R"({"object":"page","entry":[{"id":"11","messaging":[5]}]})", now).error().message,
              "'entry[].messaging' holds something that is not an object");
}

TEST(WhatsAppParse, a_customer_is_known_by_the_user_id_where_there_is_one) {
    auto const event =
        whatsapp::parse(
            number,
            change(
                R"("contacts":[{"profile":{"name":"Ana"},"user_id":"US.1"}],"messages":[{"from":"1650","from_user_id":"US.1","id":"w","timestamp":"1764000000","type":"image","image":{"id":"77","caption":"broken"}}])"),
            now)
            .value()
            .events.at(0);
    EXPECT_EQ(event.sender, "US.1");
    auto const& message = std::get<MessageReceived>(event.event).message;
    EXPECT_EQ(message.sender_name, "Ana");
    EXPECT_EQ(message.text, "broken");
    EXPECT_EQ(message.attachments.at(0).platform_id, "77");
}

TEST(WhatsAppParse, statuses_report_on_the_send_that_they_name) {
    auto const read = whatsapp::parse(number, status("read", R"(,"biz_opaque_callback_data":"whatsapp/US.1#4")"), now).value().events.at(0);
    EXPECT_EQ(read.conversation.value, "whatsapp/US.1");
    EXPECT_EQ(std::get<SendReported>(read.event).effect.value, "whatsapp/US.1#4");
    EXPECT_EQ(std::get<SendReported>(read.event).report, DeliveryReport::read);
    auto const foreign = only<SendReported>(whatsapp::parse(number, status("sent", R"(,"biz_opaque_callback_data":"other/1#4")"), now));
    EXPECT_TRUE(foreign.effect.empty());
    auto const failed = only<SendReported>(whatsapp::parse(number, status("failed", R"(,"errors":[{"code":131047,"title":"Re-engagement message"}])"), now));
    EXPECT_THAT(failed.detail, HasSubstr("131047"));
}

TEST(WhatsAppParse, choices_revocations_and_what_nobody_can_show) {
    auto const chosen = only<MessageReceived>(whatsapp::parse(
        number,
        change(
            R"("messages":[{"from":"1","id":"w","timestamp":"1","type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"say:yes please","title":"Yes"}}}])"),
        now));
    EXPECT_EQ(chosen.message.text, "yes please");
    auto const revoked = only<MessageUnsent>(
        whatsapp::parse(number, change(R"("messages":[{"from":"1","id":"w2","timestamp":"1","type":"revoke","revoke":{"original_message_id":"w"}}])"), now));
    EXPECT_EQ(revoked.message.value, "w");
    auto const strange =
        only<MessageReceived>(whatsapp::parse(number, change(R"("messages":[{"from":"1","id":"w3","timestamp":"1","type":"unsupported"}])"), now));
    EXPECT_EQ(strange.message.attachments.at(0).kind, ContentKind::other);
    EXPECT_EQ(whatsapp::parse(number, change(R"("messages":[])", "9"), now).error().code, Errc::not_found);
}

TEST(WhatsAppWire, user_ids_buttons_and_the_callback_on_the_last) {
    OutboundMessage words;
    words.text = std::string(5000, 'a');
    OutboundMessage question;
    question.text = "Sure?";
    question.quick_replies = {{"Yes", "yes"}, {"No", "no"}};
    auto const wire = whatsapp::to_wire({words, question}, "US.1", EffectId{"whatsapp/US.1#4"});
    ASSERT_EQ(wire.size(), 3U);
    EXPECT_EQ(wire[0].at("recipient").as_string(), "US.1");
    EXPECT_FALSE(wire[0].contains("to"));
    EXPECT_FALSE(wire[0].contains("biz_opaque_callback_data"));
    EXPECT_EQ(wire[2].at("biz_opaque_callback_data").as_string(), "whatsapp/US.1#4");
    EXPECT_EQ(wire[2].at("type").as_string(), "interactive");
    EXPECT_EQ(json::serialize(wire[2].at("interactive").at("action")),
              R"({"buttons":[{"type":"reply","reply":{"id":"say:yes","title":"Yes"}},{"type":"reply","reply":{"id":"say:no","title":"No"}}]})");
    EXPECT_EQ(whatsapp::to_wire({question}, "1650", EffectId{}).at(0).at("to").as_string(), "1650");
}

// The window -------------------------------------------------------------------------------------------------------------------------------

struct WindowCase {
    char const* name;
    ChannelType type;
    SendPurpose purpose;
    std::chrono::hours silent;
    Kind kind;
    char const* tag;  ///< of what went out; empty: a plain answer
    char const* why;
};
void PrintTo(WindowCase const& one, std::ostream* out) { *out << one.name; }

struct Outcome {
    SendResult result;
    std::vector<Request> seen;
};

net::awaitable<Outcome> send_after(WindowCase one) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers = {json_response(R"({"message_id":"m","messages":[{"id":"w"}]})")};
    HttpClient http{executor};
    auto const connector = make(settings_for(one.type, platform.url()), http, [] { return now; });
    Send send;
    send.id = EffectId{"x/1#1"};
    send.purpose = one.purpose;
    send.customer_wrote_at = now - one.silent;
    send.messages.emplace_back().text = "hello";
    Outcome outcome;
    SendAttempt const first;
    outcome.result = co_await connector->send(std::string("99"), std::move(send), first);
    http.close_idle();
    co_await platform.stop();
    outcome.seen = std::move(platform.seen);
    co_return outcome;
}

TEST(MetaHandshake, is_for_any_account_at_the_address) {
    auto const snapshot = std::make_shared<Snapshot>(*load_snapshot(std::nullopt).value());
    for (auto const& [type, path, token] :
         {std::tuple{ChannelType::messenger, "/meta", "page-token"}, std::tuple{ChannelType::whatsapp, "/meta", "number-token"},
          std::tuple{ChannelType::whatsapp, "/other", "other-token"}}) {
        auto& channel = snapshot->settings.channels.emplace_back(settings_for(type, "http://127.0.0.1:1"));
        channel.path = path;
        channel.messenger.verify_token = channel.whatsapp.verify_token = Secret{token};
    }
    auto const services = std::make_shared<Services>();
    services->snapshot = snapshot;
    Router router;
    EXPECT_FALSE(meta::add_handshake(router, "/meta", [services] { return services; })) << "deliveries go the usual way";
    auto const asked = [&](std::string const& token) {
        Request request;
        request.method = "GET";
        request.path = "/meta";
        request.query = {{"hub.mode", "subscribe"}, {"hub.verify_token", token}, {"hub.challenge", "1158201444"}};
        return run(router.handle(std::move(request)));
    };
    EXPECT_EQ(asked("page-token").body, "1158201444");
    EXPECT_EQ(asked("number-token").body, "1158201444");
    EXPECT_EQ(asked("other-token").status, 403);
    EXPECT_EQ(asked("").status, 403);
}

class MetaWindow : public testing::TestWithParam<WindowCase> {};

TEST_P(MetaWindow, decides_who_may_write) {
    auto const& one = GetParam();
    auto const outcome = run(send_after(one));
    EXPECT_EQ(outcome.result.kind, one.kind) << outcome.result.detail;
    EXPECT_THAT(outcome.result.detail, HasSubstr(one.why));
    EXPECT_EQ(outcome.seen.size(), one.kind == Kind::delivered ? 1U : 0U);
    if (outcome.seen.empty()) return;
    EXPECT_EQ(outcome.seen[0].headers.get("Authorization"), std::string{"Bearer "} + graph_token);
    auto const body = json::parse(outcome.seen[0].body).as_object();
    EXPECT_EQ(body.contains("tag") ? std::string{body.at("tag").as_string()} : std::string{}, one.tag);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, MetaWindow,
    testing::Values(WindowCase{"messenger_bot_inside", ChannelType::messenger, SendPurpose::answer, 23h, Kind::delivered, "", ""},
                    WindowCase{"messenger_bot_outside", ChannelType::messenger, SendPurpose::answer, 25h, Kind::refused, "", "24 hours"},
                    WindowCase{"messenger_person_outside", ChannelType::messenger, SendPurpose::agent, 25h, Kind::delivered, "HUMAN_AGENT", ""},
                    WindowCase{"messenger_person_after_a_week", ChannelType::messenger, SendPurpose::agent, 169h, Kind::refused, "", "7 days"},
                    WindowCase{"whatsapp_bot_inside", ChannelType::whatsapp, SendPurpose::answer, 1h, Kind::delivered, "", ""},
                    WindowCase{"whatsapp_person_outside", ChannelType::whatsapp, SendPurpose::agent, 25h, Kind::refused, "", "templates"}),
    [](auto const& test) { return std::string{test.param.name}; });

}  // namespace
}  // namespace kefu::channel_accounts
