// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reading a frame's JSON as the protocol's schema demands it. Private to daemon/connect/bridge/.
namespace kefu::bridge {

namespace json = boost::json;

inline constexpr std::size_t longest_id = 256;  ///< characters

/// The members of one object. The first thing that is wrong is kept, in words that name the member.
class Members {
  public:
    Members(json::object const& object, std::string at, std::string& problem) : object_(object), at_(std::move(at)), problem_(problem) {}

    void fail(std::string_view key, std::string_view what) const {
        if (problem_.empty()) problem_ = "'" + at_ + std::string{key} + "' " + std::string{what};
    }

    /// Null counts as absent.
    json::value const* find(std::string_view key, bool required = false) const {
        auto const* value = object_.if_contains(json::string_view{key.data(), key.size()});
        if (value != nullptr && !value->is_null()) return value;
        if (required) fail(key, "is missing");
        return nullptr;
    }

    std::string text(std::string_view key, std::size_t longest, bool required = false) const {
        auto const* value = find(key, required);
        if (value == nullptr) return {};
        auto const* string = value->if_string();
        if (string == nullptr) return fail(key, "is not a string"), std::string{};
        if (characters({string->data(), string->size()}) > longest) return fail(key, "is too long"), std::string{};
        return {string->data(), string->size()};
    }

    std::string id(std::string_view key, bool required = false) const {
        auto value = text(key, longest_id, required);
        if (value.empty() && find(key) != nullptr) fail(key, "must not be empty");
        return value;
    }

    /// "not_logged_in": what codes look like.
    std::string code(std::string_view key, bool required) const {
        auto value = text(key, 64, required);
        bool const fits = value.size() >= 2 && value[0] >= 'a' && value[0] <= 'z' &&
                          std::all_of(value.begin(), value.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
        if (find(key) != nullptr && !fits) fail(key, "is not a code such as not_logged_in");
        return value;
    }

    std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most, bool required = false) const {
        auto const* value = find(key, required);
        if (value == nullptr) return std::nullopt;
        json::error_code error;
        auto const number = value->to_number<std::int64_t>(error);  // 5.0 is 5, as in JSON Schema
        if (error || number < least || number > most) return fail(key, "is not a whole number in its range"), std::nullopt;
        return number;
    }

    void decimal(std::string_view key, double limit) const {
        auto const* value = find(key, true);
        if (value == nullptr) return;
        json::error_code error;
        auto const number = value->to_number<double>(error);
        if (error || number < -limit || number > limit) fail(key, "is not a number in its range");
    }

    bool flag(std::string_view key, bool otherwise, bool required = false) const {
        auto const* value = find(key, required);
        if (value == nullptr) return otherwise;
        if (!value->is_bool()) return fail(key, "is neither true nor false"), otherwise;
        return value->get_bool();
    }

    std::optional<Members> object(std::string_view key, bool required = false) const {
        auto const* value = find(key, required);
        if (value == nullptr) return std::nullopt;
        if (!value->is_object()) return fail(key, "is not an object"), std::nullopt;
        return Members{value->get_object(), at_ + std::string{key} + '.', problem_};
    }

    /// Each entry's members; entries that are no objects are wrong.
    std::vector<Members> objects(std::string_view key, std::size_t most, bool required = false) const {
        std::vector<Members> all;
        auto const* value = find(key, required);
        if (value == nullptr) return all;
        auto const* array = value->if_array();
        if (array == nullptr) return fail(key, "is not an array"), all;
        if (array->size() > most) return fail(key, "has too many entries"), all;
        for (std::size_t i = 0; i < array->size(); ++i) {
            auto const entry = std::string{key} + '[' + std::to_string(i) + ']';
            if (!(*array)[i].is_object()) return fail(entry, "is not an object"), all;
            all.push_back(Members{(*array)[i].get_object(), at_ + entry + '.', problem_});
        }
        return all;
    }

    template <class Kind, std::size_t n>
    std::optional<Kind> one_of(std::string_view key, std::array<std::string_view, n> const& names, bool required = false) const {
        auto const value = text(key, longest_id, required);
        if (find(key) == nullptr) return std::nullopt;
        auto const found = std::find(names.begin(), names.end(), value);
        if (found == names.end()) return fail(key, "has no meaning in version 1"), std::nullopt;
        return static_cast<Kind>(found - names.begin());
    }

  private:
    static std::size_t characters(std::string_view text) {
        return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    }

    json::object const& object_;
    std::string at_;
    std::string& problem_;
};

}  // namespace kefu::bridge
