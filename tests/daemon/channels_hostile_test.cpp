// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/task_group.hpp"
#include "tests/support/channel_accounts.hpp"
#include "tests/support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <deque>

/// What becomes of a send when the platform misbehaves. None of these platforms knows an idempotency key: whatever may be out is never sent again.
namespace kefu::channel_accounts {
namespace {

using namespace std::chrono_literals;
using net::ip::tcp;
using testing::HasSubstr;
using testing::Not;
using Kind = SendResult::Kind;

std::string answer(int status, std::string const& body, std::string const& more = {}) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more +
           "\r\n" + body;
}

/// Reads each request, writes the next of `answers` byte for byte and closes; an empty one says nothing until the other side gives up.
class RawPeer {
  public:
    RawPeer(net::any_io_executor const& executor, std::deque<std::string> answers) : answers_(std::move(answers)), acceptor_(executor), tasks_(executor) {
        tcp::endpoint const endpoint{net::ip::address_v4::loopback(), 0};
        acceptor_.open(endpoint.protocol());
        acceptor_.bind(endpoint);
        acceptor_.listen();
        tasks_.spawn("accept", accept());
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
    net::awaitable<void> stop() {
        acceptor_.close();
        tasks_.cancel();
        co_await tasks_.join(1s);
    }
    int requests = 0;

  private:
    net::awaitable<void> accept() {
        while (true) {
            tcp::socket socket{acceptor_.get_executor()};
            error_code error;
            co_await acceptor_.async_accept(socket, net::redirect_error(net::use_awaitable, error));
            if (error) co_return;
            tasks_.spawn("serve", serve(std::move(socket)));
        }
    }
    net::awaitable<void> serve(tcp::socket socket) {
        std::string received;
        char buffer[4096];
        error_code error;
        std::size_t wanted = std::string::npos;
        while (received.size() < wanted) {
            auto const n = co_await socket.async_read_some(net::buffer(buffer), net::redirect_error(net::use_awaitable, error));
            if (error) co_return;
            received.append(buffer, n);
            auto const end = received.find("\r\n\r\n");
            auto const length = received.find("Content-Length: ");
            if (end == std::string::npos) continue;
            wanted = end + 4 + (length < end ? std::stoul(received.substr(length + 16)) : 0);
        }
        ++requests;
        std::string const next = answers_.empty() ? answer(418, "{}") : answers_.front();
        if (!answers_.empty()) answers_.pop_front();
        if (next.empty()) {
            co_await socket.async_read_some(net::buffer(buffer), net::redirect_error(net::use_awaitable, error));
            co_return;
        }
        co_await net::async_write(socket, net::buffer(next), net::redirect_error(net::use_awaitable, error));
    }

    std::deque<std::string> answers_;
    tcp::acceptor acceptor_;
    TaskGroup tasks_;
};

struct Misbehaviour {
    char const* name;
    ChannelType type;
    std::deque<std::string> answers;
    Kind kind;
    int requests = 1;
    std::chrono::milliseconds after{-1};  ///< of a retry; -1: whatever
    bool two_texts = false;
    bool maybe_sent = false;
};
void PrintTo(Misbehaviour const& one, std::ostream* out) { *out << one.name; }

struct Outcome {
    SendResult result;
    int requests = 0;
};

net::awaitable<Outcome> play(Misbehaviour one) {
    auto const executor = co_await this_coro::executor;
    RawPeer platform{executor, one.answers};
    HttpClient http{executor};
    auto settings = settings_for(one.type, platform.url());
    settings.send.timeout = 300ms;
    settings.send.first_retry = 10ms;
    auto const connector = make(settings, http, [] { return from_millis(1'764'000'000'000); });
    Send send;
    send.id = EffectId{std::string{name_of(one.type)} + "/1/7#1"};
    send.messages.emplace_back().text = "the parcel is on its way";
    if (one.two_texts) send.messages.emplace_back().text = "and more";
    SendAttempt attempt;
    attempt.maybe_sent = one.maybe_sent;
    Outcome outcome;
    outcome.result = co_await connector->send(std::string("1/7"), std::move(send), attempt);
    http.close_idle();
    co_await platform.stop();
    outcome.requests = platform.requests;
    co_return outcome;
}

class HostilePlatform : public testing::TestWithParam<Misbehaviour> {};

TEST_P(HostilePlatform, never_gets_a_message_twice) {
    auto const& one = GetParam();
    auto const [result, requests] = run(play(one));
    EXPECT_EQ(result.kind, one.kind) << result.detail;
    EXPECT_EQ(requests, one.requests);
    if (one.after >= 0ms) {
        EXPECT_EQ(result.after, one.after);
    }
    EXPECT_FALSE(result.maybe_sent) << "there is no key that would make another try safe";
    for (auto const* hidden : {telegram_token, telegram_secret, graph_token, chatwoot_token, "parcel"}) EXPECT_THAT(result.detail, Not(HasSubstr(hidden)));
}

std::vector<Misbehaviour> cases() {
    std::vector<Misbehaviour> all;
    struct Words {
        ChannelType type;
        std::string taken, busy, revoked, temporary;
    };
    std::string const graph_fine = R"({"message_id":"m","messages":[{"id":"w"}]})";
    auto const graph = [](int code) { return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":"no"}})"; };
    Words const platforms[] = {
        {ChannelType::telegram, answer(200, R"({"ok":true,"result":{"message_id":1}})"),
         answer(429, R"({"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}})"),
         answer(401, R"({"ok":false,"error_code":401,"description":"Unauthorized"})"),
         answer(500, R"({"ok":false,"error_code":500,"description":"Internal"})")},
        {ChannelType::messenger, answer(200, graph_fine), answer(400, graph(613)), answer(400, graph(190)), answer(500, graph(2))},
        {ChannelType::whatsapp, answer(200, graph_fine), answer(400, graph(131056)), answer(401, graph(190)), answer(500, graph(131016))},
        {ChannelType::chatwoot, answer(200, R"({"id":5})"), answer(429, "Retry later"), answer(401, R"({"error":"Invalid"})"), {}},
    };
    for (auto const& [type, taken, busy, revoked, temporary] : platforms) {
        all.push_back({"takes_it", type, {taken}, Kind::delivered});
        all.push_back({"is_silent", type, {""}, Kind::unknown});
        all.push_back({"cuts_the_answer", type, {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"ok\":tr"}, Kind::unknown});
        all.push_back({"cuts_before_the_answer", type, {"HTTP/1."}, Kind::unknown});
        all.push_back({"is_not_http", type, {"hello there\r\n\r\n"}, Kind::unknown});
        all.push_back({"says_200_without_json", type, {answer(200, "<html>")}, Kind::unknown});
        all.push_back({"hides_behind_a_gateway", type, {answer(502, "<html>Bad Gateway")}, Kind::unknown});
        all.push_back({"is_busy",
                       type,
                       {busy},
                       Kind::retry,
                       1,
                       type == ChannelType::telegram    ? 7s
                       : type == ChannelType::messenger ? 30s
                       : type == ChannelType::whatsapp  ? 6s
                                                        : 5s});
        all.push_back({"took_the_token_back", type, {revoked}, Kind::hold});
        if (!temporary.empty()) all.push_back({"says_it_failed", type, {temporary}, Kind::retry});
        all.push_back({"goes_away_between_two_texts", type, {taken, ""}, Kind::unknown, 2, -1ms, true});
        all.push_back({"refuses_the_second_text", type, {taken, revoked}, Kind::unknown, 2, -1ms, true});
        all.push_back({"may_have_had_it_before", type, {taken}, Kind::unknown, 0, -1ms, false, true});
        all.push_back({"sends_too_much", type, {answer(200, std::string(2 << 20, ' '))}, Kind::unknown});
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(Platforms, HostilePlatform, testing::ValuesIn(cases()),
                         [](auto const& test) { return std::string{name_of(test.param.type)} + '_' + test.param.name; });

net::awaitable<void> nobody_listens() {
    auto const executor = co_await this_coro::executor;
    HttpClient http{executor};
    for (auto const type : {ChannelType::telegram, ChannelType::messenger, ChannelType::whatsapp, ChannelType::chatwoot}) {
        auto const connector = make(settings_for(type, "http://127.0.0.1:1"), http, [] { return from_millis(1'764'000'000'000); });
        Send send;
        send.messages.emplace_back().text = "hello";
        SendAttempt const first;
        SendResult const result = co_await connector->send(std::string("1/7"), std::move(send), first);
        EXPECT_EQ(result.kind, Kind::retry) << name_of(type);
        EXPECT_GT(result.after, 0ms);
    }
}

TEST(HostilePlatform, that_is_not_there_is_tried_again) { run(nobody_listens()); }

TEST(HostileSender, gets_nothing_in_without_the_secret) {
    net::io_context io;
    HttpClient http{io.get_executor()};
    Timestamp const now = from_millis(1'764'000'000'000);
    for (auto const type : {ChannelType::telegram, ChannelType::messenger, ChannelType::whatsapp, ChannelType::chatwoot}) {
        auto const connector = make(settings_for(type, "http://127.0.0.1:1"), http, [now] { return now; });
        Request request;
        request.method = "POST";
        request.body = R"({"update_id":1,"entry":[],"object":"page","event":"x"})";
        EXPECT_EQ(connector->parse(request, now).error().code, Errc::unauthorized) << name_of(type);
        for (auto const* header : {"X-Telegram-Bot-Api-Secret-Token", "X-Hub-Signature-256", "X-Hub-Signature", "X-Chatwoot-Signature"})
            request.headers.set(header, "sha256=0000000000000000000000000000000000000000000000000000000000000000");
        request.headers.set("X-Chatwoot-Timestamp", "1764000000");
        EXPECT_EQ(connector->parse(request, now).error().code, Errc::unauthorized) << name_of(type);
    }
}

}  // namespace
}  // namespace kefu::channel_accounts
