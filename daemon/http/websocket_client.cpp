// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/websocket_client.hpp"

#include "daemon/crypto.hpp"
#include "daemon/http/client_connector.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/asio/redirect_error.hpp>

#include <random>
#include <utility>

namespace kefu {

using std::chrono::steady_clock;

namespace {

constexpr std::size_t most_of_answer = std::size_t{64} * 1024;
constexpr std::chrono::hours a_day{24};

class Wire final : public WebSocketWire {
  public:
    explicit Wire(ClientConnection& connection) : connection_(connection) {}

    net::awaitable<std::size_t> read(net::mutable_buffer room, error_code& error) override {
        std::size_t const count = co_await connection_.read(room, error);
        co_return count;
    }
    net::awaitable<void> write(net::const_buffer bytes, error_code& error) override {
        std::array<net::const_buffer, 2> const parts = {bytes, net::const_buffer{}};
        co_await connection_.write(parts, error);
    }
    void cut() override { connection_.close(); }

  private:
    ClientConnection& connection_;
};

/// 16 random bytes (RFC 6455, 4.1).
std::string fresh_key() {
    std::random_device random;
    std::string bytes;
    while (bytes.size() < 16) bytes += static_cast<char>(random());
    return base64(bytes);
}

/// ws://host is http://host, with TLS likewise.
Result<Url> read_ws_url(std::string const& text) {
    if (!text.starts_with("ws://") && !text.starts_with("wss://")) return Error{Errc::bad_config, "not a ws or wss URL"};
    return read_url("http" + text.substr(2));
}

std::optional<Error> objection_to(Response const& answer, std::string const& key, Url const& url) {
    auto const status = std::to_string(answer.status);
    if (answer.status == 401 || answer.status == 403) return Error{Errc::unauthorized, url.authority + " refused the connection: " + status};
    if (answer.status != 101) return Error{Errc::bad_payload, url.authority + " answered " + status + " instead of opening a WebSocket"};
    if (answer.headers.get("Sec-WebSocket-Accept") != websocket_accept(key))
        return Error{Errc::bad_payload, url.authority + " answered 101, but not as a WebSocket server"};
    return std::nullopt;
}

/// Asks to upgrade; `input` holds what came behind the answer.
net::awaitable<Result<void>> shake_hands(ClientConnection& connection, Url const& url, Headers headers, InputBuffer& input) {
    std::string const key = fresh_key();
    headers.set("Upgrade", "websocket");
    headers.set("Sec-WebSocket-Version", "13");
    headers.set("Sec-WebSocket-Key", key);
    if (!headers.has("User-Agent")) headers.set("User-Agent", "kefud");
    std::string head;
    if (!write_request_head(head, "GET", url.target, url.authority, headers, 0))
        co_return Error{Errc::bad_config, "a header field holds a character that HTTP forbids"};
    error_code error;
    std::array<net::const_buffer, 2> const parts = {net::buffer(head), net::const_buffer{}};
    co_await connection.write(parts, error);
    ResponseReader reader{most_of_answer, false};
    std::size_t received = 0;
    while (!reader.complete()) {
        if (co_await was_cancelled()) co_return cancelled_unsent();
        if (!error) {
            auto const room = input.room(reader.wanted());
            auto const count = co_await connection.read(room, error);
            input.received(count);
            received += count;
            input.consumed(reader.put(input.data()));
        }
        if (error && !reader.complete()) co_return Error{Errc::unavailable, url.authority + " closed the connection: " + error.message()};
        if (reader.fault() != WireFault::none || received > most_of_answer)
            co_return Error{Errc::bad_payload, "the answer from " + url.authority + " is not HTTP/1.1"};
    }
    if (auto objection = objection_to(reader.take(), key, url)) co_return *objection;
    co_return Result<void>{};
}

struct Opened {
    std::unique_ptr<ClientConnection> connection;
    InputBuffer input;
};

net::awaitable<Result<void>> open(HttpClient& http, Opened& opened, Url url, WebSocketDial dial) {
    auto const executor = co_await this_coro::executor;
    auto const when = steady_clock::now() + dial.timeout;
    auto connection = co_await http.connect(url, when, dial.public_addresses_only);
    if (!connection) co_return connection.error();
    opened.connection = std::move(*connection);
    Limit limit{executor};
    limit.until(when, [&opened] { opened.connection->close(); });
    auto agreed = co_await shake_hands(*opened.connection, url, std::move(dial.headers), opened.input);
    if (!agreed && limit.passed()) co_return Error{Errc::unavailable, "no answer from " + url.authority + " in time"};
    co_return agreed;
}

net::awaitable<Result<void>> dial_and_serve(HttpClient& http, WebSocketDial dial, WebSocketUpgrade upgrade) {
    auto url = read_ws_url(dial.url);
    if (!url) co_return url.error();
    Opened opened;
    std::string const remote = url->authority;
    auto agreed = co_await open(http, opened, std::move(*url), std::move(dial));
    if (!agreed) co_return agreed;

    auto const executor = co_await this_coro::executor;
    auto const kept = std::make_shared<WebSocketUpgrade const>(std::move(upgrade));
    auto const socket = WebSocket::make(executor, *kept, remote, WebSocketSide::client);
    Wire wire{*opened.connection};
    TaskGroup running{executor};
    running.spawn("websocket " + remote, run_websocket(socket, wire, opened.input, kept));
    // However this wait is cut short, what runs there uses what lives here.
    bool cancelled = false;
    while (running.size() > 0) {
        // First of all: it may have come while nothing was waited for.
        if (!cancelled && co_await was_cancelled()) {
            cancelled = true;
            socket->ask_to_end();
            co_await this_coro::reset_cancellation_state(net::disable_cancellation());
        }
        co_await running.join(a_day);
    }
    if (cancelled) co_return Error{Errc::cancelled, "asked to stop"};
    co_return Result<void>{};
}

}  // namespace

net::awaitable<Result<void>> dial_websocket(HttpClient& http, WebSocketDial dial, WebSocketUpgrade upgrade) {
    bool const throws = co_await this_coro::throw_if_cancelled();
    co_await this_coro::throw_if_cancelled(false);
    auto result = co_await dial_and_serve(http, std::move(dial), std::move(upgrade));
    co_await this_coro::throw_if_cancelled(throws);
    co_return result;
}

}  // namespace kefu
