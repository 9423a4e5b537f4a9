// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/send.hpp"

#include "daemon/connect/line/line.hpp"
#include "daemon/crypto.hpp"
#include "daemon/log.hpp"
#include "daemon/net/backoff.hpp"

#include <utility>

namespace kefu::line {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr auto token_life = 50s;      // LINE: "within one minute of receiving"; the rest is the way there
constexpr auto retry_key_life = 24h;  // LINE, "Retry an API request": a key is remembered for 24 hours

/// The same messages with nothing but text: what is left to try when LINE refuses an object.
json::array plain_text_only(json::array const& messages) {
    json::array plain;
    for (auto const& message : messages) {
        auto const& object = message.as_object();
        if (object.at("type") == "text") plain.push_back(json::object{{"type", "text"}, {"text", object.at("text")}});
        if (object.at("type") == "flex") plain.push_back(json::object{{"type", "text"}, {"text", object.at("altText")}});
    }
    return plain;
}

}  // namespace

net::awaitable<SendResult> Sender::send(std::string to, Send send, SendAttempt attempt) {
    bool const to_team = send.by == "kefud";
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
        SendResult more = co_await push(to, std::move(key), std::move(next), attempt, to_team ? PushFor::team : PushFor::customer);
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

/// Reply has no idempotency key. After a try whose outcome we did not see, the same token is asked again, as it works only once: accepted means that
/// nothing was out before. Refused does not mean that it arrived: the token may have died unused. Silence over a double answer, and people are told.
net::awaitable<Sender::Replied> Sender::reply(std::string to, Send send, json::array messages, SendAttempt attempt) {
    bool maybe_sent = attempt.maybe_sent;
    Answer answer;
    for (int round = 0; round < 2; ++round) {
        json::object body{{"replyToken", send.reply_handle}, {"messages", messages}};
        answer = co_await calls_->post("/v2/bot/message/reply", std::move(body), std::string());
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
            answer = co_await calls_->post("/v2/bot/message/reply", std::move(body), std::string());
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
net::awaitable<SendResult> Sender::push_instead(std::string to, Send send, json::array messages, SendAttempt attempt) {
    // Notices are kefud's own words; all else, also what a colleague writes, is for a customer.
    auto const whom = send.by == "kefud" ? PushFor::team : PushFor::customer;
    SendResult result = co_await push(std::move(to), std::move(send.id.value), std::move(messages), attempt, whom);
    result.handle_spent = true;
    co_return result;
}

/// Push repeats safely under its retry key.
net::awaitable<SendResult> Sender::push(std::string to, std::string name, json::array messages, SendAttempt attempt, PushFor whom) {
    SendResult result;
    auto& live = calls_->live();
    auto const people = people_in(to);
    // What may be out is asked for again: LINE counts it once.
    if (auto objection = attempt.maybe_sent ? std::nullopt : live.ledger.objection(whom, people, clock_())) {
        result = {SendResult::Kind::refused, std::move(*objection), {}, {}};
        co_return result;
    }
    if (attempt.maybe_sent && clock_() - attempt.first_tried >= retry_key_life) {
        result = {SendResult::Kind::unknown, "LINE has forgotten the retry key after 24 hours", {}, {}};
        co_return result;
    }
    std::string const key = uuid_from(channel_.value + '/' + name);
    json::object body{{"to", to}, {"messages", messages}};
    Answer answer = co_await calls_->post("/v2/bot/message/push", std::move(body), key);
    if (answer.kind == Answer::Kind::bad_request && answer.detail.find("Failed to send messages") == std::string::npos) {
        json::array plain = plain_text_only(messages);
        if (!plain.empty() && plain != messages) {
            log_warn("line_refused_rich_message", {{"channel", channel_.value}, {"detail", answer.detail}});
            // Another body needs another key.
            std::string const plain_key = uuid_from(channel_.value + '/' + name + "/plain");
            json::object plain_body{{"to", to}, {"messages", std::move(plain)}};
            answer = co_await calls_->post("/v2/bot/message/push", std::move(plain_body), plain_key);
        }
    }
    bool const maybe_sent = answer.kind == Answer::Kind::ambiguous;
    if (answer.kind == Answer::Kind::accepted) live.ledger.sent(whom, people, clock_());
    if (answer.kind == Answer::Kind::quota_used) live.ledger.used_up(clock_());
    result = settle(std::move(answer), attempt);
    result.maybe_sent = maybe_sent;
    co_return result;
}

std::string Sender::what_to_check() const {
    return calls_->live().token.is_issued()
               ? calls_->live().token.trouble().empty() ? "LINE refused a token it has just issued" : calls_->live().token.trouble()
               : "check access_token of channel " + channel_.value;
}

/// How many paid messages a push to them is.
std::int64_t Sender::people_in(std::string const& to) {
    if (to.starts_with('U')) return 1;
    return calls_->live().groups.people_in(to);
}

SendResult Sender::settle(Answer answer, SendAttempt const& attempt) {
    using Kind = Answer::Kind;
    using End = SendResult::Kind;
    switch (answer.kind) {
        case Kind::accepted:
        case Kind::accepted_before:
            return {End::delivered, std::move(answer.detail), {}, std::move(answer.ids)};
        case Kind::rate_limited:
        case Kind::not_sent:
        case Kind::ambiguous:
            return {End::retry, std::move(answer.detail), backoff_after(attempt.number, random_share(), {limits_.first_retry, limits_.longest_retry}), {}};
        case Kind::unauthorized:
            return {End::hold, std::move(answer.detail) + "; " + what_to_check(), 60s, {}};
        case Kind::quota_used:
            return {End::refused, std::move(answer.detail) + "; the month's paid messages are used up, only replies still work", {}, {}};
        case Kind::forbidden:
        case Kind::invalid_token:
        case Kind::bad_request:
            return {End::refused, std::move(answer.detail), {}, {}};
    }
    return {End::refused, std::move(answer.detail), {}, {}};
}

}  // namespace kefu::line
