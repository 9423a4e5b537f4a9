// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/public_address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace kefu {

namespace {

namespace ip = boost::asio::ip;

struct Block {
    std::array<unsigned char, 4> first;
    int bits;
};

constexpr std::array<Block, 16> not_public_v4 = {{
    {{0, 0, 0, 0}, 8},        // this network
    {{10, 0, 0, 0}, 8},       // private
    {{100, 64, 0, 0}, 10},    // carrier-grade NAT
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local; cloud metadata
    {{172, 16, 0, 0}, 12},    // private
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 31, 196, 0}, 24},  // AS112
    {{192, 88, 99, 0}, 24},   // 6to4 relays
    {{192, 168, 0, 0}, 16},   // private
    {{198, 18, 0, 0}, 15},    // benchmarks
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, broadcast
}};

bool is_public_v4(std::uint32_t address) {
    return std::none_of(not_public_v4.begin(), not_public_v4.end(), [address](Block const& block) {
        std::uint32_t const first =
            std::uint32_t{block.first[0]} << 24 | std::uint32_t{block.first[1]} << 16 | std::uint32_t{block.first[2]} << 8 | block.first[3];
        return (address ^ first) >> (32 - block.bits) == 0;
    });
}

bool is_public_v6(ip::address_v6::bytes_type const& bytes) {
    std::uint32_t const high = std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
    std::uint32_t const low = std::uint32_t{bytes[12]} << 24 | std::uint32_t{bytes[13]} << 16 | std::uint32_t{bytes[14]} << 8 | bytes[15];
    auto const zero = [&](std::size_t from, std::size_t to) { return std::all_of(bytes.begin() + from, bytes.begin() + to, [](auto b) { return b == 0; }); };
    if (zero(0, 10) && bytes[10] == 0xff && bytes[11] == 0xff) return is_public_v4(low);  // ::ffff:a.b.c.d
    if (high == 0x0064ff9b && zero(4, 12)) return is_public_v4(low);                      // 64:ff9b::a.b.c.d, NAT64
    if (high >> 29 != 1) return false;                                                    // only 2000::/3 is given out
    if (high >> 9 == 0x20010000 >> 9) return false;                                       // 2001::/23: Teredo and other protocols
    if (high == 0x20010db8) return false;                                                 // documentation
    if (high >> 16 == 0x2002) return false;                                               // 6to4, which carries any IPv4 address
    if (high >> 12 == 0x3fff0000 >> 12) return false;                                     // documentation
    return true;
}

}  // namespace

bool is_public(ip::address const& address) { return address.is_v4() ? is_public_v4(address.to_v4().to_uint()) : is_public_v6(address.to_v6().to_bytes()); }

}  // namespace kefu
