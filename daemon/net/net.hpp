// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

/// The few names of Asio that everybody uses. Nothing heavy: this header costs 0.25 s a file.
namespace kefu {

namespace net = boost::asio;
namespace this_coro = boost::asio::this_coro;
using boost::system::error_code;

template <class T>
using Task = net::awaitable<T>;

}  // namespace kefu
