// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/line.hpp"
#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/notify/notifiers.hpp"
#include "tests/support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace kefu {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Secret const secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"};
Timestamp const now = *from_rfc3339("2026-11-24T02:00:00Z");

HistoryLine line_of(HistoryLine::Who who, std::string text, std::string state = {}) {
    HistoryLine line;
    line.who = who;
    line.text = std::move(text);
    line.state = std::move(state);
    line.at = now;
    return line;
}

Notice escalated() {
    Notice notice;
    notice.id = EffectId{"line-main/U1#7"};
    notice.time_zone = "Asia/Taipei";
    notice.link = "https://kefud.example/#/conversation/line-main/U1";
    Conversation& conversation = notice.view.conversation;
    conversation.id = ConversationId{"line-main/U1"};
    conversation.channel = ChannelId{"line-main"};
    conversation.sender = "U1";
    conversation.display_name = "小美";
    conversation.language = "zh-Hant";
    conversation.owner = Owner::waiting;
    conversation.heat = 0.9;
    conversation.open.topic = "refund_request";
    conversation.open.tier = "supervisor";
    conversation.open.order = "TW12345678";
    conversation.open.photos = {MessageId{"m1"}, MessageId{"m2"}};
    notice.view.history = {line_of(HistoryLine::Who::customer, "騙子，我要退款"), line_of(HistoryLine::Who::bot, "同仁會盡快回覆您", "delivered")};
    notice.view.history.front().attachments = {ContentKind::image};
    notice.view.history.front().media = {"ab/abcd.jpg"};
    EscalationRow row;
    row.id = 3;
    row.what.reason = "abuse";
    row.what.tier = "supervisor";
    row.what.summary = "angry 0.9 · wants: refund";
    row.what.quote = "騙子，我要退款";
    row.what.evidence = {{0, 6, "zh-Hant/anger", "anger"}, {15, 21, "zh-Hant/refund", "refund_request"}};
    row.what.answer_by = *from_rfc3339("2026-11-24T02:30:00Z");
    notice.escalation = std::move(row);
    return notice;
}

TEST(NoticeJson, holds_everything_an_agent_needs) {
    auto const data = notice_json(escalated());
    EXPECT_EQ(data.at("conversation"), "line-main/U1");
    EXPECT_EQ(data.at("channel"), "line-main");
    EXPECT_EQ(data.at("customer"), "U1");
    EXPECT_EQ(data.at("name"), "小美");
    EXPECT_EQ(data.at("language"), "zh-Hant");
    EXPECT_EQ(data.at("owner"), "waiting");
    EXPECT_EQ(data.at("anger"), 0.9);
    EXPECT_EQ(data.at("case"), json::parse(R"({"topic":"refund_request","tier":"supervisor","order":"TW12345678","phone":"","photos":2})"));
    EXPECT_EQ(data.at("escalation").at("reason"), "abuse");
    EXPECT_EQ(data.at("escalation").at("quote"), "騙子，我要退款");
    EXPECT_EQ(data.at("escalation_id"), 3u);
    EXPECT_EQ(data.at("evidence_words"), "騙子 · 退款");
    EXPECT_EQ(data.at("time_zone"), "Asia/Taipei");
    EXPECT_EQ(data.at("link"), "https://kefud.example/#/conversation/line-main/U1");
    EXPECT_FALSE(data.contains("what"));
    auto const& first = data.at("history").at(0);
    EXPECT_EQ(first,
              json::parse(R"({"who":"customer","at":"2026-11-24T02:00:00.000Z","text":"騙子，我要退款","attachments":["image"],"media":["ab/abcd.jpg"]})"));
    EXPECT_EQ(data.at("history").at(1).at("state"), "delivered");
}

TEST(NoticeJson, names_who_wrote_each_line) {
    Notice notice;
    for (auto const who : {HistoryLine::Who::customer, HistoryLine::Who::bot, HistoryLine::Who::agent, HistoryLine::Who::note})
        notice.view.history.push_back(line_of(who, "x"));
    notice.view.history[2].name = "mei";
    auto const data = notice_json(notice);
    std::vector<std::string> who;
    for (auto const& line : data.at("history").as_array()) who.emplace_back(line.at("who").as_string());
    EXPECT_THAT(who, testing::ElementsAre("customer", "bot", "agent", "note"));
    EXPECT_EQ(data.at("history").at(2).at("name"), "mei");
    EXPECT_FALSE(data.contains("escalation"));
}

