// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "intents/classification.hpp"
#include "intents/normalize.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kefu {

/// Finds numbers and addresses that mean something to a shop. Values are cleaned:
///   order_number     letters and digits as written, upper case, without spaces: "ORD-2024-0012"
///   phone            digits, with a leading + kept: "+420777123456", "0912345678"
///   email            lower case
///   tracking_number  upper case, without spaces: "RR123456785CZ"; which ones is in tracking_number.hpp
///   money            amount and currency: "1290 TWD", "12.50 EUR"; $, ¥, 元 and 块, which are several currencies, stay as they are; as minor units: money_of()
///   date             "2024-11-22", "11-21", "today-2", "weekday 3 +1"; as numbers: named_day_of()
///   size             upper case: "XL", "38", "42.5"
///   colour           its English name: "black"
///   address          as written; spotted for masking, in Chinese, Czech and English
/// A place is one thing only, in the order shop's own order numbers, e-mail, address, money, tracking, phone, date, order number, size, colour; links and
/// times of day are none.
class EntityFinder {
  public:
    /// `order_number_patterns` are RE2 expressions for the original text and replace the default rule for order numbers, which is in
    /// ClassifyOptions. A bad one is an error.
    static Checked<EntityFinder> create(std::vector<std::string> const& order_number_patterns);

    /// By rising start; offsets into `original`, of which `text` is the normalised form.
    std::vector<Entity> find(std::string_view original, Normalized const& text) const;

  private:
    struct Expressions;
    explicit EntityFinder(std::shared_ptr<Expressions const> expressions) : expressions_(std::move(expressions)) {}
    std::shared_ptr<Expressions const> expressions_;
};

}  // namespace kefu
