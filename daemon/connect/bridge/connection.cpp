// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/connection.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/intake.hpp"
#include "daemon/log.hpp"
#include "daemon/net/rate_limit.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace kefu::bridge {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr auto hello_limit = 5s;
constexpr double frames_a_minute = 200 * 60;  // with a number
constexpr double frames_burst = 1000;

/// One connection from its first frame to its last.
class Connection {
  public:
    Connection(Desk desk, Caller caller, std::shared_ptr<WebSocket> socket) : desk_(std::move(desk)), caller_(std::move(caller)), socket_(std::move(socket)) {}
    ~Connection() {
        if (line_) hub_->leave(line_);
    }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    net::awaitable<void> run() {
        auto messages = co_await socket_->receive(hello_limit);
        if (messages.empty()) {
            if (!socket_->ended() && !socket_->ending()) end("hello_timeout", 4004, "no hello within 5 seconds");
            co_return;
        }
        auto const first = read_frame(messages.front());
        messages.erase(messages.begin());
        auto const* read = std::get_if<ReadFrame>(&first);
        auto const* hello = read == nullptr ? nullptr : std::get_if<Hello>(&read->frame);
        if (hello == nullptr) {
            auto const* refusal = std::get_if<Refusal>(&first);
            co_return end("malformed", 4006, refusal != nullptr ? refusal->message : "a frame before hello");
        }
        bool const welcome = co_await greet(*hello);
        if (!welcome) co_return;
        while (true) {
            bool const go_on = messages.empty() || co_await take(std::move(messages));
            if (!go_on) break;
            messages = co_await socket_->receive();
            if (hub_->retired() || (messages.empty() && (socket_->ended() || socket_->ending()))) break;
        }
        hub_->leave(line_);
        if (socket_->ending()) socket_->send(write_bye("restarting", 1s));
        co_await keep_place(true);
        log_info("bridge_left", {{"channel", hub_->settings()->id.value}, {"bridge", line_->bridge}});
    }

  private:
    void end(std::string_view code, std::uint16_t close_code, std::string const& message) {
        log_warn("bridge_refused", {{"remote", socket_->remote()}, {"code", code}, {"why", message}});
        socket_->send(write_error(code, message));
        socket_->close(close_code, std::string{code});
    }

    net::awaitable<bool> greet(Hello hello) {
        if (hello.min > protocol_version || hello.max < protocol_version) {
            end("protocol_unsupported", 4002, "this kefud speaks version 1");
            co_return false;
        }
        hub_ = desk_.hub_of(caller_.token.empty() ? hello.token : caller_.token);
        if (!hub_ || (!hub_->settings()->bridge.bridge.empty() && hub_->settings()->bridge.bridge != hello.bridge)) {
            end("auth_failed", 4001, "the token is not known, or not this bridge's");
            co_return false;
        }
        auto const settings = hub_->settings();
        auto const& origins = settings->bridge.origins;
        if (!caller_.origin.empty() && std::find(origins.begin(), origins.end(), caller_.origin) == origins.end()) {
            end("auth_failed", 4001, "web pages of this origin may not connect");
            co_return false;
        }
        auto& streams = hub_->streams(hello.bridge);
        if (!streams.loaded && !co_await load(hello.bridge)) co_return false;
        if (hub_->retired()) {
            end("restarting", close_code::restarting, "the channel is gone");
            co_return false;
        }
        auto admission = hub_->admit(hello, socket_);
        if (!admission.line) {
            end("account_conflict", 4009, "another bridge serves this account");
            co_return false;
        }
        line_ = std::move(admission.line);
        // A bridge whose numbers are behind ours has begun anew without saying so.
        bool const resumed = streams.now.session == hello.session && hello.last_seq >= streams.now.last_seq;
        if (!resumed) streams.now = {hello.session, 0};
        resumed_ = resumed;
        bool const kept = co_await keep_place(true);  // before anything goes out in this session
        if (!kept) {
            end("restarting", close_code::restarting, "the store does not work now");
            co_return false;
        }
        Welcome welcome;
        welcome.session = hello.session;
        welcome.resumed = resumed;
        welcome.last_seq = streams.now.last_seq;
        welcome.max_inflight = max_inflight;
        welcome.max_frame_bytes = max_frame_bytes;
        welcome.now = desk_.inlet.clock();
        welcome.accounts = std::move(admission.accounts);
        socket_->send(write_welcome(welcome));
        hub_->open(line_);
        log_info("bridge_connected",
                 {{"channel", hub_->settings()->id.value}, {"bridge", line_->bridge}, {"resumed", resumed}, {"last_seq", welcome.last_seq}});
        co_return true;
    }

