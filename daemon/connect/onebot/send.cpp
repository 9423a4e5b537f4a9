// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/link.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/connect/send_parts.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/net/backoff.hpp"
#include "daemon/net/deadline.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

/// The sending half of Link.
namespace kefu::onebot {

namespace json = boost::json;
using namespace std::chrono_literals;
using Kind = SendResult::Kind;

namespace {

constexpr std::size_t most_remembered = 1024;
constexpr auto longest_queue = 10s;  // then the dispatcher's place is free for others
constexpr auto absence_people_hear_of = 60s;

SendResult ended(Kind kind, std::string detail, std::chrono::milliseconds after = 0ms) {
    SendResult result;
    result.kind = kind;
    result.detail = std::move(detail);
    result.after = after;
    return result;
}

/// Over HTTP some faults of an action are told by the status alone (onebot-11 `communication/http.md`).
std::optional<Reply> reply_of_status(int status) {
    if (status != 401 && status != 403 && status != 404) return std::nullopt;
    Reply reply;
    reply.status = "failed";
    reply.code = 1000 + status;
    reply.words = "HTTP " + std::to_string(status);
    return reply;
}

}  // namespace

net::awaitable<Result<Reply>> Link::post(Action action, std::chrono::milliseconds limit) {
    ClientRequest request;
    request.url = settings_.onebot.api;
    bool const v11 = account_.version == OneBotVersion::v11;
    if (v11) request.url += (request.url.ends_with('/') ? "" : "/") + action.name;
    request.body = v11 ? json::serialize(action.params) : write_action(account_, action, {});
    request.headers.set("Content-Type", "application/json");
    if (!settings_.onebot.tokens.empty()) request.headers.set("Authorization", "Bearer " + settings_.onebot.tokens.front().reveal());
    request.connect_timeout = settings_.send.connect;
    request.timeout = limit;
    auto const response = co_await http_.fetch(std::move(request));
    if (!response && response.error().code == Errc::bad_config) co_return Error{Errc::unavailable, response.error().message};
    if (!response && response.error().code != Errc::unavailable) co_return Error{Errc::timed_out, response.error().message};
    if (!response) co_return response.error();
    if (auto reply = reply_of_status(response->status)) co_return std::move(*reply);
    auto reply = read_reply(response->body);
    if (!reply) co_return Error{Errc::timed_out, "the implementation answered " + std::to_string(response->status) + " without saying whether it was done"};
    co_return std::move(*reply);
}

net::awaitable<Result<Reply>> Link::ask_over(std::shared_ptr<Line> line, Action action, std::chrono::milliseconds limit, Job const* job, std::string text,
                                             bool* seen_out) {
    if (!line) {
        if (settings_.onebot.api.empty()) co_return Error{Errc::unavailable, "no implementation is connected"};
        auto reply = co_await post(std::move(action), limit);
        co_return reply;
    }
    if (calls_.full()) co_return Error{Errc::unavailable, "too many actions wait for their answer"};
    auto const executor = co_await this_coro::executor;
    Calls::Call call{calls_, executor, line.get()};
    if (job != nullptr) call.to = job->conversation, call.text = std::move(text);
    if (!line->socket->send(write_action(account_, action, call.echo()))) {
        line->socket->close(close_code::going_away, "does not read");
        co_return Error{Errc::unavailable, "the implementation does not read"};
    }
    auto answer = co_await call.answer(limit);
    if (seen_out != nullptr) *seen_out = call.seen_out;
    co_return answer;
}

net::awaitable<Result<Reply>> Link::ask(Action action, std::chrono::milliseconds limit) {
    auto const self = shared_from_this();
    auto reply = co_await ask_over(line_for(Role::actions), std::move(action), limit, nullptr, {}, nullptr);
    co_return reply;
}

/// Why it cannot go now; it is certainly not out.
std::optional<SendResult> Link::obstacle(SendAttempt const& attempt) {
    auto const now = clock_();
    if (!line_for(Role::actions) && settings_.onebot.api.empty()) {
        bool const for_long = now - std::max(gone_since_, attempt.first_tried) >= absence_people_hear_of;
        return ended(for_long ? Kind::hold : Kind::retry, "no implementation is connected", for_long ? 5s : 1s);
    }
    bool const heard_of = watch_.state(now) != State::dialing;
    if (auto const why = watch_.obstacle(now); heard_of && !why.empty()) return ended(Kind::hold, std::string{why}, 5s);
    if (auto const queue = pace_.backlog(now); queue > longest_queue) return ended(Kind::retry, "the account has too much to say at once", queue);
    return std::nullopt;
}

net::awaitable<SendResult> Link::send(std::string to, Send send, SendAttempt attempt) {
    auto const self = shared_from_this();
    auto const peer = read_peer(to);
    if (!peer) co_return ended(Kind::refused, "the conversation's address is not one of OneBot's");
    if (!attempt.maybe_sent)
        if (auto why_not = obstacle(attempt)) co_return std::move(*why_not);
    Job job;
    job.peer = *peer;
    job.conversation = settings_.id.value + '/' + conversation_of(*peer);
    job.effect = send.id;
    job.by_person = send.purpose == SendPurpose::agent;
    job.since = clock_();
    // In private chats a quotation would only repeat what was just said.
    job.parts = to_parts(send.messages, peer->kind == Peer::Kind::person ? std::string{} : send.reply_handle);
    auto one_part = [this, &job](std::size_t i) { return send_part(job, job.parts[i]); };
    SendResult result = co_await send_parts(job.parts.size(), std::move(one_part), attempt, settings_.send);
    co_return result;
}

net::awaitable<SendResult> Link::send_part(Job const& job, Part const& part) {
    auto const& onebot = settings_.onebot;
    auto const wait = pace_.take(job.conversation, clock_(), onebot.pause, onebot.rate, random_share());
    if (wait > 0ms) {
        bool const slept = co_await sleep_for(wait);
        if (!slept) co_return ended(Kind::retry, "interrupted before it was sent");
    }
    auto const person = persons_.find(job.conversation);
    if (!job.by_person && person != persons_.end() && person->second >= job.since) co_return ended(Kind::refused, "a person took over on the platform");
    std::string const words = part.image.empty() ? part.text : "[picture]";
    own_words_.sent(job.conversation, words, clock_());
    SendResult result = co_await put(job, part);
    if (result.kind == Kind::unknown) {
        if (doubtful_.size() >= most_remembered) doubtful_.pop_front();
        Doubtful doubtful{job.effect, job.conversation, words, clock_()};
        doubtful_.push_back(std::move(doubtful));
    }
    for (auto const& id : result.platform_ids) {
        if (sent_.size() >= most_remembered) sent_.pop_front();
        sent_.push_back(id);
    }
    co_return result;
}

/// v12 has pictures uploaded first; what its implementation cannot show goes as plain text, once.
net::awaitable<SendResult> Link::put(Job const& job, Part const& part) {
    auto const limit = part.image.empty() ? settings_.onebot.answer : 4 * settings_.onebot.answer;
    auto const line = line_for(Role::actions);
    std::string file;
    bool plain = false;
    if (account_.version == OneBotVersion::v12 && !part.image.empty()) {
        Action upload = upload_action(part);
        auto const uploaded = co_await ask_over(line, std::move(upload), limit, nullptr, {}, nullptr);
        if (!uploaded) co_return ended(Kind::retry, "the picture was not uploaded: " + uploaded.error().message, 5s);
        auto const* data = uploaded->data.if_object();
        if (data != nullptr) file = payload::id_of(*data, "file_id");
        plain = file.empty();
    }
    while (true) {
        bool seen_out = false;
        std::string words = part.image.empty() ? part.text : "[picture]";
        Action action = send_action(account_, job.peer, part, file, plain);
        auto const reply = co_await ask_over(line, std::move(action), limit, &job, std::move(words), &seen_out);
        if (!reply && seen_out) co_return ended(Kind::delivered, "its words came back");
        if (!reply) co_return without_answer(reply.error());
        if (!plain && wants_plain_text(account_.version, *reply)) {
            plain = true;
            continue;
        }
        co_return outcome_of(account_.version, *reply);
    }
}

}  // namespace kefu::onebot
