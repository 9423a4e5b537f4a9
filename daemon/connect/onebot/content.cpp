// SPDX-License-Identifier: Apache-2.0
#include "daemon/connect/onebot/content.hpp"

#include "daemon/connect/payload.hpp"

#include <algorithm>
#include <utility>

namespace kefu::onebot {

namespace json = boost::json;
using payload::id_of;
using payload::text_of;

namespace {

constexpr std::size_t most_segments = 1000;
constexpr std::size_t most_attachments = 32;

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
}

/// `&amp;` last, so that "&amp;#91;" becomes the text "&#91;".
std::string unescaped(std::string_view piece) {
    std::string text{piece};
    replace_all(text, "&#91;", "[");
    replace_all(text, "&#93;", "]");
    replace_all(text, "&#44;", ",");
    replace_all(text, "&amp;", "&");
    return text;
}

json::object segment(std::string_view type, json::object data) { return {{"type", type}, {"data", std::move(data)}}; }

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    });
}

/// "type,key=value,..." between the brackets. Some leave a comma of the last value as it is: a piece without '=' belongs to the value before it.
json::object segment_of_code(std::string_view code) {
    auto comma = code.find(',');
    std::string_view const type = code.substr(0, comma);
    json::object data;
    std::string key;
    while (comma != std::string_view::npos) {
        auto const next = code.find(',', comma + 1);
        auto const piece = code.substr(comma + 1, next == std::string_view::npos ? next : next - comma - 1);
        auto const equals = piece.find('=');
        if (equals != std::string_view::npos) {
            key = unescaped(piece.substr(0, equals));
            data[key] = unescaped(piece.substr(equals + 1));
        } else if (!key.empty()) {
            data[key] = std::string{data[key].as_string()} + ',' + unescaped(piece);
        }
        comma = next;
    }
    return segment(type, std::move(data));
}

std::pair<std::string_view, ContentKind> const attachment_kinds[] = {
    {"image", ContentKind::image},  {"record", ContentKind::audio}, {"voice", ContentKind::audio},      {"audio", ContentKind::audio},
    {"video", ContentKind::video},  {"file", ContentKind::file},    {"mface", ContentKind::sticker},    {"face", ContentKind::sticker},
    {"dice", ContentKind::sticker}, {"rps", ContentKind::sticker},  {"location", ContentKind::location}};

Attachment attachment_of(std::string_view type, json::object const& data) {
    Attachment attachment;
    for (auto const& [name, kind] : attachment_kinds)
        if (name == type) attachment.kind = kind;
    bool const has_bytes = attachment.kind == ContentKind::image || attachment.kind == ContentKind::audio || attachment.kind == ContentKind::video ||
                           attachment.kind == ContentKind::file;
    if (!has_bytes) {
        if (attachment.kind == ContentKind::other) attachment.file_name = type;
        return attachment;
    }
    attachment.platform_id = text_of(data, "file_id");
    attachment.url = text_of(data, "url");
    std::string const file = text_of(data, "file");
    bool const is_address = file.starts_with("http://") || file.starts_with("https://") || file.starts_with("base64://");
    if (attachment.url.empty() && is_address) attachment.url = file;
    if (type == "file") attachment.file_name = data.contains("name") ? text_of(data, "name") : is_address ? std::string{} : file;
    return attachment;
}

/// Values may be strings, numbers or booleans, whatever the standard says.
json::object const& data_of(json::object const& one) {
    static json::object const none;
    auto const* data = payload::object_of(one, "data");
    return data == nullptr ? none : *data;
}

class Reading {
  public:
    Reading(OneBotVersion version, std::string_view account) : v11_(version == OneBotVersion::v11), account_(account) {}

    void take(json::value const& value) {
        auto const* one = value.if_object();
        if (one == nullptr) return;
        std::string const type = text_of(*one, "type");
        auto const& data = data_of(*one);
        if (type == "text") return take_text(text_of(data, "text"));
        if (type == (v11_ ? "at" : "mention")) return take_mention(id_of(data, v11_ ? "qq" : "user_id"));
        if (type == "mention_all") return take_mention("all");
        if (type == "reply") {
            content_.reply_to = id_of(data, v11_ ? "id" : "message_id");
            content_.reply_to_user = id_of(data, "user_id");
        } else if (type == "face") {
            face_ = true;
        } else if (content_.attachments.size() < most_attachments) {
            content_.attachments.push_back(attachment_of(type, data));
        }
    }

    Content content() && {
        // A face within a text is punctuation; alone it is all there is.
        if (face_ && content_.text.empty() && content_.attachments.empty()) content_.attachments.push_back(attachment_of("face", {}));
        return std::move(content_);
    }

  private:
    void take_text(std::string text) {
        // The space behind a mention belongs to it.
        bool const cut = std::exchange(behind_mention_, false) && text.starts_with(' ');
        content_.text += cut ? std::string_view{text}.substr(1) : std::string_view{text};
    }
    void take_mention(std::string const& who) {
        content_.mentioned = content_.mentioned || who == account_;
        behind_mention_ = true;
    }

    bool v11_;
    std::string_view account_;
    Content content_;
    bool behind_mention_ = false;
    bool face_ = false;
};

}  // namespace

json::array segments_of_cq(std::string_view text) {
    json::array segments;
    std::string plain;
    auto const flush = [&] {
        if (!plain.empty()) segments.push_back(segment("text", {{"text", unescaped(plain)}}));
        plain.clear();
    };
    constexpr std::string_view opening = "[CQ:";
    while (!text.empty()) {
        auto const from = segments.size() < most_segments ? text.find(opening) : std::string_view::npos;
        auto const to = from == std::string_view::npos ? from : text.find(']', from);
        if (to == std::string_view::npos) break;  // no code, or one without an end: text
        auto const code = text.substr(from + opening.size(), to - from - opening.size());
        plain += text.substr(0, is_name(code.substr(0, code.find(','))) ? from : to + 1);
        if (is_name(code.substr(0, code.find(',')))) {
            flush();
            segments.push_back(segment_of_code(code));
        }
        text.remove_prefix(to + 1);
    }
    plain += text;
    flush();
    return segments;
}

Content read_content(OneBotVersion version, json::value const& message, std::string_view account) {
    Reading reading{version, account};
    if (version == OneBotVersion::v11 && message.is_string()) {
        for (auto const& one : segments_of_cq({message.get_string().data(), message.get_string().size()})) reading.take(one);
    } else if (auto const* segments = message.if_array()) {
        for (std::size_t i = 0; i < std::min(segments->size(), most_segments); ++i) reading.take((*segments)[i]);
    } else {
        reading.take(message);
    }
    return std::move(reading).content();
}

}  // namespace kefu::onebot
