// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client.hpp"

#include "daemon/http/client_connector.hpp"
#include "daemon/http/client_pool.hpp"
#include "daemon/http/target.hpp"
#include "daemon/http/wire.hpp"
#include "daemon/net/circuit_breaker.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace kefu {

using std::chrono::steady_clock;

namespace {

constexpr int failures_most = 8;
constexpr std::chrono::milliseconds left_alone{2000};
constexpr std::size_t hosts_remembered = 1024;

/// Longer than any header or chunk line may be.
constexpr std::size_t most_unread = std::size_t{128} * 1024;

struct Parts {
    net::any_io_executor executor;
    std::shared_ptr<ClientPool> pool;
    ClientConnector connector;
    HttpProxy proxy;
    std::optional<ClientConnector::Tunnel> tunnel;
    std::map<std::string, CircuitBreaker> failing;  ///< hosts of which the last request failed
    HttpClientCounts counts;

    explicit Parts(net::any_io_executor const& e) : executor(e), pool(std::make_shared<ClientPool>(e)), connector(e) {}

    /// The proxy's tunnel, for hosts that are not reached without it.
    std::optional<ClientConnector::Tunnel> way_to(Url const& url) const {
        bool const is_direct = std::any_of(proxy.direct.begin(), proxy.direct.end(),
                                           [&](std::string const& host) { return host.starts_with('.') ? url.host.ends_with(host) : url.host == host; });
        return is_direct ? std::nullopt : tunnel;
    }
};

/// One request and its answer.
class Fetch {
  public:
    Fetch(Parts& parts, ClientRequest request) : parts_(parts), request_(std::move(request)), deadline_(steady_clock::now() + request_.timeout) {}

    net::awaitable<Result<Response>> run() {
        ++parts_.counts.requests;
        auto url = read_url(request_.url);
        if (!url) co_return url.error();
        url_ = std::move(*url);
        auto const through = parts_.way_to(url_);
        if (!request_.headers.has("User-Agent")) request_.headers.add("User-Agent", "kefud");
        bool const asks_proxy = through && !url_.tls;
        if (asks_proxy && !through->authorization.empty()) request_.headers.set("Proxy-Authorization", through->authorization);
        std::string const target = asks_proxy ? "http://" + url_.authority + url_.target : url_.target;
        if (!write_request_head(head_, request_.method, target, url_.authority, request_.headers, request_.body.size())) {
            co_return Error{Errc::bad_config, "the method or a header field holds a character that HTTP forbids"};
        }
        if (request_.body.size() <= one_piece) head_ += std::exchange(request_.body, {});

        // Connections to addresses that were not checked are never used where they must be.
        auto name = (url_.tls ? "https " : "http ") + url_.authority + (request_.public_addresses_only ? " public" : "") +
                    (through ? " through " + through->proxy.authority : "");
        if (!admitted(name))
            co_return Error{Errc::unavailable, url_.authority + " failed " + std::to_string(failures_most) + " times in a row and is left alone"};
        auto lease = co_await parts_.pool->lease(name, deadline_);
        if (!lease) co_return lease.error();
        host_ = std::move(name);
        auto connection = lease->take_idle();
        while (true) {
            if (co_await was_cancelled()) co_return cancelled_unsent();
            bool const reused = connection != nullptr;
            if (!reused) {
                auto opened = co_await open(through);
                if (!opened) co_return opened.error();
                connection = std::move(*opened);
            }
            auto const end = co_await exchange(*connection);
            if (end == End::answered_for_more) lease->keep(std::move(connection));
            // A server may close an idle connection while our request is on its way to it.
            bool const repeats_safely = end == End::not_sent || (end == End::not_answered && is_safe_to_repeat());
            if (!reused || !repeats_safely) co_return std::move(result_);
            connection = nullptr;
        }
    }

    /// How it went, for the counters and for those who come after.
    void note(Result<Response> const& result) {
        auto& counts = parts_.counts;
        auto const code = result ? std::nullopt : std::optional{result.error().code};
        if (!code) ++counts.answers;
        if (code == Errc::unavailable) ++counts.unsent;
        if (code == Errc::timed_out) ++counts.timeouts;
        if (code == Errc::bad_config || code == Errc::bad_payload) ++counts.refused;
        if (host_.empty()) return;
        if (code == Errc::unavailable || code == Errc::timed_out) {
            if (parts_.failing.size() >= hosts_remembered) parts_.failing.erase(parts_.failing.begin());
            parts_.failing.try_emplace(host_, failures_most, left_alone).first->second.failed(now());
        } else if (code != Errc::cancelled) {
            parts_.failing.erase(host_);
        }
    }

  private:
    enum class End {
        answered_for_more,  ///< and the connection takes another request
        answered,
        not_sent,      ///< the connection was closed before a byte left
        not_answered,  ///< the connection was closed before a byte came back
        failed,
    };

    bool is_safe_to_repeat() const { return request_.method == "GET" || request_.method == "HEAD"; }

    net::awaitable<Result<std::unique_ptr<ClientConnection>>> open(std::optional<ClientConnector::Tunnel> through) {
        auto const when = std::min(deadline_, steady_clock::now() + request_.connect_timeout);
        auto const* const tunnel = through ? &*through : nullptr;
        auto connection = co_await parts_.connector.open(url_, when, request_.public_addresses_only, tunnel);
        if (connection) ++parts_.counts.connections;
        co_return std::move(connection);
    }

