// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/hub_waiting.hpp"
#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/log.hpp"
#include "daemon/net/deadline.hpp"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <utility>

/// A send on its way to a bridge: over its connection, to its callback, or fetched; and what became of it.
namespace kefu::bridge {

using namespace std::chrono_literals;

namespace {

constexpr auto after_deadline = 30s;      // B5: no result by then is unknown
constexpr auto correction = 120s;         // B9: an echo or a later result may still say what became of an unknown one
constexpr auto patience_for_a_slot = 5s;  // then the dispatcher's place is free for others
constexpr auto absence_people_hear_of = 60s;
constexpr auto until_offered_again = 60s;  // B10
constexpr auto callback_limit = 15s;       // B10
constexpr std::size_t most_messages_a_send = 8;
constexpr std::size_t most_refused_remembered = 4096;
constexpr std::size_t most_doubtful = 1024;

struct Address {
    std::string account;
    std::string conversation;
};
Address address_of(std::string const& to) {
    auto const slash = to.find('/');
    return slash == std::string::npos ? Address{to, {}} : Address{to.substr(0, slash), to.substr(slash + 1)};
}

SendResult again(SendResult::Kind kind, std::string detail, std::chrono::milliseconds after, bool maybe_sent) {
    SendResult result;
    result.kind = kind;
    result.detail = std::move(detail);
    result.after = after;
    result.maybe_sent = maybe_sent;
    return result;
}

SendResult ended(SendResult::Kind kind, std::string detail) { return again(kind, std::move(detail), 0ms, false); }

}  // namespace

void Hub::put(Waiting& waiting) {
    auto const line = waiting.line.lock();
    waiting.session = line->session;
    waiting.counted = true;
    ++line->open_sends;
    for (auto const& part : waiting.frame.parts)
        if (!part.text.empty()) own_words_.sent(waiting.to, part.text, clock_());
    if (!line->socket->send(write_send(waiting.frame))) line->socket->close(4008, "does not read");
}

/// Certainly not out now; a try of an earlier daemon may be.
SendResult Hub::without_line(std::string const& account, SendAttempt const& attempt) const {
    auto const now = clock_();
    if (attempt.maybe_sent && now - attempt.first_tried > settings()->send.timeout + after_deadline)
        return ended(SendResult::Kind::unknown, "the bridge did not come back to say whether it is out");
    auto const gone = gone_since_.find(account);
    auto const since = gone == gone_since_.end() ? attempt.first_tried : std::max(gone->second, attempt.first_tried);
    bool const for_long = now - since >= absence_people_hear_of;
    return again(for_long ? SendResult::Kind::hold : SendResult::Kind::retry, "no bridge is connected for account " + account, for_long ? 5s : 1s,
                 attempt.maybe_sent);
}

net::awaitable<SendResult> Hub::send(std::string to, Send send, SendAttempt attempt) {
    auto const self = shared_from_this();
    auto const [account, conversation] = address_of(to);
    auto const executor = co_await this_coro::executor;
    auto line = line_of(account);
    Way const way = line ? Way::line : settings()->bridge.callback.empty() ? Way::poll : Way::callback;
    if (way == Way::poll && !fetches(account)) co_return without_line(account, attempt);
    if (offline_[account]) co_return again(SendResult::Kind::hold, "account " + account + " is logged out of its chat client", 5s, attempt.maybe_sent);
    bool const remembers = line ? line->can.durable_sends || line->session == streams_[line->bridge].before_start : settings()->bridge.durable_sends;
    if (attempt.maybe_sent && !remembers) co_return ended(SendResult::Kind::unknown, "interrupted: the bridge does not remember whether it is out");

    auto const give_up = std::chrono::steady_clock::now() + patience_for_a_slot;
    while (line && line->open_sends >= line->can.max_sends) {
        bool const slept = co_await sleep_for(20ms);
        line = line_of(account);
        if (!slept || !line || std::chrono::steady_clock::now() > give_up)
            co_return again(SendResult::Kind::retry, "the bridge is busy with other sends", 1s, attempt.maybe_sent);
    }

    Waiting waiting{executor};
    waiting.to = to;
    waiting.by_person = send.purpose == SendPurpose::agent;
    auto& frame = waiting.frame;
    frame.account = account;
    frame.conversation = conversation;
    frame.in_reply_to = send.answers.value;
    frame.parts = parts_for(send.messages, line ? line->can : Capabilities{});
    if (frame.parts.empty()) co_return ended(SendResult::Kind::refused, "the bridge cannot send any part of it");
    if (frame.parts.size() > most_messages_a_send) co_return ended(SendResult::Kind::refused, "too long: more than 8 messages of this platform");
    std::string const name = "out_" + hex(sha256(settings()->id.value + '\n' + send.id.value)).substr(0, 32);

    while (true) {
        auto const failed_before = refused_tries_.find(name);
        frame.id = failed_before == refused_tries_.end() ? name : name + '-' + std::to_string(failed_before->second);
        frame.deadline = clock_() + settings()->send.timeout;
        waiting.line = line;
        waiting.result.reset();
        SendResult result = co_await attempt_once(waiting, way);
        if (!waiting.result || waiting.result->status != ResultStatus::failed) {
            if (result.kind != SendResult::Kind::retry) refused_tries_.erase(name);
            if (result.kind == SendResult::Kind::unknown) {
                if (doubtful_.size() >= most_doubtful) doubtful_.pop_front();
                doubtful_.push_back({frame.id, to, send.id});
            }
            co_return result;
        }
        auto verdict = verdict_of(*waiting.result, attempt);
        if (verdict.event && tell_conversation) {
            auto telling = tell_conversation(to, std::move(*verdict.event));
            co_await std::move(telling);
        }
        if (!verdict.new_id) {
            refused_tries_.erase(name);
            co_return verdict.send;
        }
        if (refused_tries_.size() >= most_refused_remembered) refused_tries_.erase(refused_tries_.begin());
        ++refused_tries_[name];
        // Told of an earlier try, that we have forgotten over a restart: that id is used up, the next one may not be.
        line = line_of(account);
        if (!waiting.result->duplicate || (way == Way::line && !line)) co_return verdict.send;
    }
}

/// Puts it on its way and waits. `failed` is left to the caller.
net::awaitable<SendResult> Hub::attempt_once(Waiting& waiting, Way way) {
    Listed const listed{waiting_, waiting};
    std::optional<SendResult> over;
    if (way == Way::line) put(waiting);
    if (way == Way::callback) over = co_await post(waiting);
    if (way == Way::poll) {
        waiting.fetched_by_poll = true;
        counters_.at(waiting.frame.account)->news.cancel();
    }
    SendResult result;
    if (over)
        result = std::move(*over);
    else
        result = co_await wait(waiting);
    co_return result;
}

/// To the callback; nothing: the bridge has it, and says more later, or has said it.
net::awaitable<std::optional<SendResult>> Hub::post(Waiting& waiting) {
    auto const current = settings();
    auto const& bridge = current->bridge;
    auto const& frame = waiting.frame;
    for (auto const& part : frame.parts) own_words_.sent(waiting.to, part.text, clock_());
    ClientRequest request;
    request.url = bridge.callback;
    request.body = write_sends({frame}, true);
    request.timeout = callback_limit;
    request.public_addresses_only = !bridge.allow_private_addresses;
    request.headers.set("Content-Type", "application/json");
    webhooks::sign(request.headers, frame.id, request.body, bridge.secrets.empty() ? Secret{} : bridge.secrets.front(), clock_());
    auto const response = co_await http_.fetch(std::move(request));
    std::string const why = response ? "the callback answered " + std::to_string(response->status) : response.error().message;
    bool const not_out = response ? response->status == 429 : response.error().code == Errc::unavailable;
    bool const maybe_out = response ? response->status >= 500 : response.error().code != Errc::bad_config;
    if (not_out) co_return again(SendResult::Kind::retry, why, 5s, false);
    if (maybe_out && bridge.durable_sends) co_return again(SendResult::Kind::retry, why, 5s, true);
    if (maybe_out) co_return ended(SendResult::Kind::unknown, why);
    if (!response || (response->status != 200 && response->status != 202)) co_return ended(SendResult::Kind::refused, why);
    if (response->status == 202) co_return std::nullopt;
    auto results = read_results(response->body);
    if (!results) co_return ended(SendResult::Kind::unknown, "the callback's answer cannot be read: " + results.error().message);
    for (auto& reading : *results)
        if (auto* read = std::get_if<ReadFrame>(&reading))
            if (auto* result = std::get_if<ResultFrame>(&read->frame)) take(std::move(*result));
    co_return std::nullopt;
}

/// Until the send's last word, or until no word will come.
net::awaitable<SendResult> Hub::wait(Waiting& waiting) {
    auto const& frame = waiting.frame;
    auto const line = waiting.line.lock();
    bool const confirmed_only = line && line->can.confirms;
    auto const now = [] { return std::chrono::steady_clock::now(); };
    auto until = now() + settings()->send.timeout + after_deadline;
    bool patient = false;
    bool fetched = false;
    while (true) {
        if (waiting.result) {
            auto const& result = *waiting.result;
            SendResult delivered;
            delivered.detail = "send " + frame.id;
            if (!result.platform_message_id.empty()) delivered.platform_ids.push_back(result.platform_message_id);
            if (result.status == ResultStatus::delivered || (result.status == ResultStatus::accepted && !confirmed_only)) co_return delivered;
            if (result.status == ResultStatus::failed) co_return SendResult{};
            if (result.status == ResultStatus::unknown && !std::exchange(patient, true)) until = now() + correction;
        }
        if (waiting.interrupted) co_return ended(SendResult::Kind::unknown, "interrupted: the bridge restarted before it said whether it is out");
        if (waiting.offered && !std::exchange(fetched, true)) until = now() + until_offered_again;
        if (now() >= until) {
            if (waiting.fetched_by_poll && !waiting.offered) co_return again(SendResult::Kind::retry, "no bridge fetched it", 1s, false);
            if (waiting.fetched_by_poll && !waiting.result && settings()->bridge.durable_sends) {
                waiting.offered = fetched = false;
                ++waiting.frame.attempt;
                until = now() + until_offered_again;
                counters_.at(frame.account)->news.cancel();
                continue;
            }
            std::string const code = !waiting.result ? "timeout" : waiting.result->code.empty() ? "accepted, but never confirmed" : waiting.result->code;
            co_return ended(SendResult::Kind::unknown, "the bridge: " + code);
        }
        waiting.news.expires_at(until);
        error_code woken;
        co_await waiting.news.async_wait(net::redirect_error(net::use_awaitable, woken));
    }
}

Verdict verdict_of(ResultFrame const& result, SendAttempt const& attempt) {
    constexpr int most_superseded = 5;
    auto const& code = result.code;
    auto const is = [&](std::initializer_list<std::string_view> codes) { return std::find(codes.begin(), codes.end(), code) != codes.end(); };
    Verdict verdict;
    auto& send = verdict.send;
    send.kind = SendResult::Kind::refused;
    send.detail = "the bridge: " + code;
    if (is({"superseded", "human_active"}) && attempt.number <= most_superseded) {
        // The newer message is on its way here; when it is stored the send is taken back and decided again.
        send.kind = SendResult::Kind::retry;
        send.after = 500ms;
        verdict.new_id = true;
        if (code == "human_active") verdict.event = AgentActed{AgentAction::claim, "on the platform", {}, false, {}, true};
    } else if (is({"not_logged_in", "account_offline", "client_not_ready", "window_required"})) {
        send.kind = SendResult::Kind::hold;
        send.after = std::max<std::chrono::milliseconds>(result.retry_after, 5s);
        verdict.new_id = true;
    } else if (is({"conversation_not_found", "conversation_closed", "not_routable", "blocked_by_customer"})) {
        verdict.event = Unreachable{code};
    } else if (result.retryable || code == "rate_limited") {
        send.kind = SendResult::Kind::retry;
        send.after = std::clamp<std::chrono::milliseconds>(result.retry_after, 1s, 1h);
        verdict.new_id = true;
    }
    return verdict;
}

}  // namespace kefu::bridge
