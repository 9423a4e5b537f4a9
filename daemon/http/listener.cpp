// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/listener.hpp"

#include "daemon/http/session.hpp"
#include "daemon/http/tls.hpp"
#include "daemon/http/wire.hpp"
#include "daemon/log.hpp"
#include "daemon/net/deadline.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cerrno>
#include <list>
#include <utility>
#include <vector>

namespace kefu {

namespace {

using net::ip::tcp;

/// How many connections over the limit may be told so at the same time; more are closed without a word.
constexpr std::size_t most_refused = 64;
/// After an error (usually a full file table), so that accepting does not become a hot loop.
constexpr std::chrono::milliseconds pause_after_error{50};

Error cannot_listen(ListenSettings const& settings, error_code const& why) {
    return Error{Errc::environment, "cannot listen on " + settings.address + " port " + std::to_string(settings.port) + ": " + why.message()};
}

/// The listening sockets systemd passed, TCP and Unix.
std::vector<int> passed_sockets() {
    std::vector<int> sockets;
    int const count = sd_listen_fds(0);
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; ++fd) {
        if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0)
            sockets.push_back(fd);
        else
            log_warn("socket_not_used", {{"fd", fd}, {"why", "not a listening stream socket"}});
    }
    return sockets;
}

/// Takes a copy: each thread has a listener of its own on the one socket.
error_code adopt(tcp::acceptor& acceptor, int passed) {
    error_code error;
    int const fd = fcntl(passed, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return {errno, boost::system::system_category()};
    // A Unix socket goes for IPv4: Asio asks for the family only when it makes a socket or reads an address (see family_of).
    bool const v6 = sd_is_socket(fd, AF_INET6, SOCK_STREAM, 1) > 0;
    acceptor.assign(v6 ? tcp::v6() : tcp::v4(), fd, error);
    return error;
}

error_code bind(tcp::acceptor& acceptor, ListenSettings const& settings) {
    error_code error;
    auto const address = net::ip::make_address(settings.address, error);
    if (error) return error;
    tcp::endpoint const endpoint{address, settings.port};
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    // Each thread has a listener of its own; the kernel spreads the connections.
    if (!error && settings.threads > 1) acceptor.set_option(net::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true), error);
    // "::" means all addresses, IPv4 too, whatever the system's default is.
    if (!error && address.is_v6() && address.is_unspecified()) acceptor.set_option(net::ip::v6_only(false), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    return error;
}

/// What the accept loops need; shared, because a loop may end after the listener.
struct Accepting {
    std::list<tcp::acceptor> acceptors;  // one, or as many as systemd passed
    std::shared_ptr<HttpServer> server = std::make_shared<HttpServer>();
    std::shared_ptr<net::ssl::context> tls;
    bool full = false;
    bool gone = false;  ///< the listener is, and its tasks

    void welcome(tcp::socket socket, TaskGroup& tasks);

    void close() {
        error_code ignored;
        for (auto& acceptor : acceptors) acceptor.close(ignored);
    }
};

void Accepting::welcome(tcp::socket socket, TaskGroup& tasks) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto const open = server->connections.size() - server->refusing;
    if (open >= static_cast<std::size_t>(server->limits.connections)) {
        if (!std::exchange(full, true)) log_warn("too_many_connections", {{"limit", server->limits.connections}});
        // In TLS a refusal would cost a handshake: the connection is just closed.
        if (!tls && server->refusing < most_refused) tasks.spawn("http_refusal", refuse(std::move(socket), server));
        return;
    }
    full = false;
    tasks.spawn("http_session", tls ? serve_tls(std::move(socket), tls, server) : serve_plain(std::move(socket), server));
}

net::awaitable<void> accept_connections(std::shared_ptr<Accepting> accepting, tcp::acceptor& acceptor, TaskGroup& tasks) {
    auto const server = accepting->server;
    while (!server->stopping) {
        tcp::socket socket{acceptor.get_executor()};
        error_code error;
        co_await acceptor.async_accept(socket, net::redirect_error(net::use_awaitable, error));
        if (accepting->gone) co_return;
        if (error) {
            if (server->stopping) co_return;
            log_warn("accept_failed", {{"why", error.message()}});
            if (!co_await sleep_for(pause_after_error)) co_return;
            continue;
        }
        accepting->welcome(std::move(socket), tasks);  // the last one may come during a stop, and is answered
    }
}

