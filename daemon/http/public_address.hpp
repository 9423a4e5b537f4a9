// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/address.hpp>

namespace kefu {

/// True for addresses of the public internet: not this machine, not a local network, not multicast, not reserved (IANA special-purpose
/// registries). An IPv6 address that carries an IPv4 one (mapped, NAT64) is judged by that.
bool is_public(boost::asio::ip::address const& address);

}  // namespace kefu
