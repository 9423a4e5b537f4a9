// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/connector.hpp"
#include "daemon/http/client.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Photos and files that a message names.
namespace kefu {

/// Who is asked for the bytes, and how it says that they are not there yet.
struct ContentHost {
    std::string_view name = "the file's address";  ///< for people
    std::vector<int> later = {};                   ///< statuses, beside 429 and 5xx
};

/// A GET of a file at an address from outside: 60 seconds, 64 MiB, public addresses only unless the operator allows others.
ClientRequest content_request(std::string url, bool allow_private_addresses);

/// What the host's answer means. not_found: there is none, or never will be; unavailable: later; bad_payload: too large, or not HTTP; bad_config: nothing we
/// may ask.
Result<Connector::Content> content_of(Result<Response> response, ContentHost const& host);

/// Fetches it, over at most three redirects (RFC 9110, 15.4) within the request's time; each is held to the same limits, and another host gets none of the
/// request's header fields. Errors as content_of(). `http` outlives the call.
net::awaitable<Result<Connector::Content>> fetch_content(HttpClient& http, ClientRequest request, ContentHost host = {});

}  // namespace kefu
