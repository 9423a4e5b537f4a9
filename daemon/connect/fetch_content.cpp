// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/fetch_content.hpp"

#include <chrono>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;

ClientRequest content_request(std::string url, bool allow_private_addresses) {
    ClientRequest request;
    request.method = "GET";
    request.url = std::move(url);
    request.timeout = 60s;
    request.max_body = std::size_t{64} << 20;
    request.public_addresses_only = !allow_private_addresses;
    return request;
}

net::awaitable<Result<Connector::Content>> fetch_content(HttpClient& http, ClientRequest request) {
    if (request.url.empty()) co_return Error{Errc::not_found, "the message names no address for this file"};
    auto response = co_await http.fetch(std::move(request));
    if (!response) co_return Error{response.error().code == Errc::timed_out ? Errc::unavailable : response.error().code, response.error().message};
    bool const later = response->status == 429 || response->status >= 500;
    if (response->status != 200)
        co_return Error{later ? Errc::unavailable : Errc::not_found, "the file's address answered " + std::to_string(response->status)};
    Connector::Content content;
    content.content_type = std::string{response->headers.get("content-type")};
    content.bytes = std::move(response->body);
    co_return content;
}

}  // namespace kefu
