// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/line.hpp"

#include "daemon/crypto.hpp"
#include "daemon/log.hpp"
#include "daemon/net/backoff.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace kefu::line {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr auto token_life = 50s;      // LINE: "within one minute of receiving"; the rest is the way there
constexpr auto retry_key_life = 24h;  // LINE, "Retry an API request": a key is remembered for 24 hours
constexpr std::size_t content_most = 64u << 20;

struct Answer {
    enum class Kind { accepted, invalid_token, bad_request, unauthorized, forbidden, rate_limited, quota_used, ambiguous, not_sent };
    Kind kind = Kind::accepted;
    std::string detail;
    std::vector<std::string> ids;
};

std::string message_of(std::string const& body) {
    error_code error;
    json::value const document = json::parse(body, error);
    auto const* object = error ? nullptr : document.if_object();
    auto const* message = object == nullptr ? nullptr : object->if_contains("message");
    return message != nullptr && message->is_string() ? std::string{message->get_string()} : std::string{};
}

std::vector<std::string> sent_ids(std::string const& body) {
    std::vector<std::string> ids;
    error_code error;
    json::value const document = json::parse(body, error);
    if (error || !document.is_object()) return ids;
    auto const* sent = document.get_object().if_contains("sentMessages");
    if (sent == nullptr || !sent->is_array()) return ids;
    for (auto const& entry : sent->get_array())
        if (auto const* object = entry.if_object(); object != nullptr && object->if_contains("id") != nullptr && object->at("id").is_string())
            ids.emplace_back(object->at("id").get_string());
    return ids;
}

/// "Error responses" of the Messaging API, as what to do about each.
Answer read_answer(Result<Response> const& result) {
    using Kind = Answer::Kind;
    if (!result) {
        bool const sent = result.error().code == Errc::timed_out || result.error().code == Errc::bad_payload || result.error().code == Errc::cancelled;
        return {sent ? Kind::ambiguous : Kind::not_sent, result.error().message, {}};
    }
    Response const& response = *result;
    std::string const message = message_of(response.body);
    std::string detail = "LINE answered " + std::to_string(response.status);
    if (!message.empty()) detail += ": " + message;
    // LINE's support asks for it.
    if (auto const id = response.headers.get("x-line-request-id"); !id.empty()) detail += " (request " + std::string{id} + ")";
    switch (response.status) {
        case 200:
        case 202:
        case 409:  // LINE: an earlier try with this retry key was accepted
            return {Kind::accepted, detail, sent_ids(response.body)};
        case 400:
            return {message.find("Invalid reply token") != std::string::npos ? Kind::invalid_token : Kind::bad_request, detail, {}};
        case 401:
            return {Kind::unauthorized, detail, {}};
        case 403:
            return {Kind::forbidden, detail, {}};
        case 429:
            return {message.find("monthly limit") != std::string::npos ? Kind::quota_used : Kind::rate_limited, detail, {}};
        default:
            return {response.status >= 500 ? Kind::ambiguous : Kind::bad_request, detail, {}};
    }
}

/// The same messages with nothing but text: what is left to try when LINE refuses an object.
json::array plain_text_only(json::array const& messages) {
    json::array plain;
    for (auto const& message : messages) {
        auto const& object = message.as_object();
        if (object.at("type") == "text") plain.push_back(json::object{{"type", "text"}, {"text", object.at("text")}});
    }
    return plain;
}

class LineConnector final : public Connector {
  public:
    LineConnector(ChannelSettings const& settings, ChannelPolicy policy, HttpClient& http, Clock clock)
        : settings_(settings), policy_(std::move(policy)), http_(http), clock_(std::move(clock)), channel_(settings.id) {
        account_.channel = channel_;
        account_.destination = settings.line.destination;
        account_.notification_groups = settings.line.notification_groups;
        account_.answer_unmentioned = policy_.answer_unaddressed;
    }

    ChannelId const& channel() const override { return channel_; }
    ChannelPolicy const& policy() const override { return policy_; }

    Result<Parsed> parse(Request const& request, Timestamp now) const override {
        std::string_view const signature = request.headers.get("x-line-signature");
        if (!verify(request.body, signature, settings_.line.channel_secrets)) return Error{Errc::unauthorized, "the x-line-signature does not match"};
        auto parsed = line::parse(account_, request.body, now);
        // A lone event keeps the signed bytes as evidence; in a batch they would hold other customers' words.
        if (parsed && parsed->events.size() == 1) parsed->events.front().raw = std::string{signature} + '\n' + request.body;
        return parsed;
    }

