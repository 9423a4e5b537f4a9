// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "replies/message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Reading what platforms post: they add members as they like and leave out what they do not know, so absent, null and of another type are mostly one.
namespace kefu::payload {

namespace json = boost::json;

/// What is wrong with a payload, for who sent it: bad_payload.
inline Error bad(std::string message) { return {Errc::bad_payload, std::move(message)}; }

/// The body as an object. bad_payload says what it is instead.
Result<json::object> read_object(std::string_view body);

/// A string; empty when it is none.
std::string text_of(json::object const& object, std::string_view key);
/// A string, or a whole number in its digits: ids are names, however they are written. Empty when it is neither.
std::string id_of(json::object const& object, std::string_view key);
/// A whole number, also one in a string's digits.
std::optional<std::int64_t> integer_of(json::object const& object, std::string_view key);
bool is_true(json::object const& object, std::string_view key);
json::object const* object_of(json::object const& object, std::string_view key);  ///< null when it is none
json::array const* array_of(json::object const& object, std::string_view key);

/// The kind of an attachment by its usual name ("image", "video", ...): other for all else.
ContentKind content_kind(std::string_view name);

/// For protocols of our own, where a wrong type is somebody's mistake: absent is empty, another type is bad_payload that names `where` + `key`.
Result<std::string> checked_text(json::object const& object, std::string_view key, std::string_view where);

}  // namespace kefu::payload
