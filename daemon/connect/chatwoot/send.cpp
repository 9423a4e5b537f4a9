// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/chatwoot/chatwoot.hpp"
#include "daemon/connect/fetch_content.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/connect/send_parts.hpp"
#include "daemon/connect/text_split.hpp"
#include "daemon/notify/notifiers.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace kefu::chatwoot {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t text_units = 10'000;
constexpr int tries_most = 12;  // of a hand-over; people hear by the other notifiers too

/// ".../api/v1/accounts/1/conversations/7/messages" for "1/7" and "messages".
ClientRequest call(ChannelSettings const& settings, std::string const& to, std::string_view what, json::object const& body) {
    auto const slash = to.find('/');
    ClientRequest request;
    request.url = settings.chatwoot.url + "/api/v1/accounts/" + to.substr(0, slash) + "/conversations/" +
                  (slash == std::string::npos ? std::string{} : to.substr(slash + 1)) + '/' + std::string{what};
    request.headers.set("Content-Type", "application/json");
    request.headers.set("api_access_token", settings.chatwoot.access_token.reveal());
    request.body = json::serialize(body);
    request.connect_timeout = settings.send.connect;
    request.timeout = settings.send.timeout;
    return request;
}

SendResult read_answer(Result<Response> const& response) {
    using Kind = SendResult::Kind;
    if (!response) return without_answer(response.error());
    int const status = response->status;
    SendResult result;
    if (status >= 200 && status < 300) {
        auto const body = payload::read_object(response->body);
        if (!body) return answer_unreadable("Chatwoot", status);
        if (auto id = payload::id_of(*body, "id"); !id.empty()) result.platform_ids.push_back(std::move(id));
        return result;
    }
    if (status >= 500) return answer_unreadable("Chatwoot", status);
    result.detail = "Chatwoot answered " + std::to_string(status);
    result.kind = Kind::refused;
    if (status == 429) {
        result.kind = Kind::retry;
        result.after = 5s;
    } else if (status == 401 || status == 403) {
        result.kind = Kind::hold;
        result.after = 60s;
        result.detail += "; check the agent bot's access token, and that the proxy in front lets the header api_access_token through";
    } else if (status == 404) {
        result.unreachable = true;
    }
    return result;
}

class ChatwootConnector final : public Connector {
  public:
    explicit ChatwootConnector(ChannelSetup setup)
        : Connector(std::move(setup.settings), std::move(setup.policy)), http_(setup.http), account_{channel(), settings().chatwoot.account} {}

    Result<Parsed> parse(Request const& request, Timestamp now) const override {
        if (auto const genuine = verify(request, settings().chatwoot.secrets, now); !genuine) return genuine.error();
        return chatwoot::parse(account_, request.headers.get("X-Chatwoot-Delivery"), request.body, now);
    }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        std::vector<std::string> texts;
        for (auto const& message : send.messages) {
            if (message.image) texts.push_back(message.image->url);
            for (auto& piece : split_text(message.text, text_units)) texts.push_back(std::move(piece));
        }
        auto send_part = [this, &to, &texts](std::size_t i) { return post(to, texts[i]); };
        SendResult result = co_await send_parts(texts.size(), std::move(send_part), attempt, settings().send);
        co_return result;
    }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        ClientRequest request = content_request(std::move(attachment.url), settings().chatwoot.allow_private_addresses);
        auto content = co_await fetch_content(http_, std::move(request));
        co_return content;
    }

  private:
    net::awaitable<SendResult> post(std::string to, std::string text) {
        json::object const body{{"content", text}, {"message_type", "outgoing"}, {"private", false}};
        ClientRequest request = call(settings(), to, "messages", body);
        auto const response = co_await http_.fetch(std::move(request));
        co_return read_answer(response);
    }

    HttpClient& http_;
    Account account_;
};

class Desk final : public Notifier {
  public:
    Desk(ChannelSettings const& settings, std::string id, HttpClient& http) : settings_(settings), id_(std::move(id)), http_(http) {}
    std::string const& id() const override { return id_; }

    /// Both calls may be repeated: the status is named, and a note twice harms nobody.
    net::awaitable<SendResult> notify(Notice notice, SendAttempt attempt) override {
        std::string const to = notice.view.conversation.sender;
        std::string_view const status = notice.kind == Notice::Kind::escalated ? "open"
                                        : notice.kind == Notice::Kind::told    ? ""
                                        : notice.what == "handed back"         ? "pending"
                                                                               : "resolved";
        SendResult result;
        if (!status.empty()) {
            json::object const body{{"status", status}};  // without it the call toggles
            result = co_await post(to, "toggle_status", body);
        }
        if (result.kind == SendResult::Kind::delivered && notice.kind != Notice::Kind::resolved) {
            json::object const body{{"content", notice_text(notice, settings_.locale)}, {"message_type", "outgoing"}, {"private", true}};
            result = co_await post(to, "messages", body);
        }
        if (result.kind == SendResult::Kind::unknown) result.kind = SendResult::Kind::retry;
        if (result.kind != SendResult::Kind::retry && result.kind != SendResult::Kind::hold) co_return result;
        if (attempt.number >= tries_most) result.kind = SendResult::Kind::refused;
        if (result.after == 0ms) result.after = 2s * (1 << std::min(attempt.number, 7));
        co_return result;
    }

  private:
    net::awaitable<SendResult> post(std::string to, std::string_view what, json::object body) {
        ClientRequest request = call(settings_, to, what, body);
        auto const response = co_await http_.fetch(std::move(request));
        co_return read_answer(response);
    }

    ChannelSettings settings_;
    std::string id_;
    HttpClient& http_;
};

}  // namespace

std::unique_ptr<Connector> make_connector(ChannelSetup setup) { return std::make_unique<ChatwootConnector>(std::move(setup)); }

std::unique_ptr<Notifier> make_desk(ChannelSettings const& settings, std::string id, HttpClient& http) {
    return std::make_unique<Desk>(settings, std::move(id), http);
}

}  // namespace kefu::chatwoot
