// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/websocket_state.hpp"
#include "daemon/log.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

/// The wire's side of a WebSocket.
namespace kefu {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t usual_frame_read = 4096;
constexpr std::size_t kept_frames = 4096;

}  // namespace

/// Reading, writing and watching the clock, all on the wire's executor.
class WebSocket::Run {
  public:
    Run(std::shared_ptr<WebSocket> socket, WebSocketWire& wire, InputBuffer& input)
        : socket_(std::move(socket)),
          state_(*socket_->state_),
          wire_(wire),
          input_(input),
          reader_(state_.side == WebSocketSide::server, state_.limits.max_message),
          group_(state_.wire),
          served_(state_.wire, steady_clock::time_point::max()),
          watch_(state_.wire) {}

    net::awaitable<void> run(std::shared_ptr<WebSocketUpgrade const> upgrade) {
        // Whatever happens, the tasks here are waited for; a stop ends them by asking, then by cutting the wire.
        co_await this_coro::reset_cancellation_state(net::disable_cancellation());
        start_serving(std::move(upgrade));
        group_.spawn("websocket_write", write());
        group_.spawn("websocket_watch", watch());
        co_await read();
        end();
        error_code ended;
        while (!served_already_) co_await served_.async_wait(net::redirect_error(net::use_awaitable, ended));
        while (group_.size() > 0) co_await group_.join(milliseconds{1000});
        wire_.cut();
    }

  private:
    void start_serving(std::shared_ptr<WebSocketUpgrade const> upgrade) {
        auto serving = upgrade->serve(socket_);
        auto done = [this, socket = socket_, upgrade](std::exception_ptr thrown) {
            if (thrown) {
                log_error("websocket_failed", {{"remote", socket->remote()}, {"why", why(thrown)}});
                socket->close(close_code::internal_error);
            }
            socket->close(socket->ending() ? close_code::restarting : close_code::normal);
            net::post(state_.wire, [this, socket] {
                served_already_ = true;
                served_.cancel();
            });
        };
        net::co_spawn(upgrade->home, std::move(serving), std::move(done));
    }

    static std::string why(std::exception_ptr const& thrown) {
        try {
            std::rethrow_exception(thrown);
        } catch (std::exception const& error) {
            return error.what();
        } catch (...) {
            return "an exception of an unknown type";
        }
    }

    net::awaitable<void> read() {
        heard_ = steady_clock::now();
        while (true) {
            input_.consumed(reader_.put(input_.data()));
            // Nothing behind a binary message counts.
            auto message = binary_ ? std::nullopt : reader_.take();
            if (message) {
                if (message->kind == WebSocketOpcode::close) co_return socket_->close(message->code);
                co_await take(std::move(*message));
                continue;
            }
            if (binary_ || reader_.fault() != 0) {
                co_await refuse(binary_ ? close_code::unsupported_data : reader_.fault());
                co_return;
            }
            bool const more = co_await read_more();
            if (!more) co_return;
        }
    }

    net::awaitable<bool> read_more() {
        error_code error;
        auto const space = input_.room(usual_frame_read);
        auto const count = co_await wire_.read(space, error);
        input_.received(count);
        heard_ = steady_clock::now();
        co_return !error;
    }

    /// What the peer still sends is read, or it would be reset before it sees why it was refused. The watch ends this.
    net::awaitable<void> refuse(std::uint16_t code) {
        socket_->close(code, binary_ ? "text messages only" : "the peer broke the protocol");
        while (true) {
            input_.consumed(input_.data().size());
            bool const more = co_await read_more();
            if (!more) co_return;
        }
    }

    net::awaitable<void> take(WebSocketMessage message) {
        if (message.kind == WebSocketOpcode::text) co_await deliver(std::move(message.payload));
        if (message.kind == WebSocketOpcode::ping) answer_ping(message.payload);
        binary_ = message.kind == WebSocketOpcode::binary;
    }

    /// The peer waits, and in the end its sends do, while nobody takes what came.
    net::awaitable<void> deliver(std::string text) {
        while (true) {
            {
                std::lock_guard const lock{state_.mutex};
                full_ = state_.inbox.size() >= state_.limits.max_unread && !state_.closing;
                if (!full_) state_.inbox.push_back(std::move(text));
            }
            if (!full_) break;
            state_.room.expires_after(state_.limits.heartbeat);
            error_code woken;
            co_await state_.room.async_wait(net::redirect_error(net::use_awaitable, woken));
            heard_ = steady_clock::now();
        }
        socket_->wake_home();
    }

