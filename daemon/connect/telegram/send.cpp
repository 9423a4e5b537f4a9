// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/fetch_content.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/connect/send_parts.hpp"
#include "daemon/connect/telegram/telegram.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/target.hpp"
#include "daemon/log.hpp"

#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <atomic>
#include <map>
#include <utility>

namespace kefu::telegram {

namespace json = boost::json;
using namespace std::chrono_literals;
using payload::integer_of;
using payload::object_of;
using payload::text_of;

namespace {

constexpr std::size_t content_most = 20u << 20;  // getFile: "bots can download files of up to 20 MB"
constexpr std::size_t moved_most = 10'000;

/// What the Bot API said to one call; "Making requests", ResponseParameters.
struct Answer {
    SendResult result;
    json::object data;     ///< `result` of a call that succeeded
    std::string moved_to;  ///< the group is a supergroup now and has this id
};

Answer read_answer(Result<Response> const& response) {
    using Kind = SendResult::Kind;
    Answer answer;
    if (!response) {
        answer.result = without_answer(response.error());
        return answer;
    }
    auto const body = payload::read_object(response->body);
    bool const says_ok = body && payload::is_true(*body, "ok");
    bool const says_why = body && body->contains("error_code");
    if (!says_ok && !says_why) {
        answer.result = answer_unreadable("Telegram", response->status);
        if (response->status == 401 || response->status == 404 || response->status == 429) answer.result.kind = Kind::hold, answer.result.after = 60s;
        return answer;
    }
    if (says_ok) {
        if (auto const* data = object_of(*body, "result")) answer.data = *data;
        if (auto const id = payload::id_of(answer.data, "message_id"); !id.empty()) answer.result.platform_ids.push_back(id);
        return answer;
    }
    auto const code = integer_of(*body, "error_code").value_or(0);
    SendResult& result = answer.result;
    result.kind = Kind::refused;
    result.detail = "Telegram answered " + std::to_string(code) + ": " + text_of(*body, "description");
    auto const* parameters = object_of(*body, "parameters");
    if (parameters != nullptr) answer.moved_to = payload::id_of(*parameters, "migrate_to_chat_id");
    if (code == 429) {
        auto const seconds = parameters == nullptr ? 1 : integer_of(*parameters, "retry_after").value_or(1);
        result.kind = Kind::retry;
        result.after = std::chrono::seconds{std::clamp<std::int64_t>(seconds, 1, 86'400)};
    } else if (code == 401 || code == 404) {  // a token that is not valid any more
        result.kind = Kind::hold;
        result.after = 60s;
        result.detail += "; check the bot's token";
    } else if (code == 403) {
        result.unreachable = true;
    } else if (code >= 500) {
        result.kind = Kind::retry;  // Telegram's own word that it was not done
    }
    return answer;
}

/// "photos/a b.jpg" within an address: "photos/a%20b.jpg".
std::string encoded(std::string_view path) { return boost::urls::encode(path, boost::urls::unreserved_chars + '/'); }

class TelegramConnector final : public Connector {
  public:
    explicit TelegramConnector(ChannelSetup setup)
        : Connector(std::move(setup.settings), std::move(setup.policy)), http_(setup.http), clock_(std::move(setup.clock)) {
        account_.channel = channel();
        account_.notification_chats = settings().telegram.notification_chats;
        account_.answer_unmentioned = policy().answer_unaddressed;
        std::string const& token = settings().telegram.token.reveal();
        account_.bot_id = token.substr(0, token.find(':'));
    }

    Result<Parsed> parse(Request const& request, Timestamp now) const override {
        // setWebhook, secret_token
        if (!same_secret(request.headers.get("X-Telegram-Bot-Api-Secret-Token"), settings().telegram.webhook_secret.reveal()))
            return Error{Errc::unauthorized, "X-Telegram-Bot-Api-Secret-Token is not ours"};
        Account account = account_;
        if (auto const name = user_name_.load()) account.user_name = *name;
        return telegram::parse(account, request.body, now);
    }

    net::awaitable<Result<void>> prepare() override {
        ClientRequest request = call("getMe", {});
        auto const response = co_await http_.fetch(std::move(request));
        Answer const answer = read_answer(response);
        std::string name = text_of(answer.data, "username");
        if (name.empty()) co_return Error{Errc::unavailable, "getMe: " + answer.result.detail};
        log_info("telegram_bot_known", {{"channel", channel().value}, {"name", name}});
        user_name_.store(std::make_shared<std::string const>(std::move(name)));
        co_return Result<void>{};
    }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        if (auto const pause = pause_for(to); pause > 0ms) {
            SendResult later;
            later.kind = SendResult::Kind::retry;
            later.detail = "Telegram asked for a pause";
            later.after = pause;
            co_return later;
        }
        std::vector<Call> const calls = to_calls(send.messages, send.reply_handle);
        auto send_part = [this, &to, &calls](std::size_t i) { return post(to, calls[i]); };
        SendResult result = co_await send_parts(calls.size(), std::move(send_part), attempt, settings().send);
        if (result.kind == SendResult::Kind::retry && result.after >= 1s) resting_[to] = clock_() + result.after;
        co_return result;
    }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        if (attachment.platform_id.empty()) co_return Error{Errc::not_found, "Telegram has no file for it"};
        json::object parameters{{"file_id", attachment.platform_id}};
        ClientRequest ask = call("getFile", std::move(parameters));
        auto const where = co_await http_.fetch(std::move(ask));
        Answer const answer = read_answer(where);
        std::string const path = text_of(answer.data, "file_path");
        if (path.empty()) {
            bool const never = answer.result.kind == SendResult::Kind::refused || answer.result.kind == SendResult::Kind::delivered;
            co_return Error{never ? Errc::not_found : Errc::unavailable, "getFile: " + answer.result.detail};
        }
        // The Bot API may be the operator's own server, on their own network.
        ClientRequest request = content_request(settings().telegram.api_base + "/file/bot" + settings().telegram.token.reveal() + '/' + encoded(path), true);
        request.max_body = content_most;
        ContentHost host{"Telegram's file server", {401, 403}};
        auto content = co_await fetch_content(http_, std::move(request), std::move(host));
        co_return content;
    }

  private:
    /// The token is part of the URL, which nothing logs.
    ClientRequest call(std::string_view method, json::object parameters) const {
        ClientRequest request;
        request.url = settings().telegram.api_base + "/bot" + settings().telegram.token.reveal() + '/' + std::string{method};
        request.headers.set("Content-Type", "application/json");
        request.body = json::serialize(parameters);
        request.connect_timeout = settings().send.connect;
        request.timeout = settings().send.timeout;
        return request;
    }

    /// A group that became a supergroup has a new id: it is told with the refusal, so nothing was sent and the same may go there.
    net::awaitable<SendResult> post(std::string to, Call one) {
        Answer answer;
        if (auto const moved = moved_.find(to); moved != moved_.end()) to = moved->second;
        for (int round = 0; round < 2; ++round) {
            json::object parameters = one.parameters;
            parameters["chat_id"] = to;
            ClientRequest request = call(one.method, std::move(parameters));
            auto const response = co_await http_.fetch(std::move(request));
            answer = read_answer(response);
            if (answer.moved_to.empty()) break;
            log_info("telegram_group_moved", {{"channel", channel().value}, {"from", to}, {"to", answer.moved_to}});
            if (moved_.size() < moved_most) moved_[to] = answer.moved_to;
            to = answer.moved_to;
        }
        co_return answer.result;
    }

    /// How long nothing may be sent there: Telegram put off this chat, or two chats, which means the whole bot.
    std::chrono::milliseconds pause_for(std::string const& to) {
        Timestamp const now = clock_();
        std::erase_if(resting_, [&](auto const& entry) { return entry.second <= now; });
        if (resting_.empty()) return 0ms;
        if (auto const own = resting_.find(to); own != resting_.end()) return own->second - now;
        if (resting_.size() < 2) return 0ms;
        Timestamp latest{};
        for (auto const& [chat, until] : resting_) latest = std::max(latest, until);
        return latest - now;
    }

    HttpClient& http_;
    Clock clock_;
    Account account_;
    std::atomic<std::shared_ptr<std::string const>> user_name_;  // every thread that takes webhooks reads it
    std::map<std::string, std::string> moved_;                   // groups that became supergroups; learned again after a restart
    std::map<std::string, Timestamp> resting_;                   // chats that Telegram put off
};

}  // namespace

std::unique_ptr<Connector> make_connector(ChannelSetup setup) { return std::make_unique<TelegramConnector>(std::move(setup)); }

}  // namespace kefu::telegram
