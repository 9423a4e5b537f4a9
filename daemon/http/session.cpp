// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/session.hpp"

#include "daemon/http/target.hpp"
#include "daemon/http/websocket.hpp"
#include "daemon/http/wire.hpp"
#include "daemon/log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace kefu {

namespace {

using net::ip::tcp;
using std::chrono::steady_clock;
using TlsStream = net::ssl::stream<tcp::socket>;

constexpr std::size_t kept_output = 4096;
/// How many bytes of a peer that we have refused we listen to (see `linger`).
constexpr std::size_t linger_bytes = std::size_t{4} * 1024 * 1024;

std::string address_of(tcp::socket const& socket) {
    error_code error;
    auto const peer = socket.remote_endpoint(error);
    if (error) return {};
    if (family_of(peer) == AF_UNIX) return "127.0.0.1";  // a program of this machine
    auto const address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) return net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

Response refusal(WireFault fault) {
    switch (fault) {
        case WireFault::header_too_large:
            return problem(431, "Request header fields too large", "Send a shorter request line and fewer or shorter header fields.");
        case WireFault::body_too_large:
            return problem(413, "Content too large", "Send a smaller body.");
        default:
            return problem(400, "Bad request", "This is not a valid HTTP/1.1 request.");
    }
}

Response failed(std::string_view method, std::string_view path, std::exception_ptr const& thrown) {
    std::string why = "an exception of an unknown type";
    try {
        std::rethrow_exception(thrown);
    } catch (std::exception const& error) {
        why = error.what();
    } catch (...) {
    }
    log_error("handler_failed", {{"method", method}, {"path", path}, {"why", why}});
    return problem(500, "Internal error");
}

/// Reads requests from one connection, has them answered and writes the answers, until one side has had enough.
template <class Stream>
class Session {
  public:
    Session(Stream& stream, HttpServer& server, Connection& connection, std::string remote)
        : stream_(stream),
          server_(server),
          connection_(connection),
          remote_(std::move(remote)),
          reader_(static_cast<std::size_t>(server.limits.max_header), static_cast<std::size_t>(server.limits.max_body)) {}

    net::awaitable<void> run() {
        while (true) {
            auto const got = co_await read();
            if (got == Got::nothing) break;
            if (got == Got::refused) {
                if (co_await write(refusal_, false)) co_await linger();
                co_return;
            }
            bool const keep_alive = reader_.keep_alive();
            frame_.version_10 = reader_.is_version_10();
            Request request = reader_.take();
            frame_.answers_head = request.method == "HEAD";
            if (auto const readable = read_target(request); !readable) {
                auto const answer = problem(400, "Bad request", readable.error().message);
                if (co_await write(answer, false)) co_await linger();
                co_return;
            }
            request.remote = remote_;
            request.over_tls = std::is_same_v<Stream, TlsStream>;

            connection_.deadline = steady_clock::time_point::max();  // the handler has limits of its own
            std::string const method = request.method;
            std::string const path = request.path;
            std::exception_ptr thrown;
            Response answer;
            try {
                answer = co_await server_.handler(std::move(request));
            } catch (...) {
                thrown = std::current_exception();
            }
            if (thrown) {
                auto const state = co_await this_coro::cancellation_state;
                if (state.cancelled() != net::cancellation_type::none) co_return;
                answer = failed(method, path, thrown);
            }
            if (answer.upgrade && !frame_.version_10) {
                if (co_await write(answer, true)) co_await become_websocket(std::move(answer.upgrade));
                co_return;
            }
            bool const again = keep_alive && !server_.stopping;
            if (!co_await write(answer, again)) co_return;
            if (!again) break;
        }
        co_await close();
    }

  private:
    enum class Got { request, refused, nothing };

    /// Bytes below a WebSocket.
    class Wire final : public WebSocketWire {
      public:
        explicit Wire(Stream& stream) : stream_(stream) {}

        net::awaitable<std::size_t> read(net::mutable_buffer room, error_code& error) override {
            auto const count = co_await stream_.async_read_some(room, net::redirect_error(net::use_awaitable, error));
            co_return count;
        }
        net::awaitable<void> write(net::const_buffer bytes, error_code& error) override {
            co_await net::async_write(stream_, bytes, net::redirect_error(net::use_awaitable, error));
        }
        void cut() override {
            error_code ignored;
            stream_.lowest_layer().close(ignored);
        }

      private:
        Stream& stream_;
    };

    /// From here on the WebSocket's own limits hold.
    net::awaitable<void> become_websocket(std::shared_ptr<WebSocketUpgrade const> upgrade) {
        connection_.deadline = steady_clock::time_point::max();
        Wire wire{stream_};
        auto const socket = WebSocket::make(co_await this_coro::executor, *upgrade, remote_);
        connection_.end = [socket] { socket->ask_to_end(); };
        if (server_.stopping) socket->ask_to_end();
        co_await run_websocket(socket, wire, input_, upgrade);
        connection_.end = nullptr;
    }

