// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/telegram/telegram.hpp"

#include "tests/support/channel_accounts.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace kefu::telegram {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using Kind = SendResult::Kind;

Timestamp const now = from_millis(1'764'000'060'000);
Account const shop{ChannelId{"tg"}, "777", "shop_bot", {"-100999"}, false};

std::string update(std::string const& what, int number = 5) { return "{\"update_id\":" + std::to_string(number) + ',' + what + '}'; }
std::string in_group(std::string const& rest, std::string const& chat = "-100123") {
    return update(R"("message":{"message_id":9,"date":1764000000,"from":{"id":5,"is_bot":false,"first_name":"Jana"},"chat":{"id":)" + chat +
                  R"(,"type":"supergroup"},)" + rest + '}');
}
Parsed read(std::string const& body) { return parse(shop, body, now).value(); }
Message message_in(std::string const& body) {
    auto const parsed = read(body);
    return std::get<MessageReceived>(parsed.events.at(0).event).message;
}

TEST(TelegramParse, a_private_message_has_its_sender_time_and_place) {
    auto const parsed = read(update(
        R"("message":{"message_id":41,"date":1764000000,"from":{"id":5550001234,"is_bot":false,"first_name":"Jana","last_name":"Nová","language_code":"cs"},"chat":{"id":5550001234,"type":"private"},"text":"Kde je balík?"})",
        730000001));
    ASSERT_EQ(parsed.events.size(), 1U);
    auto const& event = parsed.events.front();
    EXPECT_EQ(event.conversation.value, "tg/5550001234");
    EXPECT_EQ(event.sender, "5550001234");
    EXPECT_EQ(event.event_id, "730000001");
    auto const& message = std::get<MessageReceived>(event.event).message;
    EXPECT_EQ(message.sender_name, "Jana Nová");
    EXPECT_EQ(message.sender_language, "cs");
    EXPECT_EQ(message.sequence, 730000001);
    EXPECT_EQ(to_millis(message.sent_at), 1'764'000'000'000);
    EXPECT_TRUE(message.addressed);
}

TEST(TelegramParse, in_a_group_only_a_mention_or_a_reply_is_for_the_bot) {
    EXPECT_FALSE(message_in(in_group(R"("text":"ahoj")")).addressed);
    EXPECT_FALSE(message_in(in_group(R"("text":"@shop_botanist","entities":[{"type":"mention","offset":0,"length":14}])")).addressed);
    // Offsets are UTF-16 units: the parcel is two of them.
    auto const mentioned = message_in(in_group(R"("text":"📦 @Shop_Bot kde?","entities":[{"type":"mention","offset":3,"length":9}])"));
    EXPECT_TRUE(mentioned.addressed);
    EXPECT_EQ(mentioned.text, "📦  kde?");
    EXPECT_EQ(mentioned.reply_handle, "9");
    EXPECT_TRUE(message_in(in_group(R"("text":"kde?","reply_to_message":{"message_id":1,"from":{"id":777,"is_bot":true}})")).addressed);
    auto const command = message_in(in_group(R"("text":"/help@shop_bot me","entities":[{"type":"bot_command","offset":0,"length":14}])"));
    EXPECT_TRUE(command.addressed);
    EXPECT_EQ(command.text, "/help me");
}

TEST(TelegramParse, the_shops_own_group_is_never_answered) {
    EXPECT_FALSE(message_in(in_group(R"("text":"@shop_bot","entities":[{"type":"mention","offset":0,"length":9}])", "-100999")).addressed);
}

TEST(TelegramParse, other_bots_are_not_talked_to) {
    auto const parsed = read(update(R"("message":{"message_id":1,"date":1,"from":{"id":6,"is_bot":true},"chat":{"id":6,"type":"private"},"text":"hi"})"));
    EXPECT_TRUE(parsed.events.empty());
}

