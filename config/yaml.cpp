// SPDX-License-Identifier: Apache-2.0
#include "config/yaml.hpp"

#include "config/suggest.hpp"
#include "config/yaml_data.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace kefu::yaml {

namespace {

/// At most 40 characters of what was found, so that a message stays one line.
std::string shortened(std::string_view text) {
    std::string out;
    int characters = 0;
    for (char c : text) {
        bool const starts = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        if (starts && ++characters > 40) return out + "…";
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Digits without a leading zero ("017" is 15 to some YAML readers and 17 to others); nothing when it is not one or too large.
std::optional<std::uint64_t> whole(std::string_view text) {
    if (!all_digits(text) || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};
constexpr Unit duration_units[]{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit size_units[]{{"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}, {"", 1}};

/// A whole number and its unit, up to `most`.
template <std::size_t N>
std::optional<std::uint64_t> with_unit(std::string_view text, Unit const (&units)[N], std::uint64_t most) {
    for (auto const& unit : units) {
        if (!text.ends_with(unit.name)) continue;
        auto const number = whole(text.substr(0, text.size() - unit.name.size()));
        if (number && *number <= most / unit.factor) return *number * unit.factor;
    }
    return std::nullopt;
}

std::string plain(double number) {
    char buffer[32];
    auto const [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
    return error == std::errc{} ? std::string(buffer, end) : std::string{"?"};
}

/// " from 1 to 5", " of at least 1", " of at most 5", or nothing.
template <class Number>
std::string range(Number least, Number most, std::string (*text)(Number)) {
    bool const below = least != std::numeric_limits<Number>::lowest();
    bool const above = most != std::numeric_limits<Number>::max();
    if (below && above) return " from " + text(least) + " to " + text(most);
    if (below) return " of at least " + text(least);
    return above ? " of at most " + text(most) : std::string{};
}

/// "found 'x'", "found a list": what stands there instead.
std::string found(Value::Data const& node) {
    switch (node.kind) {
        case Value::Kind::null:
            return "found nothing";
        case Value::Kind::sequence:
            return "found a list";
        case Value::Kind::map:
            return "found a map";
        case Value::Kind::scalar:
            break;
    }
    return node.quoted ? "found the text '" + shortened(node.text) + "' in quotes" : "found '" + shortened(node.text) + "'";
}

}  // namespace

Value::Kind Value::kind() const { return node_->kind; }
SourceLocation Value::where() const { return {*node_->file, node_->line, node_->column}; }
Error Value::error(std::string message) const { return Error{Errc::bad_config, std::move(message), where()}; }

std::optional<std::string> Value::string(Errors& errors) const {
    if (node_->kind == Kind::scalar) return node_->text;
    errors.push_back(error("expected text, " + found(*node_)));
    return std::nullopt;
}

std::optional<bool> Value::boolean(Errors& errors) const {
    if (node_->kind == Kind::scalar && !node_->quoted) {
        if (node_->text == "true") return true;
        if (node_->text == "false") return false;
    }
    errors.push_back(error("expected true or false, " + found(*node_)));
    return std::nullopt;
}

std::optional<std::int64_t> Value::integer(Errors& errors, std::int64_t least, std::int64_t most) const {
    std::string_view digits = node_->text;
    if (node_->kind == Kind::scalar && !node_->quoted) {
        bool const negative = digits.starts_with('-');
        if (negative) digits.remove_prefix(1);
        auto const size = whole(digits);
        if (size && *size <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            auto const number = negative ? -static_cast<std::int64_t>(*size) : static_cast<std::int64_t>(*size);
            if (number >= least && number <= most) return number;
        }
    }
    std::string hint;
    if (digits.size() > 1 && digits[0] == '0' && all_digits(digits) && !node_->quoted) hint = " (without leading zeros, please)";
    auto const text = [](std::int64_t n) { return std::to_string(n); };
    errors.push_back(error("expected a whole number" + range<std::int64_t>(least, most, text) + ", " + found(*node_) + hint));
    return std::nullopt;
}

std::optional<double> Value::number(Errors& errors, double least, double most) const {
    if (node_->kind == Kind::scalar && !node_->quoted) {
        std::string_view const text = node_->text;
        double number = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc{} && end == text.data() + text.size() && std::isfinite(number) && number >= least && number <= most) return number;
    }
    errors.push_back(error("expected a number" + range<double>(least, most, plain) + ", " + found(*node_)));
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> Value::duration(Errors& errors) const {
    constexpr std::uint64_t century = 36'500ull * 86'400'000;  // far from overflow wherever it is added to a time
    if (node_->kind == Kind::scalar) {
        if (node_->text == "0") return std::chrono::milliseconds{0};
        if (auto const count = with_unit(node_->text, duration_units, century)) return std::chrono::milliseconds{static_cast<std::int64_t>(*count)};
    }
    errors.push_back(error("expected a duration such as 250ms, 2s, 10m, 3h or 7d, " + found(*node_)));
    return std::nullopt;
}

std::optional<std::uint64_t> Value::bytes(Errors& errors) const {
    if (node_->kind == Kind::scalar)
        if (auto const count = with_unit(node_->text, size_units, std::numeric_limits<std::int64_t>::max())) return count;
    errors.push_back(error("expected a size such as 64KiB, 1MiB, 2GiB or a number of bytes, " + found(*node_)));
    return std::nullopt;
}

std::vector<Value> Value::items(Errors& errors) const {
    if (node_->kind != Kind::sequence) errors.push_back(error("expected a list, " + found(*node_)));
    return node_->items;
}

std::vector<std::string> Value::strings(Errors& errors) const {
    std::vector<std::string> out;
    for (auto const& item : items(errors))
        if (auto text = item.string(errors)) out.push_back(*std::move(text));
    return out;
}

std::vector<Value::Entry> Value::entries(Errors& errors) const {
    if (node_->kind != Kind::map) errors.push_back(error("expected a map (key: value), " + found(*node_)));
    return node_->entries;
}

Object::Object(Value value, Errors& errors) : value_(std::move(value)), errors_(errors), entries_(value_.entries(errors)) {}

std::optional<Value> Object::get(std::string_view key) {
    asked_.emplace_back(key);
    for (auto const& entry : entries_)
        if (entry.key == key && entry.value.kind() != Value::Kind::null) return entry.value;
    return std::nullopt;
}

std::optional<Value> Object::require(std::string_view key) {
    auto value = get(key);
    if (!value && value_.kind() == Value::Kind::map) errors_.push_back(value_.error("missing key '" + std::string{key} + "'"));
    return value;
}

void Object::finish() {
    for (auto const& entry : entries_) {
        if (std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end()) continue;
        errors_.push_back(Error{Errc::bad_config, "unknown key '" + shortened(entry.key) + "'" + did_you_mean(entry.key, asked_), entry.key_where});
    }
}

}  // namespace kefu::yaml
