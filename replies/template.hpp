// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/timestamp.hpp"
#include "intents/classify.hpp"
#include "replies/message.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kefu {

/// What a template may be given: text, a number (plural, number), or a moment (date, time; shown in the shop's time zone).
using Argument = std::variant<std::string, double, Timestamp>;
using Arguments = std::map<std::string, Argument>;

/// What one rendering gives. `messages` is one text, then the channel's sticker when the template has one.
struct Rendered {
    std::vector<OutboundMessage> messages;
    std::string locale;       ///< the one whose text was used, after fallback
    std::size_t variant = 0;  ///< which one, for rotation
};

/// Reply texts of all locales, parsed once and rendered often. Immutable; any number of threads may render.
class Templates {
  public:
    /// Reads replies/packs/<locale>.yaml files. Bad MessageFormat, unknown placeholders, too many quick replies, texts that the
    /// platform would refuse: errors with their place. See replies/README.md for the format. `facts`: names the policy adds to the
    /// placeholders of the README.
    static Checked<Templates> load(std::vector<SourceText> const& packs, std::vector<std::string> const& facts = {});

    /// Renders `id` for `locale`, falling back zh-Hant-TW → zh-Hant → `fallback_locale`, never from one Chinese script to the other.
    /// `turn` counts how often this conversation was told this template: variants rotate with it. A variant whose placeholders are
    /// not all in `arguments` is passed over. not_found: no such template or no locale; unavailable: no usable variant.
    Result<Rendered> render(std::string_view id, std::string_view locale, std::string_view fallback_locale, std::string_view time_zone,
                            Arguments const& arguments, std::size_t turn, std::string_view channel_type = {}) const;

    /// The locale whose text render() would use; nothing when there is none.
    std::optional<std::string_view> locale_for(std::string_view id, std::string_view locale, std::string_view fallback_locale) const;

    /// True when there are texts for that locale without falling back to another language.
    bool speaks(std::string_view locale) const;

    /// One way of saying a template, for checks and for the operators' desk.
    struct Variant {
        std::string source;  ///< as the operator wrote it
        std::vector<std::string> placeholders;
        SourceLocation where;
    };
    /// The variants of `id` in exactly that locale; empty when there are none.
    std::vector<Variant> variants(std::string_view id, std::string_view locale) const;

    /// True when that variant, of exactly that locale, has the placeholder.
    bool names(std::string_view id, std::string_view locale, std::size_t variant, std::string_view placeholder) const;

    /// True when that template, in exactly that locale, has a form of its own for the channel: a card, an image, a sticker.
    bool has_form(std::string_view id, std::string_view locale, std::string_view channel_type) const;

    /// A value for every placeholder that texts may have, to try them with.
    static Arguments sample(std::vector<std::string> const& facts = {});

    bool has(std::string_view id) const;
    bool has(std::string_view id, std::string_view locale) const;  ///< without falling back
    std::vector<std::string> const& locales() const;
    std::vector<std::string> const& ids() const;

    struct Parsed;  // template_parsed.hpp

  private:
    explicit Templates(std::shared_ptr<Parsed const> parsed) : parsed_(std::move(parsed)) {}
    std::shared_ptr<Parsed const> parsed_;
};

}  // namespace kefu
