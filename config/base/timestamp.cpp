// SPDX-License-Identifier: Apache-2.0
#include "config/base/timestamp.hpp"

#include <cstdio>

namespace kefu {

namespace {

/// Reads exactly `digits` decimal digits at `at` and moves past them; -1 when there are fewer.
int take_number(std::string_view text, std::size_t& at, std::size_t digits) {
    if (at + digits > text.size()) return -1;
    int number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        char const c = text[at + i];
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    at += digits;
    return number;
}

bool take(std::string_view text, std::size_t& at, char wanted) {
    if (at >= text.size() || text[at] != wanted) return false;
    ++at;
    return true;
}

}  // namespace

std::string to_rfc3339(Timestamp at) {
    using namespace std::chrono;
    auto const day = floor<days>(at);
    year_month_day const date{day};
    hh_mm_ss const time{at - day};
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return buffer;
}

std::optional<Timestamp> from_rfc3339(std::string_view text) {
    using namespace std::chrono;
    std::size_t at = 0;
    int const y = take_number(text, at, 4);
    if (y < 0 || !take(text, at, '-')) return std::nullopt;
    int const mo = take_number(text, at, 2);
    if (mo < 0 || !take(text, at, '-')) return std::nullopt;
    int const d = take_number(text, at, 2);
    if (d < 0 || at >= text.size() || (text[at] != 'T' && text[at] != 't' && text[at] != ' ')) return std::nullopt;
    ++at;
    int const h = take_number(text, at, 2);
    if (h < 0 || !take(text, at, ':')) return std::nullopt;
    int const mi = take_number(text, at, 2);
    if (mi < 0 || !take(text, at, ':')) return std::nullopt;
    int const s = take_number(text, at, 2);
    if (s < 0 || h > 23 || mi > 59 || s > 60) return std::nullopt;
    int millis = 0;
    if (take(text, at, '.')) {
        std::size_t digits = 0;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits)
            if (digits < 3) millis = millis * 10 + (text[at] - '0');
        if (digits == 0) return std::nullopt;
        for (; digits < 3; ++digits) millis *= 10;
    }
    if (at >= text.size()) return std::nullopt;
    minutes offset{0};
    if (text[at] == 'Z' || text[at] == 'z') {
        ++at;
    } else {
        int const sign = text[at] == '-' ? -1 : text[at] == '+' ? 1 : 0;
        if (sign == 0) return std::nullopt;
        ++at;
        int const oh = take_number(text, at, 2);
        if (oh < 0 || !take(text, at, ':')) return std::nullopt;
        int const om = take_number(text, at, 2);
        if (om < 0 || oh > 23 || om > 59) return std::nullopt;
        offset = minutes{sign * (oh * 60 + om)};
    }
    year_month_day const date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
    if (at != text.size() || !date.ok()) return std::nullopt;
    return sys_days{date} + hours{h} + minutes{mi} + seconds{s} + milliseconds{millis} - offset;
}

}  // namespace kefu
