// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "daemon/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The addresses in HTTP: what stands in a request line, and the URLs we are asked to fetch.
namespace kefu {

/// Fills path and query from request.target ("/a%20b?c=d", or "http://host/a?c=d" as proxies send it). The first of two equal names counts.
/// bad_payload when it is neither, or when an escape is broken or hides a control character.
Result<void> read_target(Request& request);

/// The path of `target`, split at each '/', then decoded: "/a/b%2Fc?x" is {"a", "b/c"}; "/" is {}; "/a/" is {"a", ""}.
std::vector<std::string> path_segments(std::string_view target);

struct Url {
    bool tls = false;
    std::string host;       ///< as the resolver wants it: an IPv6 address without its brackets
    std::string authority;  ///< for the Host field: with brackets, and with the port when it is not the scheme's
    std::string port;
    std::string target;  ///< path and query, never empty
};

/// bad_config unless it is an http or https URL with a host and without a user name. The message holds its scheme and host at the most: paths and queries may
/// carry secrets, as Telegram's do.
Result<Url> read_url(std::string const& text);

/// What `reference` means in an answer from `base` (RFC 3986, 5): where a Location points. bad_payload when one of them is no URL.
Result<std::string> resolve_url(std::string const& base, std::string_view reference);

/// RFC 3986: all but unreserved characters as %XX. Right for path segments, queries and forms.
std::string percent_encoded(std::string_view text);

}  // namespace kefu
