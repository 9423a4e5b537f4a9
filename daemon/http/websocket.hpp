// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/websocket_frames.hpp"
#include "daemon/http/wire.hpp"
#include "daemon/net/net.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// WebSocket connections (RFC 6455): text messages, pings, limits and an orderly end. Who answers a request with upgrade_response() gets the connection; for
/// those we open ourselves see websocket_client.hpp.
namespace kefu {

/// What one peer may take of us, and how long we wait for it.
struct WebSocketLimits {
    std::size_t max_message = std::size_t{256} * 1024;  ///< bytes; more: close 1009
    std::size_t max_unread = 512;                       ///< messages that wait for receive(); then the socket is not read
    std::size_t max_unsent = std::size_t{1024} * 1024;  ///< bytes that wait for the peer to read them; then send() refuses
    std::chrono::milliseconds heartbeat{20'000};        ///< a ping this often; after 2.5 times that without a byte the peer is dead
    std::chrono::milliseconds write{10'000};            ///< for a peer that reads nothing
    std::chrono::milliseconds close{2'000};             ///< for the peer's half of the closing handshake
};

/// Which of the two we are: a client masks what it sends.
enum class WebSocketSide { server, client };

class WebSocket;

/// What a connection becomes. `serve` runs on `home`, which may be another thread than the connection's; when it returns, the connection is closed.
struct WebSocketUpgrade {
    WebSocketLimits limits;
    net::any_io_executor home;
    std::function<net::awaitable<void>(std::shared_ptr<WebSocket>)> serve;
};

/// The 101 for `request`, with `protocol` as the subprotocol agreed on (empty: none); or the refusal when it does not ask for a WebSocket.
Response upgrade_response(Request const& request, std::string protocol, WebSocketUpgrade upgrade);

/// The bytes below: a TCP or TLS stream.
class WebSocketWire {
  public:
    virtual ~WebSocketWire() = default;
    virtual net::awaitable<std::size_t> read(net::mutable_buffer room, error_code& error) = 0;
    virtual net::awaitable<void> write(net::const_buffer bytes, error_code& error) = 0;
    virtual void cut() = 0;  ///< ends whatever waits on it
};

/// One connection, as its user sees it.
class WebSocket : public std::enable_shared_from_this<WebSocket> {
  public:
    static std::shared_ptr<WebSocket> make(net::any_io_executor wire, WebSocketUpgrade const& upgrade, std::string remote,
                                           WebSocketSide side = WebSocketSide::server);
    ~WebSocket();

    /// The text messages that came since the last call, in order; waits for one at most `limit`. Empty: nothing came, or the connection has ended, or it is
    /// asked to end. On `home` only, one call at a time.
    net::awaitable<std::vector<std::string>> receive(std::chrono::milliseconds limit = std::chrono::hours{24});

    /// Queues a text message. False: the connection is ending, or the peer does not read (max_unsent); the message is dropped. From any thread.
    bool send(std::string text);

    /// Says goodbye after what is queued, with a close code and a reason for people. The first call counts. From any thread.
    void close(std::uint16_t code, std::string reason = {});

    /// The daemon stops: receive() returns, so that the user can say a word of its own before it returns. From any thread.
    void ask_to_end();

    bool ended() const;   ///< no message will come any more; from any thread
    bool ending() const;  ///< asked to end
    std::string const& remote() const { return remote_; }

  private:
    friend net::awaitable<void> run_websocket(std::shared_ptr<WebSocket>, WebSocketWire&, InputBuffer&, std::shared_ptr<WebSocketUpgrade const>);
    struct State;
    class Run;
    WebSocket(net::any_io_executor wire, WebSocketUpgrade const& upgrade, std::string remote, WebSocketSide side);
    void wake_home();
    void wake_wire();

    std::string remote_;
    std::unique_ptr<State> state_;
};

/// Serves the connection until it has ended and `upgrade.serve` has returned. Runs on the wire's executor; `input` holds what came behind the request.
net::awaitable<void> run_websocket(std::shared_ptr<WebSocket> socket, WebSocketWire& wire, InputBuffer& input, std::shared_ptr<WebSocketUpgrade const> upgrade);

}  // namespace kefu
