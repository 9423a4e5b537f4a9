// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "intents/classification.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kefu {

/// An amount a customer wrote.
struct Money {
    std::int64_t minor_units = 0;  ///< hundredths; whole ones of JPY, KRW and VND, which have no smaller
    std::string currency;          ///< ISO 4217; $, ¥, 元, 块 and 圆 as written: which of several they mean, the shop knows
    friend bool operator==(Money const&, Money const&) = default;
};

/// The value of a money entity from what the customer wrote: "1 290,50" and "kc" are "1290.50 CZK".
std::string money_value(std::string_view amount, std::string_view currency);

/// What a money entity says. Nothing for other kinds and for amounts from 10^15 on.
std::optional<Money> money_of(Entity const& entity);

/// In units of the currency, not its hundredths.
double whole_units(Money const& money);

/// True for what looks like ISO 4217, false for signs such as $ and 元.
bool is_currency_code(std::string_view currency);

/// "五千", "三萬二", "五千多": an amount in Chinese characters, as written (not normalised). Nothing under a hundred: that counts things and days.
std::optional<double> amount_in_characters(std::string_view original);

}  // namespace kefu
