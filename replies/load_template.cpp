// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"
#include "config/yaml.hpp"
#include "replies/orders.hpp"
#include "replies/template.hpp"
#include "replies/template_parsed.hpp"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <set>

namespace kefu {

namespace {

constexpr std::size_t most_quick_replies = 13;  // LINE: "Quick reply", items: max 13 objects
constexpr int longest_label = 20;               // LINE: "Action objects", label of a quick reply: 20 characters, counted as graphemes
constexpr int longest_tap = 300;                // LINE: "Message action", text: 300 characters
constexpr std::size_t most_rows = 10;           // more is a letter, no card
constexpr std::size_t longest_address = 2000;   // LINE: "Image message", originalContentUrl: 2000 characters
constexpr int longest_text = 5000;              // LINE: "Text message", text: 5000 UTF-16 code units

using Template = Templates::Parsed::Template;

/// What the code itself gives; replies/README.md lists it.
Placeholders placeholders_with(std::vector<std::string> const& facts) {
    using enum PlaceholderKind;
    Placeholders known{{"shop", text},          {"case", text},         {"customer", text},      {"order", text},         {"kind", text},
                       {"photos", number},      {"answer_by", moment},  {"return_days", number}, {"refund_days", number}, {"pickup_days", number},
                       {"dispatch_rule", text}, {"invoice_rule", text}, {"return_rule", text},   {"offer_value", text}};
    for (auto const& [name, field] : order_fields) known.emplace(name, field == OrderField::text ? text : field == OrderField::number ? number : moment);
    for (auto const& fact : facts) known.emplace(fact, any);
    return known;
}

int graphemes(std::string const& text) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> const breaks{icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status)};
    auto const wide = icu::UnicodeString::fromUTF8(text);
    if (U_FAILURE(status)) return wide.countChar32();
    breaks->setText(wide);
    int count = 0;
    while (breaks->next() != icu::BreakIterator::DONE) ++count;
    return count;
}

int utf16_length(std::string const& text) { return icu::UnicodeString::fromUTF8(text).length(); }

