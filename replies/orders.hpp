// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/timestamp.hpp"
#include "replies/template.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>

namespace kefu {

/// The words for where an order is, whatever the shop's system calls it.
inline constexpr std::array<std::string_view, 12> order_statuses{"unpaid",    "processing", "shipped",   "in_transit", "out_for_delivery", "ready_for_pickup",
                                                                 "delivered", "delayed",    "returning", "returned",   "cancelled",        "lost"};
/// And for where its refund is.
inline constexpr std::array<std::string_view, 5> refund_stages{"requested", "goods_received", "approved", "paid", "rejected"};

/// What an order may tell: the name of a fact and whether it is text, a number or a moment (RFC 3339, or a date in the shop's time zone).
enum class OrderField { text, number, moment };
inline constexpr std::array<std::pair<std::string_view, OrderField>, 13> order_fields{{{"status", OrderField::text},
                                                                                       {"courier", OrderField::text},
                                                                                       {"tracking_number", OrderField::text},
                                                                                       {"tracking_url", OrderField::text},
                                                                                       {"amount", OrderField::number},
                                                                                       {"currency", OrderField::text},
                                                                                       {"item", OrderField::text},
                                                                                       {"refund", OrderField::text},
                                                                                       {"shipped_at", OrderField::moment},
                                                                                       {"delivered_at", OrderField::moment},
                                                                                       {"last_scan_at", OrderField::moment},
                                                                                       {"expected_at", OrderField::moment},
                                                                                       {"refund_due", OrderField::moment}}};

/// What a channel's shop system can be asked.
struct OrderSource {
    bool available = false;
    bool by_customer = false;  ///< knows which orders belong to a platform user
    bool second_fact = true;   ///< an order that is not linked to the customer needs one: last digits of its phone number, or its postcode
    friend bool operator==(OrderSource const&, OrderSource const&) = default;
};

enum class LookupOutcome { found, not_found, failed };
inline constexpr std::array<std::string_view, 3> lookup_outcome_names{"found", "not_found", "failed"};

/// What is known of the order a case is about.
struct OrderState {
    /// "" never asked · off: there is no system · pending · unproven: waits for the second fact · found · not_found · failed
    std::string lookup;
    std::string order;  ///< the number that was asked for; empty: by customer
    Timestamp asked_at{};
    bool told_to_wait = false;
    bool unread = false;              ///< the answer came while something was on its way to the customer: it is gone on with after that
    Arguments facts;                  ///< by the names of order_fields; told only when `lookup` is found
    std::vector<std::string> proofs;  ///< what a second fact may be: ends of phone numbers, postcodes; digits and letters
    friend bool operator==(OrderState const&, OrderState const&) = default;
};

/// True when what the customer wrote holds one of the proofs. Constant-time per proof is not needed: tries are counted.
bool proves(std::string_view text, std::vector<std::string> const& proofs);

}  // namespace kefu
