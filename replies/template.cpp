// SPDX-License-Identifier: Apache-2.0
#include "replies/template.hpp"

#include "replies/template_parsed.hpp"

#include <algorithm>

namespace kefu {

namespace {

/// The locale under which packs are kept: Chinese goes by its script, which platforms often give as a region.
std::string_view by_script(std::string_view locale) {
    if (locale == "zh-TW" || locale == "zh-HK" || locale == "zh-MO") return "zh-Hant";
    if (locale == "zh-CN" || locale == "zh-SG") return "zh-Hans";
    return locale;
}

/// zh-Hant-TW → zh-Hant → zh. Empty at the end.
std::string_view wider(std::string_view locale) {
    auto const dash = locale.rfind('-');
    return dash == std::string_view::npos ? std::string_view{} : locale.substr(0, dash);
}

std::string_view chinese_script(std::string_view locale) {
    locale = by_script(locale);
    return locale.starts_with("zh-Han") ? locale.substr(0, 7) : std::string_view{};
}

bool other_chinese_script(std::string_view a, std::string_view b) {
    auto const script_a = chinese_script(a);
    auto const script_b = chinese_script(b);
    return !script_a.empty() && !script_b.empty() && script_a != script_b;
}

bool blank(std::string const& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

/// Without a title, or without anything below it, there is no card.
std::optional<Card> fill(Templates::Parsed::CardText const& text, Arguments const& arguments, std::string const& zone) {
    auto title = text.title->render(arguments, zone);
    if (!title || blank(*title)) return std::nullopt;
    Card card;
    card.title = *std::move(title);
    for (auto const& [label, format] : text.rows)
        if (auto value = format.render(arguments, zone); value && !blank(*value)) card.rows.push_back({label, *std::move(value)});
    if (text.url)
        if (auto url = text.url->render(arguments, zone); url && url->starts_with("https://")) card.button = text.button, card.url = *std::move(url);
    if (card.rows.empty() && card.url.empty()) return std::nullopt;
    return card;
}

}  // namespace

Templates::Parsed::Found Templates::Parsed::find_without_fallback(std::string_view id, std::string_view locale) const {
    for (auto wanted = by_script(locale); !wanted.empty(); wanted = wider(wanted)) {
        auto const pack = packs.find(wanted);
        if (pack == packs.end()) continue;
        if (auto const text = pack->second.find(id); text != pack->second.end()) return {pack->first, &text->second};
    }
    return {};
}

Templates::Parsed::Found Templates::Parsed::find(std::string_view id, std::string_view locale, std::string_view fallback_locale) const {
    auto const own = find_without_fallback(id, locale);
    if (own.text || other_chinese_script(locale, fallback_locale)) return own;
    return find_without_fallback(id, fallback_locale);
}

Result<Rendered> Templates::render(std::string_view id, std::string_view locale, std::string_view fallback_locale, std::string_view time_zone,
                                   Arguments const& arguments, std::size_t turn, std::string_view channel_type) const {
    auto const [found_locale, found] = parsed_->find(id, locale, fallback_locale);
    if (!found) return Error{Errc::not_found, "no template '" + std::string{id} + "' for " + std::string{locale}};
    std::string const zone{time_zone};
    for (std::size_t tried = 0; tried < found->variants.size(); ++tried) {
        auto const variant = (turn + tried) % found->variants.size();
        auto text = found->variants[variant].format.render(arguments, zone);
        if (!text || blank(*text)) continue;
        Rendered rendered;
        rendered.locale = found_locale;
        rendered.variant = variant;
        auto& message = rendered.messages.emplace_back();
        message.text = *std::move(text);
        message.quick_replies = found->quick_replies;
        auto const form = found->forms.find(channel_type);
        if (form == found->forms.end()) return rendered;
        if (form->second.card) message.card = fill(*form->second.card, arguments, zone);
        if (form->second.image) rendered.messages.emplace_back().image = form->second.image;
        if (form->second.sticker) rendered.messages.emplace_back().sticker = form->second.sticker;
        return rendered;
    }
    return Error{Errc::unavailable, "no variant of template '" + std::string{id} + "' (" + std::string{found_locale} + ") can be said with what is known"};
}

std::optional<std::string_view> Templates::locale_for(std::string_view id, std::string_view locale, std::string_view fallback_locale) const {
    auto const found = parsed_->find(id, locale, fallback_locale);
    return found.text ? std::optional{found.locale} : std::nullopt;
}

bool Templates::speaks(std::string_view locale) const {
    for (auto wanted = by_script(locale); !wanted.empty(); wanted = wider(wanted))
        if (parsed_->packs.contains(wanted)) return true;
    return false;
}

std::vector<Templates::Variant> Templates::variants(std::string_view id, std::string_view locale) const {
    std::vector<Variant> all;
    auto const pack = parsed_->packs.find(locale);
    if (pack == parsed_->packs.end()) return all;
    auto const found = pack->second.find(id);
    if (found == pack->second.end()) return all;
    for (auto const& text : found->second.variants) all.push_back({text.source, text.format.placeholders(), text.where});
    return all;
}

bool Templates::has_form(std::string_view id, std::string_view locale, std::string_view channel_type) const {
    auto const pack = parsed_->packs.find(locale);
    if (pack == parsed_->packs.end()) return false;
    auto const found = pack->second.find(id);
    return found != pack->second.end() && found->second.forms.contains(channel_type);
}

bool Templates::names(std::string_view id, std::string_view locale, std::size_t variant, std::string_view placeholder) const {
    auto const pack = parsed_->packs.find(locale);
    if (pack == parsed_->packs.end()) return false;
    auto const found = pack->second.find(id);
    if (found == pack->second.end() || variant >= found->second.variants.size()) return false;
    auto const& names = found->second.variants[variant].format.placeholders();
    return std::find(names.begin(), names.end(), placeholder) != names.end();
}

bool Templates::has(std::string_view id) const { return std::binary_search(parsed_->ids.begin(), parsed_->ids.end(), id); }

bool Templates::has(std::string_view id, std::string_view locale) const { return parsed_->find_without_fallback(id, locale).text != nullptr; }

std::vector<std::string> const& Templates::locales() const { return parsed_->locales; }

std::vector<std::string> const& Templates::ids() const { return parsed_->ids; }

}  // namespace kefu
