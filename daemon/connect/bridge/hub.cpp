// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/hub.hpp"

#include "daemon/connect/webhooks/signature.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/log.hpp"
#include "daemon/net/deadline.hpp"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <utility>

namespace kefu::bridge {

using namespace std::chrono_literals;

namespace {

constexpr auto after_deadline = 30s;      // B5: no result by then is unknown
constexpr auto correction = 120s;         // B9: an echo or a later result may still say what became of an unknown one
constexpr auto patience_for_a_slot = 5s;  // then the dispatcher's place is free for others
constexpr auto absence_people_hear_of = 60s;
constexpr auto still_fetches = 90s;        // a bridge whose last long poll ended so long ago comes again
constexpr auto until_offered_again = 60s;  // B10
constexpr auto callback_limit = 15s;       // B10
constexpr std::size_t most_messages_a_send = 8;
constexpr std::size_t most_remembered = 4096;

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

/// A send between its first frame and its last word.
struct Hub::Waiting {
    explicit Waiting(net::any_io_executor const& executor) : news(executor, net::steady_timer::time_point::max()) {}

    SendFrame frame;
    std::string to;
    std::string session;  ///< of the connection it went out on
    std::weak_ptr<Line> line;
    bool counted = false;  ///< among the line's open sends
    bool interrupted = false;
    bool fetched_by_poll = false;
    bool offered = false;               ///< to a poll
    std::optional<ResultFrame> result;  ///< the newest that says something
    net::steady_timer news;

    void release() {
        if (auto const held = line.lock(); held && counted) --held->open_sends;
        counted = false;
    }
    void tell(ResultFrame newest) {
        result = std::move(newest);
        release();
        news.cancel();
    }
};

/// In the hub's list for as long as it waits, also when the wait is cut short.
class Hub::Listed {
  public:
    Listed(std::list<Waiting*>& list, Waiting& waiting) : list_(list), waiting_(waiting), place_(list.insert(list.end(), &waiting)) {}
    ~Listed() {
        waiting_.release();
        list_.erase(place_);
    }
    Listed(Listed const&) = delete;
    Listed& operator=(Listed const&) = delete;

