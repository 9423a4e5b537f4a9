// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/websocket.hpp"

#include "daemon/http/websocket_state.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <random>
#include <utility>

namespace kefu {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::optional<std::uint32_t> mask_for(WebSocketSide side) {
    if (side == WebSocketSide::server) return std::nullopt;
    thread_local std::random_device random;
    return random();
}

WebSocket::WebSocket(net::any_io_executor wire, WebSocketUpgrade const& upgrade, std::string remote, WebSocketSide side)
    : remote_(std::move(remote)), state_(std::make_unique<State>(std::move(wire), upgrade, side)) {}

WebSocket::~WebSocket() = default;

std::shared_ptr<WebSocket> WebSocket::make(net::any_io_executor wire, WebSocketUpgrade const& upgrade, std::string remote, WebSocketSide side) {
    return std::shared_ptr<WebSocket>{new WebSocket{std::move(wire), upgrade, std::move(remote), side}};
}

void WebSocket::wake_home() {
    net::post(state_->home, [self = shared_from_this()] { self->state_->home_news.cancel(); });
}

void WebSocket::wake_wire() {
    net::post(state_->wire, [self = shared_from_this()] {
        self->state_->wire_news.cancel();
        self->state_->room.cancel();
    });
}

net::awaitable<std::vector<std::string>> WebSocket::receive(milliseconds limit) {
    auto& state = *state_;
    auto const until = steady_clock::now() + limit;
    while (true) {
        std::vector<std::string> messages;
        bool over = false;
        {
            std::lock_guard const lock{state.mutex};
            messages.swap(state.inbox);
            over = state.ended || state.asked_to_end || steady_clock::now() >= until;
        }
        if (messages.size() >= state.limits.max_unread) wake_wire();  // there is room again
        if (!messages.empty() || over) co_return messages;
        state.home_news.expires_at(until);
        error_code woken;
        co_await state.home_news.async_wait(net::redirect_error(net::use_awaitable, woken));
    }
}

bool WebSocket::send(std::string text) {
    {
        std::lock_guard const lock{state_->mutex};
        if (state_->closing || state_->ended || state_->outgoing.size() + text.size() > state_->limits.max_unsent) return false;
        append_frame(state_->outgoing, WebSocketOpcode::text, text, mask_for(state_->side));
    }
    wake_wire();
    return true;
}

void WebSocket::close(std::uint16_t code, std::string reason) {
    {
        std::lock_guard const lock{state_->mutex};
        if (state_->closing) return;
        state_->closing = true;
        state_->code = code;
        state_->reason = std::move(reason);
    }
    wake_wire();
    wake_home();
}

void WebSocket::ask_to_end() {
    {
        std::lock_guard const lock{state_->mutex};
        state_->asked_to_end = true;
    }
    wake_home();
}

bool WebSocket::ended() const {
    std::lock_guard const lock{state_->mutex};
    return state_->ended;
}

bool WebSocket::ending() const {
    std::lock_guard const lock{state_->mutex};
    return state_->asked_to_end;
}

Response upgrade_response(Request const& request, std::string protocol, WebSocketUpgrade upgrade) {
    if (auto refused = refuse_upgrade(request)) return std::move(*refused);
    Response response;
    response.status = 101;
    response.headers.add("Upgrade", "websocket");
    response.headers.add("Sec-WebSocket-Accept", websocket_accept(request.headers.get("Sec-WebSocket-Key")));
    if (!protocol.empty()) response.headers.add("Sec-WebSocket-Protocol", std::move(protocol));
    response.upgrade = std::make_shared<WebSocketUpgrade const>(std::move(upgrade));
    return response;
}

}  // namespace kefu
