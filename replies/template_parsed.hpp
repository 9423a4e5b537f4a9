// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replies/message_format.hpp"

#include <functional>
#include <optional>
#include <utility>

/// What load_template.cpp builds and template.cpp renders. Nobody else includes this.
namespace kefu {

struct Templates::Parsed {
    struct Text {
        MessageFormat format;
        std::string source;
        SourceLocation where;
    };
    /// A card's texts; what has no value now is left out.
    struct CardText {
        std::optional<MessageFormat> title;
        std::vector<std::pair<std::string, MessageFormat>> rows;  ///< label and text
        std::string button;
        std::optional<MessageFormat> url;
    };
    /// What a channel gets instead of, or beside, the bare text.
    struct Form {
        std::optional<Sticker> sticker;
        std::optional<Image> image;
        std::optional<CardText> card;
    };
    struct Template {
        std::vector<Text> variants;
        std::vector<QuickReply> quick_replies;
        std::map<std::string, Form, std::less<>> forms;  ///< by channel type
    };
    using Pack = std::map<std::string, Template, std::less<>>;

    std::map<std::string, Pack, std::less<>> packs;  ///< by locale
    std::vector<std::string> locales;
    std::vector<std::string> ids;  ///< of all locales, sorted

    struct Found {
        std::string_view locale;
        Template const* text = nullptr;
    };
    /// What `locale` gets: its own, then a wider locale's, then the same for the fallback; never the other Chinese script.
    Found find(std::string_view id, std::string_view locale, std::string_view fallback_locale) const;
    Found find_without_fallback(std::string_view id, std::string_view locale) const;
};

}  // namespace kefu
