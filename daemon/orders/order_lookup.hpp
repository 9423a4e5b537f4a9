// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/net/net.hpp"
#include "replies/event.hpp"

namespace kefu {

/// The shop's system that knows orders. Lives on the io thread; one interface for all of them.
class OrderLookup {
  public:
    virtual ~OrderLookup() = default;

    /// Never fails: a system that is down, slow or talks nonsense gives LookupOutcome::failed with words for people, within the configured time.
    /// `order.order` empty: the order of this customer, when there is just one.
    virtual net::awaitable<OrderLookedUp> look_up(LookUpOrder order) = 0;

  protected:
    OrderLookup() = default;
};

}  // namespace kefu
