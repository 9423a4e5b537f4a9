// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/clock.hpp"
#include "daemon/connect/bridge/conformance.hpp"
#include "daemon/connect/bridge/frames.hpp"
#include "daemon/crypto.hpp"
#include "daemon/http/websocket.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

/// A bridge under test, seen from kefud's side: what it is sent, and what comes back. Shared by the checks of bridges that dial and of those that are called.
namespace kefu::bridge {

using std::chrono::milliseconds;

inline SendFrame send_frame(ConformanceOptions const& options, std::string text, milliseconds until_deadline = std::chrono::seconds{60}) {
    SendFrame send;
    send.id = "out_" + random_id();
    send.account = options.account;
    send.conversation = options.conversation;
    send.parts.push_back({std::move(text), {}});
    send.deadline = system_now() + until_deadline;
    return send;
}

inline std::string_view name_of(ResultStatus status) {
    static constexpr std::string_view names[] = {"accepted", "delivered", "failed", "unknown"};
    return names[static_cast<std::size_t>(status)];
}

inline std::string describe(std::optional<ResultFrame> const& result) {
    if (!result) return "no result";
    return std::string{name_of(result->status)} + (result->code.empty() ? "" : "/" + result->code) + (result->duplicate ? " with duplicate:true" : "");
}

/// The bridge's end of one connection.
class Peer {
  public:
    Peer(std::shared_ptr<WebSocket> socket, Report const& report) : socket_(std::move(socket)), report_(report) {}

    bool say(std::string text) { return socket_->send(std::move(text)); }
    void close(std::uint16_t code) { socket_->close(code); }

    /// The next frame that `wanted` takes; nothing within `limit`. All frames are checked, and those with numbers are kept in `numbered`.
    net::awaitable<std::optional<ReadFrame>> next(std::function<bool(ReadFrame const&)> wanted, milliseconds limit) {
        auto const until = std::chrono::steady_clock::now() + limit;
        while (true) {
            while (!unread_.empty()) {
                auto reading = read_frame(unread_.front());
                unread_.pop_front();
                if (auto const* refusal = std::get_if<Refusal>(&reading)) {
                    report_({"every frame is as the protocol's schema says", false, refusal->message});
                    continue;
                }
                auto& frame = std::get<ReadFrame>(reading);
                if (frame.seq) numbered[*frame.seq] = frame.raw;
                if (wanted(frame)) co_return std::move(frame);
            }
            auto const left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
            if (left.count() <= 0 || socket_->ended()) co_return std::nullopt;
            auto const more = co_await socket_->receive(left);
            for (auto const& text : more) unread_.push_back(text);
        }
    }

    /// The result of `id`, not the provisional one.
    net::awaitable<std::optional<ResultFrame>> result(std::string id, milliseconds limit) {
        std::function<bool(ReadFrame const&)> const wanted = [id](ReadFrame const& frame) {
            auto const* result = std::get_if<ResultFrame>(&frame.frame);
            return result != nullptr && result->id == id && !is_provisional(*result);
        };
        auto const frame = co_await next(wanted, limit);
        if (!frame) co_return std::nullopt;
        co_return std::get<ResultFrame>(frame->frame);
    }

    net::awaitable<std::optional<Hello>> hello() {
        std::function<bool(ReadFrame const&)> const any = [](ReadFrame const&) { return true; };
        auto const frame = co_await next(any, std::chrono::seconds{5});
        if (!frame || !std::holds_alternative<Hello>(frame->frame)) co_return std::nullopt;
        co_return std::get<Hello>(frame->frame);
    }

    std::map<std::int64_t, std::string> numbered;  ///< event and result frames by their numbers

  private:
    /// B5: it is being worked on; the result comes later.
    static bool is_provisional(ResultFrame const& result) { return result.status == ResultStatus::unknown && result.code == "in_progress"; }

    std::shared_ptr<WebSocket> socket_;
    Report const& report_;
    std::deque<std::string> unread_;
};

inline std::string welcome_for(Hello const& hello, bool resumed, std::int64_t last_seq) {
    Welcome welcome;
    welcome.session = hello.session;
    welcome.resumed = resumed;
    welcome.last_seq = last_seq;
    welcome.now = system_now();
    for (auto const& account : hello.accounts) welcome.accounts.push_back({account.id, true});
    return write_welcome(welcome);
}

}  // namespace kefu::bridge
