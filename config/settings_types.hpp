// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

/// What the visitors of the settings' `fields` share: the kinds of types there are, values as YAML text, and words for what may be written.
namespace kefu {

/// A struct whose `fields` describe it.
template <class T>
concept Section = requires(T& section) {
    T::fields(section, [](auto const&...) {});
};

/// An enumeration with names for YAML.
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T e) {
    names(e);
};

template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool>;

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
concept ListOfSections = is_list<T> && Section<typename T::value_type>;

template <class T>
concept OneValue = !Section<T> && !ListOfSections<T>;

/// A text as YAML, in quotes where it needs them.
std::string yaml_text(std::string const& text);
std::string yaml_text(milliseconds duration);  ///< in the largest unit that fits: 90s, 2h
std::string yaml_text(ByteSize size);

template <OneValue T>
std::string yaml_text(T const& value) {
    if constexpr (std::same_as<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (WholeNumber<T>) {
        return std::to_string(value);
    } else if constexpr (std::same_as<T, std::chrono::days>) {
        return std::to_string(value.count());
    } else if constexpr (NamedEnum<T>) {
        return std::string{name_of(value)};
    } else if constexpr (std::same_as<T, std::filesystem::path>) {
        return yaml_text(value.string());
    } else if constexpr (std::same_as<T, ChannelId>) {
        return yaml_text(value.value);
    } else if constexpr (is_list<T>) {
        return "[]";  // the default of every list
    } else {
        static_assert(std::same_as<T, Secret> || is_optional<T>);
        return "''";
    }
}

/// "number", "duration", "list of text": what may be written.
template <OneValue T>
std::string type_text(Field const& field) {
    if constexpr (is_optional<T>) {
        return type_text<typename T::value_type>(field);
    } else if constexpr (is_list<T>) {
        return "list of " + type_text<typename T::value_type>(field);
    } else if constexpr (std::same_as<T, bool>) {
        return "true, false";
    } else if constexpr (WholeNumber<T> || std::same_as<T, std::chrono::days>) {
        return "number";
    } else if constexpr (std::same_as<T, milliseconds>) {
        return "duration";
    } else if constexpr (std::same_as<T, ByteSize>) {
        return "size";
    } else if constexpr (std::same_as<T, Secret>) {
        return "secret";
    } else if constexpr (std::same_as<T, std::filesystem::path>) {
        return "path";
    } else if constexpr (NamedEnum<T>) {
        std::string all;
        for (auto const name : names(T{})) all += (all.empty() ? "" : ", ") + std::string{name};
        return all;
    } else {
        switch (field.shape) {
            case Shape::any:
                return "text";
            case Shape::ip:
                return "IP address";
            case Shape::name:
                return "name";
            case Shape::locale:
                return "language";
            case Shape::time_zone:
                return "time zone";
            case Shape::url:
                return "URL";
            case Shape::ws_url:
                return "WebSocket URL";
            case Shape::url_path:
                return "URL path";
            case Shape::json_pointer:
                return "JSON pointer";
        }
        return "text";
    }
}

/// "1s to 5m", "at least 1", "at most 5", or nothing.
template <OneValue T>
std::string limits_text(Field const& field) {
    if constexpr (is_optional<T>) return limits_text<typename T::value_type>(field);
    auto const text = [](std::int64_t limit) {
        if constexpr (std::same_as<T, milliseconds>) {
            return yaml_text(milliseconds{limit});
        } else if constexpr (std::same_as<T, ByteSize>) {
            return yaml_text(ByteSize{static_cast<std::uint64_t>(limit)});
        } else {
            return std::to_string(limit);
        }
    };
    bool const above = field.least > 0 || (field.least == 0 && field.most != no_limit);
    if (above && field.most != no_limit) return text(field.least) + " to " + text(field.most);
    if (above) return "at least " + text(field.least);
    return field.most != no_limit ? "at most " + text(field.most) : std::string{};
}

/// The meaning, its limits, and the types of channel or notifier it is for.
template <class T>
std::string meaning_text(std::string_view meaning, Field const& field) {
    std::string text{meaning};
    std::string notes;
    auto const note = [&](std::string const& more) {
        if (!more.empty()) notes += (notes.empty() ? "" : "; ") + more;
    };
    if (!field.only_for.empty()) note("type " + std::string{field.only_for});
    if constexpr (OneValue<T>) note(limits_text<T>(field));
    return notes.empty() ? text : text + " (" + notes + ")";
}

}  // namespace kefu
