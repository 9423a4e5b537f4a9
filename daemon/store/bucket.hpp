// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace kefu {

/// What a shared database is divided by: every key begins with the bucket of its conversation, so that a database on several machines can keep all of a
/// conversation on one of them.
inline constexpr std::uint64_t bucket_count = 1024;

/// FNV-1a, 64 bits. Stored rows depend on it: it never changes.
constexpr std::uint64_t stable_hash(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (char const c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    return hash;
}

constexpr std::int64_t bucket_of(std::string_view conversation) { return static_cast<std::int64_t>(stable_hash(conversation) % bucket_count); }

}  // namespace kefu
