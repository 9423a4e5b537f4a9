// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

/// Structured logging: an event name and fields. Text or JSON lines, or fields of systemd's journal; phones, e-mails, addresses and order numbers masked in
/// every value. Never give it customer text or a secret; ids are fine. Of warnings and errors of one name, 20 in ten seconds are written and the rest counted.
/// Thread-safe.
namespace kefu {

struct LogField {
    std::string_view key;
    std::variant<std::string, std::int64_t, double, bool> value;
    LogField(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
    LogField(std::string_view k, std::string_view v) : key(k), value(std::string{v}) {}
    LogField(std::string_view k, char const* v) : key(k), value(std::string{v}) {}
    LogField(std::string_view k, bool v) : key(k), value(v) {}
    LogField(std::string_view k, double v) : key(k), value(v) {}
    template <class I>
    requires std::is_integral_v<I> LogField(std::string_view k, I v) : key(k), value(static_cast<std::int64_t>(v)) {}
};
using LogFields = std::initializer_list<LogField>;

/// Sets level, format and masking; lines go to standard error. Call it again to change them at run time.
void start_logging(LogSettings const& settings);

/// Another level until the next start_logging(), which a reload does. From any thread.
void set_log_level(LogLevel level);

/// Says what was held back of events that came too often, when their ten seconds are over; call it each second.
void flush_log_repeats();

void log_debug(std::string_view event, LogFields fields = {});
void log_info(std::string_view event, LogFields fields = {});
void log_warn(std::string_view event, LogFields fields = {});
void log_error(std::string_view event, LogFields fields = {});

/// Phones, e-mails and long digit runs in `text` replaced by ***, keeping the last two characters of numbers. UTF-8 in, UTF-8 out.
std::string mask_personal(std::string_view text);

}  // namespace kefu