    net::awaitable<SendResult> send(std::string to, Send send, SendAttempt attempt) override {
        Wire wire = to_wire(send.messages);
        bool const may_reply = !send.reply_handle.empty();
        bool const token_fits = may_reply && clock_() - send.handle_at < token_life;
        bool const was_reply = attempt.maybe_sent && may_reply && attempt.first_tried - send.handle_at < token_life;
        if (was_reply && !token_fits) {
            SendResult lost{SendResult::Kind::unknown, "the reply was on its way when we stopped, and its token is too old to ask LINE", {}, {}};
            co_return lost;
        }
        SendResult result;
        bool used_up = false;
        if (token_fits) {
            Replied replied = co_await reply(to, send, std::move(wire.messages), attempt);
            used_up = replied.used_up;
            result = std::move(replied.result);
        } else {
            result = co_await push_instead(to, send, std::move(wire.messages), attempt);
        }
        for (int part = 1; result.kind == SendResult::Kind::delivered && !wire.rest.empty(); ++part) {
            json::array next;
            while (!wire.rest.empty() && next.size() < 5) {
                next.push_back(std::move(wire.rest.front()));
                wire.rest.erase(wire.rest.begin());
            }
            std::string key = send.id.value + '/' + std::to_string(part);
            SendResult more = co_await push(to, std::move(key), std::move(next), attempt);
            if (more.kind == SendResult::Kind::delivered) {
                result.platform_ids.insert(result.platform_ids.end(), more.platform_ids.begin(), more.platform_ids.end());
                continue;
            }
            more.handle_spent = result.handle_spent;
            result = std::move(more);
            result.detail.insert(0, used_up ? "the first messages may be out, the rest is not: " : "the first messages are out, the rest is not: ");
            result.maybe_sent = true;
        }
        if (used_up && result.kind == SendResult::Kind::delivered) result.kind = SendResult::Kind::unknown;
        bool const again = result.kind == SendResult::Kind::retry || result.kind == SendResult::Kind::hold;
        result.maybe_sent = again && result.maybe_sent;
        result.handle_spent = again && result.handle_spent;
        co_return result;
    }

    net::awaitable<Result<ProfileLearned>> profile(std::string sender) override {
        if (!sender.starts_with('U')) co_return Error{Errc::not_found, "groups have no profile"};
        ClientRequest request = call("GET", settings_.line.api_base + "/v2/bot/profile/" + sender);
        auto const response = co_await http_.fetch(std::move(request));
        if (!response) co_return response.error();
        if (response->status == 404) co_return Error{Errc::not_found, "LINE has no profile for this customer"};
        if (response->status != 200) co_return Error{Errc::unavailable, "LINE answered " + std::to_string(response->status)};
        error_code error;
        json::value const document = json::parse(response->body, error);
        if (error || !document.is_object()) co_return Error{Errc::bad_payload, "the profile is not a JSON object"};
        ProfileLearned learned;
        auto const read = [&](char const* key) {
            auto const* value = document.get_object().if_contains(key);
            return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
        };
        learned.display_name = read("displayName");
        learned.language = read("language");
        co_return learned;
    }

    net::awaitable<Result<Content>> content(Attachment attachment) override {
        if (attachment.platform_id.empty()) co_return Error{Errc::not_found, "LINE does not host this file"};
        ClientRequest request = call("GET", settings_.line.data_base + "/v2/bot/message/" + attachment.platform_id + "/content");
        request.timeout = 60s;
        request.max_body = content_most;
        auto response = co_await http_.fetch(std::move(request));
        if (!response) co_return Error{response.error().code == Errc::bad_payload ? Errc::bad_payload : Errc::unavailable, response.error().message};
        if (response->status == 202) co_return Error{Errc::unavailable, "LINE is still preparing it"};
        if (response->status == 404 || response->status == 410) co_return Error{Errc::not_found, "LINE does not have it any more"};
        if (response->status != 200) co_return Error{Errc::unavailable, "LINE answered " + std::to_string(response->status)};
        Content content;
        content.content_type = std::string{response->headers.get("content-type")};
        content.bytes = std::move(response->body);
        co_return content;
    }

  private:
    ClientRequest call(std::string method, std::string url) const {
        ClientRequest request;
        request.method = std::move(method);
        request.url = std::move(url);
        request.connect_timeout = settings_.send.connect;
        request.timeout = settings_.send.timeout;
        request.headers.set("Authorization", "Bearer " + std::string{settings_.line.access_token.reveal()});
        return request;
    }

    net::awaitable<Answer> post(std::string path, json::object body, std::string retry_key) {
        ClientRequest request = call("POST", settings_.line.api_base + std::move(path));
        request.headers.set("Content-Type", "application/json");
        if (!retry_key.empty()) request.headers.set("X-Line-Retry-Key", std::move(retry_key));
        request.body = json::serialize(body);
        auto const result = co_await http_.fetch(std::move(request));
        Answer answer = read_answer(result);
        co_return answer;
    }

    struct Replied {
        SendResult result;
        bool used_up = false;  ///< counts as delivered, so that the rest follows under its keys; but nobody has seen that it arrived
    };