TEST(NoticeJson, leaves_out_evidence_whose_place_is_not_in_the_text) {
    auto notice = escalated();
    notice.escalation->what.evidence = {{0, 9000, "r", "t"}, {6, 6, "r", "t"}, {9, 3, "r", "t"}, {0, 6, "r", "t"}};
    EXPECT_EQ(notice_json(notice).at("evidence_words"), "騙子");
}

struct TextCase {
    char const* name;
    char const* locale;
    char const* text;
};
class NoticeText : public testing::TestWithParam<TextCase> {};

TEST_P(NoticeText, is_in_the_language_of_the_team) { EXPECT_EQ(notice_text(escalated(), GetParam().locale), GetParam().text); }

constexpr char const* english =
    "A customer needs a person\nCustomer: 小美\nChannel: line-main · zh-Hant\nOrder: TW12345678\nPhotos: 2\nReason: abuse → supervisor\n"
    "Summary: angry 0.9 · wants: refund\nWords that matched: 騙子 · 退款\nPromised answer by: 2026-11-24 10:30 (Asia/Taipei)\n> 騙子，我要退款\n< "
    "同仁會盡快回覆您\n"
    "https://kefud.example/#/conversation/line-main/U1";
constexpr char const* traditional =
    "有顧客需要專人處理\n顧客: 小美\n頻道: line-main · zh-Hant\n訂單: TW12345678\n照片: 2\n原因: abuse → supervisor\n"
    "摘要: angry 0.9 · wants: refund\n命中的字詞: 騙子 · 退款\n承諾回覆時間: 2026-11-24 10:30 (Asia/Taipei)\n> 騙子，我要退款\n< 同仁會盡快回覆您\n"
    "https://kefud.example/#/conversation/line-main/U1";
constexpr char const* simplified =
    "有顾客需要人工处理\n顾客: 小美\n渠道: line-main · zh-Hant\n订单: TW12345678\n照片: 2\n原因: abuse → supervisor\n"
    "摘要: angry 0.9 · wants: refund\n命中的词: 騙子 · 退款\n承诺回复时间: 2026-11-24 10:30 (Asia/Taipei)\n> 騙子，我要退款\n< 同仁會盡快回覆您\n"
    "https://kefud.example/#/conversation/line-main/U1";
constexpr char const* czech =
    "Zákazník potřebuje člověka\nZákazník: 小美\nKanál: line-main · zh-Hant\nObjednávka: TW12345678\nFotky: 2\nDůvod: abuse → supervisor\n"
    "Souhrn: angry 0.9 · wants: refund\nSlova, která rozhodla: 騙子 · 退款\nSlíbená odpověď do: 2026-11-24 10:30 (Asia/Taipei)\n> 騙子，我要退款\n< "
    "同仁會盡快回覆您\n"
    "https://kefud.example/#/conversation/line-main/U1";

INSTANTIATE_TEST_SUITE_P(Locales, NoticeText,
                         testing::Values(TextCase{"en", "en", english}, TextCase{"en_gb", "en-GB", english}, TextCase{"zh_hant", "zh-Hant", traditional},
                                         TextCase{"zh_hant_tw", "zh-Hant-TW", traditional}, TextCase{"zh_tw", "zh-TW", traditional},
                                         TextCase{"zh", "zh", simplified}, TextCase{"zh_hans", "zh-Hans", simplified}, TextCase{"cs", "cs", czech},
                                         TextCase{"others_get_english", "fr", english}, TextCase{"none_gets_english", "", english}),
                         [](auto const& test) { return std::string{test.param.name}; });

TEST(NoticeText, says_what_is_new_and_that_a_case_is_closed) {
    auto notice = escalated();
    notice.kind = Notice::Kind::told;
    notice.what = "the customer took a message back";
    EXPECT_THAT(notice_text(notice, "en"), StartsWith("Update on a case\n"));
    EXPECT_THAT(notice_text(notice, "en"), HasSubstr("\nthe customer took a message back\n"));
    notice.kind = Notice::Kind::resolved;
    EXPECT_THAT(notice_text(notice, "zh-Hant"), StartsWith("案件已結束\n"));
    EXPECT_THAT(notice_text(notice, "zh-Hans"), StartsWith("会话已结束\n"));
    EXPECT_THAT(notice_text(notice, "cs"), StartsWith("Případ je uzavřen\n"));
}

