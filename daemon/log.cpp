// SPDX-License-Identifier: Apache-2.0
#include "daemon/log.hpp"

#include "daemon/log_journal.hpp"
#include "daemon/log_repeats.hpp"
#include "intents/utf8.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace kefu {

namespace {

constexpr int fewest_masked_digits = 7;

std::atomic<bool> as_json{false};
std::atomic<bool> masking{true};
std::atomic<bool> to_journal{false};
std::mutex repeats_mutex;
LogRepeats repeats;

void set_pattern(spdlog::logger& logger, LogFormat format) {
    auto const* pattern = format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %v";
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
}

spdlog::logger& logger() {
    static auto const instance = [] {
        auto made = std::make_unique<spdlog::logger>("kefud", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        set_pattern(*made, LogFormat::text);
        return made;
    }();
    return *instance;
}

std::string_view name_of_level(spdlog::level::level_enum level) {
    switch (level) {
        case spdlog::level::debug:
            return "debug";
        case spdlog::level::info:
            return "info";
        case spdlog::level::warn:
            return "warn";
        default:
            return "error";
    }
}

/// What other programs said (`why`) may be any bytes; what we write is UTF-8.
std::string as_utf8(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) append_utf8(clean, next_code_point(text, at));
    return clean;
}

/// Quoted when a reader, or a program, could not tell where it ends.
void append_text(std::string& line, std::string_view text) {
    auto const plain = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '=' && c != '\\' && c != 0x7f; };
    if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) {
        line += text;
    } else {
        line += boost::json::serialize(boost::json::string(text));
    }
}

void append_value(std::string& line, LogField const& field, bool json) {
    if (auto const* text = std::get_if<std::string>(&field.value)) {
        auto const shown = masking ? mask_personal(*text) : as_utf8(*text);
        if (json) {
            line += boost::json::serialize(boost::json::string(shown));
        } else {
            append_text(line, shown);
        }
    } else if (auto const* flag = std::get_if<bool>(&field.value)) {
        line += *flag ? "true" : "false";
    } else {
        char digits[32];
        auto const end = field.value.index() == 1 ? std::to_chars(std::begin(digits), std::end(digits), std::get<std::int64_t>(field.value)).ptr
                                                  : std::to_chars(std::begin(digits), std::end(digits), std::get<double>(field.value)).ptr;
        std::string_view const number{digits, static_cast<std::size_t>(end - digits)};
        bool const is_finite = number.find_first_of("in") == std::string_view::npos;  // JSON has neither inf nor nan
        line += is_finite ? number : std::string_view{"null"};
    }
}

/// As the journal counts them: syslog(3).
int priority_of(spdlog::level::level_enum level) {
    switch (level) {
        case spdlog::level::debug:
            return 7;
        case spdlog::level::info:
            return 6;
        case spdlog::level::warn:
            return 4;
        default:
            return 3;
    }
}

bool write_to_journal(spdlog::level::level_enum level, std::string_view event, LogFields fields) {
    std::string line{event};
    std::vector<std::pair<std::string, std::string>> named;
    for (auto const& field : fields) {
        std::string value;
        if (auto const* text = std::get_if<std::string>(&field.value))
            value = masking ? mask_personal(*text) : as_utf8(*text);
        else
            append_value(value, field, false);
        line.append(1, ' ').append(field.key).append(1, '=');
        append_text(line, value);
        named.emplace_back(field.key, std::move(value));
    }
    return send_to_journal(journal_fields(priority_of(level), event, line, named));
}

void write_now(spdlog::level::level_enum level, std::string_view event, LogFields fields) {
    auto& to = logger();
    if (to_journal && write_to_journal(level, event, fields)) return;
    bool const json = as_json;
    std::string line;
    if (json) {
        line.append("\"level\":\"").append(name_of_level(level)).append("\",\"event\":").append(boost::json::serialize(boost::json::string(event)));
        for (auto const& field : fields) {
            line.append(1, ',').append(boost::json::serialize(boost::json::string(field.key))).append(1, ':');
            append_value(line, field, true);
        }
    } else {
        line.append(name_of_level(level)).resize(6, ' ');
        line.append(event);
        for (auto const& field : fields) {
            line.append(1, ' ').append(field.key).append(1, '=');
            append_value(line, field, false);
        }
    }
    to.log(spdlog::source_loc{}, level, spdlog::string_view_t{line.data(), line.size()});
}

void write(spdlog::level::level_enum level, std::string_view event, LogFields fields) {
    if (!logger().should_log(level)) return;
    if (level >= spdlog::level::warn) {
        std::lock_guard const lock{repeats_mutex};
        if (!repeats.admits(event, level, std::chrono::steady_clock::now())) return;
    }
    write_now(level, event, fields);
}

// Masking. A word is a run of letters, digits, '-' and '_' (and '+' in front). A number is a word of digits and dashes, with what follows it
// behind one or two of " .()/": "+886 (2) 2345-6789". Words that mix letters and digits are ids (of LINE, UUIDs, times) and stay readable,
// except few letters followed by many digits: that is how order and tracking numbers look.

bool is_digit(char32_t c) { return (c >= U'0' && c <= U'9') || (c >= U'０' && c <= U'９'); }
bool is_letter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }
bool is_dash(char32_t c) { return c == U'-' || c == U'_'; }
bool is_word(char32_t c) { return is_digit(c) || is_letter(c) || is_dash(c); }

using Text = std::u32string_view;

std::size_t word_end(Text text, std::size_t from) {
    while (from < text.size() && is_word(text[from])) ++from;
    return from;
}

