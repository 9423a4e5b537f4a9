// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/link.hpp"

#include "daemon/connect/payload.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/intake.hpp"
#include "daemon/log.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace kefu::onebot {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_remembered = 1024;
constexpr auto words_come_back_within = 60s;
constexpr auto probe_every = 60s;
constexpr auto probe_limit = 10s;

Account account_of(ChannelSettings const& settings, ChannelPolicy const& policy) {
    Account account;
    account.channel = settings.id;
    account.version = settings.onebot.version;
    account.id = settings.onebot.account;
    account.platform = settings.onebot.platform;
    account.other_bots = settings.onebot.other_bots;
    account.answer_unmentioned = policy.answer_unaddressed;
    return account;
}

bool carries(Role line, Role wanted) { return line == Role::both || line == wanted; }

}  // namespace

Link::Link(ChannelSettings settings, ChannelPolicy const& policy, HttpClient& http, Clock clock)
    : settings_(std::move(settings)), http_(http), clock_(std::move(clock)), account_(account_of(settings_, policy)), gone_since_(clock_()) {
    account_.sent_by_us = [this](std::string_view id) { return std::find(sent_.begin(), sent_.end(), id) != sent_.end(); };
}

void Link::change(ChannelSettings settings, ChannelPolicy const& policy) {
    auto const& before = settings_.onebot;
    auto const& after = settings.onebot;
    bool const same = before.version == after.version && before.account == after.account && before.tokens == after.tokens && before.connect == after.connect &&
                      before.connect_events == after.connect_events && before.max_frame == after.max_frame;
    settings_ = std::move(settings);
    auto sent_by_us = std::move(account_.sent_by_us);
    account_ = account_of(settings_, policy);
    account_.sent_by_us = std::move(sent_by_us);
    if (same) return;
    for (auto const& line : lines_) line->socket->close(close_code::restarting, "the settings changed");
}

void Link::retire() {
    retired_ = true;
    for (auto const& line : lines_) line->socket->close(close_code::going_away, "the channel is gone");
}

std::shared_ptr<Line> Link::open(Role role, std::shared_ptr<WebSocket> socket) {
    auto const before = lines_;
    for (auto const& old : before) {
        if (old->role != role && old->role != Role::both && role != Role::both) continue;
        log_info("onebot_replaced", {{"channel", settings_.id.value}, {"role", role_names[static_cast<std::size_t>(old->role)]}});
        old->socket->close(close_code::normal, "a newer connection took over");
        leave(old);
    }
    auto line = std::make_shared<Line>();
    line->socket = std::move(socket);
    line->role = role;
    if (lines_.empty()) watch_.opened(clock_());
    if (carries(role, Role::actions)) unknown_actions.clear();  // perhaps a newer version
    lines_.push_back(line);
    ++connects_;
    log_info("onebot_connected", {{"channel", settings_.id.value}, {"role", role_names[static_cast<std::size_t>(role)]}, {"remote", line->socket->remote()}});
    return line;
}

void Link::leave(std::shared_ptr<Line> const& line) {
    if (std::erase(lines_, line) == 0) return;
    calls_.lose(line.get());
    auto const now = clock_();
    if (carries(line->role, Role::events) && !lost_since) lost_since = now;
    if (lines_.empty()) watch_.closed();
    gone_since_ = now;
    log_info("onebot_left", {{"channel", settings_.id.value}, {"role", role_names[static_cast<std::size_t>(line->role)]}});
}

std::shared_ptr<Line> Link::line_for(Role role) const {
    for (auto const& line : lines_)
        if (carries(line->role, role)) return line;
    return nullptr;
}

Arrival Link::arrival_of(InboundEvent event) const { return kefu::arrival_of(settings_.id, std::move(event), clock_()); }

Result<void> Link::take(std::string const& text, Line* line, std::vector<Arrival>& arrivals) {
    auto const now = clock_();
    auto read = read_frame(account_, text, now);
    if (!read) return read.error();
    if (lines_.empty() && watch_.state(now) == State::dialing) watch_.opened(now);  // over HTTP nobody connects
    watch_.heard(now);
    auto& frame = *read;
    if (auto* event = std::get_if<InboundEvent>(&frame)) arrivals.push_back(arrival_of(std::move(*event)));
    if (auto* own = std::get_if<OwnMessage>(&frame)) take_own(std::move(*own), arrivals);
    if (auto const* health = std::get_if<Health>(&frame)) {
        watch_.told(*health, now);
        if (health->connected) log_info("onebot_introduced", {{"channel", settings_.id.value}, {"implementation", health->implementation}});
    }
    if (auto const* ignored = std::get_if<Ignored>(&frame)) log_debug("onebot_event_ignored", {{"channel", settings_.id.value}, {"kind", ignored->kind}});
    auto* reply = std::get_if<Reply>(&frame);
    if (reply == nullptr) return {};
    if (line != nullptr && is_token_refused(*reply)) {
        token_refused = true;
        log_error("onebot_token_refused", {{"channel", settings_.id.value}, {"code", reply->code}});
        line->socket->close(close_code::normal, "the token is refused");
    } else if (calls_.take(std::move(*reply))) {
        watch_.probed(std::nullopt, true);
    } else {
        log_debug("onebot_answer_to_nothing", {{"channel", settings_.id.value}});
    }
    return {};
}

