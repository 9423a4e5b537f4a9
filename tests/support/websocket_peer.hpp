// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/websocket_frames.hpp"
#include "tests/support/listener_world.hpp"

#include <optional>
#include <string>

namespace kefu {

/// The other side of a WebSocket; it sends what it is told, also what it should not.
class WebSocketPeer {
  public:
    explicit WebSocketPeer(net::any_io_executor const& executor) : socket_(executor) {}

    /// Sends the request; the answer's status. After 101 the rest of this class may be used.
    net::awaitable<int> open(std::uint16_t port, std::string path, std::string fields = {}) {
        net::ip::tcp::endpoint const endpoint{net::ip::address_v4::loopback(), port};
        co_await socket_.async_connect(endpoint, net::use_awaitable);
        co_await send_bytes("GET " + path + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + fields + "\r\n");
        ResponseReader answer{1 << 20, false};
        while (!answer.complete()) {
            bool const more = co_await read_more();
            if (!more) co_return 0;
            input_.consumed(answer.put(input_.data()));
        }
        headers = answer.take();
        co_return headers.status;
    }

    net::awaitable<void> send_bytes(std::string bytes) {
        if (gone) co_return;  // Asio would wait for ever to write once more
        error_code error;
        co_await net::async_write(socket_, net::buffer(bytes), net::redirect_error(net::use_awaitable, error));
        if (error) gone = true;
    }

    net::awaitable<void> send(std::string text) {
        std::string bytes;
        append_frame(bytes, WebSocketOpcode::text, text, 0x01020304);
        co_await send_bytes(std::move(bytes));
    }

    /// The next message or control frame; pings are answered and left out. Nothing: the connection ended.
    net::awaitable<std::optional<WebSocketMessage>> receive(int until_pings = 1'000'000) {
        while (pings < until_pings) {
            input_.consumed(reader_.put(input_.data()));
            auto message = reader_.take();
            if (message && message->kind == WebSocketOpcode::ping) {
                ++pings;
                if (!answers_pings) continue;
                std::string pong;
                append_frame(pong, WebSocketOpcode::pong, message->payload, 0x01020304);
                co_await send_bytes(std::move(pong));
                continue;
            }
            if (message) co_return message;
            bool const more = co_await read_more();
            if (!more) co_return std::nullopt;
        }
        co_return std::nullopt;
    }

    /// Resumes after so many pings, which are answered; or when the connection ends.
    net::awaitable<void> until_pings(int count) {
        auto const message = co_await receive(count);
        EXPECT_FALSE(message);
    }

    /// The text of the next message; "closed CODE" when it is a close, "ended" when the connection is gone.
    net::awaitable<std::string> text() {
        auto const message = co_await receive();
        if (!message) co_return "ended";
        if (message->kind == WebSocketOpcode::close) co_return "closed " + std::to_string(message->code);
        co_return message->payload;
    }

    net::awaitable<void> close(std::uint16_t code = close_code::normal) {
        std::string bytes;
        append_close(bytes, code, {}, 0x01020304);
        co_await send_bytes(std::move(bytes));
    }

    /// Gone without a word.
    void cut() { socket_.close(); }

    Response headers;
    int pings = 0;
    bool gone = false;
    bool answers_pings = true;

  private:
    net::awaitable<bool> read_more() {
        error_code error;
        auto const room = input_.room(4096);
        auto const count = co_await socket_.async_read_some(room, net::redirect_error(net::use_awaitable, error));
        input_.received(count);
        if (error) gone = true;
        co_return !error;
    }

    net::ip::tcp::socket socket_;
    InputBuffer input_;
    WebSocketReader reader_{false, std::size_t{1} << 20};
};

}  // namespace kefu
