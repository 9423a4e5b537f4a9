// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/send_parts.hpp"
#include "daemon/connect/telegram/telegram.hpp"
#include "daemon/connect/text_split.hpp"

#include <charconv>

namespace kefu::telegram {

namespace json = boost::json;

namespace {

constexpr std::size_t text_units = 4096;         // sendMessage: "1-4096 characters after entities parsing"
constexpr std::size_t callback_data_bytes = 64;  // InlineKeyboardButton: "1-64 bytes"
constexpr std::size_t label_graphemes = 40;
constexpr std::size_t buttons_most = 20;

json::object keyboard(std::vector<QuickReply> const& replies) {
    json::array rows;
    for (auto const& reply : replies) {
        if (rows.size() == buttons_most) break;
        std::string data = button_data(reply);
        if (data.size() > callback_data_bytes) data = button_data({reply.label, {}});
        if (data.size() > callback_data_bytes) continue;
        rows.push_back(json::array{json::object{{"text", first_graphemes(reply.label, label_graphemes)}, {"callback_data", std::move(data)}}});
    }
    return {{"inline_keyboard", std::move(rows)}};
}

}  // namespace

std::vector<Call> to_calls(std::vector<OutboundMessage> const& messages, std::string_view reply_to) {
    std::vector<Call> calls;
    std::vector<QuickReply> const* buttons = nullptr;
    for (auto const& message : messages) {
        if (message.image) {
            calls.push_back({"sendPhoto", {{"photo", message.image->url}}});
        } else {
            for (auto& piece : split_text(message.text, text_units)) calls.push_back({"sendMessage", {{"text", std::move(piece)}}});
        }
        if (!message.quick_replies.empty()) buttons = &message.quick_replies;
    }
    if (calls.empty()) return calls;
    std::int64_t message_id = 0;
    auto const [end, problem] = std::from_chars(reply_to.data(), reply_to.data() + reply_to.size(), message_id);
    if (!reply_to.empty() && problem == std::errc{} && end == reply_to.data() + reply_to.size())
        calls.front().parameters["reply_parameters"] = json::object{{"message_id", message_id}, {"allow_sending_without_reply", true}};
    if (buttons != nullptr) calls.back().parameters["reply_markup"] = keyboard(*buttons);
    return calls;
}

}  // namespace kefu::telegram
