// SPDX-License-Identifier: Apache-2.0
#include "daemon/media.hpp"

#include "daemon/crypto.hpp"
#include "daemon/write_file.hpp"

#include <array>
#include <utility>

namespace kefu {

namespace {

std::string_view ending(std::string_view content_type) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> endings{{{"image/jpeg", ".jpg"},
                                                                                           {"image/png", ".png"},
                                                                                           {"image/gif", ".gif"},
                                                                                           {"image/webp", ".webp"},
                                                                                           {"video/mp4", ".mp4"},
                                                                                           {"audio/mpeg", ".mp3"},
                                                                                           {"audio/x-m4a", ".m4a"},
                                                                                           {"audio/mp4", ".m4a"},
                                                                                           {"application/pdf", ".pdf"}}};
    auto const bare = content_type.substr(0, content_type.find(';'));
    for (auto const& [type, end] : endings)
        if (type == bare) return end;
    return ".bin";
}

}  // namespace

std::string media_file_name(ConversationId const& conversation, MessageId const& message, Attachment const& attachment, std::string_view content_type) {
    Digest const digest = sha256(conversation.value + '\n' + message.value + '\n' + attachment.platform_id + '\n' + attachment.url);
    std::string const name = hex({reinterpret_cast<char const*>(digest.data()), 16});
    return name.substr(0, 2) + '/' + name + std::string{ending(content_type)};
}

std::string_view image_type(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\xff\xd8\xff"sv)) return "image/jpeg";
    if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return "image/png";
    if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return "image/gif";
    if (bytes.size() >= 12 && bytes.starts_with("RIFF"sv) && bytes.substr(8, 4) == "WEBP"sv) return "image/webp";
    return {};
}

Result<void> SaveMedia::operator()() const { return write_file(folder / file, bytes, 0600); }

Result<void> DeleteMedia::operator()() const {
    std::error_code error;
    std::filesystem::remove(folder / file, error);
    if (error) return Error{Errc::environment, (folder / file).string() + ": " + error.message()};
    return {};
}

}  // namespace kefu
