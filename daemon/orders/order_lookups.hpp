// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"
#include "daemon/clock.hpp"
#include "daemon/http/client.hpp"
#include "daemon/orders/order_lookup.hpp"
#include "daemon/orders/shop_order.hpp"

#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <string>
#include <string_view>

/// The kinds of order systems there are.
namespace kefu {

/// Asks the shop's API. Answers are kept for a while; after failures in a row it is left alone for a while. `http` outlives it.
std::unique_ptr<OrderLookup> make_http_order_lookup(OrderHttpSettings const& settings, OrderMapping mapping, HttpClient& http, Clock clock);

/// Looks into a file that the shop writes: CSV is read again when it has changed, SQLite is asked each time. `pool` outlives it, and does the reading.
std::unique_ptr<OrderLookup> make_file_order_lookup(OrderFileSettings const& settings, OrderMapping mapping, net::thread_pool& pool);

/// `url` with `value` where `placeholder` stands, percent-encoded (RFC 3986: all but unreserved characters).
std::string fill_url(std::string url, std::string_view placeholder, std::string_view value);

}  // namespace kefu