    void answer_ping(std::string const& payload) {
        std::lock_guard const lock{state_.mutex};
        // A peer that pings and never reads gets no more pongs than fit.
        if (state_.closing || state_.outgoing.size() > state_.limits.max_unsent) return;
        append_frame(state_.outgoing, WebSocketOpcode::pong, payload, mask_for(state_.side));
        state_.wire_news.cancel();
    }

    net::awaitable<void> write() {
        auto next_ping = steady_clock::now() + state_.limits.heartbeat;
        std::string bytes;
        while (true) {
            bool last = false;
            bytes.clear();
            {
                std::lock_guard const lock{state_.mutex};
                bytes.swap(state_.outgoing);
                last = state_.closing;
                if (last) append_close(bytes, state_.code, state_.reason, mask_for(state_.side));
            }
            if (!last && steady_clock::now() >= next_ping) {
                append_frame(bytes, WebSocketOpcode::ping, {}, mask_for(state_.side));
                next_ping = steady_clock::now() + state_.limits.heartbeat;
            }
            if (!bytes.empty()) {
                writing_since_ = steady_clock::now();
                error_code error;
                co_await wire_.write(net::buffer(bytes), error);
                writing_since_ = steady_clock::time_point::max();
                if (error) wire_.cut();
                if (error || last) break;
                if (bytes.capacity() > kept_frames) bytes = {};  // an idle connection keeps little
                continue;
            }
            state_.wire_news.expires_at(next_ping);
            error_code woken;
            co_await state_.wire_news.async_wait(net::redirect_error(net::use_awaitable, woken));
        }
        said_goodbye_ = steady_clock::now();
        if (read_all_) watch_.cancel();
    }

    /// Cuts the wire under a peer that is dead, does not read, or does not say goodbye.
    net::awaitable<void> watch() {
        auto const& limits = state_.limits;
        auto const step = std::clamp(std::min({limits.heartbeat, limits.write, limits.close}) / 4, milliseconds{5}, milliseconds{500});
        while (!(read_all_ && said_goodbye_)) {
            auto const now = steady_clock::now();
            bool const dead = now - heard_ > limits.heartbeat * 5 / 2;
            bool const deaf = writing_since_ != steady_clock::time_point::max() && now - writing_since_ > limits.write;
            bool const rude = said_goodbye_ && now - *said_goodbye_ > limits.close;
            if (dead || deaf || rude) {
                log_debug("websocket_cut", {{"remote", socket_->remote()}, {"why", dead ? "silent" : deaf ? "does not read" : "did not close"}});
                wire_.cut();
                break;
            }
            watch_.expires_after(step);
            error_code woken;
            co_await watch_.async_wait(net::redirect_error(net::use_awaitable, woken));
        }
    }

    /// Nothing more is read.
    void end() {
        read_all_ = true;
        {
            std::lock_guard const lock{state_.mutex};
            state_.ended = true;
            if (!state_.closing) state_.code = close_code::lost;
            state_.closing = true;
        }
        state_.wire_news.cancel();
        watch_.cancel();
        socket_->wake_home();
    }

    std::shared_ptr<WebSocket> socket_;
    State& state_;
    WebSocketWire& wire_;
    InputBuffer& input_;
    WebSocketReader reader_;
    TaskGroup group_;
    net::steady_timer served_;
    net::steady_timer watch_;
    steady_clock::time_point heard_ = steady_clock::now();
    steady_clock::time_point writing_since_ = steady_clock::time_point::max();
    std::optional<steady_clock::time_point> said_goodbye_;
    bool read_all_ = false;
    bool binary_ = false;
    bool full_ = false;
    bool served_already_ = false;
};

net::awaitable<void> run_websocket(std::shared_ptr<WebSocket> socket, WebSocketWire& wire, InputBuffer& input,
                                   std::shared_ptr<WebSocketUpgrade const> upgrade) {
    WebSocket::Run run{std::move(socket), wire, input};
    co_await run.run(std::move(upgrade));
}

}  // namespace kefu
