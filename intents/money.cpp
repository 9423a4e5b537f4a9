// SPDX-License-Identifier: Apache-2.0
#include "intents/money.hpp"

#include <cctype>
#include <charconv>

namespace kefu {
namespace {

struct Currency {
    std::string_view written;
    std::string_view code;
};
constexpr Currency currencies[] = {
    {"nt$", "TWD"},   {"ntd", "TWD"}, {"nt", "TWD"},   {"twd", "TWD"},  {"台币", "TWD"},  {"us$", "USD"},    {"usd", "USD"},  {"dollar", "USD"},
    {"dolar", "USD"}, {"hk$", "HKD"}, {"hkd", "HKD"},  {"rmb", "CNY"},  {"cny", "CNY"},   {"人民币", "CNY"}, {"yuan", "CNY"}, {"jpy", "JPY"},
    {"yen", "JPY"},   {"円", "JPY"},  {"日元", "JPY"}, {"euro", "EUR"}, {"eur", "EUR"},   {"€", "EUR"},      {"gbp", "GBP"},  {"£", "GBP"},
    {"pound", "GBP"}, {"czk", "CZK"}, {"kc", "CZK"},   {",-", "CZK"},   {"korun", "CZK"}, {"thb", "THB"},    {"baht", "THB"}, {"บาท", "THB"},
    {"฿", "THB"},     {"vnd", "VND"}, {"dong", "VND"}, {"d", "VND"},    {"₫", "VND"},     {"idr", "IDR"},    {"rp", "IDR"},   {"rupiah", "IDR"},
    {"krw", "KRW"},   {"won", "KRW"}, {"원", "KRW"},   {"₩", "KRW"},
};

constexpr std::size_t most_digits = 15;

std::string currency_of(std::string_view written) {
    for (auto const& [prefix, code] : currencies) {
        if (prefix == "nt" || prefix == "d" ? written == prefix : written.starts_with(prefix)) return std::string{code};
    }
    return std::string{written};
}

// "1 290,50" -> "1290.50": a separator before one or two last digits is the decimal one.
std::string amount_of(std::string_view written) {
    auto const last = written.find_last_of(",.");
    bool const has_fraction = last != std::string_view::npos && written.size() - last <= 3;
    std::string amount;
    for (std::size_t i = 0; i < written.size(); ++i) {
        if (std::isdigit(static_cast<unsigned char>(written[i])) != 0)
            amount += written[i];
        else if (has_fraction && i == last)
            amount += '.';
    }
    return amount;
}

}  // namespace

std::string money_value(std::string_view amount, std::string_view currency) { return amount_of(amount) + ' ' + currency_of(currency); }

std::optional<Money> money_of(Entity const& entity) {
    auto const space = entity.value.find(' ');
    if (entity.kind != EntityKind::money || space == std::string::npos) return std::nullopt;
    Money money{0, entity.value.substr(space + 1)};
    auto const amount = std::string_view{entity.value}.substr(0, space);
    auto const point = amount.find('.');
    bool const is_whole = money.currency == "JPY" || money.currency == "KRW" || money.currency == "VND";
    std::string digits{amount.substr(0, point)};
    if (!is_whole) {
        auto fraction = point == std::string_view::npos ? std::string{} : std::string{amount.substr(point + 1)};
        fraction.resize(2, '0');
        digits += fraction;
    }
    if (digits.empty() || digits.size() > most_digits + 2) return std::nullopt;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), money.minor_units);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return money;
}

}  // namespace kefu
