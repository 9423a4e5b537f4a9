// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/line/line.hpp"
#include "daemon/connect/text_split.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace kefu::line {
namespace {

OutboundMessage text(std::string words) {
    OutboundMessage message;
    message.text = std::move(words);
    return message;
}

TEST(LineWire, a_text_with_buttons) {
    auto message = text("您好");
    message.quick_replies = {{.label = "真人客服", .text = "我要找真人客服"}};
    EXPECT_EQ(
        boost::json::serialize(to_wire({message}).messages),
        R"([{"type":"text","text":"您好","quickReply":{"items":[{"type":"action","action":{"type":"message","label":"真人客服","text":"我要找真人客服"}}]}}])");
}

TEST(LineWire, buttons_go_to_the_last_bubble_because_only_its_are_shown) {
    auto first = text("one");
    first.quick_replies = {{.label = "a", .text = "a"}};
    auto const wire = to_wire({first, text("two")});
    EXPECT_FALSE(wire.messages[0].as_object().contains("quickReply"));
    EXPECT_TRUE(wire.messages[1].as_object().contains("quickReply"));
}

TEST(LineWire, sticker_and_image) {
    OutboundMessage sticker;
    sticker.sticker = Sticker{"11537", "52002738"};
    OutboundMessage image;
    image.image = Image{"https://x/a.jpg", ""};
    EXPECT_EQ(
        boost::json::serialize(to_wire({sticker, image}).messages),
        R"([{"type":"sticker","packageId":"11537","stickerId":"52002738"},{"type":"image","originalContentUrl":"https://x/a.jpg","previewImageUrl":"https://x/a.jpg"}])");
}

TEST(LineWire, a_long_text_is_split_and_what_five_bubbles_do_not_hold_is_the_rest) {
    std::string words;
    for (int i = 0; i < 6; ++i) words += std::string(4900, 'a');
    auto const wire = to_wire({text(words)});
    EXPECT_EQ(wire.messages.size(), 5u);
    EXPECT_EQ(wire.rest.size(), 1u);
    for (auto const& message : wire.messages) EXPECT_LE(utf16_length(std::string{message.as_object().at("text").as_string()}), 4900u);
}

TEST(LineWire, never_more_than_thirteen_buttons_nor_labels_over_twenty_graphemes) {
    auto message = text("x");
    for (int i = 0; i < 20; ++i) message.quick_replies.push_back({.label = std::string(30, 'l'), .text = ""});
    auto const wire = to_wire({message});
    auto const& items = wire.messages[0].as_object().at("quickReply").as_object().at("items").as_array();
    EXPECT_EQ(items.size(), 13u);
    EXPECT_EQ(items[0].as_object().at("action").as_object().at("label").as_string().size(), 20u);
}

}  // namespace
}  // namespace kefu::line
