// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classification.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// What the words around a number make of it. `text` is normalised.
namespace kefu {

/// True when [start, end) may be an order number: 5-20 letters and digits with at least four digits - or just four digits - next to an
/// order word, after # or alone in the message; not a year, not what other words claim (phone, card, account, postcode).
/// `value` is the number without spaces.
bool is_order_number(std::string_view text, std::size_t start, std::size_t end, std::string const& value);

/// True when the number at `start` comes in the place of the order number that ended at `last_end`: "order 10023455, sorry, 10023456".
bool replaces_order_number(std::string_view text, std::size_t last_end, std::size_t start);

/// True when digits that look like a phone number are one: 8-15 of them, and bare digits do not follow an order word.
bool is_phone(std::string_view text, std::size_t start, std::size_t end, bool needs_phone_word);

/// Of several order numbers in `original` (UTF-8, not normalised) those that the customer took back are no entities: "not 1111 but 2222", "1111, sorry,
/// 2222". One always remains. `entities` by start.
void drop_corrected_orders(std::string_view original, std::vector<Entity>& entities);

}  // namespace kefu
