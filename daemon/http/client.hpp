// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/http/message.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace kefu {

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

/// HTTP/1.1 client with keep-alive: at most 64 connections a host, idle ones closed after 30 s, system CA store, hostname checked. Never follows
/// redirects. Single-threaded: lives on the io thread.
class HttpClient {
  public:
    explicit HttpClient(net::any_io_executor const& executor);
    ~HttpClient();

    /// unavailable: certainly nothing was received there (no connection, name unknown; also when a kept-alive connection was closed before
    /// a byte of the request was written, or when no connection became free in time). bad_config: not an http address, or not a public one where
    /// only those are allowed, or a header field that HTTP forbids; nothing was sent. timed_out: the request may have been received. bad_payload: not HTTP, or
    /// the answer is too large. cancelled. Any HTTP status is a value.
    net::awaitable<Result<Response>> fetch(ClientRequest request);

    /// Closes idle connections.
    void close_idle();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace kefu
