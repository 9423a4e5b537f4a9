// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/text_notifier.hpp"

#include "daemon/connect/text_split.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_peer.hpp"
#include "tests/support/shared_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>

/// Slack, Teams, Discord, WeCom, DingTalk, Feishu and Telegram as places where teams read.
namespace kefu {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using Kind = SendResult::Kind;

Timestamp const start = from_millis(1'764'000'000'123);
std::string const hostile = "<!channel> @everyone <at user_id=\"all\"></at> *bold* `x` & [a](http://evil)";

NotifierSettings settings_for(std::string const& url) {
    NotifierSettings settings;
    settings.id = "team";
    settings.locale = "en";
    settings.allow_private_addresses = true;
    settings.slack.url = settings.teams.url = settings.discord.url = settings.wecom.url = settings.feishu.url = Secret{url + "/hook?key=secret-part"};
    settings.dingtalk.url = Secret{url + "/robot/send?access_token=secret-part"};
    settings.telegram.token = Secret{"777:secret-part"};
    settings.telegram.chat = "-100";
    settings.telegram.api_base = url;
    return settings;
}

Notice notice(int number, std::string quote = "I want a refund", bool urgent = false) {
    Notice notice;
    notice.id = EffectId{"c/1#" + std::to_string(number)};
    notice.view.conversation.id = ConversationId{"c/" + std::to_string(number)};
    notice.view.conversation.sender = "customer-" + std::to_string(number);
    HistoryLine line;
    line.text = std::move(quote);
    line.at = start;
    notice.view.history.push_back(std::move(line));
    notice.link = "https://kefud.example/#/conversation/c/" + std::to_string(number);
    EscalationRow row;
    row.id = static_cast<std::uint64_t>(number);
    row.what.reason = "abuse";
    row.what.tier = "supervisor";
    row.what.urgent = urgent;
    notice.escalation = row;
    return notice;
}

std::array<TextPlatform const*, 7> all_platforms() {
    return {&slack_platform(), &teams_platform(), &discord_platform(), &wecom_platform(), &dingtalk_platform(), &feishu_platform(), &telegram_platform()};
}

/// The text in a body, wherever the platform wants it.
std::string text_in(std::string const& body) {
    auto const root = json::parse(body).as_object();
    if (auto const* content = root.if_contains("content"); content != nullptr && content->is_string()) return std::string{content->as_string()};
    if (root.contains("attachments")) return std::string{root.at("attachments").at(0).at("content").at("body").at(0).at("text").as_string()};
    auto const* text = root.if_contains("text");
    if (text != nullptr && text->is_string()) return std::string{text->as_string()};
    if (text != nullptr) return std::string{text->at("content").as_string()};
    return std::string{root.at("content").at("text").as_string()};
}

Response taken() { return json_response(R"({"errcode":0,"code":0,"ok":true})"); }

struct Played {
    std::vector<SendResult> results;
    std::vector<Request> seen;
};

struct Script {
    TextPlatform const* platform;
    std::vector<Notice> notices;
    std::deque<Response> answers;
    std::chrono::milliseconds between{0};
    std::size_t again = 0;  ///< how many of the first are tried again a minute later
};

net::awaitable<Played> play(Script script) {
    auto const executor = co_await this_coro::executor;
    ScriptedPeer peer{executor};
    peer.answers = std::move(script.answers);
    HttpClient http{executor};
    Timestamp now = start;
    auto const notifier = make_text_notifier(settings_for(peer.url()), *script.platform, http, [&now] { return now; });
    Played played;
    for (auto const& one : script.notices) {
        Notice copy = one;
        SendAttempt const first;
        SendResult result = co_await notifier->notify(std::move(copy), first);
        played.results.push_back(std::move(result));
        now += script.between;
    }
    now += 1min;
    for (std::size_t i = script.notices.size() - script.again; i < script.notices.size(); ++i) {
        Notice copy = script.notices[i];
        SendAttempt const first;
        SendResult result = co_await notifier->notify(std::move(copy), first);
        played.results.push_back(std::move(result));
    }
    http.close_idle();
    co_await peer.stop();
    played.seen = std::move(peer.seen);
    co_return played;
}
Played played(Script script) { return run(play(std::move(script))); }

TEST(TextNotifier, customers_words_call_nobody_and_are_no_markup) {
    for (auto const* platform : all_platforms()) {
        SCOPED_TRACE(platform->name);
        auto const outcome = played({platform, {notice(1, hostile)}, {taken()}});
        ASSERT_EQ(outcome.results.at(0).kind, Kind::delivered) << outcome.results.at(0).detail;
        std::string const text = text_in(outcome.seen.at(0).body);
        if (platform == &slack_platform() || platform == &feishu_platform()) {
            EXPECT_THAT(text, Not(HasSubstr("<")));
        }
        if (platform == &teams_platform() || platform == &discord_platform()) {
            EXPECT_THAT(text, HasSubstr("\\*bold\\*"));
            EXPECT_THAT(text, HasSubstr("\\[a\\]\\("));
        }
    }
    auto const discord = played({&discord_platform(), {notice(1, hostile)}, {taken()}});
    EXPECT_EQ(json::serialize(json::parse(discord.seen.at(0).body).at("allowed_mentions")), R"({"parse":[]})");
    EXPECT_THAT(discord.seen.at(0).target, HasSubstr("&wait=true"));
    auto const slack = played({&slack_platform(), {notice(1, hostile)}, {text_response("ok")}});
    EXPECT_THAT(text_in(slack.seen.at(0).body), HasSubstr("&lt;!channel&gt;"));
}

TEST(TextNotifier, no_text_is_longer_than_its_platform_takes_nor_cut_inside_a_character) {
    std::string const family = "👨‍👩‍👧‍👦";
    std::string text;
    while (text.size() < 60'000) text += family + "<好";
    for (auto const* platform : all_platforms()) {
        SCOPED_TRACE(platform->name);
        std::string const cut = fitted(text, *platform);
        std::size_t const length = platform->unit == TextPlatform::Unit::bytes ? cut.size() : utf16_length(cut);
        EXPECT_LE(length, platform->most);
        EXPECT_GT(length, platform->most - 40);
        ASSERT_TRUE(cut.ends_with("…"));
        auto const whole = graphemes(cut.substr(0, cut.size() - std::string_view{"…"}.size()));
        EXPECT_TRUE(whole.back() == family || whole.back() == "好" || std::string{platform->escape("<")}.ends_with(whole.back())) << whole.back();
    }
    EXPECT_EQ(fitted("short", wecom_platform()), "short");
}

struct AnswerCase {
    char const* name;
    TextPlatform const& (*platform)();
    Response answer;
    Kind kind;
    std::chrono::milliseconds after{-1};
};
void PrintTo(AnswerCase const& one, std::ostream* out) { *out << one.name; }

Response with_retry_after(int status, std::string seconds) {
    Response response = text_response("", status);
    response.headers.set("Retry-After", std::move(seconds));
    return response;
}

class TextNotifierAnswer : public testing::TestWithParam<AnswerCase> {};

TEST_P(TextNotifierAnswer, is_read_as_it_is_meant) {
    auto const& one = GetParam();
    auto const outcome = played({&one.platform(), {notice(1)}, {one.answer}});
    auto const& result = outcome.results.at(0);
    EXPECT_EQ(result.kind, one.kind) << result.detail;
    if (one.after >= 0ms) {
        EXPECT_EQ(result.after, one.after);
    }
    EXPECT_THAT(result.detail, Not(HasSubstr("secret-part")));
    EXPECT_THAT(result.detail, Not(HasSubstr("refund")));
}

Response code(std::string const& key, int value) { return json_response("{\"" + key + "\":" + std::to_string(value) + ",\"errmsg\":\"why\"}"); }

INSTANTIATE_TEST_SUITE_P(
    Answers, TextNotifierAnswer,
    testing::Values(AnswerCase{"slack_ok", slack_platform, text_response("ok"), Kind::delivered},
                    AnswerCase{"slack_gone", slack_platform, text_response("no_service", 404), Kind::refused},
                    AnswerCase{"slack_too_fast", slack_platform, with_retry_after(429, "30"), Kind::retry, 30s},
                    AnswerCase{"slack_down", slack_platform, text_response("", 503), Kind::retry, 4s},
                    AnswerCase{"teams_started", teams_platform, text_response("", 202), Kind::delivered},
                    AnswerCase{"teams_flow_off", teams_platform, text_response("", 401), Kind::refused},
                    AnswerCase{"discord_too_fast", discord_platform, json_response(R"({"retry_after":0.3251,"global":false})", 429), Kind::retry, 326ms},
                    AnswerCase{"discord_gone", discord_platform, json_response(R"({"code":10015})", 404), Kind::refused},
                    AnswerCase{"wecom_ok", wecom_platform, code("errcode", 0), Kind::delivered},
                    AnswerCase{"wecom_too_fast", wecom_platform, code("errcode", 45009), Kind::retry, 60s},
                    AnswerCase{"wecom_gone", wecom_platform, code("errcode", 93000), Kind::refused},
                    AnswerCase{"wecom_200_with_anything", wecom_platform, text_response("<html>"), Kind::retry},
                    AnswerCase{"dingtalk_ok", dingtalk_platform, code("errcode", 0), Kind::delivered},
                    AnswerCase{"dingtalk_sign", dingtalk_platform, code("errcode", 310000), Kind::refused},
                    AnswerCase{"dingtalk_blocked", dingtalk_platform, code("errcode", 130101), Kind::retry, 10min},
                    AnswerCase{"feishu_ok", feishu_platform, code("code", 0), Kind::delivered},
                    AnswerCase{"feishu_old_ok", feishu_platform, code("StatusCode", 0), Kind::delivered},
                    AnswerCase{"feishu_sign", feishu_platform, code("code", 19021), Kind::refused},
                    AnswerCase{"feishu_crowded", feishu_platform, code("code", 11232), Kind::retry, 30s},
                    AnswerCase{"feishu_400_with_code", feishu_platform, json_response(R"({"code":9499})", 400), Kind::refused},
                    AnswerCase{"telegram_too_fast", telegram_platform, json_response(R"({"ok":false,"parameters":{"retry_after":9}})", 429), Kind::retry, 9s},
                    AnswerCase{"telegram_thrown_out", telegram_platform, json_response(R"({"ok":false,"description":"kicked"})", 403), Kind::refused}),
    [](auto const& test) { return std::string{test.param.name}; });

TEST(TextNotifier, what_is_too_much_for_a_minute_becomes_one_digest) {
    std::vector<Notice> notices;
    std::deque<Response> answers;
    for (int i = 1; i <= 22; ++i) notices.push_back(notice(i, "x", i == 22));
    for (int i = 0; i < 20; ++i) answers.push_back(taken());
    auto const outcome = played({&wecom_platform(), notices, answers, 0ms, 4});
    ASSERT_EQ(outcome.results.size(), 26U);
    for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(outcome.results[i].kind, Kind::delivered);
    for (std::size_t i = 18; i < 22; ++i) {
        EXPECT_EQ(outcome.results[i].kind, Kind::retry);
        EXPECT_EQ(outcome.results[i].after, 60s);
    }
    for (std::size_t i = 22; i < 26; ++i) EXPECT_EQ(outcome.results[i].kind, Kind::delivered);
    ASSERT_EQ(outcome.seen.size(), 19U) << "four notices in one message";
    std::string const digest = text_in(outcome.seen.back().body);
    EXPECT_THAT(digest, HasSubstr("Cases waiting: 4"));
    for (auto const* who : {"customer-19", "customer-20", "customer-21", "customer-22"}) EXPECT_THAT(digest, HasSubstr(who));
    EXPECT_LT(digest.find("customer-22"), digest.find("customer-19")) << "the urgent one first";
}

struct SideBySide {
    std::vector<SendResult> results;
    std::vector<Request> seen;
};

/// Twenty notices of which two wait for the next minute; then both come at once, then the second again, then a new one.
net::awaitable<SideBySide> play_side_by_side() {
    using namespace net::experimental::awaitable_operators;
    auto const executor = co_await this_coro::executor;
    ScriptedPeer peer{executor};
    for (int i = 0; i < 20; ++i) peer.answers.push_back(taken());
    HttpClient http{executor};
    Timestamp now = start;
    auto const notifier = make_text_notifier(settings_for(peer.url()), wecom_platform(), http, [&now] { return now; });
    SendAttempt const first;
    for (int i = 1; i <= 20; ++i) (void)co_await notifier->notify(notice(i), first);
    now += 1min;
    auto [one, other] = co_await (notifier->notify(notice(19), first) && notifier->notify(notice(20), first));
    SideBySide all;
    all.results = std::vector<SendResult>{std::move(one), std::move(other)};
    for (int i = 20; i <= 21; ++i) {
        auto result = co_await notifier->notify(notice(i), first);
        all.results.push_back(std::move(result));
    }
    http.close_idle();
    co_await peer.stop();
    all.seen = std::move(peer.seen);
    co_return all;
}

TEST(TextNotifier, a_notice_that_is_in_a_digest_on_its_way_is_not_told_beside_it) {
    auto const all = run(play_side_by_side());
    EXPECT_EQ(all.results[0].kind, Kind::delivered);
    EXPECT_EQ(all.results[1].kind, Kind::retry);
    EXPECT_EQ(all.results[2].kind, Kind::delivered) << "told in the digest";
    ASSERT_EQ(all.seen.size(), 20U);
    EXPECT_THAT(text_in(all.seen[18].body), HasSubstr("Cases waiting: 2"));
    EXPECT_THAT(text_in(all.seen[19].body), testing::AllOf(HasSubstr("customer-21"), Not(HasSubstr("customer-20"))));
}

TEST(TextNotifier, what_does_not_fit_into_a_digest_waits_for_the_next) {
    std::vector<Notice> notices;
    std::deque<Response> answers;
    for (int i = 1; i <= 68; ++i) notices.push_back(notice(i, "x"));
    for (int i = 0; i < 36; ++i) answers.push_back(taken());
    auto const outcome = played({&wecom_platform(), notices, answers, 0ms, 50});
    std::string said;
    for (std::size_t i = 18; i < outcome.seen.size(); ++i) said += text_in(outcome.seen[i].body);
    EXPECT_LT(outcome.seen.size(), 18U + 12U) << "fifty notices in a few digests";
    for (int i = 19; i <= 68; ++i) EXPECT_THAT(said, HasSubstr("customer-" + std::to_string(i)));
    for (std::size_t i = 68; i < outcome.results.size(); ++i) EXPECT_EQ(outcome.results[i].kind, Kind::delivered) << i;
}

TEST(TextNotifier, signs_as_the_vectors_do) {
    // From signature-vectors.json.
    Secret const ding{"SECkefudtest0123456789abcdef0123456789abcdef0123456789abcdef01234567"};
    EXPECT_EQ(dingtalk_sign(ding, "1764000000123"), "ohQ7E0PtMoj9Rkudx6IpipsY9/wTrb1RRTZIjLGpk78=");
    EXPECT_EQ(feishu_sign(Secret{"kefudFeishuTestSecret01"}, "1764000000"), "xCRScVm+0eHxpB4ISZXvtgjNookU5PqcgtTkzL0X6Lo=");
    auto settings = settings_for("http://robot");
    settings.dingtalk.secret = ding;
    EXPECT_EQ(dingtalk_platform().request(settings, "x", start).url,
              "http://robot/robot/send?access_token=secret-part&timestamp=1764000000123&sign=ohQ7E0PtMoj9Rkudx6IpipsY9%2FwTrb1RRTZIjLGpk78%3D");
    settings.feishu.secret = Secret{"kefudFeishuTestSecret01"};
    auto const feishu = json::parse(feishu_platform().request(settings, "需要人工介入", start).body);
    EXPECT_EQ(feishu.at("timestamp"), "1764000000");
    EXPECT_EQ(feishu.at("sign"), "xCRScVm+0eHxpB4ISZXvtgjNookU5PqcgtTkzL0X6Lo=");
}

}  // namespace
}  // namespace kefu