    static std::string place_of(std::string const& bridge) { return "session of " + bridge; }

    net::awaitable<bool> load(std::string bridge) {
        ChannelId const channel = hub_->settings()->id;
        auto const stored = co_await desk_.inlet.store.bookmark(channel, place_of(bridge));
        if (!stored) {
            end("restarting", close_code::restarting, "the store does not work now");
            co_return false;
        }
        auto& streams = hub_->streams(bridge);
        if (streams.loaded) co_return true;
        streams.loaded = true;
        error_code error;
        auto const place = json::parse(stored->empty() ? "{}" : *stored, error);
        auto const* object = error ? nullptr : place.if_object();
        auto const* session = object == nullptr ? nullptr : object->if_contains("session");
        auto const* seq = object == nullptr ? nullptr : object->if_contains("seq");
        if (session == nullptr || !session->is_string() || seq == nullptr || !seq->is_int64()) co_return true;
        streams.now = {std::string{session->get_string()}, seq->get_int64()};
        streams.before_start = streams.now.session;
        co_return true;
    }

    /// Where the stream is, for after a restart. Being behind is harmless: what comes again is known.
    net::awaitable<bool> keep_place(bool now) {
        auto const at = std::chrono::steady_clock::now();
        if (!now && at - kept_at_ < 1s) co_return true;
        kept_at_ = at;
        auto const& stream = hub_->streams(line_->bridge).now;
        if (stream.session != line_->session) co_return true;  // a newer connection has gone on
        json::object place{{"session", stream.session}, {"seq", stream.last_seq}};
        Bookmark mark{hub_->settings()->id, place_of(line_->bridge), json::serialize(place)};
        auto const kept = co_await desk_.inlet.store.keep(std::move(mark));
        co_return kept.has_value();
    }

    /// What a batch of messages asks for.
    struct Work {
        std::vector<Arrival> arrivals;
        std::vector<EventFrame> persons;  ///< messages by people of the shop, not history
        std::vector<ResultFrame> results;
        std::vector<EventFrame> status;
        std::vector<std::string> answers;  ///< nacks and pongs
        bool sequenced = false;
    };

    /// False: this connection is over.
    net::awaitable<bool> take(std::vector<std::string> messages) {
        Work work;
        auto seq = hub_->streams(line_->bridge).now.last_seq;
        for (auto const& message : messages)
            if (!read(message, work, seq)) co_return false;
        bool const stored = co_await store(std::move(work.arrivals));
        if (!stored || socket_->ended()) co_return false;
        for (auto const& person : work.persons) hub_->cancel(person.account, person.conversation);
        for (auto const& status : work.status) hub_->set_online(status.account, status.online);
        for (auto& result : work.results) hub_->take(std::move(result));
        for (auto& answer : work.answers) socket_->send(std::move(answer));
        auto& stream = hub_->streams(line_->bridge).now;
        if (stream.session != line_->session) co_return false;  // replaced meanwhile
        stream.last_seq = seq;
        if (work.sequenced && seq > 0) socket_->send(write_ack(seq));
        co_await keep_place(false);
        co_return true;
    }

