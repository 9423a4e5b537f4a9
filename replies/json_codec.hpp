// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "replies/json_members.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
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

template <Struct T>
json::value write(T const& value, Writing how);

inline json::value write(bool value, Writing) { return value; }
inline json::value write(std::string const& value, Writing) { return json::string(value); }
inline json::value write(Timestamp value, Writing) { return to_millis(value); }

template <std::integral T>
json::value write(T value, Writing) {
    return value;
}

/// Six decimals: shorter, and Boost.JSON 1.81 reads longer ones back a little off.
inline json::value write(double value, Writing) { return std::abs(value) < 1e9 ? std::round(value * 1e6) / 1e6 : value; }

template <Enum T>
json::value write(T value, Writing) {
    return json::string(names_of(value)[static_cast<std::size_t>(value)]);
}

template <class Tag>
json::value write(StrongId<Tag> const& value, Writing) {
    return json::string(value.value);
}

template <class T>
json::value write(std::optional<T> const& value, Writing how) {
    return value ? write(*value, how) : json::value{};
}

template <class T>
json::value write(std::vector<T> const& values, Writing how) {
    json::array array;
    array.reserve(values.size());
    for (auto const& value : values) array.push_back(write(value, how));
    return array;
}

/// What a template is given: text, number, or a moment as {"at": milliseconds}.
inline json::value write(Argument const& value, Writing) {
    if (auto const* text = std::get_if<std::string>(&value)) return json::string(*text);
    if (auto const* number = std::get_if<double>(&value)) return *number;
    return json::object{{"at", to_millis(std::get<Timestamp>(value))}};
}

template <class T>
json::value write(std::map<std::string, T> const& values, Writing how) {
    json::object object;
    object.reserve(values.size());
    for (auto const& [key, value] : values) object.emplace(key, write(value, how));
    return object;
}

/// A score for each label, by the label's name.
inline json::value write(std::array<double, label_count> const& scores, Writing) {
    json::object object;
    object.reserve(label_count);
    for (std::size_t i = 0; i < label_count; ++i) object.emplace(label_names[i], scores[i]);
    return object;
}

template <Struct T>
void write_members(T const& value, json::object& object, Writing how) {
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        auto const& field = value.*member.pointer;
        if (how == Writing::changes && field == default_of<T>.*member.pointer) return;
        object.emplace(shown_name(member.name), write(field, how));
    });
}

template <Struct T>
json::value write(T const& value, Writing how) {
    json::object object;
    object.reserve(how == Writing::changes ? 8 : boost::mp11::mp_size<Members<T>>::value);
    write_members(value, object, how);
    return object;
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
