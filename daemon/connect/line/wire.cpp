// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/line.hpp"

#include "daemon/connect/text_split.hpp"

#include <boost/json/object.hpp>

namespace kefu::line {

namespace json = boost::json;

namespace {

constexpr std::size_t text_units = 4900;        // LINE: 5,000; the rest is room for emoji that count as more than they look
constexpr std::size_t messages_a_call = 5;      // Sending messages: `messages` holds 1-5
constexpr std::size_t quick_replies_most = 13;  // Quick reply: at most 13 items
constexpr std::size_t label_graphemes = 20;
constexpr std::size_t action_text_graphemes = 300;

json::object quick_reply(std::vector<QuickReply> const& replies) {
    json::array items;
    for (auto const& reply : replies) {
        if (items.size() == quick_replies_most) break;
        json::object action{{"type", "message"},
                            {"label", first_graphemes(reply.label, label_graphemes)},
                            {"text", first_graphemes(reply.text.empty() ? reply.label : reply.text, action_text_graphemes)}};
        items.push_back(json::object{{"type", "action"}, {"action", std::move(action)}});
    }
    return {{"items", std::move(items)}};
}

}  // namespace

Wire to_wire(std::vector<OutboundMessage> const& messages) {
    json::array all;
    std::vector<QuickReply> const* buttons = nullptr;
    for (auto const& message : messages) {
        if (message.sticker) {
            all.push_back(json::object{{"type", "sticker"}, {"packageId", message.sticker->package_id}, {"stickerId", message.sticker->sticker_id}});
        } else if (message.image) {
            auto const& preview = message.image->preview_url.empty() ? message.image->url : message.image->preview_url;
            all.push_back(json::object{{"type", "image"}, {"originalContentUrl", message.image->url}, {"previewImageUrl", preview}});
        } else {
            for (auto& piece : split_text(message.text, text_units)) all.push_back(json::object{{"type", "text"}, {"text", std::move(piece)}});
        }
        if (!message.quick_replies.empty()) buttons = &message.quick_replies;
    }
    Wire wire;
    for (auto& message : all) (wire.messages.size() < messages_a_call ? wire.messages : wire.rest).push_back(std::move(message));
    // Only the last message's buttons are shown, whichever bubble wanted them.
    auto& last = wire.rest.empty() ? wire.messages : wire.rest;
    if (buttons != nullptr && !last.empty()) last.back().as_object()["quickReply"] = quick_reply(*buttons);
    return wire;
}

}  // namespace kefu::line
