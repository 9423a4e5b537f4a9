// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/channel_settings.hpp"
#include "daemon/connect/connector.hpp"
#include "daemon/connect/payload.hpp"
#include "daemon/http/client.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What Messenger and WhatsApp share: webhooks and the Graph API (developers.facebook.com/docs/graph-api).
namespace kefu::meta {

namespace json = boost::json;

/// "Validating payloads": X-Hub-Signature-256 is "sha256=" and the hex HMAC-SHA256 of the bytes as received. Any of `secrets` will do.
Result<void> verify(Request const& request, std::vector<Secret> const& secrets);

/// "Verification requests": a GET with hub.mode=subscribe and one of `verify_tokens` gets its hub.challenge back as text, others 403.
Response handshake(Request const& request, std::vector<Secret> const& verify_tokens);

/// The same as a route, for the accounts of both platforms on `path`; what Connector::add_routes() says of it.
bool add_handshake(Router& router, std::string const& path, std::function<std::shared_ptr<Services const>()> services);

/// A call of the Graph API with the account's token.
struct Graph {
    std::string base;  ///< https://graph.facebook.com/vNN.0
    Secret token;
    SendSettings limits;

    ClientRequest post(std::string_view path, json::object const& body) const;
    ClientRequest get(std::string_view path) const;
};

/// What the Graph API answered; "Handling errors" of each platform, as what to do about it.
struct GraphAnswer {
    SendResult result;
    json::object body;
};
GraphAnswer read_answer(std::string_view platform, Result<Response> const& response);

/// A lone event keeps the signed bytes as evidence; in a batch they would hold other customers' words.
void keep_signed_body(Parsed& parsed, Request const& request);

/// How long people's words are let in after the customer's last message.
inline constexpr std::chrono::hours window{24};

}  // namespace kefu::meta
