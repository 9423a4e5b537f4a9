// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/bridge/conformance.hpp"

#include "daemon/connect/bridge/conformance_peer.hpp"
#include "daemon/net/deadline.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/json/parse.hpp>

#include <optional>
#include <utility>

namespace kefu::bridge {

namespace json = boost::json;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

net::awaitable<void> until_ended(std::shared_ptr<WebSocket> socket) {
    while (!socket->ended() && !socket->ending()) co_await sleep_for(20ms);
}

class DialingCheck {
  public:
    DialingCheck(Dialed& dialed, ConformanceOptions options, Report report) : dialed_(dialed), options_(std::move(options)), report_(std::move(report)) {}

    net::awaitable<void> run() {
        bool const began = co_await begins();
        if (!began) co_return;
        co_await answers_sends();
        bool const resumed = co_await resumes();
        if (!resumed) co_return;
        co_await waits_when_told();
        co_await stays_away();
    }

  private:
    void check(std::string name, bool holds, std::string detail) { report_({std::move(name), holds, holds ? std::string{} : std::move(detail)}); }

    /// The next connection and its hello; false: there is none.
    net::awaitable<bool> greet(std::string what) {
        auto call = co_await dialed_.next(options_.patience);
        check(what, call.socket != nullptr, "expected a connection within " + std::to_string(options_.patience.count()) + " ms, none came");
        if (!call.socket) co_return false;
        offered_protocol_ = call.offered_protocol;
        peer_.emplace(std::move(call.socket), report_);
        auto hello = co_await peer_->hello();
        if (!hello) {
            check("hello is the first frame, within 5 seconds", false, "it was not, or was no valid hello");
            co_return false;
        }
        hello_ = std::move(*hello);
        co_return true;
    }

    net::awaitable<bool> begins() {
        bool const here = co_await greet("connects");
        if (!here) co_return false;
        check("offers the subprotocol kefud.bridge.v1", offered_protocol_, "Sec-WebSocket-Protocol did not name it");
        check("hello is the first frame, within 5 seconds", true, {});
        bool const speaks = hello_.min <= protocol_version && hello_.max >= protocol_version;
        check("speaks version 1", speaks, "hello.protocol is " + std::to_string(hello_.min) + " to " + std::to_string(hello_.max));
        options_.account = hello_.accounts.front().id;
        peer_->say(welcome_for(hello_, false, 0));
        co_return true;
    }

    net::awaitable<std::optional<ResultFrame>> result_of(SendFrame const& send, std::string_view part_type = "text") {
        auto text = write_send(send);
        constexpr std::string_view plain = R"("type":"text")";
        if (part_type != "text") text.replace(text.find(plain), plain.size(), R"("type":")" + std::string{part_type} + '"');
        peer_->say(std::move(text));
        auto const id = send.id;
        auto result = co_await peer_->result(id, options_.patience);
        co_return result;
    }

    net::awaitable<void> answers_sends() {
        auto send = send_frame(options_, "kefud bridge-test 1");
        auto const first = co_await result_of(send);
        check("a send gets a result", first && first->status != ResultStatus::failed, "expected accepted, delivered or unknown, got " + describe(first));

        send.attempt = 2;
        auto const repeated = co_await result_of(send);
        bool const same = first && repeated && repeated->duplicate && repeated->code == first->code;
        check("a repeated send is answered with its result and duplicate:true, and not typed again", same,
              "expected the result of the first with duplicate:true, got " + describe(repeated));

        send.parts.front().text = "kefud bridge-test, other words";
        auto const other = co_await result_of(send);
        check("the same id with other content is refused", other && other->status == ResultStatus::failed && other->code == "id_conflict",
              "expected failed/id_conflict, got " + describe(other));

        auto const late = send_frame(options_, "kefud bridge-test: too late", -5s);
        auto const too_late = co_await result_of(late);
        check("nothing is begun after its deadline", too_late && too_late->status == ResultStatus::failed && too_late->code == "deadline_passed",
              "expected failed/deadline_passed, got " + describe(too_late));

        auto const strange = send_frame(options_, "kefud bridge-test: no such part");
        auto const unsupported = co_await result_of(strange, "hologram");
        check("a part it cannot send is refused", unsupported && unsupported->status == ResultStatus::failed && unsupported->code == "unsupported_part",
              "expected failed/unsupported_part, got " + describe(unsupported));

        std::int64_t expected = 1;
        for (auto const& [seq, raw] : peer_->numbered)
            if (seq == expected) ++expected;
        bool const gapless = expected == static_cast<std::int64_t>(peer_->numbered.size()) + 1;
        check("event and result frames are numbered 1, 2, 3, ...", gapless, "number " + std::to_string(expected) + " is missing");
    }

