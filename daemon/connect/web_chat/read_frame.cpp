// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/payload.hpp"
#include "daemon/connect/text_split.hpp"
#include "daemon/connect/web_chat/frames.hpp"

#include <algorithm>
#include <utility>

namespace kefu::web_chat {

namespace json = boost::json;
using payload::checked_text;

namespace {

constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_name = 200;
constexpr std::size_t longest_user = 128;
constexpr std::int64_t largest_number = std::int64_t{1} << 53;  // what JavaScript counts to

bool is_id(std::string_view text) {
    auto const fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; };
    return !text.empty() && text.size() <= longest_id && std::all_of(text.begin(), text.end(), fits);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// A whole number from 0 on; absent is 0.
Result<std::uint64_t> number_in(json::object const& frame, std::string_view key) {
    auto const* value = frame.if_contains(json::string_view{key.data(), key.size()});
    if (value == nullptr || value->is_null()) return std::uint64_t{0};
    auto const* number = value->if_int64();
    if (number == nullptr || *number < 0 || *number > largest_number) return payload::bad('\'' + std::string{key} + "' must be a whole number from 0 on");
    return static_cast<std::uint64_t>(*number);
}

Result<Frame> read_hello(json::object const& frame) {
    Hello hello;
    static constexpr std::pair<std::string_view, std::string Hello::*> texts[] = {
        {"token", &Hello::token}, {"user", &Hello::user}, {"signature", &Hello::signature}, {"language", &Hello::language}};
    for (auto const& [key, member] : texts) {
        auto text = checked_text(frame, key, "");
        if (!text) return text.error();
        if (text->size() > longest_user || std::any_of(text->begin(), text->end(), is_control)) return payload::bad('\'' + std::string{key} + "' is too long");
        hello.*member = std::move(*text);
    }
    auto const after = number_in(frame, "after");
    if (!after) return after.error();
    hello.after = *after;
    return Frame{std::move(hello)};
}

Result<Frame> read_said(json::object const& frame) {
    Said said;
    auto id = checked_text(frame, "id", "");
    if (!id) return id.error();
    if (!is_id(*id)) return payload::bad("'id' must be 1 to 64 letters, digits, '-' or '_'");
    said.id = std::move(*id);
    auto text = checked_text(frame, "text", "");
    if (!text) return text.error();
    if (utf16_length(*text) > max_text_units) return payload::bad("'text' is longer than 4000 characters");
    said.text = std::move(*text);
    if (auto const* files = payload::array_of(frame, "files")) {
        if (files->size() > most_files) return payload::bad("'files' has more than 4 entries");
        for (auto const& entry : *files) {
            auto const* object = entry.if_object();
            if (object == nullptr) return payload::bad("'files' must hold objects");
            File file{payload::text_of(*object, "id"), payload::text_of(*object, "name")};
            if (!is_id(file.id) || file.name.size() > longest_name) return payload::bad("'files' holds an id or a name that cannot be");
            said.files.push_back(std::move(file));
        }
    }
    if (said.files.empty() && said.text.find_first_not_of(" \t\r\n") == std::string::npos) return payload::bad("'text' is empty");
    return Frame{std::move(said)};
}

}  // namespace

Result<Frame> read_frame(std::string_view text) {
    auto const frame = payload::read_object(text);
    if (!frame) return frame.error();
    auto const type = checked_text(*frame, "type", "");
    if (!type) return type.error();
    if (*type == "hello") return read_hello(*frame);
    if (*type == "message") return read_said(*frame);
    if (*type == "typing") return Frame{Typing{}};
    if (*type == "ping") return Frame{Ping{}};
    if (*type != "read") return Frame{Other{}};
    auto const number = number_in(*frame, "number");
    if (!number) return number.error();
    return Frame{Read{*number}};
}

}  // namespace kefu::web_chat