/// Where it listens, for the log: an IP address, or the path of a Unix socket.
std::string address_of(tcp::acceptor& acceptor) {
    error_code error;
    auto const endpoint = acceptor.local_endpoint(error);
    if (error) return {};
    if (family_of(endpoint) != AF_UNIX) return endpoint.address().to_string();
    sockaddr_un unix_address{};
    socklen_t size = sizeof unix_address;
    if (::getsockname(acceptor.native_handle(), reinterpret_cast<sockaddr*>(&unix_address), &size) != 0) return {};
    return unix_address.sun_path;
}

net::awaitable<void> watch_connections(std::shared_ptr<HttpServer> server) {
    auto const& limits = server->limits;
    auto const shortest = std::min({limits.idle, limits.read, limits.write});
    auto const step = std::clamp(shortest / 4, std::chrono::milliseconds{5}, std::chrono::milliseconds{500});
    while (true) {
        server->end_late(std::chrono::steady_clock::now());
        server->date = http_date(std::chrono::system_clock::now());
        if (!co_await sleep_for(step)) co_return;
    }
}

}  // namespace

struct Listener::State {
    TaskGroup connections;
    TaskGroup watch;
    std::shared_ptr<Accepting> accepting = std::make_shared<Accepting>();

    explicit State(net::any_io_executor const& executor) : connections(executor), watch(executor) {}
};

Result<std::unique_ptr<Listener>> Listener::open(net::any_io_executor const& executor, ListenSettings const& settings, Handler handler) {
    auto state = std::make_unique<State>(executor);
    auto& accepting = *state->accepting;
    if (settings.tls.enabled()) {
        auto tls = server_tls(settings.tls);
        if (!tls) return tls.error();
        accepting.tls = std::move(*tls);
    }
    auto const passed = settings.activation ? passed_sockets() : std::vector<int>{};
    for (int const fd : passed)
        if (auto const error = adopt(accepting.acceptors.emplace_back(executor), fd)) return cannot_listen(settings, error);
    if (passed.empty())
        if (auto const error = bind(accepting.acceptors.emplace_back(executor), settings)) return cannot_listen(settings, error);

    accepting.server->limits = settings.limits;
    accepting.server->handler = std::move(handler);
    state->watch.spawn("http_watch", watch_connections(accepting.server));
    for (auto& acceptor : accepting.acceptors) state->connections.spawn("http_accept", accept_connections(state->accepting, acceptor, state->connections));
    return std::unique_ptr<Listener>{new Listener{std::move(state)}};
}

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}

Listener::~Listener() {
    auto& accepting = *state_->accepting;
    accepting.server->stopping = true;
    accepting.gone = true;
    accepting.close();
    accepting.server->cut();
    state_->connections.cancel();
    state_->watch.cancel();
}

std::uint16_t Listener::port() const {
    error_code error;
    auto const endpoint = state_->accepting->acceptors.front().local_endpoint(error);
    return error || family_of(endpoint) == AF_UNIX ? std::uint16_t{0} : endpoint.port();
}

std::string Listener::address() const { return address_of(state_->accepting->acceptors.front()); }

std::size_t Listener::connections() const {
    auto const& server = *state_->accepting->server;
    return server.connections.size() - server.refusing;
}

Result<void> Listener::reload_tls(ListenSettings const& settings) {
    auto& accepting = *state_->accepting;
    if (settings.tls.enabled() != (accepting.tls != nullptr)) return Error{Errc::bad_config, "switching TLS on or off needs a restart"};
    if (!accepting.tls) return {};
    auto tls = server_tls(settings.tls);
    if (!tls) return tls.error();
    accepting.tls = std::move(*tls);
    return {};
}

net::awaitable<void> Listener::stop(std::chrono::milliseconds limit) {
    auto& accepting = *state_->accepting;
    accepting.server->stopping = true;
    accepting.close();
    accepting.server->end_waiting();
    if (!co_await state_->connections.join(limit)) {
        log_warn("connections_cut", {{"count", connections()}});
        accepting.server->cut();
        state_->connections.cancel();
        co_await state_->connections.join(std::chrono::milliseconds{1000});
    }
    state_->watch.cancel();
    co_await state_->watch.join(std::chrono::milliseconds{1000});
}

}  // namespace kefu