TEST(NoticeText, leaves_out_what_is_not_known) {
    auto notice = escalated();
    notice.view.conversation.display_name.clear();
    notice.view.conversation.open = {};
    notice.escalation->what.answer_by = {};
    notice.escalation->what.evidence.clear();
    notice.link.clear();
    EXPECT_EQ(notice_text(notice, "en"),
              "A customer needs a person\nCustomer: U1\nChannel: line-main · zh-Hant\nReason: abuse → supervisor\nSummary: angry 0.9 · wants: refund\n> "
              "騙子，我要退款\n"
              "< 同仁會盡快回覆您");
}

TEST(NoticeText, shows_the_last_six_lines_and_cuts_long_ones_between_graphemes) {
    Notice notice;
    notice.view.history.push_back(line_of(HistoryLine::Who::customer, "the first"));
    for (int i = 0; i < 5; ++i) notice.view.history.push_back(line_of(HistoryLine::Who::customer, "line"));
    std::string flags;
    for (int i = 0; i < 300; ++i) flags += "🇨🇿";
    notice.view.history.push_back(line_of(HistoryLine::Who::customer, flags));
    auto const text = notice_text(notice, "en");
    EXPECT_THAT(text, Not(HasSubstr("the first")));
    EXPECT_THAT(text, EndsWith("> " + flags.substr(0, 200 * std::string_view{"🇨🇿"}.size())));
}

// --- on the wire

/// Takes everything and keeps it.
class Desk {
  public:
    explicit Desk(net::any_io_executor const& executor) {
        ListenSettings settings;
        settings.port = 0;
        settings.activation = false;
        listener_ = Listener::open(executor, settings, [this](Request request) { return take(std::move(request)); }).value();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_->port()); }
    net::awaitable<void> stop() { co_await listener_->stop(1s); }

    int status = 200;
    std::vector<Request> seen;

  private:
    net::awaitable<Response> take(Request request) {
        seen.push_back(std::move(request));
        co_return text_response("", status);
    }
    std::unique_ptr<Listener> listener_;
};

struct Outcome {
    SendResult result;
    std::vector<Request> seen;
};

struct Wanted {
    Notice notice = escalated();
    NotifierType type = NotifierType::webhook;
    Secret key = secret;
    bool private_addresses = true;
    int status = 200;
    int number = 1;
};

net::awaitable<Outcome> tell(Wanted wanted) {
    auto const executor = co_await this_coro::executor;
    Desk desk{executor};
    desk.status = wanted.status;
    HttpClient http{executor};
    Clock const clock = [] { return now; };
    ChannelSettings channel;
    channel.id = ChannelId{"line-main"};
    channel.line.api_base = desk.url();
    channel.line.access_token = Secret{"token"};
    auto const line = line::make_connector({channel, ChannelPolicy{}, http, clock});
    NotifierSettings settings;
    settings.id = "desk";
    settings.type = wanted.type;
    settings.url = desk.url() + "/kefud";
    settings.secret = wanted.key;
    settings.allow_private_addresses = wanted.private_addresses;
    settings.group = "Ca56f94637cfa1b2c3d4e5f60718293a4";
    settings.locale = "cs";
    auto const notifier = wanted.type == NotifierType::webhook ? make_webhook_notifier(settings, http, clock) : make_line_group_notifier(settings, *line);
    EXPECT_EQ(notifier->id(), "desk");
    SendAttempt attempt;
    attempt.number = wanted.number;
    Notice notice = wanted.notice;
    Outcome outcome;
    outcome.result = co_await notifier->notify(std::move(notice), attempt);
    http.close_idle();
    co_await desk.stop();
    outcome.seen = std::move(desk.seen);
    co_return outcome;
}

Notice of_kind(Notice::Kind kind) {
    auto notice = escalated();
    notice.kind = kind;
    if (kind != Notice::Kind::escalated) notice.what = "resolved";
    return notice;
}

