// SPDX-License-Identifier: Apache-2.0
#include "replies/message_format.hpp"

#include "replies/message_format_part.hpp"
#include "replies/zone.hpp"

#include <algorithm>
#include <cmath>

namespace kefu {

using icu::UnicodeString;

MessageFormat::MessageFormat() = default;
MessageFormat::MessageFormat(MessageFormat&&) noexcept = default;
MessageFormat& MessageFormat::operator=(MessageFormat&&) noexcept = default;
MessageFormat::~MessageFormat() = default;

namespace {

using Part = MessageFormat::Part;

bool append(NumberFormat const& format, double value, std::string& to) {
    UErrorCode status = U_ZERO_ERROR;
    auto const text = format.formatDouble(value, status).toString(status);
    if (U_FAILURE(status)) return false;
    text.toUTF8String(to);
    return true;
}

bool append(icu::DateFormat const& format, Timestamp at, std::string const& time_zone, std::string& to) {
    auto& calendar = calendar_in(time_zone);
    UErrorCode status = U_ZERO_ERROR;
    calendar.setTime(static_cast<UDate>(to_millis(at)), status);
    if (U_FAILURE(status)) return false;
    UnicodeString text;
    icu::FieldPosition nowhere{icu::FieldPosition::DONT_CARE};
    format.format(calendar, text, nowhere);
    text.findAndReplace(u"\u202F", u" ");  // ICU 72 writes a narrow space before AM and PM, which a search for "10:00 AM" does not find
    text.toUTF8String(to);
    return true;
}

/// How many midnights of the shop's calendar lie between.
std::int32_t days_between(Timestamp from, Timestamp to, std::string const& time_zone) {
    auto& calendar = calendar_in(time_zone);
    UErrorCode status = U_ZERO_ERROR;
    auto const day_of = [&](Timestamp at) {
        calendar.setTime(static_cast<UDate>(to_millis(at)), status);
        return calendar.get(UCAL_JULIAN_DAY, status);
    };
    auto const first = day_of(from);
    return day_of(to) - first;
}

/// A moment in words ("today") where it is near, else as its format shows it.
bool append_moment(Part const& part, Timestamp at, Arguments const& arguments, std::string const& time_zone, std::string& to) {
    auto const now = arguments.find("now");
    if (now == arguments.end() || !part.near_days || part.near_days->front().empty()) return append(*part.moment, at, time_zone, to);
    auto const days = days_between(std::get<Timestamp>(now->second), at, time_zone);
    if (days < 0 || days >= static_cast<std::int32_t>(part.near_days->size())) return append(*part.moment, at, time_zone, to);
    to += (*part.near_days)[static_cast<std::size_t>(days)];
    return true;
}

bool append_plain(Part const& part, Argument const& value, std::string const& time_zone, std::string& to) {
    if (auto const* text = std::get_if<std::string>(&value)) {
        to += *text;
        return true;
    }
    if (auto const* number = std::get_if<double>(&value)) {
        if (!part.number) return false;
        if (!part.ascii_digits || *number < 0 || *number >= 1000 || *number != std::floor(*number)) return append(*part.number, *number, to);
        to += std::to_string(static_cast<int>(*number));
        return true;
    }
    return part.moment && append(*part.moment, std::get<Timestamp>(value), time_zone, to);
}

/// What `#` stands for inside a plural.
struct Hash {
    NumberFormat const* format = nullptr;
    double value = 0;
};

bool render_parts(Parts const& parts, Arguments const& arguments, std::string const& time_zone, Hash const& hash, std::string& to);

bool append_plural(Part const& part, double value, Arguments const& arguments, std::string const& time_zone, std::string& to) {
    Hash const hash{part.number.get(), value - part.offset};
    Part::Branch const* chosen = nullptr;
    for (auto const& branch : part.branches)
        if (branch.exactly && *branch.exactly == value && !chosen) chosen = &branch;
    if (!chosen) {
        auto const keyword = utf8(part.rules->select(hash.value));
        for (auto const& branch : part.branches)
            if (!branch.exactly && (branch.keyword == keyword || (!chosen && branch.keyword == "other"))) chosen = &branch;
    }
    return chosen && render_parts(chosen->parts, arguments, time_zone, hash, to);
}

bool append_select(Part const& part, std::string const& value, Arguments const& arguments, std::string const& time_zone, Hash const& hash, std::string& to) {
    Part::Branch const* chosen = nullptr;
    for (auto const& branch : part.branches)
        if (branch.keyword == value || (!chosen && branch.keyword == "other")) chosen = &branch;
    return chosen && render_parts(chosen->parts, arguments, time_zone, hash, to);
}

bool render_part(Part const& part, Arguments const& arguments, std::string const& time_zone, Hash const& hash, std::string& to) {
    if (part.type == Part::Type::literal) {
        to += part.text;
        return true;
    }
    if (part.type == Part::Type::hash) return hash.format && append(*hash.format, hash.value, to);
    auto const found = arguments.find(part.text);
    if (found == arguments.end()) return false;
    auto const* number = std::get_if<double>(&found->second);
    auto const* text = std::get_if<std::string>(&found->second);
    auto const* moment = std::get_if<Timestamp>(&found->second);
    switch (part.type) {
        case Part::Type::plain:
            return append_plain(part, found->second, time_zone, to);
        case Part::Type::number:
            return number && append(*part.number, *number, to);
        case Part::Type::moment:
            return moment && append_moment(part, *moment, arguments, time_zone, to);
        case Part::Type::plural:
            return number && append_plural(part, *number, arguments, time_zone, to);
        case Part::Type::select:
            return text && append_select(part, *text, arguments, time_zone, hash, to);
        case Part::Type::literal:
        case Part::Type::hash:
            break;
    }
    return false;
}

bool render_parts(Parts const& parts, Arguments const& arguments, std::string const& time_zone, Hash const& hash, std::string& to) {
    return std::all_of(parts.begin(), parts.end(), [&](auto const& part) { return render_part(part, arguments, time_zone, hash, to); });
}

bool known(Arguments const& arguments, std::string const& name) {
    auto const found = arguments.find(name);
    if (found == arguments.end()) return false;
    auto const* text = std::get_if<std::string>(&found->second);
    return !text || !text->empty();
}

}  // namespace

std::optional<std::string> MessageFormat::render(Arguments const& arguments, std::string const& time_zone) const {
    if (!std::all_of(placeholders_.begin(), placeholders_.end(), [&](auto const& name) { return known(arguments, name); })) return std::nullopt;
    std::string text;
    if (!render_parts(parts_, arguments, time_zone, Hash{}, text)) return std::nullopt;
    return text;
}

}  // namespace kefu