    /// Reply has no idempotency key. After a try whose outcome we did not see, the same token is asked again, as it works only once: accepted means that
    /// nothing was out before. Refused does not mean that it arrived: the token may have died unused. Silence over a double answer, and people are told.
    net::awaitable<Replied> reply(std::string to, Send send, json::array messages, SendAttempt attempt) {
        bool maybe_sent = attempt.maybe_sent;
        Answer answer;
        for (int round = 0; round < 2; ++round) {
            json::object body{{"replyToken", send.reply_handle}, {"messages", messages}};
            answer = co_await post("/v2/bot/message/reply", std::move(body), std::string());
            if (answer.kind != Answer::Kind::ambiguous) break;
            maybe_sent = true;
            if (clock_() - send.handle_at >= token_life) break;
        }
        using Kind = Answer::Kind;
        Replied replied;
        SendResult& result = replied.result;
        if (answer.kind == Kind::invalid_token && maybe_sent) {
            result.detail = "the reply token is used up, perhaps by the try whose answer we did not see; " + answer.detail;
            replied.used_up = true;
            co_return replied;
        }
        if (answer.kind == Kind::invalid_token) {
            result = co_await push_instead(std::move(to), std::move(send), std::move(messages), attempt);
            co_return replied;
        }
        if (answer.kind == Kind::bad_request && !maybe_sent) {
            json::array plain = plain_text_only(messages);
            if (!plain.empty() && plain != messages) {
                log_warn("line_refused_rich_message", {{"channel", channel_.value}, {"detail", answer.detail}});
                json::object body{{"replyToken", send.reply_handle}, {"messages", std::move(plain)}};
                answer = co_await post("/v2/bot/message/reply", std::move(body), std::string());
            }
        }
        if (answer.kind == Kind::ambiguous) {
            result = {SendResult::Kind::unknown, answer.detail, {}, {}};
            co_return replied;
        }
        result = settle(std::move(answer), attempt);
        result.maybe_sent = maybe_sent;
        co_return replied;
    }

    /// The token is dead or too old: from now on this send is a push. Later tries must not ask the token whether an earlier one is out: it would say
    /// "Invalid reply token", which after a reply leaves it unknown.
    net::awaitable<SendResult> push_instead(std::string to, Send send, json::array messages, SendAttempt attempt) {
        SendResult result = co_await push(std::move(to), std::move(send.id.value), std::move(messages), attempt);
        result.handle_spent = true;
        co_return result;
    }

    /// Push repeats safely under its retry key.
    net::awaitable<SendResult> push(std::string to, std::string name, json::array messages, SendAttempt attempt) {
        SendResult result;
        if (attempt.maybe_sent && clock_() - attempt.first_tried >= retry_key_life) {
            result = {SendResult::Kind::unknown, "LINE has forgotten the retry key after 24 hours", {}, {}};
            co_return result;
        }
        std::string const key = uuid_from(channel_.value + '/' + name);
        json::object body{{"to", to}, {"messages", messages}};
        Answer answer = co_await post("/v2/bot/message/push", std::move(body), key);
        if (answer.kind == Answer::Kind::bad_request && answer.detail.find("Failed to send messages") == std::string::npos) {
            json::array plain = plain_text_only(messages);
            if (!plain.empty() && plain != messages) {
                log_warn("line_refused_rich_message", {{"channel", channel_.value}, {"detail", answer.detail}});
                // Another body needs another key.
                std::string const plain_key = uuid_from(channel_.value + '/' + name + "/plain");
                json::object plain_body{{"to", to}, {"messages", std::move(plain)}};
                answer = co_await post("/v2/bot/message/push", std::move(plain_body), plain_key);
            }
        }
        bool const maybe_sent = answer.kind == Answer::Kind::ambiguous;
        result = settle(std::move(answer), attempt);
        result.maybe_sent = maybe_sent;
        co_return result;
    }

    SendResult settle(Answer answer, SendAttempt const& attempt) {
        using Kind = Answer::Kind;
        using End = SendResult::Kind;
        switch (answer.kind) {
            case Kind::accepted:
                return {End::delivered, std::move(answer.detail), {}, std::move(answer.ids)};
            case Kind::rate_limited:
            case Kind::not_sent:
            case Kind::ambiguous: {
                double const random = std::uniform_real_distribution<>{}(random_);
                return {End::retry,
                        std::move(answer.detail),
                        backoff_after(attempt.number, random, {settings_.send.first_retry, settings_.send.longest_retry}),
                        {}};
            }
            case Kind::unauthorized:
                return {End::hold, std::move(answer.detail) + "; check access_token of channel " + channel_.value, 60s, {}};
            case Kind::quota_used:
                return {End::refused, std::move(answer.detail) + "; the month's paid messages are used up, only replies still work", {}, {}};
            case Kind::forbidden:
            case Kind::invalid_token:
            case Kind::bad_request:
                return {End::refused, std::move(answer.detail), {}, {}};
        }
        return {End::refused, std::move(answer.detail), {}, {}};
    }

    ChannelSettings settings_;
    ChannelPolicy policy_;
    HttpClient& http_;
    Clock clock_;
    ChannelId channel_;
    Account account_;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace

std::unique_ptr<Connector> make_connector(ChannelSettings const& settings, ChannelPolicy policy, HttpClient& http, Clock clock) {
    return std::make_unique<LineConnector>(settings, std::move(policy), http, std::move(clock));
}

}  // namespace kefu::line
