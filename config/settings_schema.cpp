// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"
#include "config/settings_types.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <sstream>
#include <utility>

namespace kefu {

namespace {

namespace json = boost::json;

std::string_view pattern_of(Shape shape) {
    switch (shape) {
        case Shape::name:
            return "^[A-Za-z0-9._-]{1,64}$";
        case Shape::locale:
            return "^([A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*)?$";
        case Shape::url:
            return "^(https?://[^/?#@]+[^#]*)?$";
        case Shape::ws_url:
            return "^(wss?://[^/?#@]+[^#]*)?$";
        case Shape::url_path:
            return "^(/[A-Za-z0-9._~/-]*)?$";
        case Shape::json_pointer:
            return "^(/([^~]|~[01])*)?$";
        case Shape::any:
        case Shape::ip:
        case Shape::time_zone:
            break;
    }
    return {};
}

template <Section T>
json::object schema_of(T const& defaults, Field const& field);

/// What one value may be.
template <OneValue T>
json::object schema_of(T const& value, Field const& field) {
    if constexpr (is_optional<T>) {
        return schema_of(typename T::value_type{}, field);
    } else if constexpr (is_list<T>) {
        Field each = field;
        each.least = 0;
        json::object list{{"type", "array"}, {"items", schema_of(typename T::value_type{}, each)}};
        if (field.least > 0) list["minItems"] = field.least;
        return list;
    } else if constexpr (std::same_as<T, bool>) {
        return {{"type", "boolean"}, {"default", value}};
    } else if constexpr (WholeNumber<T> || std::same_as<T, std::chrono::days>) {
        json::object number{{"type", "integer"}};
        if constexpr (WholeNumber<T>) {
            number["minimum"] = std::max(field.least, std::int64_t{std::numeric_limits<T>::min()});
            number["maximum"] = std::min(field.most, std::int64_t{std::numeric_limits<T>::max()});
            number["default"] = value;
        } else {
            number["minimum"] = field.least;
            number["maximum"] = field.most;
            number["default"] = value.count();
        }
        return number;
    } else if constexpr (std::same_as<T, milliseconds>) {
        return {{"type", json::array{"string", "integer"}}, {"pattern", "^(0|[1-9][0-9]*(ms|s|m|h|d))$"}, {"minimum", 0}, {"maximum", 0}};
    } else if constexpr (std::same_as<T, ByteSize>) {
        return {{"type", json::array{"string", "integer"}}, {"pattern", "^(0|[1-9][0-9]*)(KiB|MiB|GiB)?$"}, {"minimum", 0}};
    } else if constexpr (NamedEnum<T>) {
        json::array all;
        for (auto const name : names(value)) all.emplace_back(name);
        return {{"enum", std::move(all)}};
    } else {
        json::object text{{"type", "string"}};
        if (auto const pattern = pattern_of(field.shape); !pattern.empty()) text["pattern"] = pattern;
        if (std::same_as<T, Secret> || field.required) text["minLength"] = 1;
        return text;
    }
}

/// The same with a default: for settings, not for the items of a list.
template <OneValue T>
json::object schema_with_default(T const& value, Field const& field) {
    json::object schema = schema_of(value, field);
    if constexpr (!is_optional<T> && !std::same_as<T, Secret>) {
        if constexpr (is_list<T>) {
            if (!field.required) schema["default"] = json::array{};
        } else if (!field.required && !schema.contains("default")) {
            auto const text = yaml_text(value);
            schema["default"] = text == "''" ? "" : text;
        }
    }
    if (field.required) schema.erase("default");
    return schema;
}

template <Section T>
json::object schema_with_default(T const& defaults, Field const& field) {
    json::object schema = schema_of(defaults, field);
    if (!field.required) schema["type"] = json::array{"object", "null"};  // `listen:` with nothing under it
    return schema;
}

template <ListOfSections T>
json::object schema_with_default(T const&, Field const&) {
    return {{"type", json::array{"array", "null"}}, {"items", schema_of(typename T::value_type{}, Field{})}};
}

template <Section T>
json::object schema_of(T const& defaults, Field const&) {
    json::object properties;
    json::array required;
    std::map<std::string, std::pair<json::array, json::object>> by_type;  // type → what it requires, what only others have
    T::fields(defaults, [&]<class M>(std::string_view key, M const& member, std::string_view meaning, Field const& field = {}) {
        json::object property{{"description", meaning_text<M>(meaning, field)}};
        for (auto& [name, value] : schema_with_default(member, field)) property[name] = value;
        properties[key] = std::move(property);
        if constexpr (NamedEnum<M>)
            if (key == "type")
                for (auto const name : names(member)) by_type[std::string{name}];
        if (field.required && field.only_for.empty()) required.emplace_back(key);
        for (auto& [type, rules] : by_type) {
            if (field.only_for.empty()) break;
            if (field.only_for != type) {
                rules.second[key] = false;
            } else if (field.required) {
                rules.first.emplace_back(key);
            }
        }
    });

    json::object schema{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    json::array conditions;
    for (auto& [type, rules] : by_type)
        conditions.push_back(json::object{{"if", {{"properties", {{"type", {{"const", type}}}}}}},
                                          {"then", {{"required", std::move(rules.first)}, {"properties", std::move(rules.second)}}}});
    if (!conditions.empty()) schema["allOf"] = std::move(conditions);
    return schema;
}

/// Boost.JSON writes one long line; this file is read and compared by people.
void write_indented(std::ostream& out, json::value const& value, std::string const& indent) {
    std::string const inner = indent + "  ";
    if (auto const* object = value.if_object(); object && !object->empty()) {
        out << "{";
        for (char const* separator = "\n"; auto const& [key, member] : *object) {
            out << separator << inner << json::value(key) << ": ";
            write_indented(out, member, inner);
            separator = ",\n";
        }
        out << "\n" << indent << "}";
    } else {
        out << value;
    }
}

}  // namespace

std::string settings_schema() {
    json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "kefud.yaml"}};
    for (auto& [name, value] : schema_of(Settings{}, Field{})) schema[name] = value;
    std::ostringstream out;
    write_indented(out, schema, "");
    out << "\n";
    return out.str();
}

}  // namespace kefu
