// SPDX-License-Identifier: Apache-2.0
// The reference for the intake benchmark: what a server on Beast can do that reads each request whole and answers 200, on one thread.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using net::ip::tcp;

net::awaitable<void> serve(tcp::socket socket) {
    socket.set_option(tcp::no_delay(true));
    beast::tcp_stream stream{std::move(socket)};
    beast::flat_buffer buffer;
    beast::error_code error;
    while (true) {
        http::request<http::string_body> request;
        stream.expires_after(std::chrono::seconds{30});
        co_await http::async_read(stream, buffer, request, net::redirect_error(net::use_awaitable, error));
        if (error) co_return;
        http::response<http::empty_body> response{http::status::ok, request.version()};
        response.keep_alive(request.keep_alive());
        response.prepare_payload();
        co_await http::async_write(stream, response, net::redirect_error(net::use_awaitable, error));
        if (error || !request.keep_alive()) co_return;
    }
}

net::awaitable<void> accept(tcp::acceptor& acceptor) {
    while (true) {
        auto socket = co_await acceptor.async_accept(net::use_awaitable);
        net::co_spawn(acceptor.get_executor(), serve(std::move(socket)), net::detached);
    }
}

}  // namespace

/// bare_beast [PORT]: prints the port and serves until it is told to stop.
int main(int argc, char** argv) {
    net::io_context io{1};
    auto const port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
    tcp::endpoint const endpoint{net::ip::address_v4::loopback(), port};
    tcp::acceptor acceptor{io, endpoint};
    std::printf("%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    net::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&io](beast::error_code, int) { io.stop(); });
    net::co_spawn(io, accept(acceptor), net::detached);
    io.run();
}
