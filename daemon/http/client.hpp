// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/http/message.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kefu {

class ClientConnection;
struct Url;

struct ClientRequest {
    std::string method = "POST";
    std::string url;  ///< http or https; never logged with its query
    Headers headers;
    std::string body;
    std::chrono::milliseconds connect_timeout{3000};
    std::chrono::milliseconds timeout{10000};  ///< the whole request, connecting included
    std::size_t max_body = 1 << 20;
    bool public_addresses_only = false;  ///< refuse loopback, private and link-local addresses (requests to addresses a customer or partner chose)
};

/// Since start; read from any thread.
struct HttpClientCounts {
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> answers{0};      ///< of any status
    std::atomic<std::uint64_t> unsent{0};       ///< no connection
    std::atomic<std::uint64_t> timeouts{0};     ///< may have been received
    std::atomic<std::uint64_t> refused{0};      ///< by us: not a public address, not HTTP, too large
    std::atomic<std::uint64_t> left_alone{0};   ///< not tried: the host had failed too often
    std::atomic<std::uint64_t> connections{0};  ///< opened
};

/// How requests get out.
struct HttpProxy {
    std::string url;  ///< http; empty: none
    std::string authorization;
    std::vector<std::string> direct;  ///< hosts that are reached without it; ".example.com" is all below
};

/// HTTP/1.1 client with keep-alive: at most 64 connections a host, idle ones closed after 30 s, system CA store, hostname checked. Never follows
/// redirects. A host that failed eight times in a row (no connection, no answer) is left alone for two seconds, then tried with one request at a time.
/// Repeats nothing by itself, but a GET whose kept-alive connection was closed. Single-threaded: lives on the io thread.
class HttpClient {
  public:
    explicit HttpClient(net::any_io_executor const& executor);
    ~HttpClient();

    /// For the requests that come. With a proxy, `public_addresses_only` refuses addresses and names that are plainly local; names are the proxy's to look
    /// up, and it has to refuse those that lead inside.
    void use_proxy(HttpProxy proxy);

    HttpClientCounts const& counts() const;

    /// unavailable: certainly nothing was received there (no connection, name unknown; also when a kept-alive connection was closed before
    /// a byte of the request was written, or when no connection became free in time). bad_config: not an http address, or not a public one where
    /// only those are allowed, or a header field that HTTP forbids; nothing was sent. timed_out: the request may have been received. bad_payload: not HTTP, or
    /// the answer is too large. cancelled. Any HTTP status is a value.
    net::awaitable<Result<Response>> fetch(ClientRequest request);

    /// A connection for who speaks something else than requests and answers over it (WebSocket), through the proxy's tunnel where there is one. Has no limit
    /// but `when`; the caller has switched throw_if_cancelled off. Errors as ClientConnector's.
    net::awaitable<Result<std::unique_ptr<ClientConnection>>> connect(Url url, std::chrono::steady_clock::time_point when, bool public_addresses_only);

    /// Closes idle connections.
    void close_idle();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace kefu
