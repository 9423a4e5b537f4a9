// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Time-based one-time passwords (RFC 6238: SHA-1, 30 s, 6 digits, as authenticators expect) and the codes for who lost theirs. Pure but for the random ones.
namespace kefu {

/// 20 random bytes, as RFC 4226 recommends.
std::string new_totp_secret();

/// RFC 4648, section 6, without padding: what people type.
std::string base32(std::string_view bytes);

/// otpauth://totp/ISSUER:NAME?secret=...&issuer=...; what a QR code shows.
std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view name);

/// The code of a step of 30 s since 1970. `digits` is 6 in use, 8 in the RFC's vectors.
std::string totp_code(std::string_view secret, std::int64_t step, int digits = 6);

/// The step that `code` is right for, one before or behind the present one included, and newer than `used`; nothing: it is wrong, or was used.
std::optional<std::int64_t> totp_step_of(std::string_view code, std::string_view secret, Timestamp now, std::int64_t used);

/// Ten codes of ten letters and digits, in two groups.
std::vector<std::string> new_recovery_codes();

/// What is kept of one; spaces, hyphens and case do not matter.
std::string recovery_hash(std::string_view code);

}  // namespace kefu