    /// False: the connection was ended, for what this message is.
    bool read(std::string const& message, Work& work, std::int64_t& seq) {
        auto reading = read_frame(message);
        if (auto const* refusal = std::get_if<Refusal>(&reading)) {
            if (!refusal->seq) return end("malformed", 4006, refusal->message), false;
            if (!follows(*refusal->seq, work, seq)) return !rejected_;
            work.answers.push_back(write_nack(*refusal->seq, refusal->code, refusal->message));
            return true;
        }
        auto& read = std::get<ReadFrame>(reading);
        if (auto const* ping = std::get_if<Ping>(&read.frame)) return work.answers.push_back(write_pong(*ping)), true;
        if (std::holds_alternative<Hello>(read.frame)) return end("malformed", 4006, "hello came twice"), false;
        if (auto const* typing = std::get_if<Typing>(&read.frame)) {
            bool const theirs = line_->accounts.contains(typing->account);
            if (theirs && typing->customer && !typing->stopped) hub_->heard_typing(typing->account + '/' + typing->conversation);
            return true;
        }
        if (auto const* other = std::get_if<Other>(&read.frame)) {
            if (other->type == "error" || other->type == "bye")
                log_warn("bridge_says", {{"bridge", line_->bridge}, {"type", other->type}, {"code", other->code}});
            return true;
        }
        if (!follows(*read.seq, work, seq)) return !rejected_;
        if (auto* result = std::get_if<ResultFrame>(&read.frame)) return work.results.push_back(std::move(*result)), true;
        auto const& event = std::get<EventFrame>(read.frame);
        if (!line_->accounts.contains(event.account))
            return work.answers.push_back(write_nack(*read.seq, "unknown_account", "this account is not this bridge's")), true;
        if (event.kind == EventKind::account_status) return work.status.push_back(event), true;
        take_event(event, std::move(read.raw), work);
        return true;
    }

    void take_event(EventFrame const& event, std::string raw, Work& work) {
        auto what = to_event(event);
        if (!what) return;
        auto const* acted = std::get_if<AgentActed>(&*what);
        bool const echo = event.kind == EventKind::message && (event.role == Role::bot || event.role == Role::agent) && hub_->is_own(event);
        if (acted != nullptr && echo) what = Noted{"echo"};
        if (acted != nullptr && !echo) work.persons.push_back(event);
        work.arrivals.push_back(arrival_of(*hub_->settings(), event, std::move(*what), std::move(raw), desk_.inlet.clock()));
    }

    /// True when the frame is the next one, or behind a gap; else it is known, or there are too many.
    bool follows(std::int64_t number, Work& work, std::int64_t& seq) {
        work.sequenced = true;
        if (rate_.take(frames_a_minute, desk_.inlet.clock()).count() > 0) {
            rejected_ = true;
            end("rate_limited", 4011, "more than 200 frames a second");
            return false;
        }
        if (++unacked_ > most_unacked) {
            rejected_ = true;
            end("flow_violation", 4008, "four times max_inflight frames without an ack");
            return false;
        }
        if (number <= seq) return false;
        // In a session we do not know, the first frame may have any number: those before it were acknowledged to an earlier daemon.
        bool const first = seq == 0 && !resumed_;
        if (number > seq + 1 && !first) {
            auto const& channel = hub_->settings()->id;
            log_error("bridge_gap", {{"channel", channel.value}, {"bridge", line_->bridge}, {"from", seq + 1}, {"to", number - 1}});
            std::string what = "the bridge left out frames " + std::to_string(seq + 1) + " to " + std::to_string(number - 1);
            desk_.inlet.services()->health->went_wrong(channel, Trouble::gap, std::move(what), desk_.inlet.clock());
        }
        seq = number;
        return true;
    }

    /// Resumes when they are on disk. While the store takes nothing the bridge is asked to wait. False: not acknowledged, they come again.
    net::awaitable<bool> store(std::vector<Arrival> arrivals) {
        unacked_ = 0;
        if (arrivals.empty()) co_return true;
        bool paused = false;
        auto wait_on = [this, &paused] {
            if (!std::exchange(paused, true)) socket_->send(write_flow(true));
            return !socket_->ended() && !socket_->ending() && !hub_->retired();
        };
        ChannelId const channel = hub_->settings()->id;
        bool const stored = co_await store_at_last(desk_.inlet, channel, std::move(arrivals), std::move(wait_on));
        if (stored && paused) socket_->send(write_flow(false));
        co_return stored;
    }

    Desk desk_;
    Caller caller_;
    std::shared_ptr<WebSocket> socket_;
    std::shared_ptr<Hub> hub_;
    std::shared_ptr<Line> line_;
    TokenBucket rate_{frames_burst, desk_.inlet.clock()};
    std::size_t unacked_ = 0;  ///< sequenced frames since the last batch was stored
    bool resumed_ = false;
    bool rejected_ = false;
    std::chrono::steady_clock::time_point kept_at_{};
};

}  // namespace

net::awaitable<void> serve(Desk desk, Caller caller, std::shared_ptr<WebSocket> socket) {
    Connection connection{std::move(desk), std::move(caller), std::move(socket)};
    co_await connection.run();
}

}  // namespace kefu::bridge