    net::awaitable<Got> read() {
        expect_within(server_.patience(connection_.fresh));
        connection_.waiting = true;
        bool begun = false;
        bool told_to_continue = false;
        while (true) {
            if (!begun) skip_line_breaks();
            if (!begun && !input_.empty()) {
                begun = true;
                connection_.waiting = connection_.fresh = false;
            }
            input_.consumed(reader_.put(input_.data()));
            if (reader_.fault() != WireFault::none) {
                refusal_ = refusal(reader_.fault());
                co_return Got::refused;
            }
            if (reader_.complete()) co_return Got::request;
            if (connection_.waiting && !connection_.fresh && server_.stopping) co_return Got::nothing;
            if (input_.data().size() > server_.limits.max_header + one_piece) {  // chunk extensions or trailers without end
                refusal_ = refusal(WireFault::malformed);
                co_return Got::refused;
            }
            if (reader_.wants_continue() && !told_to_continue) {
                told_to_continue = true;
                static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
                error_code error;
                co_await net::async_write(stream_, net::buffer(go_on), net::redirect_error(net::use_awaitable, error));
                if (error) co_return Got::nothing;
            }
            // One limit for the whole request: a byte now and then does not buy more time.
            if (begun && !limited_) {
                expect_within(server_.limits.read);
                limited_ = true;
            }
            error_code error;
            auto const space = input_.room(reader_.wanted());
            auto const count = co_await stream_.async_read_some(space, net::redirect_error(net::use_awaitable, error));
            if (error || connection_.late) {
                if (!connection_.late || !begun) co_return Got::nothing;
                refusal_ = problem(408, "Request timeout", "The request did not arrive in time.");
                co_return Got::refused;
            }
            input_.received(count);
        }
    }

    /// False when the peer is gone or does not read.
    net::awaitable<bool> write(Response const& response, bool keep_alive) {
        frame_.keep_alive = keep_alive;
        frame_.date = server_.date;
        output_.clear();
        write_response_head(output_, response, frame_);
        std::string_view rest;
        if (!frame_.answers_head && may_have_body(response.status)) {
            if (response.body.size() <= one_piece) {
                output_ += response.body;
            } else {
                rest = response.body;
            }
        }
        expect_within(server_.limits.write);
        error_code error;
        std::array<net::const_buffer, 2> const parts = {net::buffer(output_), net::buffer(rest)};
        if (rest.empty()) {
            co_await net::async_write(stream_, parts[0], net::redirect_error(net::use_awaitable, error));
        } else {
            co_await net::async_write(stream_, parts, net::redirect_error(net::use_awaitable, error));
        }
        if (output_.capacity() > kept_output) output_ = {};  // an idle connection keeps little
        co_return !error;
    }

    /// A socket that is closed with unread bytes resets the connection, and the peer may never see why it was refused.
    net::awaitable<void> linger() {
        expect_within(std::min(server_.limits.write, linger_time));
        if constexpr (!std::is_same_v<Stream, TlsStream>) {
            error_code error;
            stream_.shutdown(tcp::socket::shutdown_send, error);
            std::array<char, 4096> unread;
            for (std::size_t total = 0; !error && total < linger_bytes;) {
                auto const space = net::buffer(unread);
                total += co_await stream_.async_read_some(space, net::redirect_error(net::use_awaitable, error));
            }
        } else {
            co_await close();
        }
    }

    net::awaitable<void> close() {
        if constexpr (std::is_same_v<Stream, TlsStream>) {
            expect_within(std::min(server_.limits.write, linger_time));
            error_code error;
            co_await stream_.async_shutdown(net::redirect_error(net::use_awaitable, error));
        }
        co_return;
    }

    void expect_within(std::chrono::milliseconds limit) {
        connection_.deadline = steady_clock::now() + limit;
        connection_.late = false;
        limited_ = false;
    }

    /// RFC 9112, 2.2: empty lines before a request are skipped.
    void skip_line_breaks() {
        auto const text = input_.data();
        auto const first = text.find_first_not_of("\r\n");
        if (!text.empty()) input_.consumed(first == std::string_view::npos ? text.size() : first);
    }

    Stream& stream_;
    HttpServer& server_;
    Connection& connection_;
    std::string remote_;
    InputBuffer input_;
    RequestReader reader_;
    ResponseFrame frame_;
    Response refusal_;
    std::string output_;
    bool limited_ = false;  ///< the limit for reading a request, rather than for waiting for one, is running
};

}  // namespace

net::awaitable<void> serve_plain(tcp::socket socket, std::shared_ptr<HttpServer> server) {
    Listed listed{*server, socket};
    Session<tcp::socket> session{socket, *server, listed.connection, address_of(socket)};
    co_await session.run();
}

net::awaitable<void> serve_tls(tcp::socket socket, std::shared_ptr<net::ssl::context> tls, std::shared_ptr<HttpServer> server) {
    auto remote = address_of(socket);
    TlsStream stream{std::move(socket), *tls};
    Listed listed{*server, stream.next_layer()};
    listed.connection.deadline = steady_clock::now() + server->limits.read;
    error_code error;
    co_await stream.async_handshake(net::ssl::stream_base::server, net::redirect_error(net::use_awaitable, error));
    if (error) {
        log_debug("tls_handshake_failed", {{"remote", remote}, {"why", error.message()}});
        co_return;
    }
    Session<TlsStream> session{stream, *server, listed.connection, std::move(remote)};
    co_await session.run();
}

}  // namespace kefu
