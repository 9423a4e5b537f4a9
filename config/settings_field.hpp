// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace kefu {

/// A number of bytes; in YAML "64KiB", "1MiB" or a bare number.
struct ByteSize {
    std::uint64_t count = 0;
    constexpr operator std::uint64_t() const { return count; }
    friend auto operator<=>(ByteSize const&, ByteSize const&) = default;
};

/// What a text must look like.
enum class Shape {
    any,
    ip,            ///< an IPv4 or IPv6 address
    name,          ///< letters, digits, '.', '_', '-': goes into URLs, ids and file names
    locale,        ///< a BCP 47 language tag: zh-Hant, cs
    time_zone,     ///< an IANA name: Asia/Taipei
    url,           ///< http or https, with a host
    ws_url,        ///< ws or wss, with a host
    url_path,      ///< begins with '/'
    json_pointer,  ///< RFC 6901: begins with '/'
};

inline constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

/// What the type of a setting does not say. Limits are in the setting's own unit: a number, bytes, milliseconds, the length of a list.
struct Field {
    bool required = false;  ///< with `only_for`: required there
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    std::int64_t most = no_limit;
    Shape shape = Shape::any;
    std::string_view only_for = {};  ///< the `type` it belongs to; any other must not have it
    std::string_view example = {};   ///< as YAML; where the default says little
};

/// The name of an enumerator as it stands in YAML.
template <class Enum>
requires requires(Enum e) { names(e); }
constexpr std::string_view name_of(Enum e) { return names(e)[static_cast<std::size_t>(e)]; }

}  // namespace kefu
