// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Passwords: argon2id through libsodium, 19 MiB and two passes (OWASP, "Password Storage Cheat Sheet"). Each call takes some 20 ms and that much memory: on a
/// pool of one thread, never on an io thread.
namespace kefu {

inline constexpr std::size_t shortest_password = 12, longest_password = 1024;  // bytes

/// In argon2's own text form, with salt and costs.
std::string hash_password(std::string_view password);

/// An empty `hash` (nobody of that name, or no password yet) takes as long as a wrong password, and is wrong.
bool is_password(std::string_view password, std::string const& hash);

}  // namespace kefu
