// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/line.hpp"

#include "daemon/connect/text_split.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace kefu::line {

namespace json = boost::json;

namespace {

constexpr std::size_t text_units = 4900;        // LINE: 5,000; the rest is room for emoji that count as more than they look
constexpr std::size_t messages_a_call = 5;      // Sending messages: `messages` holds 1-5
constexpr std::size_t quick_replies_most = 13;  // Quick reply: at most 13 items
constexpr std::size_t label_graphemes = 20;
constexpr std::size_t action_text_graphemes = 300;
constexpr std::size_t alt_units = 400;          // Flex message: altText
constexpr std::size_t bubble_most = 30u << 10;  // Flex message: JSON of a bubble, in bytes
constexpr std::size_t address_most = 1000;      // URI action

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

json::object text_of(std::string_view words, std::string_view size, bool bold = false) {
    json::object text{{"type", "text"}, {"text", words}, {"wrap", true}, {"size", size}};
    if (bold) text["weight"] = "bold";
    return text;
}

json::object box(std::string_view layout, json::array contents) {
    return {{"type", "box"}, {"layout", layout}, {"spacing", "sm"}, {"contents", std::move(contents)}};
}

/// "Flex message": one bubble with the words, the facts below and a button. Where it cannot be shown, in notifications and lists, LINE shows `altText`.
json::object flex(OutboundMessage const& message) {
    auto const& card = *message.card;
    json::array body{text_of(card.title, "lg", true), text_of(message.text, "sm")};
    for (auto const& row : card.rows) {
        json::object label = text_of(row.label, "sm");
        label["color"] = "#767676";
        label["flex"] = 2;
        json::object value = text_of(row.text, "sm");
        value["flex"] = 5;
        body.push_back(box("baseline", {std::move(label), std::move(value)}));
    }
    json::object bubble{{"type", "bubble"}, {"body", box("vertical", std::move(body))}};
    if (!card.url.empty() && card.url.size() <= address_most) {
        json::object action{{"type", "uri"}, {"label", first_graphemes(card.button, label_graphemes)}, {"uri", card.url}};
        json::object button{{"type", "button"}, {"style", "link"}, {"action", std::move(action)}};
        bubble["footer"] = box("vertical", {std::move(button)});
    }
    if (json::serialize(bubble).size() > bubble_most) return {{"type", "text"}, {"text", split_text(message.text, text_units).front()}};
    return {{"type", "flex"}, {"altText", first_graphemes(split_text(message.text, alt_units).front(), alt_units)}, {"contents", std::move(bubble)}};
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
        } else if (message.card) {
            all.push_back(flex(message));
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