TEST(TelegramParse, a_pressed_button_says_its_words_and_stops_waiting) {
    auto const press = [](std::string const& data, std::string const& markup) {
        return update(R"("callback_query":{"id":"77","from":{"id":5,"is_bot":false},"data":")" + data +
                      R"(","message":{"message_id":43,"chat":{"id":5,"type":"private"},"date":1,"reply_markup":)" + markup + "}}");
    };
    auto const ours = read(press("say:díky", "{}"));
    EXPECT_EQ(std::get<ButtonPressed>(ours.events.at(0).event).message.text, "díky");
    EXPECT_EQ(json::parse(ours.answer), json::parse(R"({"method":"answerCallbackQuery","callback_query_id":"77"})"));
    auto const foreign = read(press("refund:yes", R"({"inline_keyboard":[[{"text":"Yes, refund","callback_data":"refund:yes"}]]})"));
    EXPECT_EQ(std::get<ButtonPressed>(foreign.events.at(0).event).message.text, "Yes, refund");
}

TEST(TelegramParse, pictures_of_an_album_are_known_as_such) {
    auto const photo = message_in(update(
        R"("message":{"message_id":1,"date":1764000000,"media_group_id":"7","from":{"id":5},"chat":{"id":5,"type":"private"},"photo":[{"file_id":"small"},{"file_id":"big"}]})"));
    EXPECT_TRUE(photo.of_album);
    EXPECT_EQ(photo.attachments.at(0).platform_id, "big");
}

TEST(TelegramParse, start_welcomes_and_blocking_ends) {
    auto const start = read(update(R"("message":{"message_id":1,"date":1,"from":{"id":5},"chat":{"id":5,"type":"private"},"text":"/start"})"));
    EXPECT_TRUE(std::holds_alternative<Followed>(start.events.at(0).event));
    auto const change = [](std::string const& before, std::string const& after) {
        return update(R"("my_chat_member":{"chat":{"id":5,"type":"private"},"from":{"id":5},"date":1,"old_chat_member":{"status":")" + before +
                      R"("},"new_chat_member":{"status":")" + after + R"("}})");
    };
    EXPECT_TRUE(std::holds_alternative<Unreachable>(read(change("member", "kicked")).events.at(0).event));
    EXPECT_TRUE(std::get<Followed>(read(change("kicked", "member")).events.at(0).event).again);
}

TEST(TelegramParse, a_broken_body_is_named) {
    EXPECT_EQ(parse(shop, "{", now).error().code, Errc::bad_payload);
    EXPECT_EQ(parse(shop, "[]", now).error().message, "the body is not a JSON object");
    EXPECT_EQ(parse(shop, R"({"message":{}})", now).error().message, "'update_id' is missing or not a number");
    EXPECT_EQ(read(update(R"("message":5)")).ignored, std::vector<std::string>{"message"});
}

TEST(TelegramWire, long_texts_are_split_and_buttons_stand_under_the_last) {
    OutboundMessage words;
    words.text = std::string(5000, 'a');
    words.quick_replies = {{"Ano", "ano, prosím"}, {std::string(80, 'x'), std::string(80, 'x')}};
    auto const calls = to_calls({words}, "9");
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].parameters.at("reply_parameters"), json::parse(R"({"message_id":9,"allow_sending_without_reply":true})"));
    EXPECT_FALSE(calls[0].parameters.contains("reply_markup"));
    EXPECT_EQ(json::serialize(calls[1].parameters.at("reply_markup")), R"({"inline_keyboard":[[{"text":"Ano","callback_data":"say:ano, prosím"}]]})");
    EXPECT_FALSE(calls[1].parameters.contains("parse_mode"));
}

// The connector against a stand-in ------------------------------------------------------------------------------------------------------

struct Played {
    std::vector<SendResult> results;
    std::vector<Request> seen;
};

Response api(std::string const& body, int status = 200) { return json_response(body, status); }

net::awaitable<Played> play(std::deque<Response> answers, std::vector<std::string> to) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers = std::move(answers);
    HttpClient http{executor};
    auto const connector = channel_accounts::make(channel_accounts::settings_for(ChannelType::telegram, platform.url()), http, [] { return now; });
    Played played;
    for (auto const& chat : to) {
        Send send;
        send.id = EffectId{"telegram/5#1"};
        send.messages.emplace_back().text = "hello";
        SendAttempt const first;
        SendResult result = co_await connector->send(chat, std::move(send), first);
        played.results.push_back(std::move(result));
    }
    http.close_idle();
    co_await platform.stop();
    played.seen = std::move(platform.seen);
    co_return played;
}
Played played(std::deque<Response> answers, std::vector<std::string> to) { return run(play(std::move(answers), std::move(to))); }