/// Ours come back, or a person writes in the account's own chat program.
void Link::take_own(OwnMessage own, std::vector<Arrival>& arrivals) {
    auto const now = clock_();
    std::string const conversation = own.inbound.conversation.value;
    std::string const words = own.text.empty() ? "[picture]" : own.text;
    bool const waited_for = calls_.seen(conversation, words);
    auto const doubtful = std::find_if(doubtful_.begin(), doubtful_.end(), [&](Doubtful const& one) {
        return one.conversation == conversation && one.text == words && now - one.at <= words_come_back_within;
    });
    if (doubtful != doubtful_.end()) {
        InboundEvent report = own.inbound;
        report.event_id += "/out";
        report.event = SendReported{doubtful->effect, DeliveryReport::out, "its words came back"};
        report.raw.clear();
        arrivals.push_back(arrival_of(std::move(report)));
        doubtful_.erase(doubtful);
    }
    if (waited_for || account_.sent_by_us(own.message) || own_words_.has(conversation, words, now)) {
        own.inbound.event = Noted{"echo"};
    } else {
        if (persons_.size() >= most_remembered) persons_.clear();
        persons_[conversation] = now;
    }
    arrivals.push_back(arrival_of(std::move(own.inbound)));
}

std::size_t Link::take_history(json::value const& data, Timestamp since, std::vector<Arrival>& arrivals) {
    auto const* object = data.if_object();
    auto const* messages = object == nullptr ? data.if_array() : payload::array_of(*object, "messages");
    if (messages == nullptr) return 0;
    std::size_t count = 0;
    for (auto const& entry : *messages) {
        auto const* message = entry.if_object();
        if (message == nullptr) continue;
        auto frame = read_event(account_, *message, json::serialize(*message), clock_());
        auto* event = frame ? std::get_if<InboundEvent>(&*frame) : nullptr;
        // Our own among them are left alone: after a restart nobody could tell them from a person's.
        if (event == nullptr || !std::holds_alternative<MessageReceived>(event->event) || event->occurred_at < since) continue;
        arrivals.push_back(arrival_of(std::move(*event)));
        ++count;
    }
    return count;
}

net::awaitable<void> Link::probe(bool first) {
    auto const self = shared_from_this();
    bool const v11 = account_.version == OneBotVersion::v11;
    probed_at_ = clock_();
    if (first) {
        Action who{v11 ? "get_login_info" : "get_self_info", {}};
        auto const answer = co_await ask(std::move(who), probe_limit);
        auto const* data = answer ? answer->data.if_object() : nullptr;
        std::string const account = data == nullptr ? std::string{} : payload::id_of(*data, "user_id");
        if (!account.empty() && account != account_.id) {
            log_error("onebot_wrong_account", {{"channel", settings_.id.value}, {"expected", account_.id}, {"found", account}});
            for (auto const& line : lines_) line->socket->close(1008, "this is another account");
            co_return;
        }
    }
    auto const before = line_for(Role::actions);
    Action status{"get_status", {}};
    auto const answer = co_await ask(std::move(status), probe_limit);
    if (before != line_for(Role::actions)) co_return;  // another connection since
    std::optional<bool> online;
    auto const* data = answer && answer->ok() ? answer->data.if_object() : nullptr;
    auto const* value = data == nullptr ? nullptr : data->if_contains("online");
    if (value != nullptr && value->is_bool()) online = value->get_bool();
    watch_.probed(online, answer.has_value());
    if (!answer) log_error("onebot_send_path_dead", {{"channel", settings_.id.value}, {"why", answer.error().message}});
}

AccountState Link::state() const {
    AccountState state;
    bool const posts = !settings_.onebot.api.empty() && lines_.empty();
    if (!posts) state.connected = !lines_.empty();
    state.connects = connects_;
    if (!lines_.empty()) state.obstacle = watch_.obstacle(clock_());
    return state;
}

bool Link::tick() {
    auto const now = clock_();
    auto const state = watch_.state(now);
    if (state != told_state_) {
        told_state_ = state;
        log_info("onebot_state", {{"channel", settings_.id.value}, {"state", state_names[static_cast<std::size_t>(state)]}});
    }
    bool const nobody_connects = !settings_.onebot.api.empty() && state == State::dialing;  // events are posted
    if (!nobody_connects && watch_.alarm(now))
        log_error("onebot_not_online", {{"channel", settings_.id.value}, {"state", state_names[static_cast<std::size_t>(state)]}, {"for", "60 s"}});
    return line_for(Role::actions) && now - probed_at_ >= probe_every;
}

}  // namespace kefu::onebot