TEST(WebhookNotifier, posts_each_kind_signed_under_the_id_of_the_notice) {
    for (auto const& [kind, type] :
         {std::pair{Notice::Kind::escalated, "case.escalated"}, {Notice::Kind::told, "case.updated"}, {Notice::Kind::resolved, "case.resolved"}}) {
        auto const outcome = run(tell({.notice = of_kind(kind)}));
        EXPECT_EQ(outcome.result.kind, SendResult::Kind::delivered);
        ASSERT_EQ(outcome.seen.size(), 1u);
        auto const& request = outcome.seen[0];
        EXPECT_EQ(request.path, "/kefud");
        auto const id = webhooks::verify(request.headers, request.body, {secret}, now);
        ASSERT_TRUE(id.has_value()) << id.error().message;
        EXPECT_EQ(*id, "line-main/U1#7");
        auto const body = json::parse(request.body);
        EXPECT_EQ(body.at("type").as_string(), type);
        EXPECT_EQ(body.at("timestamp"), "2026-11-24T02:00:00.000Z");
        EXPECT_EQ(body.at("data"), notice_json(of_kind(kind)));
    }
}

TEST(WebhookNotifier, without_a_key_is_not_signed_and_still_carries_the_id) {
    auto const outcome = run(tell({.key = Secret{}}));
    EXPECT_EQ(outcome.seen.at(0).headers.get("webhook-id"), "line-main/U1#7");
    EXPECT_FALSE(outcome.seen.at(0).headers.has("webhook-signature"));
}

TEST(WebhookNotifier, comes_again_when_the_desk_is_down_and_not_when_it_is_gone) {
    EXPECT_EQ(run(tell({.status = 503})).result.kind, SendResult::Kind::retry);
    EXPECT_EQ(run(tell({.status = 410})).result.kind, SendResult::Kind::refused);
}

TEST(WebhookNotifier, comes_again_as_the_specification_suggests_and_then_gives_up) {
    std::pair<int, std::chrono::milliseconds> const schedule[] = {{1, 5s}, {2, 5min}, {3, 30min}, {4, 2h}, {5, 5h}, {6, 10h}, {7, 14h}, {8, 20h}, {9, 24h}};
    for (auto const& [number, after] : schedule) {
        auto const result = run(tell({.status = 500, .number = number})).result;
        EXPECT_EQ(result.kind, SendResult::Kind::retry);
        EXPECT_EQ(result.after, after) << number;
    }
    auto const last = run(tell({.status = 500, .number = 10})).result;
    EXPECT_EQ(last.kind, SendResult::Kind::refused);
    EXPECT_EQ(last.detail, "the receiver answered 500; given up after 10 tries");
}

TEST(WebhookNotifier, does_not_call_private_addresses_unless_allowed) {
    auto const outcome = run(tell({.private_addresses = false}));
    EXPECT_THAT(outcome.seen, IsEmpty());
    EXPECT_EQ(outcome.result.kind, SendResult::Kind::retry);
    EXPECT_EQ(outcome.result.detail, "127.0.0.1 is not an address of the public internet");
}

TEST(LineGroupNotifier, pushes_an_escalation_in_the_teams_language) {
    auto const outcome = run(tell({.type = NotifierType::line_group}));
    EXPECT_EQ(outcome.result.kind, SendResult::Kind::delivered);
    ASSERT_EQ(outcome.seen.size(), 1u);
    EXPECT_EQ(outcome.seen[0].path, "/v2/bot/message/push");
    EXPECT_NE(outcome.seen[0].headers.get("X-Line-Retry-Key"), "");
    auto const body = json::parse(outcome.seen[0].body);
    EXPECT_EQ(body.at("to"), "Ca56f94637cfa1b2c3d4e5f60718293a4");
    EXPECT_EQ(body.at("messages").at(0).at("text").as_string(), notice_text(escalated(), "cs"));
}

TEST(LineGroupNotifier, spends_nothing_on_updates) {
    for (auto const kind : {Notice::Kind::told, Notice::Kind::resolved}) {
        auto const outcome = run(tell({.notice = of_kind(kind), .type = NotifierType::line_group}));
        EXPECT_EQ(outcome.result.kind, SendResult::Kind::delivered);
        EXPECT_THAT(outcome.seen, IsEmpty());
    }
}

}  // namespace
}  // namespace kefu
