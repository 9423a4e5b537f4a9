// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "replies/json_members.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

/// One codec for all our structs: their members are named in json_members.hpp. Only json.cpp includes this.
namespace kefu::json_codec {

namespace json = boost::json;

enum class Writing {
    everything,
    changes,  ///< leaves out members that have their default value
};

/// Where reading is, to name the member that is wrong: "unanswered[2].meaning.language: expected a string".
class Reading {
  public:
    bool fail(std::string_view what) {
        what_ = what;
        return false;
    }
    /// Called on the way out, innermost first.
    bool inside(std::string_view member) {
        place_ = std::string{member} + (place_.empty() || place_.front() == '[' ? "" : ".") + place_;
        return false;
    }
    bool inside(std::size_t item) {
        place_ = '[' + std::to_string(item) + ']' + (place_.empty() || place_.front() == '[' ? "" : ".") + place_;
        return false;
    }
    Error error() const { return {Errc::bad_payload, (place_.empty() ? "" : place_ + ": ") + what_}; }

  private:
    std::string place_;
    std::string what_;
};

template <class T>
concept Struct = boost::describe::has_describe_members<T>::value;

template <class T>
concept Enum = std::is_enum_v<T>;

template <class T>
concept Number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

template <class T>
inline T const default_of{};  // what `changes` compares with

// Writing -----------------------------------------------------------------------------------------------------------------------------
// Straight to text, without a tree of values in between: the store writes a conversation for each message.

template <Struct T>
void write(std::string& out, T const& value, Writing how);

/// Before a member or an item.
inline void separate(std::string& out) {
    if (out.back() != '{' && out.back() != '[') out += ',';
}

inline void write(std::string& out, std::string_view value, Writing = {}) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    std::size_t written = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        auto const c = static_cast<unsigned char>(value[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(value, written, i - written);
        written = i + 1;
        if (c >= 0x20) {
            out.append(1, '\\').append(1, value[i]);
        } else {
            out.append("\\u00").append(1, digits[c >> 4]).append(1, digits[c & 15]);
        }
    }
    out.append(value, written).append(1, '"');
}
inline void write(std::string& out, std::string const& value, Writing) { write(out, std::string_view{value}); }

inline void write(std::string& out, bool value, Writing) { out += value ? "true" : "false"; }

template <Number T>
void write(std::string& out, T value, Writing) {
    char digits[32];
    // Six decimals: shorter, and Boost.JSON 1.81 reads longer ones back a little off.
    if constexpr (std::floating_point<T>)
        if (std::abs(value) < 1e9) value = std::round(value * 1e6) / 1e6;
    out.append(digits, std::to_chars(std::begin(digits), std::end(digits), value).ptr);
}

inline void write(std::string& out, Timestamp value, Writing how) { write(out, to_millis(value), how); }

template <Enum T>
void write(std::string& out, T value, Writing) {
    write(out, names_of(value)[static_cast<std::size_t>(value)]);
}

template <class Tag>
void write(std::string& out, StrongId<Tag> const& value, Writing) {
    write(out, std::string_view{value.value});
}

template <class T>
void write(std::string& out, std::optional<T> const& value, Writing how) {
    if (value)
        write(out, *value, how);
    else
        out += "null";
}

template <class T>
void write(std::string& out, std::vector<T> const& values, Writing how) {
    out += '[';
    for (auto const& value : values) {
        separate(out);
        write(out, value, how);
    }
    out += ']';
}

/// What a template is given: text, number, or a moment as {"at": milliseconds}.
inline void write(std::string& out, Argument const& value, Writing how) {
    if (auto const* text = std::get_if<std::string>(&value)) return write(out, *text, how);
    if (auto const* number = std::get_if<double>(&value)) return write(out, *number, how);
    out += R"({"at":)";
    write(out, std::get<Timestamp>(value), how);
    out += '}';
}

template <class T>
void write_member(std::string& out, std::string_view name, T const& value, Writing how) {
    separate(out);
    write(out, name);
    out += ':';
    write(out, value, how);
}

template <class T>
void write(std::string& out, std::map<std::string, T> const& values, Writing how) {
    out += '{';
    for (auto const& [key, value] : values) write_member(out, key, value, how);
    out += '}';
}

/// A score for each label, by the label's name.
inline void write(std::string& out, std::array<double, label_count> const& scores, Writing how) {
    out += '{';
    for (std::size_t i = 0; i < label_count; ++i) write_member(out, label_names[i], scores[i], how);
    out += '}';
}

template <Struct T>
void write_members(std::string& out, T const& value, Writing how) {
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        auto const& field = value.*member.pointer;
        if (how == Writing::changes && field == default_of<T>.*member.pointer) return;
        write_member(out, shown_name(member.name), field, how);
    });
}

