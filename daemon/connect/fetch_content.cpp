// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/fetch_content.hpp"

#include "daemon/http/target.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace kefu {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr int redirects_most = 3;

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

/// The request for where the answer points; credentials are for who was asked first.
Result<ClientRequest> follow(ClientRequest request, Response const& response) {
    auto const before = read_url(request.url);
    auto next = resolve_url(request.url, response.headers.get("location"));
    if (!before) return before.error();
    if (!next) return next.error();
    auto const after = read_url(*next);
    if (!after) return after.error();
    if (after->tls != before->tls || after->authority != before->authority) request.headers = {};
    request.url = std::move(*next);
    return request;
}

}  // namespace

ClientRequest content_request(std::string url, bool allow_private_addresses) {
    ClientRequest request;
    request.method = "GET";
    request.url = std::move(url);
    request.timeout = 60s;
    request.max_body = std::size_t{64} << 20;
    request.public_addresses_only = !allow_private_addresses;
    return request;
}

Result<Connector::Content> content_of(Result<Response> response, ContentHost const& host) {
    if (!response) {
        auto const code = response.error().code;
        bool const never = code == Errc::bad_payload || code == Errc::bad_config;
        return Error{never ? code : Errc::unavailable, response.error().message};
    }
    int const status = response->status;
    bool const later = status == 429 || status >= 500 || std::find(host.later.begin(), host.later.end(), status) != host.later.end();
    if (status != 200) return Error{later ? Errc::unavailable : Errc::not_found, std::string{host.name} + " answered " + std::to_string(status)};
    Connector::Content content;
    content.content_type = std::string{response->headers.get("content-type")};
    content.bytes = std::move(response->body);
    return content;
}

net::awaitable<Result<Connector::Content>> fetch_content(HttpClient& http, ClientRequest request, ContentHost host) {
    if (request.url.empty()) co_return Error{Errc::not_found, "the message names no address for this file"};
    auto const until = steady_clock::now() + request.timeout;
    for (int redirects = 0;; ++redirects) {
        auto response = co_await http.fetch(request);
        if (!response || !is_redirect(response->status) || redirects == redirects_most) co_return content_of(std::move(response), host);
        auto next = follow(std::move(request), *response);
        if (!next) co_return next.error();
        request = std::move(*next);
        request.timeout = std::max(std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now()), 1ms);
    }
}

}  // namespace kefu
