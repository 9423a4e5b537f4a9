// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/session.hpp"
#include "daemon/http/wire.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>

/// All connections of a listener: which have to end, and what those hear that are too many.
namespace kefu {

namespace {

using net::ip::tcp;
using std::chrono::steady_clock;

/// How long who has connected and not yet said anything keeps a stop waiting.
constexpr std::chrono::milliseconds last_chance{1000};

class Counted {
  public:
    explicit Counted(std::size_t& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    Counted(Counted const&) = delete;
    Counted& operator=(Counted const&) = delete;

  private:
    std::size_t& count_;
};

}  // namespace

void HttpServer::end_late(steady_clock::time_point now) {
    for (auto* connection : connections) {
        if (connection->deadline > now) continue;
        connection->late = true;  // the deadline stays: what begins just after this cancel is cancelled by the next
        error_code ignored;
        connection->socket->cancel(ignored);
    }
}

void HttpServer::end_waiting() {
    error_code ignored;
    for (auto* connection : connections) {
        if (connection->end)
            connection->end();
        else if (connection->fresh)
            connection->deadline = std::min(connection->deadline, steady_clock::now() + last_chance);
        else if (connection->waiting)
            connection->socket->cancel(ignored);
    }
}

std::chrono::milliseconds HttpServer::patience(bool fresh) const { return fresh && stopping ? std::min(limits.idle, last_chance) : limits.idle; }

void HttpServer::cut() {
    error_code ignored;
    for (auto* connection : connections) connection->socket->close(ignored);
}

int family_of(tcp::endpoint const& endpoint) { return endpoint.data()->sa_family; }

net::awaitable<void> refuse(tcp::socket socket, std::shared_ptr<HttpServer> server) {
    Listed listed{*server, socket};
    Counted counted{server->refusing};
    auto const busy = problem(503, "Too many connections", "Try again in a moment.");
    std::string answer;
    write_response_head(answer, busy, {.keep_alive = false, .version_10 = false, .answers_head = false, .date = server->date});
    answer += busy.body;
    listed.connection.deadline = steady_clock::now() + std::min(server->limits.write, linger_time);
    error_code error;
    co_await net::async_write(socket, net::buffer(answer), net::redirect_error(net::use_awaitable, error));
    socket.shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 4096> unread;
    while (!error) {
        auto const space = net::buffer(unread);
        co_await socket.async_read_some(space, net::redirect_error(net::use_awaitable, error));
    }
}

}  // namespace kefu