template <Struct T>
void write(std::string& out, T const& value, Writing how) {
    out += '{';
    write_members(out, value, how);
    out += '}';
}

// Reading -----------------------------------------------------------------------------------------------------------------------------

template <Struct T>
bool read(json::value const& from, T& to, Reading& reading);

inline bool read(json::value const& from, bool& to, Reading& reading) {
    if (!from.is_bool()) return reading.fail("expected true or false");
    to = from.get_bool();
    return true;
}

inline bool read(json::value const& from, std::string& to, Reading& reading) {
    if (!from.is_string()) return reading.fail("expected a string");
    to.assign(from.get_string().data(), from.get_string().size());
    return true;
}

template <Number T>
bool read(json::value const& from, T& to, Reading& reading) {
    json::error_code problem;
    auto const number = from.to_number<T>(problem);
    if (problem) return reading.fail(std::is_integral_v<T> ? "expected a whole number in range" : "expected a number");
    to = number;
    return true;
}

inline bool read(json::value const& from, Timestamp& to, Reading& reading) {
    std::int64_t millis = 0;
    if (!read(from, millis, reading)) return false;
    to = from_millis(millis);
    return true;
}

template <Enum T>
bool read(json::value const& from, T& to, Reading& reading) {
    if (!from.is_string()) return reading.fail("expected a string");
    auto const& names = names_of(to);
    auto const found = std::find(names.begin(), names.end(), std::string_view{from.get_string().data(), from.get_string().size()});
    if (found == names.end()) return reading.fail("there is no such value");
    to = static_cast<T>(found - names.begin());
    return true;
}

template <class Tag>
bool read(json::value const& from, StrongId<Tag>& to, Reading& reading) {
    return read(from, to.value, reading);
}

template <class T>
bool read(json::value const& from, std::optional<T>& to, Reading& reading) {
    to.reset();
    return from.is_null() || read(from, to.emplace(), reading);
}

template <class T>
bool read(json::value const& from, std::vector<T>& to, Reading& reading) {
    auto const* array = from.if_array();
    if (!array) return reading.fail("expected a list");
    to.clear();
    to.resize(array->size());
    for (std::size_t i = 0; i < array->size(); ++i)
        if (!read((*array)[i], to[i], reading)) return reading.inside(i);
    return true;
}

inline bool read(json::value const& from, Argument& to, Reading& reading) {
    if (auto const* moment = from.is_object() ? from.get_object().if_contains("at") : nullptr) return read(*moment, to.emplace<Timestamp>(), reading);
    if (from.is_string()) return read(from, to.emplace<std::string>(), reading);
    if (from.is_number()) return read(from, to.emplace<double>(), reading);
    return reading.fail("expected a string, a number or a moment");
}

template <class T>
bool read(json::value const& from, std::map<std::string, T>& to, Reading& reading) {
    auto const* object = from.if_object();
    if (!object) return reading.fail("expected an object");
    to.clear();
    for (auto const& [key, value] : *object)
        if (!read(value, to[std::string{key}], reading)) return reading.inside(std::string_view{key.data(), key.size()});
    return true;
}

inline bool read(json::value const& from, std::array<double, label_count>& to, Reading& reading) {
    auto const* object = from.if_object();
    if (!object) return reading.fail("expected an object");
    for (std::size_t i = 0; i < label_count; ++i)
        if (auto const* score = object->if_contains(label_names[i]); score && !read(*score, to[i], reading)) return reading.inside(label_names[i]);
    return true;
}

template <Struct T>
bool read(json::value const& from, T& to, Reading& reading) {
    auto const* object = from.if_object();
    if (!object) return reading.fail("expected an object");
    bool good = true;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        if (!good) return;
        auto const name = shown_name(member.name);
        auto const* value = object->if_contains(name);
        if (value && !read(*value, to.*member.pointer, reading)) good = reading.inside(name);
    });
    return good;
}

}  // namespace kefu::json_codec