  private:
    std::list<Waiting*>& list_;
    Waiting& waiting_;
    std::list<Waiting*>::iterator place_;
};

void Hub::change(ChannelSettings settings) {
    auto const before = this->settings();
    bool const same_bridges = settings.bridge.bridge == before->bridge.bridge && settings.bridge.tokens == before->bridge.tokens &&
                              settings.bridge.accounts == before->bridge.accounts;
    {
        std::lock_guard const lock{settings_mutex_};
        settings_ = std::make_shared<ChannelSettings const>(std::move(settings));
    }
    if (same_bridges) return;
    // Who may stay is found out by a new hello.
    for (auto const& line : lines_) {
        line->socket->send(write_bye("restarting", 1s));
        line->socket->close(close_code::restarting, "the settings changed");
    }
}

Hub::Admission Hub::admit(Hello const& hello, std::shared_ptr<WebSocket> socket) {
    Admission admission;
    auto const current = settings();
    auto const& bound = current->bridge.accounts;
    auto line = std::make_shared<Line>();
    for (auto const& account : hello.accounts) {
        bool const accepted = std::find(bound.begin(), bound.end(), account.id) != bound.end();
        admission.accounts.push_back({account.id, accepted});
        if (accepted) line->accounts.insert(account.id);
    }
    for (auto const& other : lines_) {
        bool const shares = std::any_of(other->accounts.begin(), other->accounts.end(), [&](auto const& id) { return line->accounts.contains(id); });
        if (shares && other->bridge != hello.bridge) return admission;
    }
    auto const old = lines_;
    for (auto const& other : old) {
        if (other->bridge != hello.bridge) continue;
        other->socket->send(write_error("replaced", "a newer connection of this bridge took over"));
        other->socket->close(4003, "replaced");
        leave(other);
    }
    line->socket = std::move(socket);
    line->bridge = hello.bridge;
    line->session = hello.session;
    line->can = hello.capabilities;
    for (auto const& account : hello.accounts)
        if (line->accounts.contains(account.id)) set_online(account.id, account.online);
    lines_.push_back(line);
    admission.line = std::move(line);
    return admission;
}

void Hub::open(std::shared_ptr<Line> const& line) {
    if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) return;  // replaced before it had its welcome
    line->ready = true;
    for (auto const& account : line->accounts) gone_since_.erase(account);
    for (auto* waiting : waiting_) {
        bool const ours = line->accounts.contains(waiting->frame.account) && !waiting->line.lock() && !waiting->session.empty();
        if (!ours || (waiting->result && waiting->result->status != ResultStatus::unknown)) continue;
        if (waiting->session == line->session || line->can.durable_sends) {
            if (!waiting->result) ++waiting->frame.attempt, waiting->line = line, put(*waiting);
        } else {
            waiting->interrupted = true;
            waiting->news.cancel();
        }
    }
}

void Hub::leave(std::shared_ptr<Line> const& line) {
    if (std::erase(lines_, line) == 0) return;
    auto const now = clock_();
    for (auto const& account : line->accounts) gone_since_.emplace(account, now);
    for (auto* waiting : waiting_)
        if (waiting->line.lock() == line) waiting->release(), waiting->line.reset();
}

void Hub::take(ResultFrame result) {
    auto const found = std::find_if(waiting_.begin(), waiting_.end(), [&](auto const* one) { return one->frame.id == result.id; });
    if (found == waiting_.end()) {
        log_info("bridge_result_for_nothing", {{"send", result.id}, {"code", result.code}});
        return;
    }
    if (result.status == ResultStatus::unknown && result.code == "in_progress") return;
    (*found)->tell(std::move(result));
}

void Hub::set_online(std::string const& account, bool online) {
    bool const was = !offline_[account];
    offline_[account] = !online;
    if (was != online) log_warn("bridge_account", {{"channel", settings()->id.value}, {"account", account}, {"online", online}});
}

bool Hub::is_own(EventFrame const& frame) {
    if (!frame.echo_of.empty()) {
        for (auto* waiting : waiting_)
            if (waiting->frame.id == frame.echo_of) {
                ResultFrame out;
                out.id = frame.echo_of;
                out.status = ResultStatus::delivered;
                out.platform_message_id = frame.id;
                waiting->tell(std::move(out));
            }
        return true;
    }
    return own_words_.has(frame.account + '/' + frame.conversation, frame.text, clock_());
}

void Hub::cancel(std::string const& account, std::string const& conversation) {
    for (auto* waiting : waiting_)
        if (auto const line = waiting->line.lock();
            line && waiting->frame.account == account && waiting->frame.conversation == conversation && !waiting->result)
            line->socket->send(write_cancel(waiting->frame.id, "human_active"));
}

std::shared_ptr<Line> Hub::line_of(std::string const& account) const {
    for (auto const& line : lines_)
        if (line->ready && line->accounts.contains(account)) return line;
    return nullptr;
}

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

bool Hub::fetches(std::string const& account) const {
    auto const counter = counters_.find(account);
    return counter != counters_.end() && (counter->second->busy || clock_() - counter->second->seen < still_fetches);
}

bool Hub::is_same_request(std::string const& id, std::string body_hash) {
    auto const found = std::find_if(requests_.begin(), requests_.end(), [&](auto const& one) { return one.first == id; });
    if (found != requests_.end()) return found->second == body_hash;
    if (requests_.size() >= most_remembered) requests_.pop_front();
    requests_.emplace_back(id, std::move(body_hash));
    return true;
}

net::awaitable<Result<std::vector<SendFrame>>> Hub::poll(std::string account, std::chrono::milliseconds limit) {
    auto const self = shared_from_this();
    auto& place = counters_[account];
    if (!place) place = std::make_unique<Counter>(co_await this_coro::executor);
    auto& counter = *place;
    if (counter.busy) co_return Error{Errc::conflict, "another request fetches the sends of this account"};
    struct Occupied {
        Counter& counter;
        Clock const& clock;
        ~Occupied() { counter.busy = false, counter.seen = clock(); }
    };
    counter.busy = true;
    Occupied const occupied{counter, clock_};
    auto const until = std::chrono::steady_clock::now() + limit;
    std::vector<SendFrame> frames;
    while (true) {
        for (auto* waiting : waiting_) {
            if (!waiting->fetched_by_poll || waiting->offered || waiting->frame.account != account) continue;
            waiting->offered = true;
            waiting->news.cancel();
            frames.push_back(waiting->frame);
        }
        if (!frames.empty() || std::chrono::steady_clock::now() >= until) co_return frames;
        counter.news.expires_at(until);
        error_code woken;
        co_await counter.news.async_wait(net::redirect_error(net::use_awaitable, woken));
    }
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
        if (refused_tries_.size() >= most_remembered) refused_tries_.erase(refused_tries_.begin());
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