std::string const sent = R"({"ok":true,"result":{"message_id":50}})";
std::string too_many(int seconds) {
    return R"({"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":)" + std::to_string(seconds) + "}}";
}

TEST(TelegramSend, a_group_that_moved_is_written_to_under_its_new_id) {
    auto const outcome = played(
        {api(R"({"ok":false,"error_code":400,"description":"moved","parameters":{"migrate_to_chat_id":-1009}})", 400), api(sent), api(sent)}, {"-9", "-9"});
    EXPECT_EQ(outcome.results.at(0).kind, Kind::delivered);
    ASSERT_EQ(outcome.seen.size(), 3U);
    EXPECT_EQ(json::parse(outcome.seen[1].body).at("chat_id").as_string(), "-1009");
    EXPECT_EQ(json::parse(outcome.seen[2].body).at("chat_id").as_string(), "-1009");
}

TEST(TelegramSend, waits_as_long_as_told_in_one_chat_and_after_two_in_all) {
    auto const outcome = played({api(too_many(35), 429), api(sent), api(too_many(20), 429)}, {"1", "1", "2", "3", "4"});
    EXPECT_EQ(outcome.results.at(0).after, 35s);
    EXPECT_EQ(outcome.results.at(1).after, 35s);  // not asked again
    EXPECT_EQ(outcome.results.at(2).kind, Kind::delivered);
    EXPECT_EQ(outcome.results.at(3).after, 20s);
    EXPECT_EQ(outcome.results.at(4).after, 35s);  // two chats: the whole bot
    EXPECT_EQ(outcome.seen.size(), 3U);
}

TEST(TelegramSend, a_customer_who_blocked_the_bot_cannot_be_reached) {
    auto const outcome = played({api(R"({"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"})", 403)}, {"5"});
    EXPECT_EQ(outcome.results.at(0).kind, Kind::refused);
    EXPECT_TRUE(outcome.results.at(0).unreachable);
}

net::awaitable<void> learn_name_and_file() {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer platform{executor};
    platform.answers = {api(R"({"ok":true,"result":{"id":777,"username":"shop_bot"}})"), api(R"({"ok":true,"result":{"file_path":"photos/1 of 2?.jpg"}})"),
                        text_response("JPEG"), api(R"({"ok":false,"error_code":400,"description":"Bad Request: file is too big"})", 400)};
    HttpClient http{executor};
    auto const connector = channel_accounts::make(channel_accounts::settings_for(ChannelType::telegram, platform.url()), http, [] { return now; });
    Request request;
    request.method = "POST";
    request.headers.set("X-Telegram-Bot-Api-Secret-Token", channel_accounts::telegram_secret);
    request.body = in_group(R"("text":"@shop_bot","entities":[{"type":"mention","offset":0,"length":9}])");
    auto const addressed = [&] { return std::get<MessageReceived>(connector->parse(request, now).value().events.at(0).event).message.addressed; };
    EXPECT_FALSE(addressed());
    auto const ready = co_await connector->prepare();
    EXPECT_TRUE(ready);
    EXPECT_TRUE(addressed());
    Attachment photo;
    photo.platform_id = "big";
    auto const content = co_await connector->content(photo);
    EXPECT_EQ(content.value().bytes, "JPEG");
    auto const too_big = co_await connector->content(photo);
    EXPECT_EQ(too_big.error().code, Errc::not_found);
    EXPECT_EQ(platform.seen.at(2).path, std::string{"/file/bot"} + channel_accounts::telegram_token + "/photos/1 of 2?.jpg");
    EXPECT_TRUE(platform.seen.at(2).target.ends_with("/photos/1%20of%202%3F.jpg")) << platform.seen.at(2).target;
    http.close_idle();
    co_await platform.stop();
}

TEST(TelegramConnector, learns_its_name_and_fetches_files) { run(learn_name_and_file()); }

}  // namespace
}  // namespace kefu::telegram
