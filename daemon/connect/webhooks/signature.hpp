// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"
#include "config/settings.hpp"
#include "daemon/http/message.hpp"

#include <chrono>
#include <string_view>
#include <vector>

/// Standard Webhooks 1.0 (standardwebhooks.com): who sent this, and is it fresh.
namespace kefu::webhooks {

inline constexpr std::chrono::seconds tolerance{300};

/// The key bytes of a secret: what stands after `whsec_` (the prefix may be missing), Base64-decoded. Nothing when it is not 24-64 bytes of Base64.
std::optional<std::string> key_of(std::string_view secret);

/// Checks webhook-id, webhook-timestamp and webhook-signature (also svix-* when `accept_svix`) over the raw body. Any v1 signature that matches any secret is
/// enough; unknown versions are skipped. The value is the webhook-id: the idempotency key. unauthorized, saying which part is wrong.
Result<std::string> verify(Headers const& headers, std::string_view body, std::vector<Secret> const& secrets, Timestamp now, bool accept_svix = false);

/// Sets the three headers for `body`.
void sign(Headers& headers, std::string_view id, std::string_view body, Secret const& secret, Timestamp now);

}  // namespace kefu::webhooks
