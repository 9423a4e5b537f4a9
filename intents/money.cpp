// SPDX-License-Identifier: Apache-2.0
#include "intents/money.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

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

bool has_no_hundredths(std::string_view currency) { return currency == "JPY" || currency == "KRW" || currency == "VND"; }

}  // namespace

std::string money_value(std::string_view amount, std::string_view currency) { return amount_of(amount) + ' ' + currency_of(currency); }

std::optional<Money> money_of(Entity const& entity) {
    auto const space = entity.value.find(' ');
    if (entity.kind != EntityKind::money || space == std::string::npos) return std::nullopt;
    Money money{0, entity.value.substr(space + 1)};
    auto const amount = std::string_view{entity.value}.substr(0, space);
    auto const point = amount.find('.');
    bool const is_whole = has_no_hundredths(money.currency);
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

double whole_units(Money const& money) { return static_cast<double>(money.minor_units) / (has_no_hundredths(money.currency) ? 1 : 100); }

bool is_currency_code(std::string_view currency) {
    return currency.size() == 3 && std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::optional<double> amount_in_characters(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, int>, 15> digits{{{"一", 1},
                                                                              {"二", 2},
                                                                              {"兩", 2},
                                                                              {"两", 2},
                                                                              {"三", 3},
                                                                              {"四", 4},
                                                                              {"五", 5},
                                                                              {"六", 6},
                                                                              {"七", 7},
                                                                              {"八", 8},
                                                                              {"九", 9},
                                                                              {"十", 10},
                                                                              {"百", 100},
                                                                              {"千", 1000},
                                                                              {"萬", 10000}}};
    constexpr std::size_t han_bytes = 3;
    double best = 0;
    double sum = 0;
    double digit = 0;
    double last_unit = 0;
    for (std::size_t at = 0; at <= text.size();) {
        auto const here = text.substr(at, han_bytes);
        auto const known = std::find_if(digits.begin(), digits.end(), [&](auto const& entry) { return entry.first == here; });
        double const value = known != digits.end() ? known->second : here == "万" ? 10000 : 0;
        if (value == 0) {
            if (digit > 0 && last_unit >= 100) sum += digit * last_unit / 10;  // 三萬二: 32,000
            best = std::max(best, sum);
            sum = digit = last_unit = 0;
            ++at;
            continue;
        }
        at += han_bytes;
        if (value < 10) {
            digit = value;
            continue;
        }
        sum = value >= 10000 ? (sum + digit) * value : sum + std::max(digit, value == 10 ? 1.0 : digit) * value;
        digit = 0;
        last_unit = value;
    }
    return best >= 100 ? std::optional{best} : std::nullopt;
}

}  // namespace kefu
