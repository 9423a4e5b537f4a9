// SPDX-License-Identifier: Apache-2.0
#include "daemon/media.hpp"

#include "daemon/crypto.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>
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

Error failed(std::filesystem::path const& path, char const* doing) {
    return {Errc::environment, path.string() + ": " + doing + ": " + std::strerror(errno), std::nullopt};
}

/// A file descriptor that closes itself.
struct File {
    int descriptor;
    explicit File(int fd) : descriptor(fd) {}
    ~File() {
        if (descriptor >= 0) ::close(descriptor);
    }
    File(File const&) = delete;
    File& operator=(File const&) = delete;
};

}  // namespace

std::string media_file_name(ConversationId const& conversation, MessageId const& message, Attachment const& attachment, std::string_view content_type) {
    Digest const digest = sha256(conversation.value + '\n' + message.value + '\n' + attachment.platform_id + '\n' + attachment.url);
    std::string const name = hex({reinterpret_cast<char const*>(digest.data()), 16});
    return name.substr(0, 2) + '/' + name + std::string{ending(content_type)};
}

Result<void> SaveMedia::operator()() const {
    auto const path = folder / file;
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) return Error{Errc::environment, path.parent_path().string() + ": " + error.message()};
    auto temporary = path;
    temporary += ".part";
    {
        File const out{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
        if (out.descriptor < 0) return failed(temporary, "cannot be created");
        for (std::size_t written = 0; written < bytes.size();) {
            auto const n = ::write(out.descriptor, bytes.data() + written, bytes.size() - written);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return failed(temporary, "cannot be written");
            written += static_cast<std::size_t>(n);
        }
        if (::fsync(out.descriptor) != 0) return failed(temporary, "cannot be synced");
    }
    std::filesystem::rename(temporary, path, error);
    if (error) return Error{Errc::environment, path.string() + ": " + error.message()};
    File const directory{::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (directory.descriptor >= 0) ::fsync(directory.descriptor);
    return {};
}

Result<void> DeleteMedia::operator()() const {
    std::error_code error;
    std::filesystem::remove(folder / file, error);
    if (error) return Error{Errc::environment, (folder / file).string() + ": " + error.message()};
    return {};
}

}  // namespace kefu
