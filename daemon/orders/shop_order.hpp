// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/settings.hpp"
#include "replies/event.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Orders as shop systems write them, read into what conversations know of. Pure.
namespace kefu {

/// One order of the shop, whoever asks about it.
struct ShopOrder {
    std::vector<std::string> numbers;  ///< what customers may call it
    std::string customer;              ///< the platform's user id, when the shop knows it
    Arguments facts;                   ///< by the names of order_fields
    std::vector<std::string> proofs;   ///< see OrderState
    friend bool operator==(ShopOrder const&, ShopOrder const&) = default;
};

/// The first of `pointers` (RFC 6901) that leads to a text or number whose word is known decides. '-' is the last item of a list; '*' is all items of one: they
/// must agree, or nothing is said. The word "*" stands for any other value. An empty meaning says that people must look.
struct WordRule {
    std::vector<std::string> pointers;
    std::map<std::string, std::string> words;  ///< theirs, in lower case → ours
};

/// How one system writes an order. Lists of pointers: the first that leads to something; numbers, phones and postcodes: all of them.
struct OrderMapping {
    std::vector<std::string> list;  ///< empty, or none is there: the answer is the order itself, or a list of orders
    std::vector<std::string> numbers, phones, postcodes, customer;
    std::map<std::string, std::vector<std::string>, std::less<>> fields;  ///< by the names of order_fields, but for status and refund
    std::vector<WordRule> statuses, refunds;                              ///< the first rule that finds a word decides
    std::string time_zone;                                                ///< of moments that name none
};

/// The ready-made mapping, with what the operator says instead in `fields`, and his words before those of the system. `time_zone`: the shop's.
OrderMapping mapping_of(OrderSettings const& settings, std::string time_zone);

/// Reads an answer of the shop's system: one order, or a list. An order without a number is left out, a fact that is not what it should be too.
/// bad_payload: not JSON, or nothing like an order in it. The message never holds a part of the answer.
Result<std::vector<ShopOrder>> read_shop_orders(std::string_view payload, OrderMapping const& mapping);
Result<ShopOrder> read_shop_order(boost::json::value const& order, OrderMapping const& mapping);

/// What of these orders is told to who asked: the one of that number, or the only one that is certainly theirs.
OrderLookedUp answer_look_up(LookUpOrder const& asked, std::vector<ShopOrder> const& orders);

/// Letters and digits, upper case: "#tw-1001" is "TW1001".
std::string plain_number(std::string_view number);

}  // namespace kefu
