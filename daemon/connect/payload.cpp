// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/payload.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace kefu::payload {

Result<json::object> read_object(std::string_view body) {
    boost::system::error_code broken;
    json::value document = json::parse(json::string_view{body.data(), body.size()}, broken);
    if (broken) return Error{Errc::bad_payload, "the body is not JSON: " + broken.message()};
    if (!document.is_object()) return Error{Errc::bad_payload, "the body is not a JSON object"};
    return std::move(document.get_object());
}

std::string text_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) return {};
    return std::string{value->get_string()};
}

std::string id_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    if (value != nullptr && value->is_int64()) return std::to_string(value->get_int64());
    if (value != nullptr && value->is_uint64()) return std::to_string(value->get_uint64());
    return text_of(object, key);
}

std::optional<std::int64_t> integer_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_int64()) return value->get_int64();
    if (!value->is_string()) return std::nullopt;
    auto const& digits = value->get_string();
    std::int64_t number = 0;
    auto const [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

bool is_true(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

json::object const* object_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

json::array const* array_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_array();
}

ContentKind content_kind(std::string_view name) {
    auto const found = std::find(content_kind_names.begin(), content_kind_names.end(), name);
    bool const is_attachment = found != content_kind_names.end() && name != "text";
    return is_attachment ? static_cast<ContentKind>(found - content_kind_names.begin()) : ContentKind::other;
}

Result<std::string> checked_text(json::object const& object, std::string_view key, std::string_view where) {
    auto const* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return std::string{};
    if (!value->is_string()) return Error{Errc::bad_payload, '\'' + std::string{where} + std::string{key} + "' is not a string"};
    return std::string{value->get_string()};
}

}  // namespace kefu::payload
