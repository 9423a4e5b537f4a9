// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/net/net.hpp"

#include <boost/asio/redirect_error.hpp>

namespace kefu {

/// Wakes tests that wait for something to happen on their executor: `while (things < 2) co_await news.next();`
class News {
  public:
    explicit News(net::any_io_executor const& executor) : timer_(executor, net::steady_timer::time_point::max()) {}

    void tell() { timer_.cancel(); }

    net::awaitable<void> next() {
        error_code woken;
        co_await timer_.async_wait(net::redirect_error(net::use_awaitable, woken));
    }

  private:
    net::steady_timer timer_;
};

}  // namespace kefu
