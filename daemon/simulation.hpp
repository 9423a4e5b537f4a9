// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/snapshot.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kefu {

/// The orders a played shop's system knows, by number, as `simulate` and `test` are given them: the fields of orders.hpp as JSON, and `linked: false` or
/// `phone` and `postcode` for orders that are not known to belong to the customer. Moments are RFC 3339 or dates in the shop's time zone.
using PlayedOrders = std::map<std::string, OrderLookedUp>;
Result<PlayedOrders> read_orders(boost::json::value const& orders, std::string const& time_zone);

/// One conversation played through the very code that live traffic runs, on a virtual clock: no network, no disk. Sends are delivered at once.
class Simulation {
  public:
    /// What happened since the last take(), in order.
    struct Outcome {
        Classification meaning;  ///< of the last message
        std::vector<Send> sends;
        std::vector<Escalate> escalations;
        std::vector<Effect> effects;  ///< all of them, in order
        std::vector<std::string> why;
    };

    /// `orders` absent: the shop has no system that could be asked.
    Simulation(SnapshotPtr snapshot, ChannelId channel, Timestamp start, std::optional<PlayedOrders> orders = {});

    /// Instead of the channel's: of customers whose language is not known yet.
    void set_default_locale(std::string locale) { channel_policy_.default_locale = std::move(locale); }

    Timestamp now() const { return now_; }
    Conversation const& conversation() const { return conversation_; }

    /// Moves the clock to `at` (never back); timers that fall due on the way fire at their time, in order.
    void run_until(Timestamp at);
    /// When the next timer is due.
    std::optional<Timestamp> next_timer() const;

    void customer_says(std::string text, std::vector<ContentKind> const& attachments);
    void person_joins(std::string name);
    void person_leaves(std::string name);
    /// Something from a journal, now: a message is understood anew. What an agent may not do as things stand changes nothing.
    void happens(Event event);

    Outcome take();

  private:
    void apply(Event const& event);

    OrderLookedUp look_up(std::string const& order) const;

    SnapshotPtr snapshot_;
    ChannelPolicy channel_policy_;
    std::optional<PlayedOrders> orders_;
    Timestamp now_;
    Conversation conversation_;
    std::map<std::string, Timestamp> timers_;
    std::uint64_t messages_ = 0;
    Outcome outcome_;
};

}  // namespace kefu