    static Timestamp now() { return Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch())}; }

    bool admitted(std::string const& host) {
        auto const found = parts_.failing.find(host);
        if (found == parts_.failing.end() || found->second.admits(now())) return true;
        ++parts_.counts.left_alone;
        return false;
    }

    net::awaitable<End> exchange(ClientConnection& connection) {
        Limit limit{parts_.executor};
        limit.until(deadline_, [&connection] { connection.close(); });
        error_code error;
        std::array<net::const_buffer, 2> const parts = {net::buffer(head_), net::buffer(request_.body)};
        auto const sent = co_await connection.write(parts, error);
        bool const sent_all = !error;
        if (error && sent == 0 && connection.counts_every_byte()) {
            result_ = Error{Errc::unavailable, "cannot send to " + url_.authority + ": " + error.message()};
            co_return limit.passed() ? End::failed : End::not_sent;
        }

        // Also after an error: a server may answer (413, 401) and close without having read everything.
        InputBuffer input;
        std::optional<ResponseReader> reader;
        reader.emplace(request_.max_body, request_.method == "HEAD");
        bool heard = false;
        while (!reader->complete()) {
            if (co_await was_cancelled()) {
                result_ = Error{Errc::cancelled, "cancelled while " + url_.authority + " had the request"};
                co_return End::failed;
            }
            error = {};
            auto const room = input.room(reader->wanted());
            auto const count = co_await connection.read(room, error);
            heard = heard || count != 0;
            input.received(count);
            input.consumed(reader->put(input.data()));
            while (reader->interim()) {
                reader.emplace(request_.max_body, request_.method == "HEAD");
                input.consumed(reader->put(input.data()));
            }
            if (error == net::error::eof) reader->put_end();
            if (auto const fault = fault_of(*reader, input)) {
                result_ = *fault;
                co_return End::failed;
            }
            if (reader->complete() || !error) continue;
            if (limit.passed()) {
                result_ = Error{Errc::timed_out, "no answer from " + url_.authority + " in " + std::to_string(request_.timeout.count()) + " ms"};
                co_return End::failed;
            }
            if (co_await was_cancelled()) continue;
            result_ = Error{Errc::timed_out,
                            url_.authority + (heard ? " closed the connection in the middle of its answer" : " closed the connection without an answer")};
            co_return heard ? End::failed : End::not_answered;
        }
        bool const more = sent_all && !error && reader->keep_alive() && input.empty() && !limit.passed();
        result_ = reader->take();
        co_return more ? End::answered_for_more : End::answered;
    }

    std::optional<Error> fault_of(ResponseReader const& reader, InputBuffer const& input) const {
        auto const from = " from " + url_.authority;
        switch (reader.fault()) {
            case WireFault::none:
                break;
            case WireFault::unfinished:
                return std::nullopt;  // told apart by the caller
            case WireFault::body_too_large:
                return Error{Errc::bad_payload, "the answer" + from + " is larger than " + std::to_string(request_.max_body) + " bytes"};
            default:
                return Error{Errc::bad_payload, "the answer" + from + " is not HTTP/1.1"};
        }
        if (input.data().size() > most_unread && !reader.complete()) return Error{Errc::bad_payload, "the answer" + from + " is not HTTP/1.1"};
        return std::nullopt;
    }

    Parts& parts_;
    ClientRequest request_;
    steady_clock::time_point deadline_;
    Url url_;
    std::string head_;
    std::string host_;  ///< as the pool names it; empty: it was not asked; that our own line for it is full says nothing of the host
    Result<Response> result_ = Response{};
};

}  // namespace

struct HttpClient::State : Parts {
    using Parts::Parts;
};

HttpClient::HttpClient(net::any_io_executor const& executor) : state_(std::make_shared<State>(executor)) {}
HttpClient::~HttpClient() {
    state_->pool->shut_down();
    state_->connector.shut_down();
}

net::awaitable<Result<Response>> HttpClient::fetch(ClientRequest request) {
    auto const state = state_;
    // A cancelled wait comes back as an answer here, not as an exception.
    bool const throws = co_await this_coro::throw_if_cancelled();
    co_await this_coro::throw_if_cancelled(false);
    Fetch fetch{*state, std::move(request)};
    auto result = co_await fetch.run();
    fetch.note(result);
    co_await this_coro::throw_if_cancelled(throws);
    co_return result;
}

net::awaitable<Result<std::unique_ptr<ClientConnection>>> HttpClient::connect(Url url, steady_clock::time_point when, bool public_addresses_only) {
    auto const state = state_;
    auto through = state->way_to(url);
    if (through) through->for_plain = true;
    auto connection = co_await state->connector.open(std::move(url), when, public_addresses_only, through ? &*through : nullptr);
    if (connection) ++state->counts.connections;
    co_return std::move(connection);
}

void HttpClient::use_proxy(HttpProxy proxy) {
    auto& state = *state_;
    state.tunnel.reset();
    if (auto url = read_url(proxy.url); url) state.tunnel = ClientConnector::Tunnel{std::move(*url), proxy.authorization, false};
    state.proxy = std::move(proxy);
}

HttpClientCounts const& HttpClient::counts() const { return state_->counts; }

void HttpClient::close_idle() { state_->pool->close_idle(); }

}  // namespace kefu
