// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/connect/connector.hpp"
#include "daemon/http/client.hpp"

#include <string>

/// Photos and files that a message names by their address.
namespace kefu {

/// A GET of a file at an address from outside: 60 seconds, 64 MiB, public addresses only unless the operator allows others.
ClientRequest content_request(std::string url, bool allow_private_addresses);

/// not_found: there is none, or never will be; unavailable: later. `http` outlives the call.
net::awaitable<Result<Connector::Content>> fetch_content(HttpClient& http, ClientRequest request);

}  // namespace kefu