bool digits_only(std::string const& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Reads one pack.
class PackReader {
  public:
    PackReader(Placeholders const& known, Errors& errors) : known_(known), errors_(errors) {}

    void read(SourceText const& file, Templates::Parsed& into) {
        auto const root = yaml::parse(file.text, file.name, errors_);
        if (!root) return;
        yaml::Object object{*root, errors_};
        auto const locale = object.require("locale");
        auto const templates = object.require("templates");
        object.finish();
        if (!locale || !templates || !read_locale(*locale)) return;
        if (into.packs.contains(locale_)) {
            errors_.push_back(locale->error("there is already a pack for '" + locale_ + "'"));
            return;
        }
        auto& pack = into.packs[locale_];
        for (auto const& [id, where, value] : templates->entries(errors_)) pack.emplace(id, read_template(value));
    }

  private:
    bool read_locale(yaml::Value const& value) {
        auto const text = value.string(errors_);
        if (!text) return false;
        UErrorCode status = U_ZERO_ERROR;
        auto const locale = icu::Locale::forLanguageTag(*text, status);
        auto const canonical = U_SUCCESS(status) ? locale.toLanguageTag<std::string>(status) : std::string{};
        if (U_FAILURE(status) || canonical != *text || canonical == "und") {
            auto const hint = canonical.empty() || canonical == "und" ? "" : " (did you mean '" + canonical + "'?)";
            errors_.push_back(value.error("expected a language tag such as cs or zh-Hant" + hint));
            return false;
        }
        locale_ = *text;
        return true;
    }

    Template read_template(yaml::Value const& value) {
        Template read;
        yaml::Object object{value, errors_};
        auto const variants = object.require("variants");
        auto const quick_replies = object.get("quick_replies");
        auto const channels = object.get("channels");
        object.finish();
        if (variants) read_variants(*variants, read);
        if (quick_replies) read_quick_replies(*quick_replies, read);
        if (channels)
            for (auto const& [channel, where, forms] : channels->entries(errors_)) read_channel(channel, forms, read);
        return read;
    }

    void read_variants(yaml::Value const& value, Template& read) {
        auto const before = errors_.size();
        auto const items = value.items(errors_);
        if (items.empty() && errors_.size() == before) errors_.push_back(value.error("expected at least one variant"));
        for (auto const& item : items) {
            auto const source = item.string(errors_);
            if (!source) continue;
            if (source->find_first_not_of(" \t\r\n") == std::string::npos) {
                errors_.push_back(item.error("the text is empty"));
                continue;
            }
            if (auto const length = utf16_length(*source); length > longest_text)
                errors_.push_back(item.error("the text has " + std::to_string(length) + " characters, more than " + std::to_string(longest_text)));
            std::vector<std::string> problems;
            auto format = MessageFormat::parse(*source, locale_, known_, problems);
            for (auto& problem : problems) errors_.push_back(item.error(std::move(problem)));
            if (format) read.variants.push_back({*std::move(format), *source, item.where()});
        }
    }

    void read_quick_replies(yaml::Value const& value, Template& read) {
        auto const items = value.items(errors_);
        if (items.size() > most_quick_replies)
            errors_.push_back(value.error(std::to_string(items.size()) + " quick replies, more than " + std::to_string(most_quick_replies)));
        for (auto const& item : items) {
            yaml::Object object{item, errors_};
            auto const label = object.require("label");
            auto const text = object.get("text");
            object.finish();
            QuickReply reply;
            if (label) reply.label = read_short(*label, longest_label);
            reply.text = text ? read_short(*text, longest_tap) : reply.label;
            read.quick_replies.push_back(std::move(reply));
        }
    }

    std::string read_short(yaml::Value const& value, int longest) {
        auto text = value.string(errors_).value_or("?");
        auto const length = graphemes(text);
        if (length == 0) errors_.push_back(value.error("the text is empty"));
        if (length > longest) errors_.push_back(value.error(std::to_string(length) + " characters, more than " + std::to_string(longest)));
        return text;
    }

    void read_channel(std::string const& channel, yaml::Value const& value, Template& read) {
        yaml::Object object{value, errors_};
        auto& form = read.forms[channel];
        if (auto const card = object.get("card")) form.card = read_card(*card);
        if (auto const image = object.get("image")) {
            yaml::Object fields{*image, errors_};
            auto const url = fields.require("url");
            auto const preview = fields.get("preview");
            fields.finish();
            form.image.emplace();
            if (url) form.image->url = read_address(*url);
            if (preview) form.image->preview_url = read_address(*preview);
        }
        if (auto const sticker = object.get("sticker")) {
            yaml::Object fields{*sticker, errors_};
            auto const package = fields.require("package");
            auto const id = fields.require("sticker");
            fields.finish();
            if (package && id) form.sticker = {read_sticker_id(*package), read_sticker_id(*id)};
        }
        object.finish();
    }

    Templates::Parsed::CardText read_card(yaml::Value const& value) {
        Templates::Parsed::CardText card;
        yaml::Object object{value, errors_};
        auto const title = object.require("title");
        auto const rows = object.get("rows");
        auto const button = object.get("button");
        object.finish();
        if (title) card.title = read_format(*title);
        auto const items = rows ? rows->items(errors_) : std::vector<yaml::Value>{};
        if (items.size() > most_rows) errors_.push_back(rows->error(std::to_string(items.size()) + " rows, more than " + std::to_string(most_rows)));
        for (auto const& item : items) {
            yaml::Object row{item, errors_};
            auto const label = row.require("label");
            auto const text = row.require("text");
            row.finish();
            if (!label || !text) continue;
            if (auto format = read_format(*text)) card.rows.emplace_back(read_short(*label, longest_label), *std::move(format));
        }
        if (!button) return card;
        yaml::Object fields{*button, errors_};
        auto const label = fields.require("label");
        auto const url = fields.require("url");
        fields.finish();
        if (label) card.button = read_short(*label, longest_label);
        if (url) card.url = read_format(*url);
        return card;
    }

    std::optional<MessageFormat> read_format(yaml::Value const& value) {
        auto const source = value.string(errors_);
        if (!source) return std::nullopt;
        std::vector<std::string> problems;
        auto format = MessageFormat::parse(*source, locale_, known_, problems);
        for (auto& problem : problems) errors_.push_back(value.error(std::move(problem)));
        return format;
    }

    std::string read_address(yaml::Value const& value) {
        auto const url = value.string(errors_);
        if (url && (!url->starts_with("https://") || url->size() > longest_address))
            errors_.push_back(value.error("expected an https:// address of at most " + std::to_string(longest_address) + " characters"));
        return url.value_or("");
    }

    std::string read_sticker_id(yaml::Value const& value) {
        auto const id = value.string(errors_);
        if (id && !digits_only(*id)) errors_.push_back(value.error("expected digits in quotes"));
        return id.value_or("");
    }

    Placeholders const& known_;
    Errors& errors_;
    std::string locale_;
};

}  // namespace

Arguments Templates::sample(std::vector<std::string> const& facts) {
    Arguments arguments;
    for (auto const& [name, kind] : placeholders_with(facts)) {
        if (kind == PlaceholderKind::number)
            arguments.emplace(name, 3.0);
        else if (kind == PlaceholderKind::moment)
            arguments.emplace(name, Timestamp{});
        else
            arguments.emplace(name, name.ends_with("url") ? "https://example.com/" : "Sample 1");
    }
    return arguments;
}

Checked<Templates> Templates::load(std::vector<SourceText> const& packs, std::vector<std::string> const& facts) {
    Errors errors;
    auto const known = placeholders_with(facts);
    auto parsed = std::make_shared<Parsed>();
    for (auto const& file : packs) PackReader{known, errors}.read(file, *parsed);
    if (!errors.empty()) return errors;
    std::set<std::string> ids;
    for (auto const& [locale, pack] : parsed->packs) {
        parsed->locales.push_back(locale);
        for (auto const& [id, text] : pack) ids.insert(id);
    }
    parsed->ids.assign(ids.begin(), ids.end());
    return Templates{std::move(parsed)};
}

}  // namespace kefu
