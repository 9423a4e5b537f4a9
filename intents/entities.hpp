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
///   tracking_number  upper case, without spaces; UPU S10 with a right check digit: "RR123456785CZ"
///   money            amount and currency: "1290 TWD", "12.50 EUR"; $, ¥, 元 and 块, which are several currencies, stay as they are
/// A place is one thing only, in the order shop's own order numbers, e-mail, money, tracking, phone, order number; dates and links are none.
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
