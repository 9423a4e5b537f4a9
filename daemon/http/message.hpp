// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/net/net.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP as values, for servers and clients alike. Beast stays in the .cpp files.
namespace kefu {

/// Header fields in order; names compare without case.
class Headers {
  public:
    void set(std::string name, std::string value);  ///< replaces all of that name
    void add(std::string name, std::string value);  ///< one more, for fields that may repeat (Set-Cookie) and while reading
    /// The first of that name; empty when absent.
    std::string_view get(std::string_view name) const;
    std::string_view last(std::string_view name) const;  ///< of that name
    bool has(std::string_view name) const;
    std::vector<std::pair<std::string, std::string>> const& all() const { return fields_; }

  private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
    std::string method;  ///< "POST"
    std::string path;    ///< decoded path without the query, always starting with '/'
    std::string target;  ///< path and query as received; the router splits this, so that %2F stays inside its segment
    std::map<std::string, std::string> query;
    Headers headers;
    std::string body;    ///< the bytes as received
    std::string remote;  ///< peer address without port, for logs and limits
    bool over_tls = false;
};

struct WebSocketUpgrade;

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    std::shared_ptr<WebSocketUpgrade const> upgrade = nullptr;  ///< with status 101: what the connection becomes (websocket.hpp)
};

/// RFC 9457 problem JSON. `title` for people, `detail` says how to mend it; neither holds a secret or customer text.
Response problem(int status, std::string_view title, std::string_view detail = {});
Response json_response(std::string body, int status = 200);
Response text_response(std::string body, int status = 200);

/// Answers one request. Runs on the io thread; exceptions become a logged 500.
using Handler = std::function<net::awaitable<Response>(Request)>;

/// Who asks, for limits: the peer or, behind a proxy of ours, the last address in X-Forwarded-For. Proxies append: the others are the visitor's own words.
std::string address_of(Request const& request, bool behind_proxy);

/// The token of "Authorization: Bearer TOKEN" (RFC 6750, 2.1); empty: there is none.
std::string_view bearer_token(Request const& request);

/// The answer of a handler that has nothing to wait for.
net::awaitable<Response> at_once(Response response);

/// The answer of a handler whose work belongs to one thread, wherever the request came in.
net::awaitable<Response> on_home(net::any_io_executor home, net::awaitable<Response> work);

}  // namespace kefu
