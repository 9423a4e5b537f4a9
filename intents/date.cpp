// SPDX-License-Identifier: Apache-2.0
#include "intents/date.hpp"

#include <re2/re2.h>
#include <re2/set.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

namespace kefu {
namespace {

using Groups = std::array<std::string_view, 4>;  // [0]: all
using Read = std::optional<NamedDay> (*)(Groups const&);

int number(std::string_view digits) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::optional<NamedDay> date(int year, int month, int day) {
    if (year > 0 && year < 100) year += 2000;
    std::chrono::year_month_day const as_day{std::chrono::year{year == 0 ? 2000 : year}, std::chrono::month{static_cast<unsigned>(month)},
                                             std::chrono::day{static_cast<unsigned>(day)}};
    if (!as_day.ok()) return std::nullopt;
    return NamedDay{.year = year, .month = month, .day = day};
}

std::optional<NamedDay> from_today(int days) {
    if (days < -999 || days > 999) return std::nullopt;
    return NamedDay{.from_today = days};
}

template <class Value, std::size_t count>
Value looked_up(std::array<std::pair<std::string_view, Value>, count> const& table, std::string_view text, Value otherwise) {
    for (auto const& [prefix, value] : table) {
        if (text.starts_with(prefix)) return value;
    }
    return otherwise;
}

constexpr std::array<std::pair<std::string_view, int>, 20> days_from_today{{
    {"大后天", 3}, {"后天", 2},    {"明天", 1},   {"明日", 1},         {"今天", 0},     {"今日", 0},       {"昨天", -1},
    {"昨日", -1},  {"大前天", -3}, {"前天", -2},  {"today", 0},        {"tomorrow", 1}, {"tmr", 1},        {"tonight", 0},
    {"dnes", 0},   {"zitra", 1},   {"vcera", -1}, {"predevcirem", -2}, {"pozitri", 2},  {"yesterday", -1},
}};
constexpr std::array<std::pair<std::string_view, int>, 24> weekdays{{
    {"一", 1},  {"二", 2},  {"三", 3},  {"四", 4},   {"五", 5},   {"六", 6},    {"日", 7},    {"天", 7},  {"mon", 1},   {"tue", 2},   {"wed", 3}, {"thu", 4},
    {"fri", 5}, {"sat", 6}, {"sun", 7}, {"pond", 1}, {"uter", 2}, {"stred", 3}, {"ctvrt", 4}, {"pat", 5}, {"sobot", 6}, {"nedel", 7}, {"1", 1},   {"2", 2},
}};
constexpr std::array<std::pair<std::string_view, int>, 24> months{{
    {"jan", 1}, {"feb", 2}, {"mar", 3}, {"apr", 4}, {"may", 5}, {"jun", 6},     {"jul", 7},  {"aug", 8}, {"sep", 9}, {"oct", 10}, {"nov", 11}, {"dec", 12},
    {"led", 1}, {"uno", 2}, {"bre", 3}, {"dub", 4}, {"kve", 5}, {"cervenc", 7}, {"cerv", 6}, {"srp", 8}, {"zar", 9}, {"rij", 10}, {"lis", 11}, {"pro", 12},
}};
constexpr std::array<std::pair<std::string_view, int>, 10> weeks{{
    {"下下", 2},
    {"下", 1},
    {"上上", -2},
    {"上", -1},
    {"本", 0},
    {"这", 0},
    {"next", 1},
    {"last", -1},
    {"this", 0},
    {"prist", 1},
}};
constexpr std::array<std::pair<std::string_view, int>, 12> small_numbers{{
    {"一", 1},
    {"两", 2},
    {"二", 2},
    {"三", 3},
    {"四", 4},
    {"五", 5},
    {"六", 6},
    {"七", 7},
    {"八", 8},
    {"九", 9},
    {"十", 10},
    {"a", 1},
}};

int days_count(std::string_view text) { return text.front() >= '0' && text.front() <= '9' ? number(text) : looked_up(small_numbers, text, 0); }

std::optional<NamedDay> read_weekday(Groups const& groups) {
    NamedDay day{.weekday = looked_up(weekdays, groups[2], 0)};
    if (groups[1].starts_with("minul"))
        day.week = -1;
    else if (!groups[1].empty() && groups[1] != "on")
        day.week = looked_up(weeks, groups[1], 0);
    return day.weekday == 0 ? std::nullopt : std::optional{day};
}

// With a slash the month comes first, unless it cannot be one.
std::optional<NamedDay> read_slashed(Groups const& groups) {
    if (groups[0] == "24/7") return std::nullopt;
    auto const year = number(groups[3]);
    if (auto const month_first = date(year, number(groups[1]), number(groups[2]))) return month_first;
    return date(year, number(groups[2]), number(groups[1]));
}

struct Form {
    char const* regexp;
    Read read;
};
// Earlier ones win. Texts are normalised: simplified, lower case, no diacritics.
constexpr Form forms[] = {
    {R"(\b((?:19|20)\d{2})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})(?:日|号|\b))", [](Groups const& g) { return date(number(g[1]), number(g[2]), number(g[3])); }},
    {R"(\b(\d{1,2})[./-] ?(\d{1,2})[./-] ?((?:19|20)\d{2})\b)", [](Groups const& g) { return date(number(g[3]), number(g[2]), number(g[1])); }},
    {R"((\d{1,2})月 ?(\d{1,2})(?:日|号|\b))", [](Groups const& g) { return date(0, number(g[1]), number(g[2])); }},
    {R"(\b(\d{1,2})/(\d{1,2})(?:/(\d{2}))?\b)", read_slashed},
    {R"(\b(\d{1,2})\. ?(\d{1,2})\.(?: ?((?:20)?\d{2})\b)?)", [](Groups const& g) { return date(number(g[3]), number(g[2]), number(g[1])); }},
    {R"(\b(\d{1,2})(?:st|nd|rd|th|\.)? ?(?:of )?(jan|january|feb|february|mar|march|apr|april|may|june?|july?|aug|august|sept?|september|oct|october|nov|november|dec|december|ledna|unora|brezna|dubna|kvetna|cervna|cervence|srpna|zari|rijna|listopadu|prosince)\b)",
     [](Groups const& g) { return date(0, looked_up(months, g[2], 0), number(g[1])); }},
    {R"(\b(jan|january|feb|february|mar|march|apr|april|may|june?|july?|aug|august|sept?|september|oct|october|nov|november|dec|december)\.? (\d{1,2})(?:st|nd|rd|th)?\b)",
     [](Groups const& g) { return date(0, looked_up(months, g[1], 0), number(g[2])); }},
    {R"((\d{1,3}|[一两三四五六七八九十]) ?天(?:之?前))", [](Groups const& g) { return from_today(-days_count(g[1])); }},
    {R"((\d{1,3}|[一两三四五六七八九十]) ?天(?:之?后))", [](Groups const& g) { return from_today(days_count(g[1])); }},
    {R"(\b(\d{1,3}|a) days? ago\b)", [](Groups const& g) { return from_today(g[1] == "a" ? -1 : -number(g[1])); }},
    {R"(\bin (\d{1,3}|a) days?\b)", [](Groups const& g) { return from_today(g[1] == "a" ? 1 : number(g[1])); }},
    {R"(\bpred (\d{1,3}) dn(?:y|emi|i)\b)", [](Groups const& g) { return from_today(-number(g[1])); }},
    {R"(\bza (\d{1,3}) dn(?:y|i|u)\b)", [](Groups const& g) { return from_today(number(g[1])); }},
    {R"((大后天|后天|明天|明日|今天|今日|昨天|昨日|大前天|前天)|\b(today|tomorrow|tmrw?|tonight|yesterday|dnes(?:ka)?|zitra|vcera|predevcirem|pozitri)\b)",
     [](Groups const& g) { return from_today(looked_up(days_from_today, g[0], 0)); }},
    {R"((下下|下|上上|上|本|这)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天]))", read_weekday},
    {R"(\b(?:(next|last|this|on) )?(monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b)", read_weekday},
    {R"(\b(next|last|this|on) (mon|tues?|wed|thu|thurs?|fri|sat|sun)\b)", read_weekday},
    {R"(\b(?:ve? )?(?:(minul|prist)[a-z]* )?(pondeli|pondelka|utery|uterka|stredu|stredy|ctvrtek|ctvrtka|patek|patku|sobotu|soboty|nedeli)\b)", read_weekday},
};

struct Compiled {
    RE2::Set any{RE2::Options{}, RE2::UNANCHORED};  // one quick look for all of them
    std::vector<std::unique_ptr<RE2>> forms;