    net::awaitable<bool> resumes() {
        auto const before = peer_->numbered;
        auto const session = hello_.session;
        peer_->close(close_code::restarting);
        bool const back = co_await greet("comes back after the connection ended");
        if (!back) co_return false;
        auto const newest = before.empty() ? 0 : before.rbegin()->first;
        check("keeps its session over a new connection", hello_.session == session, "hello.session changed");
        check("says in hello what it has numbered", hello_.last_seq >= newest,
              "expected last_seq of at least " + std::to_string(newest) + ", got " + std::to_string(hello_.last_seq));
        peer_->say(welcome_for(hello_, true, 0));
        std::function<bool(ReadFrame const&)> const last = [newest](ReadFrame const& frame) { return frame.seq && *frame.seq >= newest; };
        if (newest > 0) co_await peer_->next(last, options_.patience);
        std::string wrong;
        for (auto const& [seq, raw] : before) {
            auto const again = peer_->numbered.find(seq);
            if (again == peer_->numbered.end())
                wrong = "frame " + std::to_string(seq) + " did not come again";
            else if (json::parse(again->second) != json::parse(raw))
                wrong = "frame " + std::to_string(seq) + " came with other content";
        }
        check("sends again what was not acknowledged, with the same numbers and content", wrong.empty(), wrong);

        newest_ = peer_->numbered.empty() ? 0 : peer_->numbered.rbegin()->first;
        if (newest_ > 0) peer_->say(write_ack(newest_));
        auto const pinged = co_await ping();
        check("answers ping with pong", pinged, "expected a pong");
        peer_->close(close_code::restarting);
        bool const again = co_await greet("comes back once more");
        if (!again) co_return false;
        peer_->say(welcome_for(hello_, true, newest_));
        auto const newest_acknowledged = newest_;
        std::function<bool(ReadFrame const&)> const old = [newest_acknowledged](ReadFrame const& frame) {
            return frame.seq && *frame.seq <= newest_acknowledged;
        };
        auto const repeated = co_await peer_->next(old, options_.quiet);
        check("does not send again what was acknowledged", !repeated, "a frame that was acknowledged came again");
        co_return true;
    }

    net::awaitable<bool> ping() {
        peer_->say(R"({"type":"ping","ts":1})");
        std::function<bool(ReadFrame const&)> const pong = [](ReadFrame const& frame) {
            auto const* other = std::get_if<Other>(&frame.frame);
            return other != nullptr && other->type == "pong";
        };
        auto const came = co_await peer_->next(pong, options_.quiet);
        co_return came.has_value();
    }

    net::awaitable<void> waits_when_told() {
        peer_->say(write_flow(true));
        auto const send = send_frame(options_, "kefud bridge-test 2");
        peer_->say(write_send(send));
        auto const early = co_await peer_->result(send.id, options_.quiet);
        check("sends no event or result while it is told to pause", !early, "a result came between flow pause and flow resume");
        peer_->say(write_flow(false));
        std::optional<ResultFrame> result = early;
        if (!result) result = co_await peer_->result(send.id, options_.patience);
        check("goes on after the pause", result.has_value(), "expected the result that waited");
    }

    net::awaitable<void> stays_away() {
        peer_->say(write_error("replaced", "a newer connection took over"));
        peer_->close(4003);
        auto const call = co_await dialed_.next(options_.quiet);
        check("does not come back after close code 4003", call.socket == nullptr, "it connected again");
        if (call.socket) call.socket->close(4003);
    }

    Dialed& dialed_;
    ConformanceOptions options_;
    Report report_;
    std::optional<Peer> peer_;
    Hello hello_;
    bool offered_protocol_ = false;
    std::int64_t newest_ = 0;
};

}  // namespace

void Dialed::add_route(Router& router, std::string const& path) {
    router.add("GET", path, [this](Request request) {
        bool const offered = offers_protocol(request, subprotocol);
        auto serve = [this, offered](std::shared_ptr<WebSocket> socket) {
            calls_.push_back({socket, offered});
            news_.cancel();
            return until_ended(std::move(socket));
        };
        return at_once(upgrade_response(request, offered ? std::string{subprotocol} : std::string{}, {WebSocketLimits{}, executor_, std::move(serve)}));
    });
}

net::awaitable<Dialed::Call> Dialed::next(milliseconds limit) {
    auto const until = steady_clock::now() + limit;
    while (calls_.empty() && steady_clock::now() < until) {
        news_.expires_at(until);
        error_code woken;
        co_await news_.async_wait(net::redirect_error(net::use_awaitable, woken));
    }
    Call call;
    if (!calls_.empty()) {
        call = std::move(calls_.front());
        calls_.pop_front();
    }
    co_return call;
}

net::awaitable<void> check_dialing_bridge(Dialed& dialed, ConformanceOptions options, Report report) {
    DialingCheck check{dialed, std::move(options), std::move(report)};
    co_await check.run();
}

}  // namespace kefu::bridge
