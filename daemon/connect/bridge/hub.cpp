// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/hub_waiting.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/log.hpp"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <utility>

namespace kefu::bridge {

using namespace std::chrono_literals;

namespace {

constexpr auto still_fetches = 90s;  // a bridge whose last long poll ended so long ago comes again
constexpr std::size_t most_remembered = 4096;

}  // namespace

void Hub::change(ChannelSettings settings) {
    auto const before = this->settings();
    bool const same_bridges = settings.bridge.bridge == before->bridge.bridge && settings.bridge.tokens == before->bridge.tokens &&
                              settings.bridge.accounts == before->bridge.accounts;
    {
        std::lock_guard const lock{settings_mutex_};
        settings_ = std::make_shared<ChannelSettings const>(std::move(settings));
    }
    if (same_bridges) return;
    send_away("the settings changed");  // who may stay is found out by a new hello
}

void Hub::retire() {
    retired_ = true;
    send_away("the channel is gone");
    for (auto const& [account, counter] : counters_) counter->news.cancel();
}

void Hub::send_away(std::string const& why) {
    for (auto const& line : lines_) {
        line->socket->send(write_bye("restarting", 1s));
        line->socket->close(close_code::restarting, why);
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
    ++connects_;
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
    if (found == waiting_.end()) return take_late(result);
    if (result.status == ResultStatus::unknown && result.code == "in_progress") return;
    (*found)->tell(std::move(result));
}

/// B5: a later `delivered` or `failed` corrects `unknown`.
void Hub::take_late(ResultFrame const& result) {
    auto const doubt = std::find_if(doubtful_.begin(), doubtful_.end(), [&](auto const& one) { return one.frame == result.id; });
    bool const final = result.status == ResultStatus::delivered || result.status == ResultStatus::failed;
    if (doubt == doubtful_.end() || !final || !report) {
        log_info("bridge_result_for_nothing", {{"send", result.id}, {"code", result.code}});
        return;
    }
    auto const what = result.status == ResultStatus::delivered ? DeliveryReport::out : DeliveryReport::failed;
    report(doubt->to, SendReported{doubt->effect, what, result.code.empty() ? "the bridge said so later" : "the bridge: " + result.code});
    doubtful_.erase(doubt);
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
            line && !waiting->by_person && waiting->frame.account == account && waiting->frame.conversation == conversation && !waiting->result)
            line->socket->send(write_cancel(waiting->frame.id, "human_active"));
}

void Hub::cancel(std::string const& to) {
    auto const slash = to.find('/');
    if (slash != std::string::npos) cancel(to.substr(0, slash), to.substr(slash + 1));
}

void Hub::heard_typing(std::string const& to) {
    std::lock_guard const lock{typing_mutex_};
    if (typed_at_.size() >= most_remembered) typed_at_.clear();
    typed_at_[to] = clock_();
}

void Hub::show_typing(std::string const& to) {
    auto const slash = to.find('/');
    auto const line = slash == std::string::npos ? nullptr : line_of(to.substr(0, slash));
    if (line && line->can.typing) line->socket->send(write_typing(to.substr(0, slash), to.substr(slash + 1)));
}

Timestamp Hub::typed_at(std::string const& to) const {
    std::lock_guard const lock{typing_mutex_};
    auto const found = typed_at_.find(to);
    return found == typed_at_.end() ? Timestamp{} : found->second;
}

AccountState Hub::state() const {
    AccountState state;
    auto const current = settings();
    auto const& accounts = current->bridge.accounts;
    auto const there = [&](std::string const& account) { return line_of(account) || fetches(account); };
    // With a callback nobody has to be connected.
    state.connects = connects_;
    if (current->bridge.callback.empty()) state.connected = std::any_of(accounts.begin(), accounts.end(), there);
    for (auto const& account : accounts) {
        auto const offline = offline_.find(account);
        if (offline != offline_.end() && offline->second) state.obstacle = "account " + account + " is logged out of its chat client";
        if (state.connected == true && !there(account)) state.obstacle = "no bridge is connected for account " + account;
    }
    return state;
}

std::shared_ptr<Line> Hub::line_of(std::string const& account) const {
    for (auto const& line : lines_)
        if (line->ready && line->accounts.contains(account)) return line;
    return nullptr;
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
        if (!frames.empty() || retired_ || std::chrono::steady_clock::now() >= until) co_return frames;
        counter.news.expires_at(until);
        error_code woken;
        co_await counter.news.async_wait(net::redirect_error(net::use_awaitable, woken));
    }
}

}  // namespace kefu::bridge
