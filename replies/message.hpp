// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/strong_id.hpp"
#include "config/base/timestamp.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The vocabulary of a conversation: what customers send and what we send back. Plain values.
namespace kefu {

enum class ContentKind { text, image, video, audio, file, location, sticker, other };
inline constexpr std::array<std::string_view, 8> content_kind_names{"text", "image", "video", "audio", "file", "location", "sticker", "other"};

/// Something that is not text: a photo, a voice message, a sticker.
struct Attachment {
    ContentKind kind = ContentKind::other;
    std::string platform_id;  ///< what the connector fetches the bytes by; empty when there are none to fetch
    std::string url;          ///< where the bytes are when the platform does not host them itself
    std::string file_name;    ///< as the customer named it; may be empty
    friend bool operator==(Attachment const&, Attachment const&) = default;
};

/// One message from a customer, whatever platform it came over.
struct Message {
    MessageId id;                 ///< the platform's
    std::string sender;           ///< the platform's id of who wrote it; empty when the platform does not say (LINE groups)
    std::string sender_name;      ///< where the platform sends the name along; empty: ask for the profile
    std::string sender_language;  ///< BCP 47, likewise
    std::string text;             ///< checked UTF-8 as received, not normalised, without the bot's own mention
    std::vector<Attachment> attachments;
    Timestamp sent_at;          ///< the platform's clock, not ours
    std::int64_t sequence = 0;  ///< its place among the messages of the conversation, where a platform delivers out of order; 0: as they come
    bool of_album = false;      ///< one of several pictures sent together: the others follow within moments
    bool addressed = true;      ///< 1:1, or the bot was mentioned; a group message that is not is context only
    bool only_context = false;  ///< for people to read, never answered: loaded from the past, or perhaps not the customer's
    bool standby = false;       ///< somebody else holds this chat: store, never send (LINE `mode: standby`)
    std::string reply_handle;   ///< what an answer may be sent with for free (LINE reply token); empty when there is none
    Timestamp handle_at;        ///< when we received the handle; it lives about a minute
    friend bool operator==(Message const&, Message const&) = default;
};

struct QuickReply {
    std::string label;  ///< shown on the button, at most 20 graphemes
    std::string text;   ///< what tapping it says
    friend bool operator==(QuickReply const&, QuickReply const&) = default;
};

struct Sticker {
    std::string package_id;
    std::string sticker_id;
    friend bool operator==(Sticker const&, Sticker const&) = default;
};

struct Image {
    std::string url;          ///< HTTPS
    std::string preview_url;  ///< HTTPS; empty: the same
    friend bool operator==(Image const&, Image const&) = default;
};

/// Facts at a glance, beside a text: an order and where it is. Platforms without cards show the text alone.
struct Card {
    struct Row {
        std::string label;
        std::string text;
        friend bool operator==(Row const&, Row const&) = default;
    };
    std::string title;
    std::vector<Row> rows;
    std::string button;  ///< its label; empty: there is none
    std::string url;     ///< where the button leads
    friend bool operator==(Card const&, Card const&) = default;
};

/// One thing to say. Exactly one of text, sticker, image is set; a card comes with a text.
struct OutboundMessage {
    std::string text;  ///< UTF-8, any length; the connector splits it to its platform's limits
    std::optional<Sticker> sticker;
    std::optional<Image> image;
    std::vector<QuickReply> quick_replies;  ///< platforms without buttons leave them out
    std::optional<Card> card = {};
    friend bool operator==(OutboundMessage const&, OutboundMessage const&) = default;
};

}  // namespace kefu