int digits_in(Text text) { return static_cast<int>(std::count_if(text.begin(), text.end(), is_digit)); }

bool is_number(Text word) {
    return digits_in(word) > 0 && std::all_of(word.begin(), word.end(), [](char32_t c) { return is_digit(c) || is_dash(c); });
}

/// AB123456789TW, TW-20260101123: letters at the ends only, and not many of them.
bool is_order_number(Text word) {
    auto const first = std::find_if(word.begin(), word.end(), is_digit) - word.begin();
    auto last = static_cast<std::ptrdiff_t>(word.size());
    while (last > first && is_letter(word[static_cast<std::size_t>(last - 1)])) --last;
    auto const middle = word.substr(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
    auto const tail = static_cast<std::ptrdiff_t>(word.size()) - last;
    return first <= 5 && tail <= 3 && is_number(middle) && digits_in(middle) >= fewest_masked_digits;
}

/// 2026-11-22
bool is_date(Text word) {
    if (word.size() != 10) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (i == 4 || i == 7 ? word[i] != U'-' : !is_digit(word[i])) return false;
    }
    return true;
}

/// 203.0.113.7
bool is_ip_address(Text text) {
    int groups = 0;
    for (std::size_t at = 0; at <= text.size(); ++groups) {
        auto const end = std::min(text.find(U'.', at), text.size());
        auto const group = text.substr(at, end - at);
        if (group.empty() || group.size() > 3 || digits_in(group) != static_cast<int>(group.size())) return false;
        at = end + 1;
    }
    return groups == 4;
}

/// Where the number that begins at `from` ends, following words included.
std::size_t number_end(Text text, std::size_t from) {
    auto end = word_end(text, from);
    if (is_date(text.substr(from, end - from))) return end;
    while (true) {
        auto next = end;
        while (next < text.size() && next < end + 2 &&
               (text[next] == U' ' || text[next] == U'.' || text[next] == U'(' || text[next] == U')' || text[next] == U'/'))
            ++next;
        auto const after = word_end(text, next);
        if (next == end || after == next || !is_number(text.substr(next, after - next))) return end;
        end = after;
    }
}

bool is_local_part(char32_t c) { return is_word(c) || c == U'.' || c == U'%' || c == U'+'; }

/// Where the e-mail address around `at` (its '@') ends; `at` itself when it is none.
std::size_t email_end(Text text, std::size_t at) {
    auto end = at + 1;
    while (end < text.size() && (is_word(text[end]) || text[end] == U'.')) ++end;
    while (end > at && text[end - 1] == U'.') --end;
    auto const domain = text.substr(at + 1, end - at - 1);
    return domain.find(U'.') == Text::npos ? at : end;
}

std::u32string mask(Text text) {
    std::u32string out;
    for (std::size_t at = 0; at < text.size();) {
        char32_t const c = text[at];
        if (c == U'@' && !out.empty() && is_local_part(out.back())) {
            if (auto const end = email_end(text, at); end != at) {
                while (!out.empty() && (is_local_part(out.back()) || out.back() == U'*')) out.pop_back();
                out += U"***";
                at = end;
                continue;
            }
        }
        if (!is_word(c)) {
            out += c;
            ++at;
            continue;
        }
        auto end = word_end(text, at);
        auto const word = text.substr(at, end - at);
        bool hide = is_order_number(word);
        if (is_number(word)) {
            end = number_end(text, at);
            auto const number = text.substr(at, end - at);
            hide = digits_in(number) >= fewest_masked_digits && !is_date(number) && !is_ip_address(number);
        }
        auto const shown = text.substr(at, end - at);
        if (hide) {
            while (!out.empty() && (out.back() == U'+' || out.back() == U'(')) out.pop_back();
            out += U"***";
            out += shown.substr(shown.size() - 2);
        } else {
            out += shown;
        }
        at = end;
    }
    return out;
}

}  // namespace

void start_logging(LogSettings const& settings) {
    masking = settings.mask;
    as_json = settings.format == LogFormat::json;
    to_journal = settings.format == LogFormat::text && stderr_is_journal();
    set_pattern(logger(), settings.format);
    set_log_level(settings.level);
}

void set_log_level(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            logger().set_level(spdlog::level::debug);
            break;
        case LogLevel::info:
            logger().set_level(spdlog::level::info);
            break;
        case LogLevel::warning:
            logger().set_level(spdlog::level::warn);
            break;
        case LogLevel::error:
            logger().set_level(spdlog::level::err);
            break;
    }
}

void flush_log_repeats() {
    std::vector<LogRepeats::LeftOut> left_out;
    {
        std::lock_guard const lock{repeats_mutex};
        left_out = repeats.over(std::chrono::steady_clock::now());
    }
    for (auto const& [event, level, count] : left_out)
        write_now(static_cast<spdlog::level::level_enum>(level), event, {{"more", count}, {"what", std::to_string(count) + " more like this in 10 s"}});
}

void log_debug(std::string_view event, LogFields fields) { write(spdlog::level::debug, event, fields); }
void log_info(std::string_view event, LogFields fields) { write(spdlog::level::info, event, fields); }
void log_warn(std::string_view event, LogFields fields) { write(spdlog::level::warn, event, fields); }
void log_error(std::string_view event, LogFields fields) { write(spdlog::level::err, event, fields); }

std::string mask_personal(std::string_view text) {
    std::u32string points;
    points.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) points += next_code_point(text, at);
    std::string masked;
    for (char32_t const c : mask(points)) append_utf8(masked, c);
    return masked;
}

}  // namespace kefu