    Compiled() {
        for (auto const& form : kefu::forms) {
            forms.push_back(std::make_unique<RE2>(form.regexp));
            any.Add(form.regexp, nullptr);
        }
        any.Compile();
    }

    // The forms that are somewhere in the text.
    std::vector<int> in(re2::StringPiece text) const {
        std::vector<int> all;
        RE2::Set::ErrorInfo error;
        if (!any.Match(text, &all, &error) && error.kind != RE2::Set::kNoError) {  // out of memory for its automaton: try each
            all.resize(forms.size());
            std::iota(all.begin(), all.end(), 0);
        }
        std::sort(all.begin(), all.end());
        return all;
    }
};

}  // namespace

std::string to_value(NamedDay const& day) {
    auto const two = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    auto const with_sign = [](int value) { return (value < 0 ? "" : "+") + std::to_string(value); };
    if (day.from_today) return *day.from_today == 0 ? "today" : "today" + with_sign(*day.from_today);
    if (day.weekday != 0) return "weekday " + std::to_string(day.weekday) + (day.week ? ' ' + with_sign(*day.week) : "");
    return (day.year != 0 ? std::to_string(day.year) + '-' : "") + two(day.month) + '-' + two(day.day);
}

std::optional<NamedDay> named_day_of(Entity const& entity) {
    if (entity.kind != EntityKind::date) return std::nullopt;
    std::string_view value = entity.value;
    auto const signed_number = [](std::string_view text) { return number(text.substr(text.starts_with('+') ? 1 : 0)); };
    if (value.starts_with("today")) return from_today(value.size() == 5 ? 0 : signed_number(value.substr(5)));
    if (value.starts_with("weekday ") && value.size() >= 9) {
        NamedDay day{.weekday = number(value.substr(8, 1))};
        if (value.size() > 10) day.week = signed_number(value.substr(10));
        return day;
    }
    if (value.size() == 10) return date(number(value.substr(0, 4)), number(value.substr(5, 2)), number(value.substr(8, 2)));
    if (value.size() == 5) return date(0, number(value.substr(0, 2)), number(value.substr(3, 2)));
    return std::nullopt;
}

void find_days(std::string_view text, std::function<void(std::size_t, std::size_t, NamedDay const&)> const& found) {
    static Compiled const compiled;
    re2::StringPiece const whole{text.data(), text.size()};
    for (auto const index : compiled.in(whole)) {
        auto const form = static_cast<std::size_t>(index);
        auto const& re2 = *compiled.forms[form];
        std::array<re2::StringPiece, 4> pieces;
        auto const count = 1 + re2.NumberOfCapturingGroups();
        for (std::size_t from = 0; from < text.size() && re2.Match(whole, from, whole.size(), RE2::UNANCHORED, pieces.data(), count);) {
            auto const start = static_cast<std::size_t>(pieces[0].data() - text.data());
            from = start + pieces[0].size();
            Groups groups;
            for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) groups[i] = {pieces[i].data(), pieces[i].size()};
            if (auto const day = forms[form].read(groups)) found(start, from, *day);
        }
    }
}

}  // namespace kefu
