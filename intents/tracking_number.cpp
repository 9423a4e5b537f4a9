// SPDX-License-Identifier: Apache-2.0
#include "intents/tracking_number.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <initializer_list>

namespace kefu {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool are_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }
int digit(char c) { return c - '0'; }

// Eight digits weighted 8 6 4 2 3 5 9 7, the ninth checks them (UPU S10).
bool is_s10(std::string_view value) {
    static constexpr int weights[] = {8, 6, 4, 2, 3, 5, 9, 7};
    if (value.size() != 13 || !are_digits(value.substr(2, 9)) || is_digit(value[0]) || is_digit(value[1]) || is_digit(value[11]) || is_digit(value[12]))
        return false;
    int sum = 0;
    for (std::size_t i = 0; i < 8; ++i) sum += weights[i] * digit(value[i + 2]);
    int const check = 11 - sum % 11;
    return digit(value[10]) == (check == 10 ? 0 : check == 11 ? 5 : check);
}

// 1Z and sixteen more; every second one counts twice, letters run 2 to 9, 0, 1, ...
bool is_ups(std::string_view value) {
    if (value.size() != 18 || !value.starts_with("1Z") || !is_digit(value.back())) return false;
    int sum = 0;
    for (std::size_t i = 2; i < 17; ++i) {
        int const worth = is_digit(value[i]) ? digit(value[i]) : (value[i] - 'A' + 2) % 10;
        sum += i % 2 == 1 ? 2 * worth : worth;
    }
    return (10 - sum % 10) % 10 == digit(value.back());
}

bool has_prefix_and_digits(std::string_view value, std::string_view prefix, std::size_t least, std::size_t most) {
    if (!value.starts_with(prefix)) return false;
    value.remove_prefix(prefix.size());
    return value.size() >= least && value.size() <= most && are_digits(value);
}

// Weighted 3 1 7 from the left, mod 11, mod 10.
bool is_fedex(std::string_view value) {
    static constexpr int weights[] = {3, 1, 7};
    int sum = 0;
    for (std::size_t i = 0; i < 11; ++i) sum += weights[i % 3] * digit(value[i]);
    return sum % 11 % 10 == digit(value[11]);
}

// The last digit is what the others leave when divided by seven.
bool is_checked_by_seven(std::string_view value) {
    std::uint64_t number = 0;
    for (char const c : value.substr(0, value.size() - 1)) number = number * 10 + static_cast<std::uint64_t>(digit(c));
    return number % 7 == static_cast<std::uint64_t>(digit(value.back()));
}

bool names(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

bool is_tracking_number(std::string_view value, std::string_view before) {
    if (is_s10(value) || is_ups(value)) return true;
    if (has_prefix_and_digits(value, "SF", 12, 15) || has_prefix_and_digits(value, "YT", 13, 16) || has_prefix_and_digits(value, "Z", 10, 10)) return true;
    if (value.starts_with("JD") && value.size() >= 12 && value.size() <= 20 && are_digits(value.substr(value.size() - 10))) return true;
    if (!are_digits(value)) return false;
    switch (value.size()) {
        case 10:
            return names(before, {"dhl"}) && is_checked_by_seven(value);
        case 11:
            return names(before, {"ppl"});
        case 12:
            return (names(before, {"fedex", "联邦"}) && is_fedex(value)) || (names(before, {"ヤマト", "クロネコ", "yamato"}) && is_checked_by_seven(value)) ||
                   names(before, {"黑猫", "宅急便", "t-cat", "tcat"});
        case 14:
            return names(before, {"dpd"});
        default:
            return false;
    }
}

}  // namespace kefu
